"""What ranking says: the boards."""

from decimal import Decimal

from pydantic import AwareDatetime, Field

from contracts.envelope import Address, Event, Frozen
from contracts.events.kinds import Sha256
from contracts.terms import (
    Indicator,
    PeerGroup,
)


class Cell(Frozen):
    """One indicator of one unit: `ratio = points x min(1, num/den)`; no denominator, not applicable. R4."""

    indicator: Indicator
    numerator: Decimal
    denominator: Decimal
    points: Decimal | None
    weight: Decimal


class Standing(Frozen):
    """One row of a board; equal scores share a rank. R5."""

    rank: int
    unit: Address
    name: str
    score: Decimal
    cells: tuple[Cell, ...]
    overdue: int
    on_time_original: Decimal | None = None
    notices: int = 0


class RankingComputed(Event):
    """The running month's board, for its issuer. Aggregate `ranking_draft/<period>.<group>`. R4, R5."""

    type = "ranking.computed"
    period: str = Field(pattern=r"^\d{4}-\d{2}$")
    group: PeerGroup
    scheme_version: int
    as_of: AwareDatetime
    standings: tuple[Standing, ...]
    digest: Sha256


class RankingPublished(Event):
    """A month's board, for all. Aggregate `ranking/<period>.<group>`; a recomputation is a new revision. R4, R5."""

    type = "ranking.published"
    period: str = Field(pattern=r"^\d{4}-\d{2}$")
    group: PeerGroup
    revision: int = 1
    scheme_version: int
    as_of: AwareDatetime
    standings: tuple[Standing, ...]
    digest: Sha256 = Field(description="SHA-256 of the canonical input; the same log gives the same digits.")
