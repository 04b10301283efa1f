"""The API for county developers: tokens, problems, cursors, the same key twice."""

import json
import re
from uuid import uuid4

import pytest

from contracts.envelope import ActorRole
from contracts.refusals import Kind
from services.portal.identity import queries as people
from services.portal.site.api import CONTRACT, contract
from tests.portal.province import CITY_TASK, LAND_REFORM, PDF
from tests.story.province import GAOPING, OFFICE, YAODU
from tests.tasks.ledger.test_import import SAMPLE

NEW = {
    "title": "高平市危旧房改造一百户", "board": "project", "lead_official": "副省长 李建国", "target": "完成改造100户",
    "verification_form": "验收单", "parts": [{"unit": GAOPING, "role": "lead"}],
}  # fmt: skip


FILLED = {"{period}": "2026-10", "{sha256}": "0" * 64}


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


def is_problem(answer, status: int, pointer: str = "") -> bool:
    body = answer.json()
    assert answer.status_code == status == body["status"], answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["title"] and len(body["trace_id"]) == 32
    assert body["type"].startswith("urn:duban:problem:") and body["kind"] in tuple(Kind)
    return not pointer or pointer in {each["pointer"] for each in body["errors"]}


async def test_the_committed_contract_is_what_is_served():
    assert json.loads(CONTRACT.read_text()) == contract()
    assert contract()["openapi"].startswith("3.1")


async def test_without_a_living_token_nothing_is_answered(api, service):
    county = await api(GAOPING)
    assert (await county.get("/v1/tasks")).status_code == 200
    for header in ("", "Bearer ", "Bearer duban_x", "Basic abc"):
        answer = await county.get("/v1/tasks", headers={"Authorization": header})
        assert is_problem(answer, 401) and answer.headers["www-authenticate"] == "Bearer"
    await people.revoke_tokens(service.pool, f"接口 {GAOPING} unit_clerk")
    assert is_problem(await county.get("/v1/tasks"), 401)


async def test_a_token_is_kept_as_its_hash_alone(api, service):
    county = await api(GAOPING)
    token = county.headers["Authorization"].split()[1]
    assert token.encode() not in {bytes(row["secret"]) for row in await service.pool.fetch("select secret from token")}


async def test_a_token_sees_its_unit_s_tasks_and_no_others(api, service, province):
    county, office = await api(GAOPING), await api(OFFICE, ActorRole.INSPECTOR)
    mine = (await county.get("/v1/tasks?limit=200")).json()["items"]
    assert len(mine) == 2
    assert len((await office.get("/v1/tasks?limit=200")).json()["items"]) == await ledger_of(service, OFFICE)
    assert is_problem(await county.get(f"/v1/tasks/{province.task_id(LAND_REFORM)}"), 404)


async def ledger_of(service, place: str) -> int:
    return await service.pool.fetchval("select count(*) from task_audience where place = $1", place)


async def test_cursors_walk_the_whole_ledger(api, service):
    office = await api(OFFICE, ActorRole.INSPECTOR)
    seen, cursor = [], ""
    while cursor is not None:
        page = (await office.get("/v1/tasks", params={"limit": 7, "cursor": cursor})).json()
        seen += [each["task_id"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == await ledger_of(service, OFFICE)


@pytest.mark.parametrize("cursor", ["abc", "ZZZ", "W10", "WyJhIiwgImIiXQ", "WzEsIDIsIDNd", "WyIxIiwieCIsInkiXQ"])
async def test_a_cursor_of_other_making_is_refused(api, cursor):
    office = await api(OFFICE, ActorRole.INSPECTOR)
    assert is_problem(await office.get(f"/v1/tasks?cursor={cursor}"), 400, "/cursor")
    assert is_problem(await office.get(f"/v1/notices?cursor={cursor}"), 400, "/cursor")
    assert is_problem(await office.get(f"/v1/events?after={cursor}"), 400, "/cursor")


async def test_more_than_two_hundred_are_not_given_at_once(api):
    assert is_problem(await (await api(OFFICE)).get("/v1/tasks?limit=201"), 422, "/limit")


async def test_a_task_not_changed_since_is_not_sent_again(api, province):
    county = await api(GAOPING)
    task = (await county.get("/v1/tasks?limit=1")).json()["items"][0]["task_id"]
    first = await county.get(f"/v1/tasks/{task}")
    assert first.json()["assignments"][0]["clocks"]
    again = await county.get(f"/v1/tasks/{task}", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content
    assert (await county.get(f"/v1/tasks/{task}", headers={"If-None-Match": '"other"'})).status_code == 200


async def test_the_same_key_registers_once_and_another_body_under_it_is_refused(api, service, tasks_service):
    office, same = await api(OFFICE, ActorRole.INSPECTOR), key()
    first = await office.post("/v1/tasks", json=NEW, headers=same)
    assert first.status_code == 201 and first.headers["location"].startswith("/v1/tasks/"), first.text
    assert (await office.post("/v1/tasks", json=NEW, headers=same)).json() == first.json()
    other = await office.post("/v1/tasks", json={**NEW, "title": "另一个事项"}, headers=same)
    assert is_problem(other, 422) and other.json()["type"] == "urn:duban:problem:id_reused"
    asked = "select count(*) from task where title = $1"
    assert await service.pool.fetchval(asked, NEW["title"]) == 1
    assert (await office.get(first.headers["location"])).json()["title"] == NEW["title"]


async def test_two_tokens_may_use_the_same_key(api, tasks_service):
    same = key()
    one, two = await api(OFFICE, ActorRole.INSPECTOR), await api(OFFICE, ActorRole.SUPERVISOR)
    answers = [await each.post("/v1/tasks", json=NEW, headers=same) for each in (one, two)]
    assert answers[0].json()["aggregate"] != answers[1].json()["aggregate"]


async def test_a_bad_body_is_answered_with_every_field_and_a_write_needs_a_key(api):
    office = await api(OFFICE, ActorRole.INSPECTOR)
    answer = await office.post("/v1/tasks", json={"title": "x", "surprise": 1}, headers=key())
    assert (
        is_problem(answer, 422, "/surprise") and is_problem(answer, 422, "/title") and is_problem(answer, 422, "/board")
    )
    assert "没有这个字段，请删除" in answer.text and "至少 2 个字符" in answer.text
    assert is_problem(await office.post("/v1/tasks", json=NEW), 422, "/idempotency-key")


async def test_a_unit_walks_its_part_through_the_api(api, service, tasks_service):
    office, clerk, head = (
        await api(OFFICE, ActorRole.INSPECTOR), await api(GAOPING), await api(GAOPING, ActorRole.UNIT_HEAD),
    )  # fmt: skip
    task = (await office.post("/v1/tasks", json=NEW, headers=key())).headers["location"]
    parts = (await office.get(task)).json()["assignments"]
    part = f"/v1/assignments/{parts[0]['assignment_id']}"
    assert is_problem(await clerk.post(f"{part}/reports", json={"text": "还没有签收"}, headers=key()), 409)
    answer = await clerk.post(f"{part}/acknowledge", json={"responsible_person": "刘芳"}, headers=key())
    assert answer.status_code == 200 and answer.json()["settled"]
    assert is_problem(await clerk.post(f"{part}/acknowledge", json={}, headers=key()), 409)
    report = await clerk.post(f"{part}/reports", json={"text": "完成六十户", "percent": 60}, headers=key())
    assert report.status_code == 201
    assert is_problem(
        await clerk.post(f"{part}/reports", json={"text": "进度退步了", "percent": 50}, headers=key()), 409, "/percent"
    )
    done = {"text": "一百户全部完工", "percent": 100}
    assert (await clerk.post(f"{part}/reports", json=done, headers=key())).status_code == 201
    kept = await head.post("/v1/evidence?name=验收单.pdf", content=PDF)
    assert kept.status_code == 201 and kept.json()["media_type"] == "application/pdf"
    done = {"text": "一百户全部完工", "evidence": [kept.json()["sha256"]]}
    assert is_problem(await clerk.post(f"{part}/complete", json=done, headers=key()), 403)
    assert (await head.post(f"{part}/complete", json=done, headers=key())).status_code == 200
    assert (await office.post(f"{part}/verify", headers=key())).status_code == 200
    supervisor = await api(OFFICE, ActorRole.SUPERVISOR)
    assert is_problem(await office.post(f"{part}/close", json={"grade": "good"}, headers=key()), 403)
    assert (await supervisor.post(f"{part}/close", json={"grade": "good"}, headers=key())).status_code == 200
    assert (await office.get(task)).json()["assignments"][0]["state"] == "closed"


async def test_a_part_of_others_is_not_there(api, province):
    county, other = await api(GAOPING), province.part(LAND_REFORM)
    answer = await county.post(f"/v1/assignments/{other.assignment_id}/acknowledge", json={}, headers=key())
    assert is_problem(answer, 404)


async def test_a_service_that_is_not_there_is_said_to_be_so(api):
    office = await api(OFFICE, ActorRole.INSPECTOR)
    answer = await office.post("/v1/tasks", json=NEW, headers=key())
    assert is_problem(answer, 503) and answer.headers["retry-after"]
    assert is_problem(await office.get("/v1/search?q=高铁"), 503)


async def test_a_workbook_is_tried_out_and_taken(api, service, tasks_service):
    office = await api(OFFICE, ActorRole.INSPECTOR)
    before = await service.pool.fetchval("select count(*) from task")
    tried = await office.post("/v1/imports?dry_run=true&name=台账.xlsx", content=SAMPLE.read_bytes(), headers=key())
    counts = tried.json()["detail"]["counts"]
    assert tried.status_code == 200 and counts["refused"] == 0 and counts["new"] > 0
    assert await service.pool.fetchval("select count(*) from task") == before
    taken = await office.post("/v1/imports?name=台账.xlsx", content=SAMPLE.read_bytes(), headers=key())
    assert taken.json()["detail"]["counts"]["new"] == counts["new"]
    answer = await office.post("/v1/imports?name=台账.xlsx", content=b"nothing", headers=key())
    assert is_problem(answer, 422)


async def test_a_file_that_is_too_large_is_not_read_to_its_end(api, service):
    county = await api(GAOPING)
    answer = await county.post("/v1/evidence?name=a.pdf", content=b"%PDF-" + b"0" * 20_000_000)
    assert is_problem(answer, 413)


async def test_a_document_s_pdf_is_for_who_it_was_sent_to(api, province):
    sent = province.papers["sent"].notice
    county, other = await api(GAOPING), await api(YAODU)
    answer = await county.get(f"/v1/notices/{sent.notice_id}.pdf")
    assert answer.content == PDF and answer.headers["content-type"] == "application/pdf"
    assert is_problem(await other.get(f"/v1/notices/{sent.notice_id}.pdf"), 404)
    assert (await other.get("/v1/notices")).json()["items"] == []
    assert (await county.get(f"/v1/notices/{sent.notice_id}")).json()["number"] == sent.number
    delivery = province.papers["sent"].deliveries[0].delivery_id
    assert is_problem(await other.post(f"/v1/deliveries/{delivery}/receive", headers=key()), 404)


async def test_a_draft_is_not_there_for_the_unit_it_is_about(api, province):
    draft = province.papers["draft"].notice
    land = await api(province.part(LAND_REFORM).unit)
    assert is_problem(await land.get(f"/v1/notices/{draft.notice_id}"), 404)
    office = await api(OFFICE, ActorRole.INSPECTOR)
    assert is_problem(await office.get(f"/v1/notices/{draft.notice_id}.pdf"), 404)


async def test_rankings_hold_every_score_and_what_is_not_published_is_not_given(api, province):
    county = await api(GAOPING)
    periods = sorted({e.ranking.period for e in province.events if e.type == "ranking.published"})
    rankings = (await county.get(f"/v1/rankings/{periods[-1]}")).json()["rankings"]
    assert {each["group"] for each in rankings} == {"city", "county", "department"}
    assert rankings[0]["rows"][0]["scores"][0]["numerator"]
    assert is_problem(await county.get(f"/v1/rankings/{province.now:%Y-%m}"), 404)
    assert is_problem(await county.get("/v1/rankings/2026"), 422, "/period")


async def test_events_are_pulled_in_order_to_the_end(api, province):
    county, after, got = await api(GAOPING), "", []
    while True:
        page = (await county.get("/v1/events", params={"after": after, "limit": 200})).json()
        got += page["events"]
        if not page["events"]:
            assert page["next"] == after
            break
        after = page["next"]
    versions: dict[str, int] = {}
    for event in got:
        assert event["specversion"] == "1.0" and event["type"].startswith("cn.duban.")
        assert versions.get(event["subject"], 0) < event["data"]["version"]
        versions[event["subject"]] = event["data"]["version"]
    about = {e["data"]["assignment"]["unit"] for e in got if e["type"].startswith("cn.duban.assignment.issued")}
    assert GAOPING in about


async def test_no_operation_is_open_without_a_token(api, service):
    county = await api(GAOPING)
    for path, operations in contract()["paths"].items():
        for method in operations:
            filled = re.sub("{.*?}", lambda name: FILLED.get(name[0], str(uuid4())), path)
            answer = await county.request(
                method, filled, headers={"Authorization": "", **key()}, params={"q": "x", "name": "a"}, json={}
            )
            assert answer.status_code == 401, (method, path, answer.status_code)


async def test_planned_is_computed_for_now_and_the_same_for_every_assignment_of_one_term(api, province):
    """Trial 2: not a snapshot of the last light."""
    office = await api(OFFICE, ActorRole.INSPECTOR)
    task = (await office.get(f"/v1/tasks/{province.task_id(LAND_REFORM)}")).json()
    planned = {each["planned"] for each in task["assignments"]}
    assert len(task["assignments"]) == 4 and planned == {"100.00"}


async def test_units_that_share_a_task_see_each_other_s_standing_and_no_more(api, province):
    path = f"/v1/tasks/{province.task_id(LAND_REFORM)}"
    finance = (await (await api("14.00.00.000.czt")).get(path)).json()["assignments"]
    whole = [each for each in finance if "responsible_person" in each]
    assert [each["unit"] for each in whole] == ["14.00.00.000.czt"]
    standing = next(each for each in finance if each["role"] == "lead")
    assert standing["percent"] == "35" and standing["light"] == "overdue" and standing["due"]
    assert not {"responsible_person", "submitted_by", "milestones", "planned", "reasons", "title"} & standing.keys()
    lead = (await (await api("14.00.00.000.zrzyt")).get(path)).json()["assignments"]
    assert all("responsible_person" in each for each in lead)


async def test_evidence_of_another_unit_cannot_be_cited(api, service, tasks_service):
    office, clerk, other = await api(OFFICE, ActorRole.INSPECTOR), await api(GAOPING), await api(YAODU)
    task = (await office.post("/v1/tasks", json=NEW, headers=key())).headers["location"]
    parts = (await office.get(task)).json()["assignments"]
    part = f"/v1/assignments/{parts[0]['assignment_id']}"
    await clerk.post(f"{part}/acknowledge", json={"responsible_person": "刘芳"}, headers=key())
    digest = (await other.post("/v1/evidence?name=别人的.pdf", content=PDF)).json()["sha256"]
    report = {"text": "完成六十户", "percent": 60, "evidence": [digest]}
    answer = await clerk.post(f"{part}/reports", json=report, headers=key())
    assert is_problem(answer, 422, "/evidence") and answer.json()["type"] == "urn:duban:problem:evidence_not_uploaded"
    await clerk.post("/v1/evidence?name=自己的.pdf", content=PDF)
    assert (await clerk.post(f"{part}/reports", json=report, headers=key())).status_code == 201


async def test_a_body_has_the_fields_and_limits_of_its_command(api):
    from contracts.commands.assignment import Report
    from services.portal.task.shapes import NewReport

    assert set(NewReport.model_fields) == set(Report.model_fields) - {
        "id",
        "actor",
        "expected_version",
        "assignment_id",
    }
    clerk = await api(GAOPING)
    long = {"text": "字" * 4001}
    answer = await clerk.post(f"/v1/assignments/{uuid4()}/reports", json=long, headers=key())
    assert is_problem(answer, 422, "/text") and "最多 4000 个字符" in answer.text


async def test_an_operator_s_token_reads_no_business_data(api, province):
    operator = await api(OFFICE, ActorRole.OPERATOR)
    for path, name in (("/v1/tasks", "items"), ("/v1/notices", "items"), ("/v1/events", "events")):
        assert (await operator.get(path)).json()[name] == [], path
    assert is_problem(await operator.get(f"/v1/tasks/{province.task_id(CITY_TASK)}"), 404)
