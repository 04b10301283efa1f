"""What may be asked for on the register."""

from datetime import date

from pydantic import Field

from ..envelope import Command
from ..values import Name, OneLine, RequestedUnit


class RegisterPerson(Command):
    """Put a person on the register, or change the entry (人员登记)."""

    type = "tasks.register_person"
    person: Name = Field(min_length=1, max_length=120, pattern=r"^[^\s/]+$", description="Id, for life (人员编号).")
    name: Name = Field(min_length=1, max_length=60, description="As people write it (姓名).")
    unit: RequestedUnit
    valid_to: date | None = Field(default=None, description="Last day; null: open (截止日期).")


class FillPost(Command):
    """A post of a unit has a new holder, or none (任职)."""

    type = "tasks.fill_post"
    unit: RequestedUnit
    title: OneLine = Field(min_length=2, max_length=60, description="What the post is called (职务名称).")
    person: Name = Field(default="", max_length=120, description="Id of the holder; empty: vacant (任职人编号).")
    deputy: Name = Field(default="", max_length=120, description="Id of the deputy; empty: none (代理人编号).")
    valid_from: date | None = Field(default=None, description="First day; default: today (任职日期).")
    valid_to: date | None = Field(default=None, description="Last day; null: open (离任日期).")
