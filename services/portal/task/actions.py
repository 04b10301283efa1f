"""What somebody may do with a part of a task as it stands: the forms a page shows. The tasks service decides. §2."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from contracts.envelope import UNIT_SIDE, ActorRole
from contracts.terms import AssignmentState, Role, TaskState
from services.portal.identity.reader import Reader


class Act(StrEnum):
    """The steps of a part, in their order."""

    ACKNOWLEDGE = "acknowledge"
    REPORT = "report"
    COMPLETE = "complete"
    VERIFY = "verify"
    REWORK = "rework"
    CLOSE = "close"


class TaskAct(StrEnum):
    """What the issuing office's head may do with a whole task."""

    SUSPEND = "suspend"
    RESUME = "resume"
    CANCEL = "cancel"


def task_acts(reader: Reader, task: Mapping[str, Any]) -> tuple[TaskAct, ...]:
    """The steps open to a reader on a row of the ledger."""
    heads = reader.unit == task["issuer"] and reader.may(ActorRole.SUPERVISOR, ActorRole.LEADER)
    if not heads or task["state"] in (TaskState.CLOSED, TaskState.CANCELLED):
        return ()
    return (TaskAct.RESUME if task["paused"] else TaskAct.SUSPEND, TaskAct.CANCEL)


def acts(reader: Reader, task: Mapping[str, Any], part: Mapping[str, Any]) -> tuple[Act, ...]:
    """The steps open to a reader, none while it is suspended; `task` and `part` are rows of the ledger."""
    if part["stopped_at"]:
        return ()
    return tuple(_own(reader, part)) + tuple(_reviewed(reader, task, part))


def _own(reader: Reader, part: Mapping[str, Any]) -> Iterator[Act]:
    if reader.unit != part["unit"] or not reader.may(*UNIT_SIDE):
        return
    state = part["state"]
    if state == AssignmentState.ISSUED:
        yield Act.ACKNOWLEDGE
    if state in (AssignmentState.ACKNOWLEDGED, AssignmentState.WORKING):
        yield Act.REPORT
    if state == AssignmentState.WORKING and reader.may(ActorRole.UNIT_HEAD):
        yield Act.COMPLETE


def _reviewed(reader: Reader, task: Mapping[str, Any], part: Mapping[str, Any]) -> Iterator[Act]:
    """Submitter, verifier and closer are three persons; the lead unit verifies the others, the issuer the lead."""
    state, person = part["state"], reader.person
    inspects = reader.unit == task["issuer"] and reader.may(ActorRole.INSPECTOR, ActorRole.SUPERVISOR)
    leads = reader.unit == task["lead"] and reader.may(*UNIT_SIDE)
    reviews = inspects if part["role"] == Role.LEAD else leads
    if state == AssignmentState.SUBMITTED and reviews and person != part["submitted_by"]:
        yield from (Act.VERIFY, Act.REWORK)
    if state == AssignmentState.VERIFIED and inspects and person != part["submitted_by"]:
        if reader.may(ActorRole.SUPERVISOR) and person != part["verified_by"]:
            yield Act.CLOSE
        yield Act.REWORK
