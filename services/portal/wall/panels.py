"""The war room's figures made ready to be looked at: what is required, what is done, where it burns. S9–S11, X1."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.terms import Board, Light
from contracts.workdays import ClockKind

WORST = (Light.OVERDUE, Light.STALLED, Light.LAGGING, Light.NORMAL)
RATES = (ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D, ClockKind.RESOLVE_7D, ClockKind.RESOLVE_1M)


@dataclass(frozen=True)
class Bars:
    """One board: tasks in all, due by now, written off. The alarm is on exactly when less is done than required."""

    board: str
    total: int
    required: int
    done: int

    @property
    def behind(self) -> int:
        """By how many tasks."""
        return max(0, self.required - self.done)


@dataclass(frozen=True)
class Tile:
    """One place on the map: the worst light of its open parts, and how many there are."""

    place: str
    name: str
    light: str
    open: int
    closed: int
    alarms: int
    column: int = 0
    row: int = 0


def bars(counted: Mapping[str, Mapping[str, int]]) -> list[Bars]:
    """The six boards in their order; a board without tasks has empty bars."""
    empty = {"total": 0, "required": 0, "done": 0}
    rows = ((board, counted.get(board, empty)) for board in Board)
    return [Bars(board, row["total"], row["required"], row["done"]) for board, row in rows]


def percent(part: int, whole: int) -> float:
    """Per cent, one place; nothing of nothing is 0."""
    return round(part * 100 / whole, 1) if whole else 0.0


def worst(row: Mapping[str, int] | None) -> Light:
    """The worst light that is on; NONE where nothing is open."""
    return next((light for light in WORST if row and row[light]), Light.NONE)


def tiles(
    names: Iterable[tuple[str, str]],
    counted: Mapping[str, Mapping[str, int]],
    where: Mapping[str, tuple[int, int]] | None = None,
    columns: int = 4,
) -> list[Tile]:
    """Places as tiles: at their own column and row where these are known, else one after the other."""
    made = []
    for n, (place, name) in enumerate(names):
        row = counted.get(place)
        column, line = (where or {}).get(place, (n % columns + 1, n // columns + 1))
        figures = (row["open"], row["closed"], row["overdue"]) if row else (0, 0, 0)
        made.append(Tile(place, name, worst(row), *figures, column, line))
    return made


def busiest(tiles: Sequence[Tile], most: int) -> list[Tile]:
    """The places with work, the worst first; of equals the one with more open parts."""
    order = (*WORST, Light.NONE)
    busy = [tile for tile in tiles if tile.open or tile.closed]
    return sorted(busy, key=lambda tile: (order.index(Light(tile.light)), -tile.open, tile.place))[:most]


def standings(board: Mapping[str, Any] | None, top: int = 7, bottom: int = 2) -> tuple[list[Any], list[Any]]:
    """The first and the last of a board; a short board is shown whole."""
    rows = list(board["standings"]) if board else []
    if len(rows) <= top + bottom:
        return rows, []
    return rows[:top], rows[-bottom:]
