"""The tasks service on a real database: what it answers, what it keeps, what it emits."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from contracts.assignment import Assignment
from contracts.commands.assignment import Acknowledge, Close, DecideRequest, ProposePlan, Report, RequestReturn, Verify
from contracts.commands.register import FillPost, RegisterPerson
from contracts.commands.task import RequestedPart
from contracts.envelope import ActorRole
from contracts.events.assignment import AssignmentEvent
from contracts.events.register import UnitRegistered
from contracts.queries.register import FindUnits, UnitList
from contracts.refusals import Kind, Refused
from contracts.terms import Role
from contracts.workdays import closing, day_of
from services.chassis import outbox
from services.chassis.handlers import gather, member
from services.chassis.rebuild import recall
from services.chassis.service import Service
from services.tasks import handlers, ticks
from services.tasks.assignments import handlers as assignments
from services.tasks.ledger import handlers as ledger
from services.tasks.register import handlers as register
from tests.tasks.commands import (
    INSPECTOR,
    LINFEN,
    POLICE,
    SUPERVISOR,
    ask,
    done_by,
    emitted,
    granted,
    person_of,
    registered,
    registration,
)

STATE = ("unit", "person", "calendar", "policy", "task", "assignment", "post")


async def assignment_of(service: Service, unit: str) -> Assignment:
    """The state of a unit's only assignment."""
    return Assignment.model_validate_json(
        await service.pool.fetchval("select document from assignment where unit = $1", unit)
    )


async def walked(service: Service) -> dict[str, str]:
    """A task of two parts from registration to closure."""
    evidence = await service.blobs.put("销号台账".encode())
    parts = await registered(service)
    for unit, verifier in ((LINFEN, person_of(POLICE, ActorRole.UNIT_CLERK)), (POLICE, INSPECTOR)):
        await done_by(service, parts[unit], unit, evidence)
        await granted(service, Verify(actor=verifier, assignment_id=parts[unit]))
    for unit in (LINFEN, POLICE):
        await granted(service, Close(actor=SUPERVISOR, assignment_id=parts[unit]))
    return parts


def test_no_handler_of_a_slice_is_forgotten():
    assert gather(handlers) == gather(register, assignments, ledger)


async def test_the_first_start_emits_the_register_the_calendar_and_the_policy_once(service):
    counts = {
        row["type"]: row["count"] for row in await service.pool.fetch("select type, count(*) from outbox group by type")
    }
    assert counts == {"calendar.revised": 25, "policy.published": 1, "unit.registered": 8907 + 4 + 9}
    assert await service.pool.fetchval("select count(*) from unit") == 8920
    provisional = """
        select sum(case when day ->> 'provisional' = 'true' then 1 else 0 end)
        from calendar, json_array_elements(days) day
    """
    assert await service.pool.fetchval(provisional) == 365 + 366
    async with service.pool.acquire() as db:
        assert await ticks.seed_register(db, await db.fetchval("select now()"), service) == ()


async def test_reports_on_one_part_that_arrive_together_are_each_decided_on_what_the_one_before_left(service):
    parts = await registered(service)
    clerk = person_of(POLICE, ActorRole.UNIT_CLERK)
    await granted(service, Acknowledge(actor=clerk, assignment_id=parts[POLICE], responsible_person="张三"))
    figures = (30, 50, 40, 60)
    reports = [
        Report(actor=clerk, assignment_id=parts[POLICE], percent=figure, text="已封闭一批水井") for figure in figures
    ]
    answers = await asyncio.gather(*(ask(service, report) for report in reports))
    assert [getattr(answer, "code", "granted") for answer in answers] == ["granted"] * 2 + ["percent_falls", "granted"]
    assert [event["version"] for event in await emitted(service, "assignment.reported")] == [3, 4, 5]
    advanced = await emitted(service, "task.advanced")
    assert [event["task"]["percent"] for event in advanced] == ["15.00", "25.00", "30.00"]
    assert await service.pool.fetchval("select count(distinct at) from command where type = 'tasks.report'") == 1


async def test_a_task_walks_from_registration_to_closure(service):
    parts = await walked(service)
    tasks = [event["task"] for event in await emitted(service, "task.advanced")]
    assert [(task["state"], task["percent"]) for task in tasks] == [
        ("in_progress", "40.00"),
        ("in_progress", "50.00"),
        ("in_progress", "90.00"),
        ("in_progress", "100"),
        ("completion_submitted", "100"),
        ("verified", "100"),
        ("closed", "100"),
    ]
    assert tasks[-1]["closed_at"]
    subjects = await service.pool.fetch(
        "select distinct subject from outbox where type = 'assignment.closed' order by 1"
    )
    assert [row["subject"] for row in subjects] == [f"duban.evt.v1.assignment.closed.{unit}" for unit in sorted(parts)]


async def test_a_rebuild_from_the_last_event_of_each_aggregate_gives_the_same_state(service):
    await granted(service, RegisterPerson(actor=SUPERVISOR, unit="省政府", person="wang", name="王建"))
    await granted(service, FillPost(actor=SUPERVISOR, unit="省政府", title="常务副省长", person="wang"))
    await walked(service)
    await registered(service)
    live = {table: await rows(service, table) for table in STATE}
    assert all(live.values())
    async with service.pool.acquire() as db, db.transaction():
        await db.execute(f"truncate {', '.join(STATE)}, edition")
        assert await recall(service, db) < len(await emitted(service))
    assert {table: await rows(service, table) for table in STATE} == live


async def rows(service: Service, table: str) -> list[str]:
    return [
        row["row"] for row in await service.pool.fetch(f"select to_jsonb(t)::text as row from {table} t order by 1")
    ]


async def test_a_refusal_leaves_no_trace(service):
    parts = await registered(service)
    before = len(await emitted(service))
    stranger = Acknowledge(actor=person_of(LINFEN, ActorRole.UNIT_CLERK), assignment_id=parts[POLICE])
    answer = await ask(service, stranger)
    assert isinstance(answer, Refused) and answer.code == "forbidden"
    assert len(await emitted(service)) == before


async def test_an_unknown_assignment_is_refused(service):
    answer = await ask(service, Acknowledge(actor=SUPERVISOR, assignment_id=uuid4()))
    assert (answer.code, answer.pointer) == ("not_found", "/assignment_id")


async def test_evidence_must_be_in_the_store_before_it_is_named(service):
    parts = await registered(service)
    clerk = person_of(LINFEN, ActorRole.UNIT_CLERK)
    await granted(service, Acknowledge(actor=clerk, assignment_id=parts[LINFEN], responsible_person="张三"))
    report = {"actor": clerk, "assignment_id": parts[LINFEN], "text": "已封闭水井330眼"}
    assert (await ask(service, Report(**report, evidence=["a" * 64]))).code == "evidence_missing"
    await granted(service, Report(**report, evidence=[await service.blobs.put(b"photo")]))


async def test_two_who_decide_at_once_on_one_part_are_served_one_after_the_other(service):
    parts = await registered(service)
    clerk = person_of(LINFEN, ActorRole.UNIT_CLERK)
    both = [Acknowledge(actor=clerk, assignment_id=parts[LINFEN]) for _ in range(4)]
    answers = await asyncio.gather(*(ask(service, command) for command in both))
    assert sorted(getattr(answer, "code", "done") for answer in answers) == ["acknowledged"] * 3 + ["done"]


async def test_parts_of_one_task_reported_at_once_leave_its_versions_without_a_gap(service):
    wanted = [RequestedPart(unit="省公安厅", role=Role.LEAD), RequestedPart(unit="各市政府", role=Role.RESPONSIBLE)]
    parts = await registered(service, parts=wanted)

    async def work(unit: str, assignment: str) -> None:
        clerk = person_of(unit, ActorRole.UNIT_CLERK)
        await granted(service, Acknowledge(actor=clerk, assignment_id=assignment, responsible_person="张三"))
        for percent in (20, 40):
            await granted(
                service, Report(actor=clerk, assignment_id=assignment, percent=percent, text="已完成部分工作")
            )

    await asyncio.gather(*(work(unit, assignment) for unit, assignment in parts.items()))
    events = [e for e in await emitted(service) if e["aggregate"].startswith(("task/", "assignment/"))]
    versions: dict[str, list[int]] = {}
    for event in events:
        versions.setdefault(event["aggregate"], []).append(event["version"])
    assert len(versions) == 13
    assert all(result == list(range(1, len(result) + 1)) for result in versions.values())


async def test_numbers_are_given_in_order_and_never_twice(service):
    answers = await asyncio.gather(*(granted(service, registration()) for _ in range(6)))
    numbers = sorted(answer.detail["number"] for answer in answers)
    year = numbers[0][:4]
    assert numbers == [f"{year}-{n:04}" for n in range(1, 7)]
    taken = await ask(service, registration(number=numbers[0]))
    assert (taken.code, taken.pointer) == ("number_taken", "/number")
    assert (await granted(service, registration(number=numbers[0], ledger="另一本台账"))).detail["number"] == numbers[0]


async def test_the_same_command_gives_the_same_task_once(service):
    command = registration()
    first, again = await granted(service, command), await granted(service, command)
    assert first == again
    assert await service.pool.fetchval("select count(*) from task") == 1


async def test_a_due_date_moves_by_request_and_decision_and_the_first_one_is_kept(service):
    parts = await registered(service)
    before = await assignment_of(service, LINFEN)
    later = day_of(before.original_due) + timedelta(days=60)
    own, head = {"assignment_id": parts[LINFEN]}, person_of(LINFEN, ActorRole.UNIT_HEAD)
    await granted(service, ProposePlan(actor=head, due=later, reason="征地受阻", plan="分三步解决", **own))
    assert (await assignment_of(service, LINFEN)).due == before.due
    await granted(service, DecideRequest(actor=SUPERVISOR, approved=True, **own))
    after = await assignment_of(service, LINFEN)
    assert (after.original_due, after.due) == (before.original_due, closing(later))


async def test_a_returned_part_is_anothers_with_the_texts_of_the_registration_also_after_a_rebuild(service):
    parts = await registered(service)
    own, head = {"assignment_id": parts[POLICE]}, person_of(POLICE, ActorRole.UNIT_HEAD)
    await granted(service, RequestReturn(actor=head, reason="职责不符", unit="省水利厅", **own))
    async with service.pool.acquire() as db, db.transaction():
        await db.execute("truncate task, assignment")
        await recall(service, db)
    done = await granted(service, DecideRequest(actor=SUPERVISOR, approved=True, **own))
    assert done.detail["state"] == "returned"
    issued = (await emitted(service, "assignment.issued"))[-1]
    assert (issued["address"], issued["target"]) == ("14.00.00.000.slt", "封闭水井412眼")
    assert [each["assignment"]["lead"] for each in await emitted(service, "assignment.lead_changed")] == [
        issued["address"]
    ]
    assert (await emitted(service, "task.advanced"))[-1]["task"]["lead_name"] == "省水利厅"


async def test_units_are_found_by_any_of_their_names(service):
    async with service.pool.acquire() as db:
        result = await service.handlers.queries[FindUnits].call(FindUnits(text="省发改委", limit=3), db)
    assert isinstance(result, UnitList)
    assert (result.units[0].address, result.units[0].short) == ("14.00.00.000.fgw", "省发展改革委")


async def test_a_process_sees_a_unit_that_another_process_registered(service):
    async with service.pool.acquire() as db:
        find = service.handlers.queries[FindUnits].call
        assert (await find(FindUnits(text="省公安厅", limit=1), db)).units[0].name != "改名后的厅"
        (body,) = await db.fetch("select body from outbox where aggregate = $1", f"unit/{POLICE}")
        event = UnitRegistered.model_validate_json(body["body"])
        unit = event.unit.model_copy(update={"name": "改名后的厅"})
        await outbox.apply(db, service.handlers, [event.model_copy(update={"version": 2, "unit": unit})])
        assert (await find(FindUnits(text="省公安厅", limit=1), db)).units[0].name == "改名后的厅"


async def test_before_the_first_start_is_done_a_command_is_to_be_asked_again(service):
    await service.pool.execute("truncate edition")
    command = registration()
    assert (await ask(service, command)).kind is Kind.UNAVAILABLE
    assert await service.pool.fetchval("select count(*) from command") == 0


async def test_an_event_of_a_later_release_is_applied_like_every_other(service):
    await registered(service)
    before = await assignment_of(service, POLICE)
    (body,) = [e for e in await emitted(service, "assignment.issued") if e["assignment"]["unit"] == POLICE]
    later = before.model_copy(update={"version": 2, "responsible_person": "李四"})
    unknown = member(AssignmentEvent, "assignment.flagged")
    event = unknown.model_validate(body | {"version": 2, "assignment": later.model_dump(), "flag": "red"})
    async with service.pool.acquire() as db, db.transaction():
        await outbox.apply(db, service.handlers, [event])
    assert await assignment_of(service, POLICE) == later
