"""What tasks emits of the register and the calendar, and every service of its policies."""

from collections.abc import Mapping
from datetime import date

from pydantic import Field

from ..envelope import Event
from ..register import Person, Post, Unit
from ..workdays import CalendarDay


class UnitEvent(Event):
    """A unit after the event. Aggregate `unit/<address>`, for all."""

    type = "unit"
    unit: Unit


class UnitRegistered(UnitEvent):
    """A unit is on the register, or its entry changed."""

    type = "unit.registered"


class PersonEvent(Event):
    """A person after the event. Aggregate `person/<person_id>`, at the unit's own address."""

    type = "person"
    person: Person


class PersonRegistered(PersonEvent):
    """A person is on the register, or the entry changed. Names and ids alone."""

    type = "person.registered"
    actor: str = Field(default="", description="The id of the person who did it.")


class PostEvent(Event):
    """A post after the event. Aggregate `post/<post_id>`, at the unit's own address."""

    type = "post"
    post: Post


class PostFilled(PostEvent):
    """A post of a unit has a holder from a day on, or none."""

    type = "post.filled"
    actor: str = Field(default="", description="The id of the person who did it.")


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
