"""Who may do and see what: a table written by hand from §1b, apart from the code, tried cell by cell over HTTP.

A row names those who may; everybody else may not. Commands go to parts that are written off: whoever may is
answered that nothing more is accepted (409), whoever may not is refused (403) or sees nothing (404); nothing moves.
"""

from collections.abc import AsyncIterator
from hashlib import sha256

import httpx
import pytest

from contracts.events.assignment import AssignmentReported
from services.chassis import outbox
from tests.portal.conftest import handle
from tests.portal.province import PDF
from tests.portal.site.policy_scene import Scene, granted, issued_tasks
from tests.portal.site.policy_table import ACTORS, ACTS, HEADS, ISSUES, READS_REPORT, SEES
from tests.story import Matter, Story
from tests.story.province import YAODU

BODIES = {
    "acknowledge": {},
    "reports": {"percent": "50", "text": "本期任务按计划推进"},
    "complete": {"text": "本单位任务已全部办结"},
    "verify": {},
    "rework": {"reason": "佐证不足"},
    "close": {"grade": "good"},
}


def story() -> tuple[Story, dict[str, Matter]]:
    """Each unit finished its part; the county's report has a text and a file of its own."""
    tale, matters = issued_tasks()
    file = [sha256(PDF).hexdigest()]
    for name, matter in matters.items():
        units = sorted((part.unit for part in matter.assignments), key=lambda unit: unit == matter.task.lead)
        for unit in units:
            matter.acknowledge(unit)
            matter.report(30, unit, text=f"{name}内部进展", evidence=file if unit == YAODU else ())
            tale.later(hours=2)
            matter.finish(unit)
    return tale, matters


@pytest.fixture
async def scene(service, tasks_service, api, visit, portal) -> AsyncIterator[Scene]:
    events, matters = story()
    async with tasks_service.pool.acquire() as db, db.transaction():
        await outbox.apply(db, tasks_service.handlers, outbox.by_entity(events.events))
    await handle(service, events.events)
    scene = Scene(matters=matters)
    await scene.admit(portal, api, visit)
    await scene.clients["county.unit_clerk"].post("/v1/evidence", params={"name": "验收单.pdf"}, content=PDF)
    yield scene


def outcome(answer: httpx.Response) -> bool | None:
    """Granted but for the state of the thing; refused; or neither."""
    return {409: True, 403: False, 404: False}.get(answer.status_code)


async def test_everybody_sees_and_does_what_the_table_says_and_nothing_else(scene: Scene):
    for actor in ACTORS:
        await reads(scene, actor)
        await acts(scene, actor)
        await issues(scene, actor)
    assert scene.tried >= 2_272 and scene.wrong == []


async def reads(scene: Scene, actor: str) -> None:
    """Lists, single records, pages, the feed, files."""
    client, visitor = scene.clients[actor], scene.visitors[actor]
    listed = (await client.get("/v1/tasks", params={"limit": 200})).text
    paged = (await visitor.get("/tasks", params={"q": "整治"})).text
    feed, after = "", ""
    while True:
        answer = (await client.get("/v1/events", params={"limit": 200, "after": after})).json()
        if not answer.get("events"):
            break
        feed, after = feed + str(answer["events"]), answer["next"]
    for name, matter in scene.matters.items():
        id = str(matter.task.task_id)
        scene.judge(actor, f"{name} in the list", SEES[name], id in listed)
        one = await client.get(f"/v1/tasks/{id}")
        scene.judge(actor, f"{name} alone", SEES[name], granted(one))
        page = await visitor.get(f"/tasks/{id}")
        scene.judge(actor, f"{name} on its page", SEES[name], granted(page))
        scene.judge(actor, f"{name} in the feed", SEES[name], f"task/{id}" in feed)
        if name != "line":
            scene.judge(actor, f"{name} on the list's page", SEES[name], matter.task.title in paged)
            scene.judge(actor, f"{name}: the county's person", READS_REPORT[name], tells_person(one))
            report = reported(matter)
            scene.judge(actor, f"{name}: the county's report in the feed", READS_REPORT[name], str(report.id) in feed)
            file = await visitor.get(f"/tasks/{id}/evidence/{report.evidence[0]}")
            scene.judge(actor, f"{name}: the county's file", READS_REPORT[name], granted(file))


def tells_person(task: httpx.Response) -> bool:
    """Units of one task see each other's standing, and no person."""
    parts = task.json().get("assignments", ()) if task.status_code == 200 else ()
    return any(part["unit"] == YAODU and part.get("responsible_person") for part in parts)


def reported(matter: Matter) -> AssignmentReported:
    return next(
        event
        for event in matter.story.events
        if isinstance(event, AssignmentReported) and event.assignment.unit == YAODU and event.evidence
        and event.assignment.task_id == matter.task.task_id
    )  # fmt: skip


async def acts(scene: Scene, actor: str) -> None:
    """Every command on every part, and on every task as a whole."""
    client = scene.clients[actor]
    uploaded = (await client.post("/v1/evidence", params={"name": "验收单.pdf"}, content=PDF)).json()
    for (name, unit), rows in ACTS.items():
        part = scene.matters[name].part(unit).assignment_id
        for action, may in rows.items():
            body = BODIES[action] | ({"evidence": [uploaded.get("sha256", "0" * 64)]} if action == "complete" else {})
            answer = await client.post(f"/v1/assignments/{part}/{action}", json=body, headers=key(actor, part, action))
            scene.judge(actor, f"{name} {unit} {action} {answer.status_code}", may, outcome(answer))
    for name, may in HEADS.items():
        task = scene.matters[name].task.task_id
        for action in ("suspend", "resume", "cancel"):
            at = f"/v1/tasks/{task}/{action}"
            answer = await client.post(at, json={"reason": "任务调整"}, headers=key(actor, task, action))
            scene.judge(actor, f"{name} {action} {answer.status_code}", may, outcome(answer))


async def issues(scene: Scene, actor: str) -> None:
    """A target that nobody can count stops what would be granted (422)."""
    for unit, may in ISSUES.items():
        body = {
            "title": "专项整治", "board": "key_work", "lead_official": "分管领导", "target": "尽快推进",
            "verification_form": "销号台账", "deadline_text": "30个工作日", "parts": [{"unit": unit, "role": "lead"}],
        }  # fmt: skip
        answer = await scene.clients[actor].post("/v1/tasks", json=body, headers=key(actor, unit, "register"))
        does = {422: True, 403: False}.get(answer.status_code)
        scene.judge(actor, f"issues to {unit} {answer.status_code}", may, does)


def key(*of: object) -> dict[str, str]:
    return {"Idempotency-Key": sha256(str(of).encode()).hexdigest()}
