"""The months' boards."""

from collections.abc import Callable
from decimal import Decimal
from hashlib import sha256

from contracts import events as said
from contracts.terms import Indicator, PeerGroup
from tests.portal.factory.province import DEPARTMENTS, EVERYONE, OFFICE, Province


def rankings(province: Province, period: str, group: PeerGroup, published: bool = True) -> None:
    """One month's board of cities, counties or departments."""
    wanted: Callable[[str], bool] = {
        PeerGroup.CITY: lambda unit: unit.endswith(".00.000.gov") and not unit.startswith("14.00"),
        PeerGroup.COUNTY: lambda unit: unit.endswith(".000.gov") and not unit.endswith(".00.000.gov"),
        PeerGroup.DEPARTMENT: lambda unit: unit.startswith("14.00.00.000") and unit[13:] in DEPARTMENTS,
    }[group]
    scored = sorted(
        ((province.dice.randint(6800, 9850) / 100, unit) for unit in province.names if wanted(unit)), reverse=True
    )
    standings = tuple(_standing(province, rank, score, unit) for rank, (score, unit) in enumerate(scored, 1))
    digest = sha256(f"{period}{group}".encode()).hexdigest()
    facts = {
        "period": period,
        "group": group,
        "scheme_version": 1,
        "as_of": province.now,
        "standings": standings,
        "digest": digest,
    }
    if published:
        province.say(said.RankingPublished, f"ranking/{period}.{group}", EVERYONE, audience=(EVERYONE,), **facts)
    else:
        province.say(said.RankingComputed, f"ranking_draft/{period}.{group}", OFFICE, audience=(OFFICE,), **facts)


def _standing(province: Province, rank: int, score: float, unit: str) -> said.Standing:
    cells = []
    for indicator, weight in zip(Indicator, (20, 30, 40, 10), strict=True):
        points = (Decimal(str(score)) * weight / 100).quantize(Decimal("0.0001"))
        done = round(score / 10)
        cells.append(said.Cell(indicator=indicator, numerator=done, denominator=10, points=points, weight=weight))
    name = province.names[unit]
    return said.Standing(
        rank=rank,
        unit=unit,
        name=name,
        score=Decimal(str(score)),
        cells=tuple(cells),
        overdue=max(0, 9 - round(score / 11)),
        on_time_original=Decimal("88.5"),
        notices=rank % 3,
    )
