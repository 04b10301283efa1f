"""What a county does with its assignments over REST: read them, report, read its reports, upload and fetch evidence."""

from hashlib import sha256
from uuid import uuid4

import pytest

from contracts.envelope import ActorRole
from tests.portal.province import HOUSING, LAND_REFORM, PDF
from tests.portal.site.test_api import NEW, is_problem, key
from tests.story.province import GAOPING, OFFICE, YAODU

DIGEST = sha256(PDF).hexdigest()


async def test_a_unit_lists_its_own_assignments_and_no_others(api, service):
    county = await api(GAOPING)
    items = (await county.get("/v1/assignments?limit=200")).json()["items"]
    assert items and {each["unit"] for each in items} == {GAOPING}
    meant = await service.pool.fetchval("select count(*) from assignment where unit = $1", GAOPING)
    assert len(items) == meant
    assert items[0] == (await county.get(f"/v1/assignments/{items[0]['assignment_id']}")).json()


async def test_an_office_lists_what_it_issued_by_filters_and_by_pages(api, service):
    office = await api(OFFICE, ActorRole.INSPECTOR)
    seen, cursor = [], ""
    while cursor is not None:
        asked = {"scope": "issued", "sort": "due", "limit": 9, "cursor": cursor}
        page = (await office.get("/v1/assignments", params=asked)).json()
        seen += page["items"]
        cursor = page["next_cursor"]
    assert len({each["assignment_id"] for each in seen}) == len(seen)
    assert len(seen) == await service.pool.fetchval("select count(*) from assignment where issuer = $1", OFFICE)
    for name in ("state", "light", "board", "role"):
        value = seen[0][name]
        filtered = (await office.get("/v1/assignments", params={"scope": "issued", name: value, "limit": 200})).json()
        assert {each["assignment_id"] for each in filtered["items"]} == {
            each["assignment_id"] for each in seen if each[name] == value
        }, name


async def test_an_assignment_of_others_is_not_there(api, province):
    county, other = await api(GAOPING), province.part(LAND_REFORM).assignment_id
    for path in (f"/v1/assignments/{other}", f"/v1/assignments/{other}/reports", f"/v1/assignments/{uuid4()}"):
        assert is_problem(await county.get(path), 404)


async def test_reports_are_read_as_they_were_accepted_latest_first_and_a_wrong_figure_is_corrected(
    api, service, tasks_service
):
    office, clerk, head = (
        await api(OFFICE, ActorRole.INSPECTOR), await api(GAOPING), await api(GAOPING, ActorRole.UNIT_HEAD),
    )  # fmt: skip
    task = (await office.post("/v1/tasks", json=NEW, headers=key())).headers["location"]
    part = f"/v1/assignments/{(await office.get(task)).json()['assignments'][0]['assignment_id']}"
    await clerk.post(f"{part}/acknowledge", json={"responsible_person": "刘芳"}, headers=key())
    await clerk.post("/v1/evidence?name=验收单.pdf", content=PDF)
    for percent, files in ((40, []), (60, [DIGEST]), (100, [])):
        report = {"text": f"完成{percent}户", "percent": percent, "evidence": files}
        assert (await clerk.post(f"{part}/reports", json=report, headers=key())).status_code == 201
    corrected = await head.post(f"{part}/correct", json={"percent": 80, "reason": "填错了户数"}, headers=key())
    assert corrected.status_code == 200, corrected.text
    assert (await clerk.get(part)).json()["percent"] == "80"
    page = (await clerk.get(f"{part}/reports?limit=2")).json()
    assert [(each["percent"], each["kind"]) for each in page["items"]] == [("100", "progress"), ("60", "progress")]
    assert page["items"][1]["evidence"] == [DIGEST] and page["items"][1]["person"] == f"{GAOPING}-unit_clerk"
    rest = (await office.get(f"{part}/reports", params={"cursor": page["next_cursor"]})).json()
    assert [each["text"] for each in rest["items"]] == ["完成40户"] and rest["next_cursor"] is None
    file = await office.get(f"/v1/evidence/{DIGEST}")
    assert file.content == PDF and file.headers["content-type"] == "application/pdf", "cited in what the office may see"
    assert is_problem(await (await api(YAODU)).get(f"/v1/evidence/{DIGEST}"), 404)


async def test_a_completion_stands_among_the_reports(api, province):
    county = await api(GAOPING)
    items = (await county.get(f"/v1/assignments/{province.part(HOUSING).assignment_id}/reports")).json()["items"]
    moments = [each["reported_at"] for each in items]
    assert items and moments == sorted(moments, reverse=True)


async def test_a_unit_lists_and_fetches_what_it_uploaded(api, service):
    county = await api(GAOPING)
    for name in ("一.pdf", "二.pdf"):
        sent = await county.post("/v1/evidence", params={"name": name}, content=PDF + name.encode())
        assert sent.status_code == 201
    first = (await county.get("/v1/evidence?limit=1")).json()
    rest = (await county.get("/v1/evidence", params={"cursor": first["next_cursor"]})).json()
    assert [each["name"] for each in (*first["items"], *rest["items"])] == ["二.pdf", "一.pdf"]
    file = await county.get(f"/v1/evidence/{first['items'][0]['sha256']}")
    assert file.content == PDF + "二.pdf".encode() and "attachment" in file.headers["content-disposition"]
    assert (await (await api(YAODU)).get("/v1/evidence")).json()["items"] == []
    operator = await api(GAOPING, ActorRole.OPERATOR)
    assert (await operator.get("/v1/evidence")).json()["items"] == []
    assert is_problem(await operator.get(f"/v1/evidence/{first['items'][0]['sha256']}"), 404)


async def test_evidence_under_one_key_is_one_file(api, service):
    county, same = await api(GAOPING), key()
    first = await county.post("/v1/evidence?name=a.pdf", content=PDF, headers=same)
    assert (await county.post("/v1/evidence?name=a.pdf", content=PDF, headers=same)).json() == first.json()
    other = await county.post("/v1/evidence?name=a.pdf", content=PDF + b" ", headers=same)
    assert is_problem(other, 422, "/idempotency-key") and other.json()["type"] == "urn:duban:problem:id_reused"


@pytest.mark.parametrize("digest", ["x", "A" * 64, "0" * 63])
async def test_a_file_is_named_by_a_sha256(api, digest):
    assert is_problem(await (await api(GAOPING)).get(f"/v1/evidence/{digest}"), 422, "/sha256")


async def test_no_path_moves_a_due_date_without_a_decision_by_another_person(api, tasks_service):
    office, supervisor = await api(OFFICE, ActorRole.INSPECTOR), await api(OFFICE, ActorRole.SUPERVISOR)
    task = (await office.post("/v1/tasks", json=NEW, headers=key())).headers["location"]
    part = f"/v1/assignments/{(await office.get(task)).json()['assignments'][0]['assignment_id']}"
    state = (await office.get(part)).json()
    wanted = {"due": state["extend_to"][:10], "reason": "汛期停工", "plan": "汛期过后复工，分两段推进"}
    assert is_problem(await supervisor.post(f"{part}/due", json=wanted, headers=key()), 404)
    far = await supervisor.post(f"{part}/request-extension", json=wanted | {"due": "2099-01-01"}, headers=key())
    assert is_problem(far, 422) and far.json()["errors"][0]["pointer"] == "/due"
    assert (await supervisor.post(f"{part}/request-extension", json=wanted, headers=key())).status_code == 200
    own = await supervisor.post(f"{part}/decide-request", json={"approved": True}, headers=key())
    assert is_problem(own, 403) and own.json()["type"].endswith(":same_person")
    assert (await office.get(part)).json()["due"] == state["due"]
