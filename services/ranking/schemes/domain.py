"""What is measured and how much it weighs: the scoring scheme as data, versioned and published (R4)."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.events.register import PolicyPublished
from contracts.region import Node
from contracts.terms import Indicator
from contracts.units import everyone
from services.ranking.facts.domain.period import Period
from services.ranking.indicators.rule import Counts

FULL = Decimal(100)
PLACES = Decimal("0.0001")


class Method(StrEnum):
    """How an indicator turns into points (计分方法)."""

    RATIO = "ratio"
    DEDUCT = "deduct"


class Measure(BaseModel):
    """One indicator of a scheme (督察点).

    RATIO: `weight · min(1, num/den)`. DEDUCT: `max(floor, weight − per_unit · num/den)`. name, rule: as published.
    """

    model_config = ConfigDict(frozen=True)

    indicator: Indicator
    weight: Decimal = Field(gt=0, le=FULL)
    method: Method = Method.RATIO
    per_unit: Decimal = Field(default=Decimal(0), ge=0)
    floor: Decimal = Decimal(0)
    name: str = ""
    rule: str = ""

    def points(self, counts: Counts) -> Decimal | None:
        """To four places, rounded once; None where there is no denominator: the indicator does not apply."""
        num, den = counts
        if den == 0:
            return None
        if self.method is Method.RATIO:
            return rounded(self.weight * min(num, den) / den)
        return rounded(max(self.floor, self.weight - self.per_unit * num / den))


class Scheme(BaseModel):
    """The scoring scheme (考核方案): in force for every month that begins on or after `effective`."""

    model_config = ConfigDict(frozen=True)

    version: int = Field(ge=1)
    effective: date
    measures: tuple[Measure, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if len({measure.indicator for measure in self.measures}) < len(self.measures):
            raise ValueError("measures：同一项指标只能出现一次")
        if (total := sum(measure.weight for measure in self.measures)) != FULL:
            raise ValueError(f"measures：各项权重之和应为 100，现为 {total}")
        return self

    def canonical(self) -> str:
        """The numbers that decide, as one line that is the same wherever it is written."""
        numbers = [measure.model_dump(mode="json", exclude={"name", "rule"}) for measure in self.measures]
        return json.dumps({"version": self.version, "measures": numbers}, sort_keys=True)

    def reweighted(self, weights: Iterable[Decimal]) -> "Scheme":
        """The same measures with other weights, in their order. Raises ValueError in Chinese."""
        others = list(weights)
        if len(others) != len(self.measures):
            raise ValueError(f"权重应有{len(self.measures)}个，现有{len(others)}个")
        pairs = zip(self.measures, others, strict=True)
        measures = [measure.model_dump() | {"weight": weight} for measure, weight in pairs]
        return Scheme.model_validate(self.model_dump() | {"measures": measures})


SCHEME = Scheme(
    version=1,
    effective=date(2000, 1, 1),
    measures=(
        Measure(
            indicator=Indicator.ACKNOWLEDGED_IN_TIME,
            weight=Decimal(20),
            name="按时签收",
            rule="当月应签收的交办件中，交办后1个工作日内签收的比例",
        ),
        Measure(
            indicator=Indicator.REPORTED_IN_TIME,
            weight=Decimal(30),
            name="按时反馈",
            rule="当月应反馈的次数（3个工作日首次反馈、在办事项每月至少一报）中，按时报送的比例",
        ),
        Measure(
            indicator=Indicator.CLOSED_IN_TIME,
            weight=Decimal(40),
            name="按时办结",
            rule="当月见分晓的交办件中，按原定时限报送办结并销号的比例；延期不改变原定时限",
        ),
        Measure(
            indicator=Indicator.DAYS_OVERDUE,
            weight=Decimal(10),
            method=Method.DEDUCT,
            per_unit=Decimal(1),
            name="逾期天数",
            rule="当月在办的交办件平均每逾期1天扣1分，扣完为止",
        ),
    ),
)


def in_force(schemes: Iterable[Scheme], period: Period) -> Scheme:
    """The scheme of a month: of those in effect when it began the latest version. Raises ValueError without one."""
    return max((s for s in schemes if s.effective <= period.first_day), key=lambda scheme: scheme.version)


def outdated(schemes: Iterable[Scheme]) -> bool:
    """This release brings a scheme that was not published yet."""
    return SCHEME.version > max((scheme.version for scheme in schemes), default=0)


def publication(scheme: Scheme, now: datetime, node: Node) -> PolicyPublished:
    """The scheme for all, before the month it is used for."""
    address = everyone(node)
    return PolicyPublished(
        time=now,
        aggregate="policy/ranking.monthly",
        version=scheme.version,
        owner=node,
        address=address,
        audience=(address,),
        service="ranking",
        name="monthly",
        policy_version=scheme.version,
        effective=scheme.effective,
        author="system",
        values=scheme.model_dump(mode="json", include={"measures"}),
    )


def rounded(value: Decimal) -> Decimal:
    """To four places, half up."""
    return value.quantize(PLACES, ROUND_HALF_UP)
