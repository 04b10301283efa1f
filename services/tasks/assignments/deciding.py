"""Commands taken together: each is decided on what the ones before it left, and all tasks are read once."""

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
from contracts.task import Task
from services.chassis.service import Service
from services.tasks.assignments import store
from services.tasks.assignments.domain.guard import Decision
from services.tasks.assignments.domain.task import TaskAggregate
from services.tasks.refusals import Code, refuse

Result = tuple[Done | Refused, Sequence[Event]]
Decide = Callable[[TaskAggregate, Any, datetime], Decision]


async def on_assignments(
    decide: Decide, commands: Sequence[AssignmentCommand], db: Connection, now: datetime, whole: bool = False
) -> list[Result]:
    """Decide on assignments in turn; their tasks are held until the transaction ends, `whole` where others change."""
    tasks = await store.hold_by_assignment(db, [command.assignment_id for command in commands], whole)
    task_ids = {each.assignment_id: id for id, task in tasks.items() for each in task.assignments}
    return _in_turn(decide, [(task_ids.get(command.assignment_id), command) for command in commands], tasks, now)


async def on_tasks(decide: Decide, commands: Sequence[TaskCommand], db: Connection, now: datetime) -> list[Result]:
    """Decide on whole tasks in turn."""
    tasks = await store.hold(db, [command.task_id for command in commands])
    return _in_turn(decide, [(command.task_id, command) for command in commands], tasks, now)


def _in_turn(
    decide: Decide,
    commands: Sequence[tuple[UUID | None, AssignmentCommand | TaskCommand]],
    tasks: dict[UUID, TaskAggregate],
    now: datetime,
) -> list[Result]:
    results: list[Result] = []
    for task_id, command in commands:
        answer, events, after = one(decide, tasks.get(task_id) if task_id else None, command, now)
        if after:
            tasks[after.task.task_id] = after
        results.append((answer, events))
    return results


def one(
    decide: Decide, task: TaskAggregate | None, command: AssignmentCommand | TaskCommand, now: datetime
) -> tuple[Done | Refused, Sequence[Event], TaskAggregate | None]:
    """The answer, the events, and the task after them; None where the command is refused."""
    if task is None:
        pointer = "/task_id" if isinstance(command, TaskCommand) else "/assignment_id"
        return refuse(Code.NOT_FOUND, "没有这个交办事项，请核对编号", pointer), (), None
    decision = decide(task, command, now)
    if isinstance(decision, Refused):
        return decision, (), None
    after, advanced = task.evolve(decision, now)
    state = after.task if isinstance(command, TaskCommand) else after.assignment(command.assignment_id)
    return _done(state, after.task), (*decision, *advanced), after


def _done(state: Task | Assignment, task: Task) -> Done:
    """What the command was about, as it now stands; and the version of its task, for whoever waits to read both."""
    aggregate = f"task/{task.task_id}" if isinstance(state, Task) else f"assignment/{state.assignment_id}"
    detail = {"task_id": str(task.task_id), "task_version": task.version, "state": state.state}
    return Done(aggregate=aggregate, version=state.version, detail=detail)


async def absent(service: Service, evidence: Mapping[UUID, Sequence[str]]) -> dict[UUID, list[str]]:
    """Of each command's evidence, what has no bytes in the store."""
    return {
        command: [digest for digest in digests if not await service.blobs.has(digest)]
        for command, digests in evidence.items()
    }
