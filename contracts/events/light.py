"""What alerts emits: lights, missed clocks, warnings before a due date."""

from pydantic import Field

from ..envelope import Event
from ..light import Alarm, PublishedLight
from ..terms import Light


class LightEvent(Event):
    """A light after the event (四色预警). Aggregate `light/<assignment_id>`, or `light/<task_id>` for a task. R2."""

    type = "light"
    light: PublishedLight

    @property
    def order_key(self) -> str:
        return f"task/{self.light.task_id}"


class LightChanged(LightEvent):
    """A light turned by itself (亮灯变化)."""

    type = "light.changed"
    previous: Light = Field(description="The light before (原灯).")


class ClockEvent(Event):
    """An alarm about clocks of one assignment (时限提醒). Aggregate `clock/<assignment_id>`."""

    type = "clock"
    alarm: Alarm

    @property
    def order_key(self) -> str:
        return f"task/{self.alarm.task_id}"


class ClockMissed(ClockEvent):
    """A clock ran out (超时限); those that had run out before the assignment was entered are one event. §2."""

    type = "clock.missed"


class ClockDueSoon(ClockEvent):
    """Due in 3 working days, in one, or today (临近到期); it changes no light. R2."""

    type = "clock.due_soon"
    days_left: int = Field(description="Working days until it ends; 0: today (剩余工作日).")
