"""The input of a ranking as canonical text: its SHA-256 is the ranking's digest; anyone can recompute it (R4)."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from contracts.terms import Indicator, PeerGroup
from contracts.units import UnitAddress
from services.ranking.facts.domain.period import Period
from services.ranking.indicators.outcome import RULES, Outcome
from services.ranking.indicators.rule import Counts
from services.ranking.schemes.domain import Scheme

FORMAT = "duban ranking 2"
HEADING = 3
"""Lines above the first row: the format; the month, the group and the indicators; the numbers of the scheme."""

Urging = tuple[UnitAddress, UUID]
"""An urging or an order: the unit it counts for, and its delivery."""


class SnapshotUnreadable(ValueError):
    """Not the input of a ranking; the message says in Chinese which line is wrong."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a ranking is computed from."""

    outcomes: tuple[Outcome, ...]
    urgings: tuple[Urging, ...]

    @property
    def notices(self) -> Counter[UnitAddress]:
        """How many urgings and orders each unit received."""
        return Counter(unit for unit, _ in self.urgings)


def heading(period: Period, group: PeerGroup, scheme: Scheme) -> str:
    """What the lines are about."""
    indicators = " ".join(rule.indicator for rule in RULES)
    return f"{FORMAT}\n{period} {group} {indicators}\n{scheme.canonical()}\n"


def write(head: str, snapshot: Snapshot) -> str:
    """The canonical text: the heading, then one line each, sorted."""
    lines = [_line(outcome) for outcome in snapshot.outcomes]
    lines += [f"N|{unit}|{delivery}" for unit, delivery in snapshot.urgings]
    return head + "".join(f"{line}\n" for line in sorted(lines))


def digest_of(text: str) -> str:
    """SHA-256 in hex."""
    return sha256(text.encode()).hexdigest()


def read(text: str) -> tuple[Scheme, Snapshot]:
    """The scheme and the input again, from the canonical text. Raises SnapshotUnreadable."""
    lines = text.splitlines()
    if len(lines) < HEADING or lines[0] != FORMAT:
        raise SnapshotUnreadable(f"不是排名的原始数据：第1行应为“{FORMAT}”")
    scheme, indicators = _heading(*lines[1:HEADING])
    rows = list(_rows(lines[HEADING:], indicators))
    return scheme, Snapshot(
        tuple(row for row in rows if isinstance(row, Outcome)),
        tuple(row for row in rows if not isinstance(row, Outcome)),
    )


def _heading(about: str, numbers: str) -> tuple[Scheme, list[Indicator]]:
    try:
        period, _, *indicators = about.split()
        scheme = Scheme.model_validate({"effective": Period.read(period).first_day, **json.loads(numbers)})
        return scheme, [Indicator(each) for each in indicators]
    except (ValueError, TypeError) as why:
        raise SnapshotUnreadable("第2行应为月份、组别和指标，第3行应为考核方案") from why


def _line(outcome: Outcome) -> str:
    counts = "|".join(f"{numerator}/{denominator}" for numerator, denominator in outcome.counts.values())
    return f"A|{outcome.ranked_unit}|{outcome.assignment_id}|{counts}|{outcome.overdue:d}"


def _rows(lines: Iterable[str], indicators: Sequence[Indicator]) -> Iterable[Outcome | Urging]:
    for number, line in enumerate(lines, HEADING + 1):
        try:
            kind, unit, id, *rest = line.split("|")
            if kind == "N" and not rest:
                yield unit, UUID(id)
            elif kind == "A":
                *counts, overdue = rest
                by_indicator = dict(zip(indicators, map(_counts, counts), strict=True))
                yield Outcome(unit, UUID(id), by_indicator, bool(int(overdue)))
            else:
                raise ValueError(kind)
        except ValueError as why:
            raise SnapshotUnreadable(f"第{number}行无法读取：{line[:60]}") from why


def _counts(text: str) -> Counts:
    numerator, denominator = map(int, text.split("/"))
    return numerator, denominator
