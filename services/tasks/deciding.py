"""Commands on parts, taken together: each is decided on what the ones before it left, and all tasks are read once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Connection

from contracts.commands import AssignmentCommand
from contracts.envelope import Done, Event, Refused
from services.chassis.room import Room
from services.tasks import store
from services.tasks.domain.guard import Decision
from services.tasks.domain.task import Task, told

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


def one(
    decide: Decide, task: Task | None, command: AssignmentCommand, now: datetime
) -> tuple[Done | Refused, Sequence[Event], Task | None]:
    """The answer, the events, and the task as they leave it."""
    if task is None:
        return Refused(code="not_found", message="没有这个交办事项", pointer="/assignment_id"), (), None
    said = decide(task, command, now)
    if isinstance(said, Refused):
        return said, (), None
    after = task.after(said)
    advance = after.advanced(now)
    for event in advance:
        after = told(after, event)
    detail = {"task_id": str(task.task_id), "state": said[-1].state}
    return Done(aggregate=said[-1].aggregate, version=said[-1].version, detail=detail), (*said, *advance), after


async def absent(room: Room, evidence: Mapping[UUID, Sequence[str]]) -> dict[UUID, list[str]]:
    """Of each command's evidence, what has no bytes in the store."""
    return {
        command: [digest for digest in digests if not await room.blobs.has(digest)]
        for command, digests in evidence.items()
    }
