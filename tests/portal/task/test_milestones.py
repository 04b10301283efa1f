"""A plan in milestones, over REST and on the page: what was planned, what was reached, what is next."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from contracts.envelope import ActorRole
from tests.portal.site.test_api import NEW
from tests.portal.task.test_task_forms import assignment_at, send, step
from tests.story.province import GAOPING, OFFICE

YEAR = datetime.now(UTC).year + 1
PLAN = [
    {"name": "开工六十户", "due": f"{YEAR}-03-01", "weight": 60},
    {"name": "完工一百户", "due": f"{YEAR}-03-31", "weight": 40},
]


async def planned(api) -> str:
    """A task with a plan, registered over REST; its path."""
    office = await api(OFFICE, ActorRole.INSPECTOR)
    command = {**NEW, "milestones": PLAN, "deadline_text": f"{YEAR}-04-01"}
    answer = await office.post("/v1/tasks", json=command, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 201, answer.text
    return f"/tasks/{answer.json()['aggregate'].partition('/')[2]}"


async def test_a_milestone_is_offered_until_it_is_reached_and_then_shown_as_reached(api, visit, service, tasks_service):
    path = await planned(api)
    part, clerk = await assignment_at(service, path), await visit("gaoping")
    await step(clerk, part, "acknowledge", responsible_person="刘芳")
    page = (await clerk.get(path)).text
    assert page.count('name="milestones"') == 2 and page.count("未到期") == 2 and f"{YEAR}-03-01 18:00" in page
    answer = await step(clerk, part, "report", percent="60", text="已开工六十户，进展顺利", milestones="开工六十户")
    assert answer.status_code == 303
    page = (await clerk.get(path)).text
    assert page.count('name="milestones"') == 1 and "已达到" in page and page.count("未到期") == 1


async def test_rest_gives_the_plan_and_takes_what_was_reached(api, service, tasks_service):
    path = await planned(api)
    part, county = await assignment_at(service, path), await api(GAOPING, ActorRole.UNIT_CLERK)
    at = f"/v1/assignments/{part.assignment_id}"
    key = {"Idempotency-Key": uuid4().hex}
    await county.post(f"{at}/acknowledge", json={"responsible_person": "刘芳"}, headers=key)
    report = {"percent": "60", "text": "已开工六十户，进展顺利", "milestones": ["开工"]}
    refused = await county.post(f"{at}/reports", json=report, headers={"Idempotency-Key": uuid4().hex})
    assert refused.status_code == 422 and "开工六十户" in refused.text
    report["milestones"] = ["开工六十户"]
    assert (await county.post(f"{at}/reports", json=report, headers={"Idempotency-Key": uuid4().hex})).is_success
    async with asyncio.timeout(30):
        while True:
            plan = (await county.get(f"/v1{path}")).json()["assignments"][0]["milestones"]
            if plan[0]["reached_at"]:
                break
            await asyncio.sleep(0.05)
    assert [(each["name"], each["weight"]) for each in plan] == [("开工六十户", 60), ("完工一百户", 40)]
    assert plan[1]["reached_at"] is None


async def test_a_plan_is_registered_on_the_form_and_what_is_wrong_with_it_is_kept_and_named(
    visit, service, tasks_service
):
    form = {
        "title": "高平市危旧房改造一百户", "board": "project", "weight": "ordinary", "lead_official": "副省长 李建国",
        "target": "完成改造100户", "verification_form": "验收单", "lead": GAOPING, "deadline_text": f"{YEAR}-04-01",
        "milestone_name": ["开工六十户", "完工一百户", ""], "milestone_due": [f"{YEAR}-03-01", f"{YEAR}-03-31", ""],
        "milestone_weight": ["60", "30", ""],
    }  # fmt: skip
    office = await visit("ducha")
    answer = await send(office, "/tasks/new", "/tasks/new", None, **form)
    assert answer.status_code == 422 and "合计须为 100，现为 90" in answer.text and 'value="开工六十户"' in answer.text
    unnamed = {**form, "milestone_name": ["", "完工一百户", ""]}
    assert "时间节点第1项名称：至少 2 个字符" in (await send(office, "/tasks/new", "/tasks/new", None, **unnamed)).text
    answer = await send(office, "/tasks/new", "/tasks/new", None, **{**form, "milestone_weight": ["60", "40", ""]})
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"].partition("?")[0]
    await assignment_at(service, path)
    page = (await (await visit("gaoping")).get(path)).text
    assert page.count("未到期") == 2 and "开工六十户" in page
