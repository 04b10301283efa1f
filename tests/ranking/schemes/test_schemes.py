"""A scheme is whole, holds from its month on, and turns counts into exact points."""

from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from contracts.terms import Indicator
from services.ranking.facts.domain.period import Period
from services.ranking.indicators.outcome import RULES
from services.ranking.schemes.domain import SCHEME, Measure, Method, Scheme, in_force


def test_points_are_rounded_half_up_to_four_places():
    ratio = Measure(indicator=Indicator.CLOSED_IN_TIME, weight=Decimal(40))
    assert ratio.points((1, 3)) == Decimal("13.3333")
    assert ratio.points((2, 3)) == Decimal("26.6667")
    assert ratio.model_copy(update={"weight": Decimal("0.0001")}).points((1, 2)) == Decimal("0.0001")
    assert ratio.points((0, 0)) is None
    assert ratio.points((5, 4)) == Decimal(40)


def test_a_deduction_stops_at_its_floor():
    deduct = Measure(
        indicator=Indicator.DAYS_OVERDUE,
        weight=Decimal(10),
        method=Method.DEDUCT,
        per_unit=Decimal(1),
        floor=Decimal(2),
    )
    assert deduct.points((0, 7)) == Decimal(10)
    assert deduct.points((7, 7)) == Decimal(9)
    assert deduct.points((700, 7)) == Decimal(2)


def test_a_scheme_is_whole():
    assert sum(measure.weight for measure in SCHEME.measures) == 100
    with pytest.raises(ValidationError, match="权重之和应为 100"):
        Scheme(version=2, effective=date(2026, 1, 1), measures=SCHEME.measures[:3])
    with pytest.raises(ValidationError, match="只能出现一次"):
        Scheme(version=2, effective=date(2026, 1, 1), measures=SCHEME.measures + SCHEME.measures[:1])
    with pytest.raises(ValueError, match="4个"):
        SCHEME.reweighted([Decimal(100)])


def test_every_indicator_has_a_rule():
    assert [rule.indicator for rule in RULES] == list(Indicator)


def test_a_scheme_holds_for_the_months_that_begin_after_it():
    later = SCHEME.model_copy(update={"version": 2, "effective": date(2026, 10, 2)})
    assert in_force([SCHEME, later], Period(2026, 10)) is SCHEME
    assert in_force([SCHEME, later], Period(2026, 11)) is later
