"""The commands on tasks and assignments, and how their rows follow their events."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from asyncpg import Connection

from contracts.commands.assignment import Acknowledge, ChangeDue, Close, Complete, CorrectReport, Report, Rework, Verify
from contracts.commands.task import Cancel, RegisterTask, Resume, Suspend
from contracts.envelope import Done, Event
from contracts.events.assignment import AssignmentEvent, AssignmentIssued, AssignmentSubmitted
from contracts.events.task import TaskEvent
from contracts.refusals import Refused
from contracts.workdays import ZONE
from services.chassis import applies, on_command
from services.chassis.service import Service
from services.tasks.assignments import store
from services.tasks.assignments.deciding import Result, absent, on_assignments, on_tasks
from services.tasks.assignments.domain import correction, due, review, suspension, work
from services.tasks.assignments.domain.draft import Draft, registered
from services.tasks.assignments.domain.registration import draft_of, number_taken, refusal
from services.tasks.register.store import posts_of, register, timetable


@on_command(RegisterTask)
async def register_task(command: RegisterTask, db: Connection, now: datetime, service: Service) -> Result:
    """Put one task on the ledger and assign it (R8)."""
    units, posts = await register(db), await posts_of(db, command.actor.unit.rpartition(".")[0])
    draft = draft_of(command, units, await timetable(db), posts, now)
    if isinstance(draft, Refused):
        return draft, ()
    draft = await numbered(draft, db)
    taken = await store.numbers(db, draft.issuer.address, draft.ledger, [draft.number])
    if taken:
        return refusal([number_taken(*next(iter(taken.items())))]), ()
    events = registered(draft, command.actor.person, service.settings.node, now, units)
    return Done(aggregate=events[0].aggregate, version=1, detail=_answer(draft, events)), events


async def numbered(draft: Draft, db: Connection) -> Draft:
    """The draft with its own number, else with the next of its ledger and year."""
    if draft.number:
        return draft
    year = draft.t0.astimezone(ZONE).year
    return replace(draft, number=await store.next_number(db, draft.issuer.address, draft.ledger, year))


def _answer(draft: Draft, events: Sequence[Event]) -> dict[str, Any]:
    """What the office needs of its new task: its number, its due date, and the assignment of each unit."""
    due = draft.clocks[-1].due
    issued = [event.assignment for event in events if isinstance(event, AssignmentIssued)]
    return {
        "task_id": str(draft.task_id),
        "number": draft.number,
        "ledger": draft.ledger,
        "due": due.isoformat() if due else None,
        "parts": [{"assignment_id": str(e.assignment_id), "unit": e.unit, "role": e.role} for e in issued],
    }


@on_command(Acknowledge, durable=True, batch=True)
async def acknowledge(commands: Sequence[Acknowledge], db: Connection, now: datetime) -> list[Result]:
    """The units have it."""
    return await on_assignments(work.acknowledge, commands, db, now)


@on_command(Report, durable=True, batch=True)
async def report(commands: Sequence[Report], db: Connection, now: datetime, service: Service) -> list[Result]:
    """The units' deployment or progress."""
    missing = await absent(service, {command.id: command.evidence for command in commands})
    return await on_assignments(lambda task, c, at: work.report(task, c, at, missing[c.id]), commands, db, now)


@on_command(CorrectReport, durable=True, batch=True)
async def correct_report(commands: Sequence[CorrectReport], db: Connection, now: datetime) -> list[Result]:
    """Percentages typed wrongly are put right."""
    decide = partial(correction.correct_report, timetable=await timetable(db))
    return await on_assignments(decide, commands, db, now)


@on_command(Complete, durable=True, batch=True)
async def complete(commands: Sequence[Complete], db: Connection, now: datetime, service: Service) -> list[Result]:
    """The units' heads state that they are done."""
    missing = await absent(service, {command.id: command.evidence for command in commands})
    return await on_assignments(lambda task, c, at: work.complete(task, c, at, missing[c.id]), commands, db, now)


@on_command(Verify, durable=True, batch=True)
async def verify(commands: Sequence[Verify], db: Connection, now: datetime, service: Service) -> list[Result]:
    """Second persons confirm it."""
    submissions = await store.evidence(db, [command.assignment_id for command in commands])
    missing = await absent(service, {c.id: submissions.get(c.assignment_id, ()) for c in commands})
    return await on_assignments(lambda task, c, at: review.verify(task, c, at, missing[c.id]), commands, db, now)


@on_command(Rework, durable=True, batch=True)
async def rework(commands: Sequence[Rework], db: Connection, now: datetime) -> list[Result]:
    """Back to work."""
    return await on_assignments(review.rework, commands, db, now)


@on_command(Close, batch=True)
async def close(commands: Sequence[Close], db: Connection, now: datetime) -> list[Result]:
    """Third persons write it off."""
    return await on_assignments(review.close, commands, db, now)


@on_command(ChangeDue, batch=True)
async def change_due(commands: Sequence[ChangeDue], db: Connection, now: datetime) -> list[Result]:
    """Due dates move."""
    return await on_assignments(due.change_due, commands, db, now)


@on_command(Suspend, batch=True)
async def suspend(commands: Sequence[Suspend], db: Connection, now: datetime) -> list[Result]:
    """Tasks stand still."""
    return await on_tasks(suspension.suspend, commands, db, now)


@on_command(Resume, batch=True)
async def resume(commands: Sequence[Resume], db: Connection, now: datetime) -> list[Result]:
    """Tasks go on."""
    return await on_tasks(partial(suspension.resume, timetable=await timetable(db)), commands, db, now)


@on_command(Cancel, batch=True)
async def cancel(commands: Sequence[Cancel], db: Connection, now: datetime) -> list[Result]:
    """Tasks end undone."""
    return await on_tasks(suspension.cancel, commands, db, now)


@applies(TaskEvent, latest=True, batch=True)
async def store_tasks(events: Sequence[TaskEvent], db: Connection) -> None:
    """The last state of each task."""
    await store.save_tasks(db, events)


@applies(AssignmentEvent, latest=True, batch=True)
async def store_assignments(events: Sequence[AssignmentEvent], db: Connection) -> None:
    """The last state of each assignment."""
    await store.save_assignments(db, events)


@applies(AssignmentSubmitted, batch=True)
async def store_submissions(events: Sequence[AssignmentSubmitted], db: Connection) -> None:
    """A submission alone names its evidence, which the verification must find in the blob store."""
    await store.save_assignments(db, events)
    await store.save_evidence(db, events)
