"""What alerts says: lights, missed clocks, what is due soon."""

from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Address, Event
from contracts.events.kinds import Percent
from contracts.terms import (
    Light,
    LightReason,
    Role,
)
from contracts.workdays import ClockKind


class LightChanged(Event):
    """A light turned by itself. Aggregate `light/<assignment_id>`, or `light/<task_id>` for a task. R2."""

    type = "light.changed"
    task_id: UUID
    assignment_id: UUID | None = Field(description="None where the light is the task's own: the worst of its parts.")
    title: str
    unit: Address
    unit_name: str = ""
    role: Role | None = None
    previous: Light
    light: Light
    reasons: tuple[LightReason, ...]
    since: AwareDatetime = Field(description="The moment from which the light holds.")
    next_change_at: AwareDatetime | None = Field(default=None, description="When time alone will next change it.")
    due: AwareDatetime | None = None
    percent: Percent | None = None
    planned: Percent | None = None
    issuer: Address
    historical: bool = Field(default=False, description="Raises no rung: it was so before the import.")
    policy_version: int


class ClockMissed(Event):
    """A clock ran out. Aggregate `clock/<assignment_id>`."""

    type = "clock.missed"
    assignment_id: UUID
    task_id: UUID
    title: str
    unit: Address
    unit_name: str
    role: Role
    clock: ClockKind
    due: AwareDatetime
    issuer: Address
    historical: bool = False


class ClockDueSoon(Event):
    """A badge, not a colour: 3 working days, 1 working day, or the day itself before the due date. R2."""

    type = "clock.due_soon"
    assignment_id: UUID
    task_id: UUID
    title: str
    unit: Address
    unit_name: str
    role: Role
    clock: ClockKind
    due: AwareDatetime
    days_left: int
    issuer: Address
    historical: bool = False
