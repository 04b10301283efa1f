"""Questions to the register."""

from pydantic import Field

from ..register import Post, Unit
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


class FindPosts(Query):
    """Posts by unit, title, holder or deputy."""

    type = "tasks.find_posts"
    text: str = Field(max_length=200)
    limit: int = Field(default=20, ge=1, le=100)


class PostList(Frozen):
    """Posts, by unit and title."""

    posts: tuple[Post, ...]
