"""The input of a board as canonical text: its SHA-256 is the board's digest, and anyone can recompute it (R4)."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from contracts.terms import PeerGroup
from contracts.units import UnitAddress
from services.ranking.domain.evidence import Evidence
from services.ranking.domain.period import Period
from services.ranking.domain.scheme import Scheme

FORMAT = "duban ranking 1"
HEADING = 3
"""Lines above the first row: the format, the month and the group, the numbers of the scheme."""

SIGNS = {True: "1", False: "0", None: ""}
VALUES = {sign: value for value, sign in SIGNS.items()}


class SnapshotUnreadable(ValueError):
    """Not the input of a board; the message says in Chinese which line is wrong."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a board is computed from; notices: the place and the delivery of every urging and order."""

    evidence: tuple[Evidence, ...]
    notices: tuple[tuple[UnitAddress, UUID], ...]


def heading(period: Period, group: PeerGroup, scheme: Scheme) -> str:
    """What the lines are about."""
    return f"{FORMAT}\n{period} {group}\n{scheme.canonical()}\n"


def written(head: str, snapshot: Snapshot) -> str:
    """The canonical text: the heading, then one line each, sorted."""
    lines = [_line(row) for row in snapshot.evidence]
    lines += [f"N|{place}|{delivery}" for place, delivery in snapshot.notices]
    return head + "".join(f"{line}\n" for line in sorted(lines))


def digest_of(text: str) -> str:
    """SHA-256 in hex."""
    return sha256(text.encode()).hexdigest()


def read(text: str) -> tuple[Scheme, Snapshot]:
    """The scheme and the input again, from the canonical text. Raises SnapshotUnreadable."""
    lines = text.splitlines()
    if len(lines) < HEADING or lines[0] != FORMAT:
        raise SnapshotUnreadable(f"不是排名的原始数据：第1行应为“{FORMAT}”")
    rows = list(_rows(lines[HEADING:]))
    return _scheme(*lines[1:HEADING]), Snapshot(
        tuple(row for row in rows if isinstance(row, Evidence)),
        tuple(row for row in rows if not isinstance(row, Evidence)),
    )


def noticed(snapshot: Snapshot) -> Counter[UnitAddress]:
    """How many urgings and orders each place received."""
    return Counter(place for place, _ in snapshot.notices)


def _scheme(about: str, numbers: str) -> Scheme:
    try:
        effective = Period.read(about.split()[0]).first_day
        return Scheme.model_validate({"effective": effective, **json.loads(numbers)})
    except (ValueError, TypeError, IndexError) as why:
        raise SnapshotUnreadable("第2行应为月份和组别，第3行应为考核方案") from why


def _line(row: Evidence) -> str:
    said = (row.acknowledged, row.fed_back, row.reported, row.closed)
    signs = "|".join(SIGNS[one] for one in said)
    return f"P|{row.place}|{row.assignment_id}|{signs}|{row.days_overdue}|{SIGNS[row.overdue]}"


def _rows(lines: Iterable[str]) -> Iterable[Evidence | tuple[UnitAddress, UUID]]:
    for number, line in enumerate(lines, HEADING + 1):
        try:
            kind, place, id, *rest = line.split("|")
            if kind == "N" and not rest:
                yield place, UUID(id)
            elif kind == "P":
                *said, days, overdue = rest
                acknowledged, fed_back, reported, closed = (VALUES[sign] for sign in said)
                yield Evidence(
                    place, UUID(id), acknowledged, fed_back, reported, closed, int(days), bool(VALUES[overdue])
                )
            else:
                raise ValueError(kind)
        except (ValueError, KeyError) as why:
            raise SnapshotUnreadable(f"第{number}行无法读取：{line[:60]}") from why
