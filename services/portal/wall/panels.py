"""The war room's figures made ready to be looked at: what is required, what is done, where it burns. S9-S11, X1."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from contracts.ranking import Ranking, RankingRow
from contracts.terms import Board, Light

WORST = (Light.OVERDUE, Light.STALLED, Light.LAGGING, Light.NORMAL)
Counts = Mapping[str, int]


@dataclass(frozen=True)
class Bars:
    """Counts of one board. closed: all written off. required: due by now. done: of those, closed. §1b, S11"""

    board: str = ""
    total: int = 0
    closed: int = 0
    required: int = 0
    done: int = 0

    @property
    def behind(self) -> int:
        """How many are due and not closed; the alarm is on exactly when there is one."""
        return self.required - self.done


@dataclass(frozen=True)
class Tile:
    """One place on the map: the worst light of its open assignments, and how many there are."""

    place: str
    name: str
    light: str
    open: int = 0
    overdue: int = 0
    column: int = 0
    row: int = 0


def bars(counted: Mapping[str, Counts]) -> list[Bars]:
    """The six boards in their order; a board without tasks has empty bars."""
    return [Bars(board, **counted.get(board, {})) for board in Board]


def sum_of(boards: Sequence[Bars]) -> Bars:
    """All boards together."""
    names = ("total", "closed", "required", "done")
    return Bars("", *(sum(getattr(each, name) for each in boards) for name in names))


def percent(part: int, whole: int) -> float:
    """Per cent, one place; nothing of nothing is 0."""
    return round(part * 100 / whole, 1) if whole else 0.0


def worst(counts: Counts) -> Light:
    """The worst light that is on; NONE where none is."""
    return next((light for light in WORST if counts.get(light)), Light.NONE)


def tiles(
    names: Iterable[tuple[str, str]],
    counted: Mapping[str, Counts],
    where: Mapping[str, tuple[int, int]] | None = None,
    columns: int = 4,
) -> list[Tile]:
    """Places as tiles: at their own column and row where these are known, else one after the other."""
    made = []
    for n, (place, name) in enumerate(names):
        counts = counted.get(place, {})
        column, line = (where or {}).get(place, (n % columns + 1, n // columns + 1))
        figures = (counts.get("open", 0), counts.get(Light.OVERDUE, 0))
        made.append(Tile(place, name, worst(counts), *figures, column, line))
    return made


def busiest(tiles: Sequence[Tile], most: int) -> list[Tile]:
    """The places with open work, the worst first; of equals the one with more."""
    order = (*WORST, Light.NONE)
    busy = [tile for tile in tiles if tile.open]
    return sorted(busy, key=lambda tile: (order.index(Light(tile.light)), -tile.open, tile.place))[:most]


def ends(ranking: Ranking | None, top: int = 7, bottom: int = 2) -> tuple[list[RankingRow], list[RankingRow]]:
    """The first and the last of a ranking; a short one is shown whole."""
    rows = list(ranking.rows) if ranking else []
    if len(rows) <= top + bottom:
        return rows, []
    return rows[:top], rows[-bottom:]
