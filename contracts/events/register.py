"""What tasks says of the register, the calendar and the policies."""

from collections.abc import Mapping
from datetime import date

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
