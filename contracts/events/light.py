"""What alerts emits: lights, missed clocks, warnings before a due date."""

from pydantic import Field

from ..envelope import Event
from ..light import Alarm, PublishedLight
from ..terms import Light


class LightEvent(Event):
    """A light after the event. Aggregate `light/<assignment_id>`, or `light/<task_id>` for a task. R2."""

    type = "light"
    light: PublishedLight

    @property
    def order_key(self) -> str:
        return f"task/{self.light.task_id}"


class LightChanged(LightEvent):
    """A light turned by itself."""

    type = "light.changed"
    previous: Light


class ClockEvent(Event):
    """An alarm about clocks of one assignment. Aggregate `clock/<assignment_id>`."""

    type = "clock"
    alarm: Alarm

    @property
    def order_key(self) -> str:
        return f"task/{self.alarm.task_id}"


class ClockMissed(ClockEvent):
    """A clock ran out; those that had run out before the assignment was entered are one event. §2 History."""

    type = "clock.missed"


class ClockDueSoon(ClockEvent):
    """A badge, not a colour: 3 working days, 1 working day, or the day itself before the due date. R2."""

    type = "clock.due_soon"
    days_left: int = Field(description="Working days.")
