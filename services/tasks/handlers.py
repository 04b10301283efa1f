"""What tasks answers, and how its register follows from what it says."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from asyncpg import Connection

from contracts.commands.assignment import Acknowledge, ChangeDue, Close, Complete, Report, Rework, Verify
from contracts.commands.register import FillPost
from contracts.commands.task import Cancel, ImportLedger, RegisterTask, Resume, Suspend
from contracts.envelope import Done, Event
from contracts.events.assignment import AssignmentEvent, AssignmentIssued
from contracts.events.register import CalendarRevised, PolicyPublished, PostFilled, UnitRegistered
from contracts.events.task import TaskAdvanced, TaskRegistered
from contracts.queries import FoundPost, FoundUnit
from contracts.queries.register import FindPosts, FindUnits, PostList, UnitList
from contracts.refusals import Refused
from contracts.workdays import ZONE
from services.chassis import applies, on_command, on_query
from services.chassis.service import Service
from services.tasks import importing, store
from services.tasks.assignments.deciding import Answered, absent, decided, decided_whole
from services.tasks.assignments.domain.draft import Draft, registered
from services.tasks.assignments.domain.registration import draft_of, number_taken, refusal
from services.tasks.assignments.domain.task import Task, told
from services.tasks.domain import due, post, review, suspension, work
from services.tasks.ledger.domain.intake import Outcome


@on_command(RegisterTask)
async def register_task(command: RegisterTask, db: Connection, now: datetime, service: Service) -> Answered:
    """Put one task on the ledger and assign it (R8)."""
    posts = await store.posts_of(db, command.actor.unit.rpartition(".")[0])
    draft = draft_of(command, await store.register(db), await store.timetable(db), posts, now)
    if isinstance(draft, Refused):
        return draft, ()
    draft = await numbered(draft, db)
    taken = await store.numbered(db, draft.issuer.address, draft.ledger, [draft.number])
    if taken:
        return refusal([number_taken(*next(iter(taken.items())))]), ()
    said = registered(draft, command.actor.person, service.settings.node, now)
    return Done(aggregate=said[0].aggregate, version=1, detail=_answer(draft, said)), said


async def numbered(draft: Draft, db: Connection) -> Draft:
    """The draft with the number it was given, else with the next of its ledger and year."""
    if draft.number:
        return draft
    year = draft.t0.astimezone(ZONE).year
    return replace(draft, number=await store.next_number(db, draft.issuer.address, draft.ledger, year))


def _answer(draft: Draft, said: Sequence[Event]) -> dict[str, Any]:
    """What the office is told of its new task: its number, its due date, and which unit got which part."""
    due = draft.clocks[-1].due
    issued = [event.assignment for event in said if isinstance(event, AssignmentIssued)]
    return {
        "task_id": str(draft.task_id),
        "number": draft.number,
        "ledger": draft.ledger,
        "due": due.isoformat() if due else None,
        "parts": [{"assignment_id": str(e.assignment_id), "unit": e.unit, "role": e.role} for e in issued],
    }


@on_command(ImportLedger)
async def import_ledger(command: ImportLedger, db: Connection, now: datetime, service: Service) -> Answered:
    """An office's whole ledger: a dry run, or every row in one transaction (R12)."""
    intake = await importing.intake_of(command, db, now, service)
    if isinstance(intake, Refused):
        return intake, ()
    aggregate, detail = f"import/{command.id}", importing.detail(intake)
    if command.dry_run:
        return Done(aggregate=aggregate, version=1, detail=detail), ()
    if intake.count(Outcome.REFUSED):
        return importing.rows_refused(intake), ()
    said = await importing.said_of(intake, command, now, service)
    aggregate, version = (said[-1].aggregate, said[-1].version) if said else (aggregate, 1)
    return Done(aggregate=aggregate, version=version, detail=detail), said


@on_command(FillPost)
async def fill_post(command: FillPost, db: Connection, now: datetime, service: Service) -> Answered:
    """A post has a new holder."""
    unit = post.unit_of(command, await store.register(db), service.settings.node)
    if isinstance(unit, Refused):
        return unit, ()
    known = await store.post(db, post.post_id_of(unit.address, command.title))
    said = post.filled(command, unit, known, service.settings.node, now)
    if isinstance(said, Refused):
        return said, ()
    return Done(aggregate=said.aggregate, version=said.version, detail={"unit": unit.address}), (said,)


@on_command(Acknowledge, durable=True, batch=True)
async def acknowledge(commands: Sequence[Acknowledge], db: Connection, now: datetime) -> list[Answered]:
    """The units have it."""
    return await decided(work.acknowledge, commands, db, now)


@on_command(Report, durable=True, batch=True)
async def report(commands: Sequence[Report], db: Connection, now: datetime, service: Service) -> list[Answered]:
    """The units' deployment or progress."""
    missing = await absent(service, {command.id: command.evidence for command in commands})
    return await decided(lambda task, this, at: work.report(task, this, at, missing[this.id]), commands, db, now)


@on_command(Complete, durable=True, batch=True)
async def complete(commands: Sequence[Complete], db: Connection, now: datetime, service: Service) -> list[Answered]:
    """The units' heads say their parts are done."""
    missing = await absent(service, {command.id: command.evidence for command in commands})
    return await decided(lambda task, this, at: work.complete(task, this, at, missing[this.id]), commands, db, now)


@on_command(Verify, durable=True, batch=True)
async def verify(commands: Sequence[Verify], db: Connection, now: datetime, service: Service) -> list[Answered]:
    """Second persons confirm them."""
    parts = await store.evidence_of_submissions(db, [command.assignment_id for command in commands])
    evidence = {c.id: parts[c.assignment_id] for c in commands if c.assignment_id in parts}
    missing = await absent(service, evidence)
    return await decided(lambda task, this, at: review.verify(task, this, at, missing[this.id]), commands, db, now)


@on_command(Rework, durable=True, batch=True)
async def rework(commands: Sequence[Rework], db: Connection, now: datetime) -> list[Answered]:
    """Back to work."""
    return await decided(review.rework, commands, db, now)


@on_command(Close, batch=True)
async def close(commands: Sequence[Close], db: Connection, now: datetime) -> list[Answered]:
    """Third persons write them off."""
    return await decided(review.close, commands, db, now)


@on_command(ChangeDue, batch=True)
async def change_due(commands: Sequence[ChangeDue], db: Connection, now: datetime) -> list[Answered]:
    """Due dates move."""
    return await decided(due.change_due, commands, db, now)


@on_command(Suspend, batch=True)
async def suspend(commands: Sequence[Suspend], db: Connection, now: datetime) -> list[Answered]:
    """Tasks stand still."""
    return await decided_whole(suspension.suspend, commands, db, now)


@on_command(Resume, batch=True)
async def resume(commands: Sequence[Resume], db: Connection, now: datetime) -> list[Answered]:
    """Tasks go on."""
    timetable = await store.timetable(db)
    return await decided_whole(partial(suspension.resume, timetable=timetable), commands, db, now)


@on_command(Cancel, batch=True)
async def cancel(commands: Sequence[Cancel], db: Connection, now: datetime) -> list[Answered]:
    """Tasks end undone."""
    return await decided_whole(suspension.cancel, commands, db, now)


@applies(UnitRegistered, batch=True)
async def enter_units(said: Sequence[UnitRegistered], db: Connection) -> None:
    """The register follows."""
    await store.save_units(db, said)


@applies(PostFilled)
async def enter_post(said: PostFilled, db: Connection) -> None:
    """The posts follow."""
    await store.save_post(db, said)


@applies(CalendarRevised)
async def enter_year(said: CalendarRevised, db: Connection) -> None:
    """The calendar follows."""
    await store.save_year(db, said)


@applies(PolicyPublished)
async def enter_policy(said: PolicyPublished, db: Connection) -> None:
    """The policies follow."""
    await store.save_policy(db, said)


@applies(TaskRegistered, TaskAdvanced, batch=True)
async def follow_tasks(said: Sequence[TaskRegistered | TaskAdvanced], db: Connection) -> None:
    """Tasks follow; a run may hold several events of one."""
    known: dict[UUID, Task] = {task.task_id: task for task in await store.tasks(db, [e.task_id for e in said])}
    for event in said:
        known[event.task_id] = told(known.get(event.task_id), event)
    await store.save_tasks(db, list(known.values()))


@applies(AssignmentEvent, batch=True)
async def store_assignments(events: Sequence[AssignmentEvent], db: Connection) -> None:
    """The last state of each assignment."""
    await store.save_assignments(db, list({event.aggregate: event.assignment for event in events}.values()))
@on_query(FindUnits)
async def find_units(query: FindUnits, db: Connection) -> FoundUnits:
    """Units by any of their names, best first."""
    found = (await store.register(db)).find(query.text, query.limit)
    units = [FoundUnit(address=unit.address, name=unit.name, short=unit.short, level=unit.level) for unit in found]
    return UnitList(units=tuple(units))


@on_query(FindPosts)
async def find_posts(query: FindPosts, db: Connection) -> FoundPosts:
    """Posts and who holds them."""
    found = await store.posts_like(db, query.text, query.limit)
    return PostList(
        posts=tuple(FoundPost(**{name: getattr(p, name) for name in FoundPost.model_fields}) for p in found)
    )
