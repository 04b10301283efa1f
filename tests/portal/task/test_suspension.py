"""A whole task suspended, resumed and cancelled, on its page and over REST."""

from uuid import uuid4

from contracts.envelope import ActorRole
from tests.portal.site.test_api import NEW
from tests.portal.task.test_task_forms import assignment_at, registered, send, step
from tests.story.province import GAOPING, OFFICE


async def whole(client, path, act, **fields):
    return await send(client, path, f"{path}/whole/{act}", None, **fields)


async def test_the_office_head_suspends_a_task_and_lets_it_go_on(visit, service, tasks_service):
    path = await registered(visit, service)
    head, unit, part = await visit("ducha"), await visit("gaoping"), await assignment_at(service, path)
    assert "暂停与撤销" not in (await unit.get(path)).text
    answer = await whole(head, path, "suspend", reason="")
    assert answer.status_code == 422 and "理由" in answer.text
    assert (await whole(head, path, "suspend", reason="汛期停工")).status_code == 303
    page = (await head.get(path)).text
    assert "已暂停办理" in page and "汛期停工" in page and "恢复办理" in page
    assert f'parts/{part.assignment_id}/acknowledge"' not in (await unit.get(path)).text
    assert "暂停中" in (await head.get("/tasks?sort=new")).text
    assert (await whole(head, path, "resume")).status_code == 303
    assert "已暂停办理" not in (await head.get(path)).text.partition("动态与留痕")[0]
    assert (await step(unit, part, "acknowledge", responsible_person="刘芳")).status_code == 303


async def test_a_cancelled_task_is_shown_as_such_and_offers_nothing_more(visit, service, tasks_service):
    path = await registered(visit, service)
    head = await visit("ducha")
    assert (await whole(head, path, "cancel", reason="任务合并到他项")).status_code == 303
    page = (await head.get(path)).text
    assert "已撤销" in page and "任务合并到他项" in page and "暂停与撤销" not in page and "生成督办通知" not in page


async def test_rest_suspends_resumes_and_cancels_for_the_office_head_alone(api, service, tasks_service):
    office, unit = await api(OFFICE, ActorRole.SUPERVISOR), await api(GAOPING, ActorRole.UNIT_HEAD)
    path = await rest_registered(office)
    refused = await posted(unit, f"{path}/suspend", reason="汛期停工")
    assert refused.status_code == 403 and refused.json()["type"] == "urn:duban:problem:forbidden"
    assert (await posted(office, f"{path}/suspend", reason="汛期停工")).is_success
    task = (await office.get(path)).json()
    assert task["paused_at"] and all(each["paused_at"] for each in task["assignments"])
    assert (await posted(office, f"{path}/suspend", reason="汛期停工")).status_code == 409
    assert (await posted(office, f"{path}/resume")).is_success
    assert not (await office.get(path)).json()["paused_at"]
    assert (await posted(office, f"{path}/resume")).json()["type"] == "urn:duban:problem:not_suspended"
    assert (await posted(office, f"{path}/cancel", reason="任务调整")).is_success
    task = (await office.get(path)).json()
    assert {task["state"], *(part["state"] for part in task["assignments"])} == {"cancelled"}


async def rest_registered(office) -> str:
    answer = await posted(office, "/v1/tasks", **NEW)
    assert answer.status_code == 201, answer.text
    return f"/v1/tasks/{answer.json()['aggregate'].partition('/')[2]}"


async def posted(client, path, **body):
    return await client.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})
