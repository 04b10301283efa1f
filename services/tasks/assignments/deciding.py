"""Commands on parts, taken together: each is decided on what the ones before it left, and all tasks are read once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Connection

from contracts.assignment import Assignment
from contracts.commands.assignment import AssignmentCommand
from contracts.commands.task import TaskCommand
from contracts.envelope import Done, Event
from contracts.refusals import Refused
from services.chassis.service import Service
from services.tasks import store
from services.tasks.assignments.domain.guard import Decision
from services.tasks.assignments.domain.task import Task, told

Answered = tuple[Done | Refused, Sequence[Event]]
Decide = Callable[[Task, Any, datetime], Decision]


async def decided(
    decide: Decide, commands: Sequence[AssignmentCommand], db: Connection, now: datetime
) -> list[Answered]:
    """Their parts decided on in turn, and what follows for the tasks themselves; the tasks are held until the end."""
    parts = await store.tasks_of(db, [command.assignment_id for command in commands])
    tasks = {task.task_id: task for task in parts.values()}
    answers: list[Answered] = []
    for command in commands:
        known = parts.get(command.assignment_id)
        answer, said, after = one(decide, known and tasks[known.task_id], command, now)
        if after:
            tasks[after.task_id] = after
        answers.append((answer, said))
    return answers


async def decided_whole(
    decide: Decide, commands: Sequence[TaskCommand], db: Connection, now: datetime
) -> list[Answered]:
    """Whole tasks decided on in turn."""
    tasks = await store.whole(db, [command.task_id for command in commands])
    answers: list[Answered] = []
    for command in commands:
        answer, said, after = one(decide, tasks.get(command.task_id), command, now)
        if after:
            tasks[after.task_id] = after
        answers.append((answer, said))
    return answers


def one(
    decide: Decide, task: Task | None, command: AssignmentCommand | TaskCommand, now: datetime
) -> tuple[Done | Refused, Sequence[Event], Task | None]:
    """The answer, the events, and the task as they leave it."""
    if task is None:
        pointer = "/task_id" if isinstance(command, TaskCommand) else "/assignment_id"
        return Refused(code="not_found", message="没有这个交办事项", pointer=pointer), (), None
    said = decide(task, command, now)
    if isinstance(said, Refused):
        return said, (), None
    after = task.after(said)
    advance = after.advanced(now)
    for event in advance:
        after = told(after, event)
    of: Task | Assignment = after if isinstance(command, TaskCommand) else said[-1].assignment
    aggregate = f"task/{after.task_id}" if isinstance(of, Task) else said[-1].aggregate
    detail = {"task_id": str(task.task_id), "state": of.state}
    return Done(aggregate=aggregate, version=of.version, detail=detail), (*said, *advance), after


async def absent(service: Service, evidence: Mapping[UUID, Sequence[str]]) -> dict[UUID, list[str]]:
    """Of each command's evidence, what has no bytes in the store."""
    return {
        command: [digest for digest in digests if not await service.blobs.has(digest)]
        for command, digests in evidence.items()
    }
