"""The province itself: it says events one after another, with the names and the working days of a real register."""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from contracts import events as said
from contracts.envelope import Event
from contracts.workdays import Calendar

OFFICE = "14.00.00.000.bgt"
OFFICE_NAME = "示例省人民政府办公厅"
EVERYONE = "14.00.00.000.all"
NAMESPACE = UUID("6f1c1d4e-6a2b-4c7e-9b53-2f0a4f4f7d10")
DEPARTMENTS = (
    "bgt",
    "fgw",
    "gxt",
    "czt",
    "zrzyt",
    "sthjt",
    "zjt",
    "jtt",
    "slt",
    "nynct",
    "swt",
    "wlt",
    "wjw",
    "yjt",
    "gzw",
    "scjgj",
    "nyj",
    "xfj",
    "jyt",
    "rst",
    "mzt",
    "kjt",
    "gat",
    "sft",
)


class Province:
    """Says events one after another; every aggregate's versions count 1, 2, 3, …"""

    def __init__(self, now: datetime, seed: int = 7) -> None:
        self.now, self.dice, self.events = now, random.Random(seed), list[Event]()
        self.versions: dict[str, int] = {}
        self.calendar = Calendar.of(())
        self.names: dict[str, str] = {}
        self.sequence = 0

    def say(self, word: type[Event], aggregate: str, address: str, at: datetime | None = None, /, **fields: Any) -> Any:
        """One event more; the same call in the same order gives the same ids."""
        version = self.versions[aggregate] = self.versions.get(aggregate, 0) + 1
        event = word(
            id=uuid5(NAMESPACE, f"{aggregate} {version}"),
            time=at or self.now,
            aggregate=aggregate,
            version=version,
            owner="14.00.00",
            address=address,
            **fields,
        )
        self.events.append(event)
        return event

    def id(self, *words: object) -> UUID:
        """A name's id, always the same."""
        return uuid5(NAMESPACE, " ".join(map(str, words)))


def know(province: Province, register: Sequence[Event]) -> None:
    """The names and the working days of a register."""
    for event in register:
        if isinstance(event, said.UnitRegistered):
            province.names[event.unit] = event.short
        elif isinstance(event, said.CalendarRevised):
            province.calendar = province.calendar.revised(event.days)
