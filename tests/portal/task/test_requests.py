"""What may be asked of the office stands on the page while it may be asked; the office decides beside the facts."""

from datetime import datetime, timedelta

from contracts.envelope import ActorRole
from contracts.workdays import ZONE
from services.portal.task.actions import Action, actions, requests
from tests.portal.site.test_api import key
from tests.portal.task.test_actions import CLERK, HEAD, INSPECTOR, LEADER, STRANGERS, SUPERVISOR, matter
from tests.portal.task.test_task_forms import assignment_at, registered, step
from tests.story.province import GAOPING, OFFICE, QUWO, leader


def test_the_head_is_offered_what_may_still_be_asked():
    task = matter()
    now, part = task.story.now, task.part()
    expected = (Action.REQUEST_EXTENSION, Action.PROPOSE_PLAN, Action.REQUEST_RECLASSIFICATION, Action.REQUEST_RETURN)
    assert requests(HEAD, part, now) == expected
    assert requests(HEAD, part, part.return_until + timedelta(hours=1)) == expected[:3]
    assert requests(HEAD, part, part.due + timedelta(hours=1)) == (Action.PROPOSE_PLAN,)
    assert requests(INSPECTOR, part, now) == (Action.REQUEST_EXTENSION, Action.PROPOSE_REASSIGNMENT)
    assert not any(requests(each, part, now) for each in (CLERK, LEADER, *STRANGERS))
    task.acknowledge()
    task.report(50)
    assert Action.REQUEST_RETURN not in requests(HEAD, task.part(), now)
    task.suspend()
    assert requests(HEAD, task.part(), now) == ()


def test_another_person_than_asked_is_offered_the_decision_and_the_unit_to_take_it_back():
    task = matter()
    task.acknowledge()
    task.ask_for(days=3)
    part, now = task.part(), task.story.now
    assert requests(HEAD, part, now) == ()
    assert actions(SUPERVISOR, part)[:2] == actions(LEADER, part)[:2] == (Action.GRANT, Action.REFUSE)
    assert Action.WITHDRAW_REQUEST in actions(HEAD, part) and Action.WITHDRAW_REQUEST not in actions(CLERK, part)
    assert not any(actions(each, part) for each in (INSPECTOR, *STRANGERS))
    task.granted()
    task.ask_for(days=2)
    assert actions(SUPERVISOR, task.part()) == (Action.REFUSE,), "a second extension is a leader's"
    assert actions(LEADER, task.part()) == (Action.GRANT, Action.REFUSE)
    task.granted(by=leader(task.task.leadership))
    assert Action.REQUEST_EXTENSION not in requests(HEAD, task.part(), now)


async def test_an_extension_is_asked_for_and_granted_on_the_page_of_the_task(visit, service, tasks_service):
    path = await registered(visit, service)
    part = await assignment_at(service, path)
    clerk, head, director = await visit("gaoping"), await visit("gaoping-head"), await visit("ducha")
    assert "request_extension" not in (await clerk.get(path)).text
    page = (await head.get(path)).text
    assert "申请延期" in page and "晚于现行时限" in page and "最晚" in page
    late = f"{datetime.now(ZONE).date() + timedelta(days=400)}"
    fields = {"reason": "汛期停工", "plan": "汛期过后复工，分两段推进"}
    answer = await step(head, part, "request_extension", due=late, **fields)
    assert answer.status_code == 422 and "最晚可到" in answer.text and late in answer.text, "what was typed stays"
    soon = f"{datetime.now(ZONE).date() + timedelta(days=16)}"
    assert (await step(head, part, "request_extension", due=soon, **fields)).status_code == 303
    page = (await director.get(path)).text
    for words in ("延期", "现为", "申请改为", "汛期停工", "汛期过后复工", "决定时限", "待决定"):
        assert words in page, words
    answer = await step(director, part, "refuse")
    assert answer.status_code == 422 and "请写明理由" in answer.text
    assert (await step(director, part, "grant")).status_code == 303
    page = (await head.get(path)).text
    assert "批准延期，时限改为" in page and "原时限" in page and "提出申请" in page


async def test_a_return_gives_the_task_to_another_unit_and_both_see_what_became_of_it(visit, service, tasks_service):
    path = await registered(visit, service)
    part = await assignment_at(service, path)
    head, director = await visit("gaoping-head"), await visit("ducha")
    answer = await step(head, part, "request_return", reason="不在我市境内", unit="没有这个单位")
    assert answer.status_code == 422 and "没有这个单位" in answer.text
    assert (await step(head, part, "request_return", reason="不在我市境内")).status_code == 303
    page = (await head.get(path)).text
    assert "申请退回" in page and "撤回申请" in page and "/acknowledge" not in page
    answer = await step(director, part, "grant")
    assert answer.status_code == 422 and "请写明改由哪个单位承办" in answer.text
    assert (await step(director, part, "grant", unit=QUWO)).status_code == 303
    page = (await director.get(path)).text
    assert "曲沃县政府" in page and "已退回" in page and "改由曲沃县政府承办，全部时限重新计算" in page
    chain = page[page.index("责任链") : page.index("交办单位</dt>")]
    assert "曲沃县政府" in chain and "高平市政府" not in chain
    assert "改由曲沃县政府承办" in (await head.get(path)).text, "who had it goes on seeing it"
    assert path not in (await head.get("/tasks?view=lead")).text, "but it is no longer among its own"


async def test_a_county_asks_over_http_and_the_office_decides_there(api, visit, service, tasks_service):
    path = await registered(visit, service)
    part = await assignment_at(service, path)
    at = f"/v1/assignments/{part.assignment_id}"
    head, office = await api(GAOPING, ActorRole.UNIT_HEAD), await api(OFFICE, ActorRole.SUPERVISOR)
    before = (await office.get(at)).json()
    body = {"due": before["plan_to"][:10], "reason": "涉及产权诉讼", "plan": "判决后一个月内完成"}
    assert (await head.post(f"{at}/propose-plan", json=body, headers=key())).status_code == 200
    waiting = (await office.get(at)).json()
    assert waiting["request"]["kind"] == "resolution_plan" and waiting["due"] == before["due"]
    assert (await office.post(f"{at}/decide-request", json={"approved": True}, headers=key())).status_code == 200
    after = (await head.get(at)).json()
    assert after["request"] is None and after["due"] > before["due"] == after["original_due"]
