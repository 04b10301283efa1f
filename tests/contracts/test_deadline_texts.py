"""What a written deadline means: the sample ledger, every accepted form, and every refusal."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from contracts.workdays import (
    DEFAULT_POLICY,
    Calendar,
    ClockKind,
    ClockPolicy,
    DayUnit,
    Deadline,
    DeadlineUnreadable,
    Weight,
    closing,
    day_of,
    deadline_of,
    opening,
)
from services.tasks.register.calendar_seed import calendar_days

LEDGERS = Path(__file__).parents[1] / "data" / "ledgers"
CALENDAR = Calendar.of(calendar_days(2024, 2030))
T0 = opening(date(2026, 11, 16))


def ledger_rows() -> list[tuple[dict[str, str], dict[str, str]]]:
    """Each task of the sample ledger beside what is expected of it."""
    workbook = CalamineWorkbook.from_path(LEDGERS / "2026-督办台账-样例.xlsx")
    _title, _source, header, *rows = workbook.get_sheet_by_name("台账").to_python()
    names = [str(name) for name in header]
    tasks = [dict(zip(names, map(str, row), strict=True)) for row in rows if str(row[0]).isdigit()]
    with (LEDGERS / "expected.csv").open(encoding="utf-8") as file:
        return list(zip(tasks, csv.DictReader(file), strict=True))


def read(
    text: str | date | None, t0: datetime = T0, weight: Weight = Weight.ORDINARY, policy: ClockPolicy = DEFAULT_POLICY
) -> Deadline:
    return deadline_of(text, t0, weight, CALENDAR, policy)


@pytest.mark.parametrize(("task", "expected"), ledger_rows())
def test_every_deadline_of_the_sample_ledger_is_read_as_expected(
    task: dict[str, str], expected: dict[str, str]
) -> None:
    assert (task["序号"], task["完成时限"]) == (expected["no"], expected["deadline_text"])
    weight = {"一般": Weight.ORDINARY, "重大": Weight.MAJOR}[task["类型"]]
    deadline = read(task["完成时限"], opening(date.fromisoformat(task["交办日期"])), weight)
    due = closing(date.fromisoformat(expected["due"])) if expected["due"] else None
    assert (deadline.kind, deadline.due) == (ClockKind(expected["clock"]), due)
    assert deadline.review == (None if due else date(2026, 12, 31))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-18", "2026-11-18"),
        ("2026/11/18", "2026-11-18"),
        ("2026.11.18", "2026-11-18"),
        ("2026-1-1", "2026-01-01"),
        ("20261118", "2026-11-18"),
        ("2026-11-18 00:00:00", "2026-11-18"),
        ("2026-11-18T00:00", "2026-11-18"),
        ("2026年11月26日", "2026-11-26"),
        ("２０２６年１１月２６日", "2026-11-26"),
        (" 2026 年 11 月 26 日前 ", "2026-11-26"),
        ("2026年11月26日之前完成", "2026-11-26"),
        ("二〇二六年十一月二十六日", "2026-11-26"),
        ("11月26日前", "2026-11-26"),
        ("11月26日", "2026-11-26"),
        ("于12月5号前办结", "2026-12-05"),
        ("十二月十日前", "2026-12-10"),
        ("2026年9月", "2026-09-30"),
        ("2026年9月底前", "2026-09-30"),
        ("2028年2月", "2028-02-29"),
        ("2026-09", "2026-09-30"),
        ("11月底前", "2026-11-30"),
        ("11月末", "2026-11-30"),
        ("11月", "2026-11-30"),
        ("本月底前", "2026-11-30"),
        ("月底前", "2026-11-30"),
        ("12月上旬", "2026-12-10"),
        ("12月中旬", "2026-12-20"),
        ("2027年2月下旬", "2027-02-28"),
        ("第四季度", "2026-12-31"),
        ("2027年一季度末", "2027-03-31"),
        ("2027年上半年", "2027-06-30"),
        ("下半年", "2026-12-31"),
        ("年底前", "2026-12-31"),
        ("年底", "2026-12-31"),
        ("年内", "2026-12-31"),
        ("今年年底前", "2026-12-31"),
        ("2027年底前", "2027-12-31"),
        ("2027年", "2027-12-31"),
    ],
)
def test_a_date_in_any_usual_form_is_kept_as_written_until_six_in_the_evening(text: str, day: str) -> None:
    assert read(text) == Deadline(kind=ClockKind.CUSTOM, due=closing(date.fromisoformat(day)))


@pytest.mark.parametrize(
    ("text", "kind", "day"),
    [
        ("7个工作日", ClockKind.RESOLVE_7D, "2026-11-25"),
        ("7个工作日内", ClockKind.RESOLVE_7D, "2026-11-25"),
        ("七个工作日之内", ClockKind.RESOLVE_7D, "2026-11-25"),
        ("7天内", ClockKind.RESOLVE_7D, "2026-11-25"),
        ("1个月内", ClockKind.RESOLVE_1M, "2026-12-16"),
        ("一个月内", ClockKind.RESOLVE_1M, "2026-12-16"),
        ("1个月", ClockKind.RESOLVE_1M, "2026-12-16"),
        ("3个工作日内", ClockKind.CUSTOM, "2026-11-19"),
        ("十五个工作日", ClockKind.CUSTOM, "2026-12-07"),
        ("自交办之日起10个工作日内办结", ClockKind.CUSTOM, "2026-11-30"),
        ("5日内", ClockKind.CUSTOM, "2026-11-23"),
        ("5个自然日", ClockKind.CUSTOM, "2026-11-23"),
        ("7个自然日内", ClockKind.CUSTOM, "2026-11-23"),
        ("3个月", ClockKind.CUSTOM, "2027-02-16"),
        ("两个月内", ClockKind.CUSTOM, "2027-01-18"),
        ("半年内", ClockKind.CUSTOM, "2027-05-17"),
    ],
)
def test_a_span_counts_from_t0_and_takes_the_name_of_the_clock_it_equals(text: str, kind: ClockKind, day: str) -> None:
    deadline = read(text)
    assert (deadline.kind, deadline.due) == (kind, closing(date.fromisoformat(day)))
    assert deadline.provisional == (day >= "2027")


def test_plain_days_count_what_the_policy_counts_while_written_units_hold() -> None:
    natural = ClockPolicy(unit=DayUnit.NATURAL)
    assert read("7天内", policy=natural).kind is ClockKind.RESOLVE_7D
    assert read("7天内", policy=natural).due == closing(date(2026, 11, 23))
    assert read("7个工作日", policy=natural).kind is ClockKind.CUSTOM
    assert read("7个工作日", policy=natural).due == closing(date(2026, 11, 25))


@pytest.mark.parametrize("text", ["持续推进", "长期坚持", "全年", "长期", "常态化推进"])
def test_work_without_an_end_is_a_zero_clock_reviewed_at_the_end_of_the_year(text: str) -> None:
    assert read(text) == Deadline(kind=ClockKind.ZERO, review=date(2026, 12, 31))


@pytest.mark.parametrize("nothing", [None, "", "   ", "\u3000"])
def test_without_a_deadline_the_weight_decides(nothing: str | None) -> None:
    assert read(nothing, weight=Weight.ORDINARY).kind is ClockKind.RESOLVE_7D
    assert read(nothing, weight=Weight.MAJOR).kind is ClockKind.RESOLVE_1M


def test_a_written_deadline_wins_over_the_weight() -> None:
    assert read("1个月内", weight=Weight.ORDINARY).kind is ClockKind.RESOLVE_1M
    assert read("7个工作日", weight=Weight.MAJOR).kind is ClockKind.RESOLVE_7D


@pytest.mark.parametrize(
    "cell",
    [
        date(2026, 11, 18),
        datetime(2026, 11, 18),  # noqa: DTZ001
        datetime(2026, 11, 18, 18),  # noqa: DTZ001
        datetime(2026, 11, 17, 16, tzinfo=UTC),
        datetime(2026, 11, 18, 10, tzinfo=UTC),
    ],
)
def test_a_date_cell_is_an_explicit_date(cell: date) -> None:
    assert read(cell) == Deadline(kind=ClockKind.CUSTOM, due=closing(date(2026, 11, 18)))


@pytest.mark.parametrize(
    ("t0", "text", "day"),
    [
        ("2026-12-20", "1月15日前", "2027-01-15"),
        ("2026-11-16", "3月底前", "2027-03-31"),
        ("2026-11-16", "10月15日前", "2027-10-15"),
        ("2026-11-16", "11月16日", "2026-11-16"),
        ("2027-11-16", "2月29日", "2028-02-29"),
        ("2026-11-16", "一季度", "2027-03-31"),
    ],
)
def test_a_date_without_a_year_is_the_next_one_from_t0(t0: str, text: str, day: str) -> None:
    assert read(text, opening(date.fromisoformat(t0))).due == closing(date.fromisoformat(day))


@pytest.mark.parametrize("text", ["11月15日前", "10月底前", "10月16日"])
def test_a_date_without_a_year_just_before_t0_asks_for_the_year(text: str) -> None:
    with pytest.raises(DeadlineUnreadable, match="早于交办日期2026-11-16，请写明年份"):
        read(text)
    assert read("2026年" + text).kind is ClockKind.CUSTOM


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2026-02-30", "2026年2月只有1日至28日"),
        ("2026年11月31日", "2026年11月只有1日至30日"),
        ("11月0日", "2026年11月只有1日至30日"),
        ("2026-13-01", "没有13月"),
        ("2月30日", "2027年2月只有1日至28日"),
        ("1926-11-18", "年份应在2000至2099之间"),
        ("0个工作日", "应在1至3650天之间"),
        ("99999999个工作日", "应在1至3650天之间"),
        ("200个月内", "应在1至120个月之间"),
        ("9月前", "没有说明是月初还是月底"),
        ("2026年9月前", "没有说明是月初还是月底"),
        ("1月内", "可指几个月之内，也可指当月之内"),
        ("15日前", "没有写月份"),
        ("46344", "只是一个数字"),
        ("0", "只是一个数字"),
        ("2026-11-18 17:00", "看不懂"),
        ("2026年11月底前完成，并长期坚持", "看不懂"),
        ("尽快", "看不懂"),
        ("十十天内", "看不懂"),
        ("9" * 5000 + "个月内", "看不懂"),
        ("-", "看不懂"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason_and_the_accepted_forms(text: str, problem: str) -> None:
    with pytest.raises(DeadlineUnreadable) as refusal:
        read(text)
    assert problem in str(refusal.value)
    assert "可以写：2026-11-30" in str(refusal.value)
    assert len(str(refusal.value)) < 300


def test_a_cell_with_another_hour_or_of_another_kind_is_refused() -> None:
    with pytest.raises(DeadlineUnreadable, match="时限只写到日"):
        read(datetime(2026, 11, 18, 12))  # noqa: DTZ001
    with pytest.raises(DeadlineUnreadable, match="年份应在"):
        read(date(1926, 11, 18))
    with pytest.raises(DeadlineUnreadable, match="不是文字或日期"):
        read(46344)  # type: ignore[arg-type]


@given(
    st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d"])
)
def test_every_written_date_is_read_back(day: date, form: str) -> None:
    assert read(day.strftime(form)).due == closing(day)


@given(st.dates(date(2001, 1, 1), date(2090, 12, 31)), st.dates(date(2001, 1, 1), date(2090, 12, 31)))
def test_a_date_without_a_year_never_lies_before_t0_nor_a_year_after_it(t0: date, day: date) -> None:
    try:
        due = read(f"{day.month}月{day.day}日", opening(t0)).due
    except DeadlineUnreadable as refusal:
        assert "请写明年份" in refusal.problem or (day.month, day.day) == (2, 29)
    else:
        assert due is not None and 0 <= (day_of(due) - t0).days <= 365


@given(st.text(alphabet="0123456789年月日底前内个工作天一十〇季度半上旬-/. 持续推进", max_size=12))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    try:
        deadline = read(text)
    except DeadlineUnreadable as refusal:
        assert refusal.text == text and refusal.problem
    else:
        assert (deadline.due is None) == (deadline.kind is ClockKind.ZERO)
