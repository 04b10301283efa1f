"""The numbers behind the ladder, one versioned policy; all of R3 that can be tuned."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from pydantic import BaseModel, ConfigDict, Field, field_validator

from contracts.events.register import PolicyPublished
from contracts.region import Node
from contracts.terms import NoticeKind
from contracts.units import everyone
from contracts.workdays import Calendar, ClockPolicy, Span, day_of, due_in, opening

LEVEL = {NoticeKind.PROMPT: 1, NoticeKind.ASSIGNMENT: 2, NoticeKind.URGING: 3, NoticeKind.ORDER: 4}
"""The rungs of the ladder (三单一书), lowest first; a 督办通知 stands beside it."""


class LadderPolicy(BaseModel):
    """When which document is drafted, and how long its recipient has (R3). Days are working days.

    prompt_at: when the day's prompts to a unit go out. quiet: seconds for which a list must have been quiet.
    list_limit: matters in one list. prompt_patience: days until an unanswered prompt becomes a 交办单.
    urging_gap, urging_max: between two urgings, and how many. order_after: days past due until an order awaits its
    leader. reply: days to answer each kind. mend: days an order gives to put things right. automatic: kinds that are
    signed by the clock. supporting: rungs a SUPPORTING unit may get. eod: close of business.
    """

    model_config = ConfigDict(frozen=True)

    version: int = 1
    prompt_at: time = time(17, 30)
    quiet: int = Field(default=10, ge=0)
    list_limit: int = Field(default=100, ge=1, le=200)
    prompt_patience: int = Field(default=3, ge=1)
    urging_gap: int = Field(default=3, ge=1)
    urging_max: int = Field(default=2, ge=1)
    order_after: int = Field(default=5, ge=1)
    reply: Mapping[NoticeKind, int] = {
        NoticeKind.SUPERVISION: 3,
        NoticeKind.PROMPT: 1,
        NoticeKind.ASSIGNMENT: 3,
        NoticeKind.URGING: 3,
        NoticeKind.ORDER: 2,
    }
    mend: int = Field(default=7, ge=1)
    automatic: tuple[NoticeKind, ...] = (NoticeKind.PROMPT,)
    supporting: tuple[NoticeKind, ...] = (NoticeKind.PROMPT,)
    eod: time = time(18, 0)

    @field_validator("automatic")
    @classmethod
    def _a_leader_signs_orders(cls, kinds: tuple[NoticeKind, ...]) -> tuple[NoticeKind, ...]:
        if NoticeKind.ORDER in kinds:
            raise ValueError("责令书一律由领导签发，不能自动发出，请从 automatic 中删去 order")
        return kinds

    @property
    def clock(self) -> ClockPolicy:
        """The same numbers as the legal clock takes them."""
        return ClockPolicy(version=self.version, eod=self.eod)

    def days_after(self, days: int, moment: datetime, calendar: Calendar) -> datetime:
        """The close of business `days` working days after a moment, its own day not counted (R1)."""
        due = due_in(Span(days=days), moment, calendar, self.clock).due
        assert due is not None
        return due

    def reply_by(self, kind: NoticeKind, signed_at: datetime, calendar: Calendar) -> datetime:
        """When a document signed at `signed_at` is to be answered."""
        return self.days_after(self.reply[kind], signed_at, calendar)

    def order_at(self, due: datetime, calendar: Calendar) -> datetime:
        """From when something due at `due` is overdue long enough for an order: that day's start of business."""
        return opening(calendar.add_workdays(day_of(due), self.order_after))

    def settled(self, changed_at: datetime, send_at: datetime) -> datetime:
        """When a draft that goes out by itself may go."""
        return max(send_at, changed_at + timedelta(seconds=self.quiet))


def published(name: str, values: Mapping[str, object], version: int, now: datetime, node: Node) -> PolicyPublished:
    """A policy of notices, for every unit of the node and below."""
    return PolicyPublished(
        time=now,
        aggregate=f"policy/notices.{name}",
        version=version,
        owner=node,
        address=everyone(node),
        audience=(everyone(node),),
        service="notices",
        name=name,
        policy_version=version,
        effective=date(2000, 1, 1),
        author="system",
        values=values,
    )
