"""Questions to the register."""

from pydantic import Field

from ..register import Person, Post, Unit
from ..values import Frozen
from .query import Limit, More, Query, QueryText


class FindUnits(Query):
    """Units by any of their names, best first (查找单位)."""

    type = "tasks.find_units"
    text: QueryText = Field(max_length=200)
    limit: Limit = 20


class UnitList(Frozen):
    """Units that answer the query (单位)."""

    units: tuple[Unit, ...] = Field(description="Best first (单位).")
    more: More = False


class FindPosts(Query):
    """Posts by unit, title, holder or deputy (查找职务)."""

    type = "tasks.find_posts"
    text: QueryText = Field(max_length=200)
    limit: Limit = 20


class PostList(Frozen):
    """Posts that answer the query (职务)."""

    posts: tuple[Post, ...] = Field(description="By unit and title (职务).")
    more: More = False


class FindPersons(Query):
    """Persons by id, name or unit (查找人员)."""

    type = "tasks.find_persons"
    text: QueryText = Field(max_length=200)
    limit: Limit = 20


class PersonList(Frozen):
    """Persons that answer the query (人员)."""

    persons: tuple[Person, ...] = Field(description="By unit and id (人员).")
    more: More = False
