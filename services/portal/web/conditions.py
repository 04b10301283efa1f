"""All SQL of the portal, by noun."""

from collections.abc import Iterable

from contracts.envelope import Event
from services.portal.identity.reader import Reader


def rows(events: Iterable[Event]) -> str:
    """Events as one JSON array, for statements that take them apart in the database."""
    return f"[{','.join(event.model_dump_json() for event in events)}]"


class Asked:
    """A condition put together from the wishes that say something, and its parameters in order."""

    def __init__(self) -> None:
        self.conditions: list[str] = ["true"]
        self.parameters: list[object] = []

    def bind(self, *values: object) -> list[str]:
        """Parameters more, and the names by which the condition calls them."""
        self.parameters += values
        last = len(self.parameters)
        return [f"${n}" for n in range(last - len(values) + 1, last + 1)]

    def add(self, condition: str, *values: object) -> None:
        """One condition more; `{}` stands for each value in turn."""
        self.conditions.append(condition.format(*self.bind(*values)))

    @property
    def sql(self) -> str:
        """All of them."""
        return " and ".join(self.conditions)


def visible(reader: Reader, table: str = "task") -> Asked:
    """What a reader may see of a table with a `<table>_id`; for who sees everything, nothing is asked. P14."""
    asked = Asked()
    everything, places, low, high = reader.sight
    if not everything:
        seen = "place = any({}) or place >= {} and place < {}"
        asked.add(f"{table}_id in (select {table}_id from {table}_audience where {seen})", places, low, high)
    return asked
