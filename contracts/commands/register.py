"""What may be asked for on the register."""

from datetime import date

from pydantic import Field

from ..envelope import Command
from ..values import Name, OneLine


class RegisterPerson(Command):
    """Put a person on the register, or change the entry; `unit` is an address or any name the register resolves."""

    type = "tasks.register_person"
    person: Name = Field(min_length=1, max_length=120, pattern=r"^[^\s/]+$", description="The person's id.")
    name: Name = Field(min_length=1, max_length=60)
    unit: Name = Field(min_length=1, max_length=200)
    valid_to: date | None = None


class FillPost(Command):
    """A post of a unit has a new holder, or none; `unit` is its address or any name the register resolves."""

    type = "tasks.fill_post"
    unit: Name = Field(min_length=1, max_length=200)
    title: OneLine = Field(min_length=2, max_length=60)
    person: Name = Field(default="", max_length=120, description="A person of the register; empty: vacant.")
    deputy: Name = Field(default="", max_length=120, description="A person of the register.")
    valid_from: date | None = Field(default=None, description="Default: today.")
    valid_to: date | None = None
