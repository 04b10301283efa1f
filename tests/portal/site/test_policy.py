"""Who may do and see what: a table written by hand from §1b, apart from the code, tried cell by cell over HTTP.

A row names those who may; everybody else may not. Commands go to parts that are written off: whoever may is
answered that nothing more is accepted (409), whoever may not is refused (403) or sees nothing (404); nothing moves.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import httpx
import pytest

from contracts.envelope import ActorRole
from contracts.events.assignment import AssignmentReported
from services.chassis import outbox
from tests.portal.conftest import add_account, handle, sign_in
from tests.portal.province import PDF
from tests.story import Matter, Story
from tests.story.province import (
    EDUCATION,
    GOVERNMENT,
    JINCHENG,
    LINFEN,
    LINFEN_EDUCATION,
    LINFEN_OFFICE,
    OFFICE,
    POLICE,
    QUWO,
    WATER,
    YAODU,
    YAODU_OFFICE,
    supervisor,
)

GROUP, JINCHENG_OFFICE = "14.00.00.000.zx01", "14.05.00.000.bgt"
UNITS = {
    "office": (OFFICE, "supervisor inspector unit_clerk operator"),
    "government": (GOVERNMENT, "leader unit_clerk"),
    "police": (POLICE, "unit_clerk unit_head inspector supervisor leader"),
    "water": (WATER, "unit_clerk unit_head"),
    "education": (EDUCATION, "unit_clerk supervisor leader"),
    "city": (LINFEN, "unit_clerk leader"),
    "city_office": (LINFEN_OFFICE, "supervisor inspector"),
    "city_education": (LINFEN_EDUCATION, "unit_clerk unit_head supervisor"),
    "county": (YAODU, "unit_clerk unit_head leader"),
    "county_office": (YAODU_OFFICE, "supervisor"),
    "sibling": (QUWO, "unit_clerk unit_head"),
    "other_city": (JINCHENG, "unit_clerk"),
    "other_city_office": (JINCHENG_OFFICE, "supervisor"),
    "group": (GROUP, "supervisor"),
}
ACTORS = {f"{name}.{role}": (unit, ActorRole(role)) for name, (unit, roles) in UNITS.items() for role in roles.split()}

# Issued by the province's office: the police lead, the county is responsible, the water bureau supports.
# Issued by the city's office: the city's education bureau leads, the county is responsible.
# Issued by the education department in its own line: the city's education bureau leads.
SEES = {
    "province": """office.supervisor office.inspector office.unit_clerk government.leader police.unit_clerk
        police.unit_head police.inspector police.supervisor police.leader water.unit_clerk water.unit_head
        county.unit_clerk county.unit_head county.leader county_office.supervisor city_office.supervisor
        city_office.inspector city.leader""",
    "city": """city_office.supervisor city_office.inspector city.leader city_education.unit_clerk
        city_education.unit_head city_education.supervisor county.unit_clerk county.unit_head county.leader
        county_office.supervisor office.supervisor office.inspector office.unit_clerk government.leader
        education.unit_clerk education.supervisor education.leader""",
    "line": """education.unit_clerk education.supervisor education.leader city_education.unit_clerk
        city_education.unit_head city_education.supervisor city_office.supervisor city_office.inspector city.leader
        office.supervisor office.inspector office.unit_clerk government.leader""",
}
# What the county reported on the province's task is between it, the lead, the issuer and the offices above it.
READS_REPORT = {
    "province": """office.supervisor office.inspector office.unit_clerk government.leader police.unit_clerk
        police.unit_head police.inspector police.supervisor police.leader county.unit_clerk county.unit_head
        county.leader county_office.supervisor city_office.supervisor city_office.inspector city.leader""",
    "city": """city_office.supervisor city_office.inspector city.leader city_education.unit_clerk
        city_education.unit_head city_education.supervisor county.unit_clerk county.unit_head county.leader
        county_office.supervisor office.supervisor office.inspector office.unit_clerk government.leader""",
}
ACTS = {
    ("province", POLICE): {
        "acknowledge": "police.unit_clerk police.unit_head",
        "reports": "police.unit_clerk police.unit_head",
        "complete": "police.unit_head",
        "verify": "office.supervisor office.inspector",
        "rework": "office.supervisor office.inspector",
        "close": "office.supervisor",
    },
    ("province", YAODU): {
        "acknowledge": "county.unit_clerk county.unit_head",
        "reports": "county.unit_clerk county.unit_head",
        "complete": "county.unit_head",
        "verify": "police.unit_clerk police.unit_head",
        "rework": "police.unit_clerk police.unit_head",
        "close": "office.supervisor",
    },
    ("province", WATER): {
        "acknowledge": "water.unit_clerk water.unit_head",
        "reports": "water.unit_clerk water.unit_head",
        "complete": "water.unit_head",
        "verify": "police.unit_clerk police.unit_head",
        "rework": "police.unit_clerk police.unit_head",
        "close": "office.supervisor",
    },
    ("city", LINFEN_EDUCATION): {
        "acknowledge": "city_education.unit_clerk city_education.unit_head",
        "reports": "city_education.unit_clerk city_education.unit_head",
        "complete": "city_education.unit_head",
        "verify": "city_office.supervisor city_office.inspector",
        "rework": "city_office.supervisor city_office.inspector",
        "close": "city_office.supervisor",
    },
    ("city", YAODU): {
        "acknowledge": "county.unit_clerk county.unit_head",
        "reports": "county.unit_clerk county.unit_head",
        "complete": "county.unit_head",
        "verify": "city_education.unit_clerk city_education.unit_head",
        "rework": "city_education.unit_clerk city_education.unit_head",
        "close": "city_office.supervisor",
    },
    ("line", LINFEN_EDUCATION): {
        "acknowledge": "city_education.unit_clerk city_education.unit_head",
        "reports": "city_education.unit_clerk city_education.unit_head",
        "complete": "city_education.unit_head",
        "verify": "education.supervisor",
        "rework": "education.supervisor",
        "close": "education.supervisor",
    },
}
HEADS = {
    "province": "office.supervisor government.leader",
    "city": "city_office.supervisor city.leader",
    "line": "education.supervisor education.leader",
}
# To whom somebody may issue: an office below or beside it, never to the government of its own tier or above.
ISSUES = {
    GOVERNMENT: "",
    POLICE: "office.supervisor office.inspector government.leader",
    LINFEN: "office.supervisor office.inspector government.leader",
    LINFEN_EDUCATION: """office.supervisor office.inspector government.leader city_office.supervisor
        city_office.inspector city.leader education.supervisor education.leader""",
    YAODU: """office.supervisor office.inspector government.leader city_office.supervisor city_office.inspector
        city.leader""",
    QUWO: """office.supervisor office.inspector government.leader city_office.supervisor city_office.inspector
        city.leader""",
}
BODIES = {
    "acknowledge": {},
    "reports": {"percent": "50", "text": "本期任务按计划推进"},
    "complete": {"text": "本单位任务已全部办结"},
    "verify": {},
    "rework": {"reason": "佐证不足"},
    "close": {"grade": "good"},
}


@dataclass
class Scene:
    """Three tasks that ended, and everybody who may come."""

    matters: dict[str, Matter]
    clients: dict[str, httpx.AsyncClient]
    visitors: dict[str, httpx.AsyncClient]
    tried: int = 0
    wrong: list[str] | None = None

    def judge(self, actor: str, what: str, may: str, does: bool | None) -> None:
        """`does`: what happened; None where it was neither granted nor refused as it should be."""
        self.tried += 1
        if does is not (actor in may.split()):
            self.wrong = [*(self.wrong or []), f"{actor}: {what}: {does}"]


def story() -> tuple[Story, dict[str, Matter]]:
    """Each unit finished its part; the county's report has a text and a file of its own."""
    tale = Story(datetime.now(UTC) - timedelta(days=9), name="policy ")
    file = [sha256(PDF).hexdigest()]
    matters = {
        "province": tale.register("全省水井封闭专项整治", POLICE, [YAODU], [WATER], number="P1"),
        "city": tale.register(
            "临汾市学校周边整治", LINFEN_EDUCATION, [YAODU], by=supervisor(LINFEN_OFFICE), number="P2"
        ),
        "line": tale.register("全省校园安全条线检查", LINFEN_EDUCATION, by=supervisor(EDUCATION), number="P3"),
    }
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
    clients, visitors = {}, {}
    for actor, (unit, role) in ACTORS.items():
        clients[actor] = await api(unit, role)
        await add_account(portal, actor, unit, role)
        visitors[actor] = await visit()
        assert (await sign_in(visitors[actor], actor)).status_code == 303
    await clients["county.unit_clerk"].post("/v1/evidence", params={"name": "验收单.pdf"}, content=PDF)
    yield Scene(matters, clients, visitors)


def outcome(answer: httpx.Response) -> bool | None:
    """Granted but for the state of the thing; refused; or neither."""
    return {409: True, 403: False, 404: False}.get(answer.status_code)


async def test_everybody_sees_and_does_what_the_table_says_and_nothing_else(scene: Scene):
    for actor in ACTORS:
        await reads(scene, actor)
        await acts(scene, actor)
        await issues(scene, actor)
    print(f"{scene.tried} cells")
    assert scene.tried >= 1_500 and not scene.wrong, f"{len(scene.wrong or [])} of {scene.tried}: {scene.wrong}"


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
        scene.judge(actor, f"{name} alone", SEES[name], {200: True, 404: False, 403: False}.get(one.status_code))
        page = await visitor.get(f"/tasks/{id}")
        scene.judge(actor, f"{name} on its page", SEES[name], {200: True, 404: False, 403: False}.get(page.status_code))
        scene.judge(actor, f"{name} in the feed", SEES[name], f"task/{id}" in feed)
        if name != "line":
            scene.judge(actor, f"{name} on the list's page", SEES[name], matter.task.title in paged)
            scene.judge(actor, f"{name}: the county's person", READS_REPORT[name], tells_person(one))
            report = reported(matter)
            scene.judge(actor, f"{name}: the county's report in the feed", READS_REPORT[name], str(report.id) in feed)
            file = await visitor.get(f"/tasks/{id}/evidence/{report.evidence[0]}")
            may = {200: True, 404: False, 403: False}.get(file.status_code)
            scene.judge(actor, f"{name}: the county's file", READS_REPORT[name], may)


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
