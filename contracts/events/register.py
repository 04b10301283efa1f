"""What tasks emits of the register and the calendar, and every service of its policies."""

from collections.abc import Mapping
from datetime import date

from pydantic import Field

from ..envelope import Event
from ..register import Person, Post, Unit
from ..values import PersonId
from ..workdays import CalendarDay


class UnitEvent(Event):
    """A unit after the event (单位). Aggregate `unit/<address>`, for all."""

    type = "unit"
    unit: Unit


class UnitRegistered(UnitEvent):
    """A unit is on the register, or its entry changed (单位登记)."""

    type = "unit.registered"


class PersonEvent(Event):
    """A person after the event (人员). Aggregate `person/<person_id>`, at the unit's own address."""

    type = "person"
    person: Person


class PersonRegistered(PersonEvent):
    """A person is on the register, or the entry changed (人员登记). Names and ids alone."""

    type = "person.registered"
    actor: PersonId = Field(default="", description="Id of the person who did it (操作人).")


class PostEvent(Event):
    """A post after the event (职务). Aggregate `post/<post_id>`, at the unit's own address."""

    type = "post"
    post: Post


class PostFilled(PostEvent):
    """A post of a unit has a holder from a day on, or none (任职)."""

    type = "post.filled"
    actor: PersonId = Field(default="", description="Id of the person who did it (操作人).")


class CalendarRevised(Event):
    """The working days of one year, published or computed (工作日历). Aggregate `calendar/<year>`, for all. R1."""

    type = "calendar.revised"
    year: int = Field(description="Such as 2026 (年份).")
    days: tuple[CalendarDay, ...] = Field(description="Every day of the year (日历).")


class PolicyPublished(Event):
    """Numbers of a rule, as they hold from `effective` on (规则发布). Aggregate `policy/<service>.<name>`, for all."""

    type = "policy.published"
    service: str = Field(description="The service that decides by it, such as `alerts` (服务).")
    name: str = Field(description="Of the rule, such as `light` (规则名称).")
    policy_version: int = Field(description="Decisions name it; grows by one (规则版本).")
    effective: date = Field(description="First day it holds, in Asia/Shanghai (生效日期).")
    author: str = Field(description="Who set it; `system`: as delivered (制定人).")
    values: Mapping[str, object] = Field(description="By name; which there are depends on the rule (参数).")
