"""Questions to the register."""

from pydantic import Field

from ..register import Person, Post, Unit
from ..values import Frozen
from .query import Query


class FindUnits(Query):
    """Units by any of their names, best first."""

    type = "tasks.find_units"
    text: str = Field(max_length=200)
    limit: int = Field(default=20, ge=1, le=100)


class UnitList(Frozen):
    """Units, best first."""

    units: tuple[Unit, ...]
    more: bool = Field(default=False, description="There are more than the limit.")


class FindPosts(Query):
    """Posts by unit, title, holder or deputy."""

    type = "tasks.find_posts"
    text: str = Field(max_length=200)
    limit: int = Field(default=20, ge=1, le=100)


class PostList(Frozen):
    """Posts, by unit and title."""

    posts: tuple[Post, ...]
    more: bool = Field(default=False, description="There are more than the limit.")


class FindPersons(Query):
    """Persons by id, name or unit."""

    type = "tasks.find_persons"
    text: str = Field(max_length=200)
    limit: int = Field(default=20, ge=1, le=100)


class PersonList(Frozen):
    """Persons, by unit and id."""

    persons: tuple[Person, ...]
    more: bool = Field(default=False, description="There are more than the limit.")
