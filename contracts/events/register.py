"""What tasks says of the register, the calendar and the policies."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from contracts.envelope import Address, Event
from contracts.workdays import CalendarDay


class UnitRegistered(Event):
    """A unit is on the register, or its entry changed. Aggregate `unit/<address>`, for all."""

    type = "unit.registered"
    unit: Address
    name: str
    short: str
    level: str
    kind: str
    parent: Address | None = None
    aliases: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    successor: Address | None = None


class PostFilled(Event):
    """A post of a unit has a holder from a day on, or none. Aggregate `post/<post_id>`, at the unit's own address.

    Names and ids alone: how a person is reached is never part of an event.
    """

    type = "post.filled"
    post_id: UUID
    unit: Address
    unit_name: str
    title: str
    person: str = ""
    name: str = ""
    deputy: str = ""
    deputy_name: str = ""
    valid_from: date
    valid_to: date | None = None
    actor: str


class CalendarRevised(Event):
    """The working days of one year, as published or as computed. Aggregate `calendar/<year>`, for all. R1."""

    type = "calendar.revised"
    year: int
    days: tuple[CalendarDay, ...]


class PolicyPublished(Event):
    """A numeric rule as it holds from `effective` on. Aggregate `policy/<service>.<name>`, for all."""

    type = "policy.published"
    service: str
    name: str
    policy_version: int
    effective: date
    author: str
    values: Mapping[str, object]
