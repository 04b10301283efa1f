"""A month's ranking (排名) of one peer group, as ranking publishes it. R4, R5."""

from decimal import Decimal

from pydantic import Field

from .offices import Issued
from .region import Node
from .terms import Indicator, PeerGroup
from .units import UnitAddress
from .values import Frozen, Sha256
from .workdays import Moment


class Score(Frozen):
    """One indicator of one unit: `ratio = points x min(1, num/den)`; no denominator, not applicable. R4."""

    indicator: Indicator
    numerator: Decimal
    denominator: Decimal
    points: Decimal | None
    weight: Decimal


class RankingRow(Frozen):
    """One unit's place; equal scores share a rank. R5."""

    rank: int
    unit: UnitAddress
    name: str
    score: Decimal
    scores: tuple[Score, ...]
    overdue: int
    on_time_original: Decimal | None = None
    notices: int = 0


class Ranking(Issued):
    """The ranking of what an office issued. revision: 1 when first published; a recomputation is a new one.

    digest: SHA-256 of the canonical input; the same log gives the same digits.
    """

    version: int
    owner: Node
    period: str = Field(pattern=r"^\d{4}-\d{2}$")
    group: PeerGroup
    revision: int = 1
    scheme_version: int
    as_of: Moment
    published: bool = False
    rows: tuple[RankingRow, ...]
    digest: Sha256
