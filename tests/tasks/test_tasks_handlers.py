"""The tasks service on a real database: what it answers, what it keeps, what it says."""

import asyncio
import json
from uuid import uuid4

from contracts.commands.assignment import Acknowledge, ChangeDue, Close, Complete, Report, Verify
from contracts.commands.register import FillPost
from contracts.commands.task import RegisterTask, RequestedPart
from contracts.envelope import Actor, ActorRole, Command, Done
from contracts.queries.register import FindUnits, UnitList
from contracts.refusals import Refused
from contracts.terms import Board, DueChangeCause, Role
from contracts.units import address_at
from services.chassis import commands, outbox
from services.chassis.rebuild import recall
from services.chassis.service import Service
from services.tasks import ticks

OFFICE = address_at("14.00.00", "bgt")
POLICE, LINFEN = "14.00.00.000.gat", "14.10.00.000.gov"
SUPERVISOR = Actor(person="督查室主任", unit=OFFICE, roles=(ActorRole.SUPERVISOR,))
INSPECTOR = Actor(person="督查员", unit=OFFICE, roles=(ActorRole.INSPECTOR,))
STATE = ("unit", "calendar_day", "policy", "task", "assignment", "post")


def of(unit: str, *roles: ActorRole) -> Actor:
    return Actor(person=f"{unit} {roles[0]}", unit=unit, roles=roles)


async def ask(service: Service, command: Command) -> Done | Refused:
    desk = service.handlers.desks[type(command)]
    return (await commands.answered(service, desk, command.model_dump_json().encode()))[0]


async def granted(service: Service, command: Command) -> Done:
    answer = await ask(service, command)
    assert isinstance(answer, Done), answer
    return answer


def wish(**more: object) -> RegisterTask:
    given = {
        "actor": SUPERVISOR,
        "title": "封闭沿线水井",
        "board": Board.KEY_WORK,
        "lead_official": "分管副省长",
        "target": "封闭水井412眼",
        "verification_form": "销号台账",
        "deadline_text": "7个工作日",
        "parts": [RequestedPart(unit="省公安厅", role=Role.LEAD), RequestedPart(unit="临汾市政府", role=Role.RESPONSIBLE)],
    }
    return RegisterTask(**(given | more))


async def registered(service: Service, **more: object) -> dict[str, str]:
    """A new task's parts: unit → assignment."""
    answer = await granted(service, wish(**more))
    rows = await service.pool.fetch(
        "select unit, assignment_id from assignment where task_id = $1", answer.detail["task_id"]
    )
    return {row["unit"]: str(row["assignment_id"]) for row in rows}


async def said(service: Service, kind: str = "%") -> list[dict]:
    rows = await service.pool.fetch("select body from outbox where type like $1 order by seq", kind)
    return [json.loads(row["body"]) for row in rows]


async def done_by(service: Service, assignment: str, unit: str, evidence: str) -> None:
    """One part acknowledged, reported and completed by its unit."""
    clerk, head = of(unit, ActorRole.UNIT_CLERK), of(unit, ActorRole.UNIT_HEAD)
    await granted(service, Acknowledge(actor=clerk, assignment_id=assignment, responsible_person="张三"))
    await granted(service, Report(actor=clerk, assignment_id=assignment, percent=80, text="已封闭水井330眼"))
    await granted(service, Complete(actor=head, assignment_id=assignment, text="已全部封闭", evidence=[evidence]))


async def walked(service: Service) -> dict[str, str]:
    """A task of two parts from registration to closure."""
    evidence = await service.blobs.put("销号台账".encode())
    parts = await registered(service)
    for unit, verifier in ((LINFEN, of(POLICE, ActorRole.UNIT_CLERK)), (POLICE, INSPECTOR)):
        await done_by(service, parts[unit], unit, evidence)
        await granted(service, Verify(actor=verifier, assignment_id=parts[unit]))
    for unit in (LINFEN, POLICE):
        await granted(service, Close(actor=SUPERVISOR, assignment_id=parts[unit]))
    return parts


async def test_the_first_start_says_the_register_the_calendar_and_the_policy_once(service):
    counts = {
        row["type"]: row["count"] for row in await service.pool.fetch("select type, count(*) from outbox group by type")
    }
    assert counts == {"calendar.revised": 4, "policy.published": 1, "unit.registered": 8907 + 4 + 9}
    assert await service.pool.fetchval("select count(*) from unit") == 8920
    assert await service.pool.fetchval("select count(*) from calendar_day where provisional") == 365 + 366
    async with room.pool.acquire() as db:
        assert await ticks.found(db, await db.fetchval("select now()"), service) == ()


async def test_reports_on_one_part_that_arrive_together_are_each_decided_on_what_the_one_before_left(service):
    parts = await registered(service)
    clerk = of(POLICE, ActorRole.UNIT_CLERK)
    await granted(service, Acknowledge(actor=clerk, assignment_id=parts[POLICE], responsible_person="张三"))
    figures = (30, 50, 40, 60)
    wishes = [
        Report(actor=clerk, assignment_id=parts[POLICE], percent=figure, text="已封闭一批水井") for figure in figures
    ]
    answers = await asyncio.gather(*(ask(service, wish) for wish in wishes))
    assert [getattr(answer, "code", "granted") for answer in answers] == ["granted"] * 2 + ["percent_falls", "granted"]
    assert [event["version"] for event in await said(service, "assignment.reported")] == [3, 4, 5]
    assert [event["percent"] for event in await said(service, "task.advanced")] == ["30", "50", "60"]
    assert await service.pool.fetchval("select count(distinct at) from command where type = 'tasks.report'") == 1


async def test_a_task_walks_from_registration_to_closure(service):
    parts = await walked(service)
    advanced = [(event["state"], event["percent"]) for event in await said(service, "task.advanced")]
    assert advanced == [
        ("in_progress", None),
        ("in_progress", "80"),
        ("completion_submitted", "100"),
        ("verified", "100"),
        ("closed", "100"),
    ]
    subjects = await service.pool.fetch("select distinct subject from outbox where type = 'assignment.closed' order by 1")
    assert [row["subject"] for row in subjects] == [f"duban.evt.v1.assignment.closed.{unit}" for unit in sorted(parts)]


async def test_the_state_is_what_the_log_adds_up_to(service):
    await granted(service, FillPost(actor=SUPERVISOR, unit="省政府", title="常务副省长", person="wang", name="王建"))
    await walked(service)
    live = {table: await rows(service, table) for table in STATE}
    assert all(live.values())
    async with room.pool.acquire() as db:
        await db.execute(f"truncate {', '.join(STATE)}, edition")
        assert await recall(service, db) == len(await said(service))
    assert {table: await rows(service, table) for table in STATE} == live


async def rows(service: Service, table: str) -> list[str]:
    return [row["row"] for row in await service.pool.fetch(f"select to_jsonb(t)::text as row from {table} t order by 1")]


async def test_a_refusal_leaves_no_trace(service):
    parts = await registered(service)
    before = len(await said(service))
    stranger = Acknowledge(actor=of(LINFEN, ActorRole.UNIT_CLERK), assignment_id=parts[POLICE])
    answer = await ask(service, stranger)
    assert isinstance(answer, Refused) and answer.code == "forbidden"
    assert len(await said(service)) == before


async def test_an_unknown_assignment_is_refused(service):
    answer = await ask(service, Acknowledge(actor=SUPERVISOR, assignment_id=uuid4()))
    assert (answer.code, answer.pointer) == ("not_found", "/assignment_id")


async def test_evidence_must_be_in_the_store_before_it_is_named(service):
    parts = await registered(service)
    clerk = of(LINFEN, ActorRole.UNIT_CLERK)
    await granted(service, Acknowledge(actor=clerk, assignment_id=parts[LINFEN], responsible_person="张三"))
    report = {"actor": clerk, "assignment_id": parts[LINFEN], "text": "已封闭水井330眼"}
    assert (await ask(service, Report(**report, evidence=["a" * 64]))).code == "evidence_missing"
    await granted(service, Report(**report, evidence=[await service.blobs.put(b"photo")]))


async def test_two_who_decide_at_once_on_one_part_are_served_one_after_the_other(service):
    parts = await registered(service)
    clerk = of(LINFEN, ActorRole.UNIT_CLERK)
    both = [Acknowledge(actor=clerk, assignment_id=parts[LINFEN]) for _ in range(4)]
    answers = await asyncio.gather(*(ask(service, command) for command in both))
    assert sorted(getattr(answer, "code", "done") for answer in answers) == ["acknowledged"] * 3 + ["done"]


async def test_parts_of_one_task_reported_at_once_leave_its_versions_without_a_gap(service):
    wanted = [RequestedPart(unit="省公安厅", role=Role.LEAD), RequestedPart(unit="各市政府", role=Role.RESPONSIBLE)]
    parts = await registered(service, parts=wanted)

    async def work(unit: str, assignment: str) -> None:
        clerk = of(unit, ActorRole.UNIT_CLERK)
        await granted(service, Acknowledge(actor=clerk, assignment_id=assignment, responsible_person="张三"))
        for percent in (20, 40):
            await granted(service, Report(actor=clerk, assignment_id=assignment, percent=percent, text="已完成部分工作"))

    await asyncio.gather(*(work(unit, assignment) for unit, assignment in parts.items()))
    events = [e for e in await said(service) if e["aggregate"].startswith(("task/", "assignment/"))]
    versions: dict[str, list[int]] = {}
    for event in events:
        versions.setdefault(event["aggregate"], []).append(event["version"])
    assert len(versions) == 13
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())


async def test_numbers_are_given_in_order_and_never_twice(service):
    answers = await asyncio.gather(*(granted(service, wish()) for _ in range(6)))
    numbers = sorted(answer.detail["number"] for answer in answers)
    year = numbers[0][:4]
    assert numbers == [f"{year}-{n:04}" for n in range(1, 7)]
    taken = await ask(service, wish(number=numbers[0]))
    assert (taken.code, taken.pointer) == ("number_taken", "/number")
    assert (await granted(service, wish(number=numbers[0], ledger="另一本台账"))).detail["number"] == numbers[0]


async def test_the_same_command_gives_the_same_task_once(service):
    command = wish()
    first, again = await granted(service, command), await granted(service, command)
    assert first == again
    assert await service.pool.fetchval("select count(*) from task") == 1


async def test_a_due_change_moves_the_date_and_keeps_the_first(service):
    parts = await registered(service)
    row = await service.pool.fetchrow("select original_due from assignment where unit = $1", LINFEN)
    later = row["original_due"].replace(hour=9)
    later = later.replace(year=later.year + 1)
    change = {"actor": SUPERVISOR, "assignment_id": parts[LINFEN], "due": later, "reason": "改为解决方案"}
    await granted(service, ChangeDue(**change, cause=DueChangeCause.RESOLUTION_PLAN))
    after = await service.pool.fetchrow("select original_due, clocks from assignment where unit = $1", LINFEN)
    assert after["original_due"] == row["original_due"]
    assert json.loads(after["clocks"])[-1]["due"] == later.isoformat().replace("+00:00", "Z")


async def test_units_are_found_by_any_of_their_names(service):
    async with room.pool.acquire() as db:
        found = await service.handlers.queries[FindUnits].call(FindUnits(text="省发改委", limit=3), db)
    assert isinstance(found, UnitList)
    assert (found.units[0].address, found.units[0].short) == ("14.00.00.000.fgw", "省发展改革委")


async def test_a_process_sees_a_unit_that_another_process_registered(service):
    async with room.pool.acquire() as db:
        find = service.handlers.queries[FindUnits].call
        assert (await find(FindUnits(text="省公安厅", limit=1), db)).units[0].name != "改名后的厅"
        event = next(
            event
            for event in ticks.founding("14.00.00", await db.fetchval("select now()"))
            if getattr(event, "unit", "") == POLICE
        )
        await outbox.apply(db, service.handlers, [event.model_copy(update={"version": 2, "name": "改名后的厅"})])
        assert (await find(FindUnits(text="省公安厅", limit=1), db)).units[0].name == "改名后的厅"


async def test_before_the_first_start_is_done_a_command_is_to_be_asked_again(service):
    await service.pool.execute("truncate edition")
    command = wish()
    assert (await ask(service, command)).code == "failed"
    assert await service.pool.fetchval("select count(*) from command") == 0
