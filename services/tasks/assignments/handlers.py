"""The commands on tasks and assignments, and how their rows follow their events."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from asyncpg import Connection

from contracts.commands.assignment import (
    Acknowledge,
    Close,
    Complete,
    CorrectReport,
    DecideRequest,
    ProposePlan,
    ProposeReassignment,
    Report,
    RequestExtension,
    RequestReclassification,
    RequestReturn,
    Rework,
    Verify,
    WithdrawRequest,
)
from contracts.commands.task import Cancel, RegisterTask, Resume, Suspend
from contracts.envelope import Done, Event
from contracts.events.assignment import AssignmentEvent, AssignmentIssued, AssignmentSubmitted
from contracts.events.task import TaskEvent, TaskRegistered
from contracts.refusals import Refused
from contracts.workdays import ZONE
from services.chassis import applies, on_command
from services.chassis.service import Service
from services.tasks.assignments import store
from services.tasks.assignments.deciding import Result, absent, on_assignments, on_tasks
from services.tasks.assignments.domain import correction, decisions, requests, review, suspension, work
from services.tasks.assignments.domain.draft import Draft, registered
from services.tasks.assignments.domain.guard import Decision
from services.tasks.assignments.domain.registration import draft_of, number_taken, refusal
from services.tasks.assignments.domain.successor import Reference
from services.tasks.assignments.domain.task import TaskAggregate
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
    clock = await timetable(db)

    def decide(task: TaskAggregate, command: Complete, at: datetime) -> Decision:
        return work.complete(task, command, at, missing[command.id], timetable=clock)

    return await on_assignments(decide, commands, db, now)


@on_command(Verify, durable=True, batch=True)
async def verify(commands: Sequence[Verify], db: Connection, now: datetime, service: Service) -> list[Result]:
    """Second persons confirm it."""
    submissions = await store.evidence(db, [command.assignment_id for command in commands])
    missing = await absent(service, {c.id: submissions.get(c.assignment_id, ()) for c in commands})
    clock = await timetable(db)

    def decide(task: TaskAggregate, command: Verify, at: datetime) -> Decision:
        return review.verify(task, command, at, missing[command.id], timetable=clock)

    return await on_assignments(decide, commands, db, now)


@on_command(Rework, durable=True, batch=True)
async def rework(commands: Sequence[Rework], db: Connection, now: datetime) -> list[Result]:
    """Back to work."""
    return await on_assignments(review.rework, commands, db, now)


@on_command(Close, batch=True)
async def close(commands: Sequence[Close], db: Connection, now: datetime) -> list[Result]:
    """Third persons write it off."""
    return await on_assignments(review.close, commands, db, now)


@on_command(RequestReturn, durable=True, batch=True)
async def request_return(commands: Sequence[RequestReturn], db: Connection, now: datetime) -> list[Result]:
    """The units say that it is another's."""
    decide = partial(requests.request_return, timetable=await timetable(db), register=await register(db))
    return await on_assignments(decide, commands, db, now)


@on_command(RequestExtension, durable=True, batch=True)
async def request_extension(commands: Sequence[RequestExtension], db: Connection, now: datetime) -> list[Result]:
    """Later dates are asked for."""
    return await on_assignments(partial(requests.request_extension, timetable=await timetable(db)), commands, db, now)


@on_command(ProposePlan, durable=True, batch=True)
async def propose_plan(commands: Sequence[ProposePlan], db: Connection, now: datetime) -> list[Result]:
    """What cannot be solved in time gets a plan."""
    return await on_assignments(partial(requests.propose_plan, timetable=await timetable(db)), commands, db, now)


@on_command(RequestReclassification, durable=True, batch=True)
async def request_reclassification(
    commands: Sequence[RequestReclassification], db: Connection, now: datetime
) -> list[Result]:
    """Ordinary matters turn out to be major ones."""
    decide = partial(requests.request_reclassification, timetable=await timetable(db))
    return await on_assignments(decide, commands, db, now)


@on_command(ProposeReassignment, batch=True)
async def propose_reassignment(commands: Sequence[ProposeReassignment], db: Connection, now: datetime) -> list[Result]:
    """Inspectors propose other units."""
    decide = partial(requests.propose_reassignment, timetable=await timetable(db), register=await register(db))
    return await on_assignments(decide, commands, db, now)


@on_command(WithdrawRequest, durable=True, batch=True)
async def withdraw_request(commands: Sequence[WithdrawRequest], db: Connection, now: datetime) -> list[Result]:
    """Who asked takes it back."""
    return await on_assignments(requests.withdraw_request, commands, db, now)


@on_command(DecideRequest, batch=True)
async def decide_request(commands: Sequence[DecideRequest], db: Connection, now: datetime) -> list[Result]:
    """The office decides; a part that another unit gets may change who leads the others."""
    clock, units = await timetable(db), await register(db)
    texts = await store.texts(db, [command.assignment_id for command in commands])

    def decide(task: TaskAggregate, command: DecideRequest, at: datetime) -> Decision:
        return decisions.decide_request(task, command, at, Reference(clock, units, texts[command.assignment_id]))

    return await on_assignments(decide, commands, db, now, whole=True)


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


@applies(TaskRegistered, batch=True)
async def store_registrations(events: Sequence[TaskRegistered], db: Connection) -> None:
    """A registration alone has the texts, which a part that another unit gets repeats."""
    await store.save_tasks(db, events)
    await store.save_texts(db, events)


@applies(AssignmentEvent, latest=True, batch=True)
async def store_assignments(events: Sequence[AssignmentEvent], db: Connection) -> None:
    """The last state of each assignment."""
    await store.save_assignments(db, events)


@applies(AssignmentSubmitted, batch=True)
async def store_submissions(events: Sequence[AssignmentSubmitted], db: Connection) -> None:
    """A submission alone names its evidence, which the verification must find in the blob store."""
    await store.save_assignments(db, events)
    await store.save_evidence(db, events)
