"""A month's ranking (排名) of one peer group, as ranking publishes it. R4, R5."""

from decimal import Decimal

from pydantic import Field

from .offices import Issued
from .region import Owner
from .terms import Indicator, PeerGroup
from .units import UnitAddress
from .values import Frozen, Sha256, UnitName, Version
from .workdays import Moment


class Score(Frozen):
    """One indicator of one unit (指标得分): points = weight x min(1, numerator / denominator). R4."""

    indicator: Indicator
    numerator: Decimal = Field(description="What was done as it should be (分子).")
    denominator: Decimal = Field(description="Out of how many; 0: the indicator does not apply (分母).")
    points: Decimal | None = Field(description="Null where the indicator does not apply (得分).")
    weight: Decimal = Field(description="The most that it can give (分值).")


class RankingRow(Frozen):
    """One unit's place (名次). R5."""

    rank: int = Field(description="1 is the best; equal scores share one: 1, 2, 2, 4 (名次).")
    unit: UnitAddress
    name: UnitName
    score: Decimal = Field(description="Points of 100, over the indicators that apply (总分).")
    scores: tuple[Score, ...] = Field(description="By indicator (指标得分).")
    overdue: int = Field(description="How many of its assignments are overdue at the end of the month (逾期数).")
    on_time_original: Decimal | None = Field(
        default=None, description="Closed by the original due date, per cent; null: none was due (按原定时限办结率)."
    )
    notices: int = Field(default=0, description="How many urgings and orders it was sent (催办单和责令书数).")


class Ranking(Issued):
    """The ranking of a month and a peer group, over what one office issued (月度排名)."""

    version: Version
    owner: Owner
    period: str = Field(pattern=r"^\d{4}-\d{2}$", description="The month in Asia/Shanghai, such as `2026-11` (考核期).")
    group: PeerGroup
    revision: int = Field(default=1, description="1 when first published; a recomputation is a new one (修订号).")
    scheme_version: int = Field(description="Version of the scheme of indicators and weights (考核方案版本).")
    as_of: Moment = Field(description="What happened later is not counted, UTC (数据截至).")
    published: bool = Field(default=False, description="False: the running month, for its issuer alone (已发布).")
    rows: tuple[RankingRow, ...] = Field(description="Best first (名次).")
    digest: Sha256 = Field(description="SHA-256 of the input: the same log gives the same digits (数据摘要).")
