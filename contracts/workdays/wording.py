"""What a written deadline means: one list of forms, each read in full or refused with a reason (R1)."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from .clock import DayUnit, Span
from .numerals import chinese_number

Term = date | Span | None
"""A read deadline: a date, a span from T0, or None for the zero clock."""

YEARS = range(2000, 2100)
LATE_REGISTRATION = timedelta(days=31)
MOST_DAYS, MOST_MONTHS = 3650, 120
ACCEPTED = (
    "可以写：2026-11-30、2026年11月30日、2026年9月（指月底）、11月底前、11月26日前、年底前、"
    "7个工作日、15天内、1个月内、持续推进、长期坚持、全年；"
    "不填则一般事项7个工作日、重大事项1个月"
)


class DeadlineUnreadable(ValueError):
    """A deadline text that cannot be read; the message says in Chinese what is wrong and what can be written."""

    def __init__(self, text: object, problem: str) -> None:
        super().__init__(f"完成时限“{str(text)[:40]}”{problem}。{ACCEPTED}。")
        self.text = text
        self.problem = problem


def read_wording(text: str, t0_day: date, unit: DayUnit) -> Term:
    """Read a deadline text given on the day of T0; `unit` is what plain 天 counts.

    A form without a year takes the year of T0. If that date lies more than 31 days before T0 it takes the next year
    (「3月底前」 given in November); if it lies 1 to 31 days before T0 both a late entry and a slip of the year are
    likely, so it is refused until a year is written. Raises DeadlineUnreadable.
    """
    plain = _NUMERAL.sub(_arabic, re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))
    for problem, pattern in _AMBIGUOUS:
        if pattern.fullmatch(plain):
            raise DeadlineUnreadable(text, problem)
    for pattern, read in _FORMS:
        if match := pattern.fullmatch(plain):
            try:
                return read({k: v for k, v in match.groupdict().items() if v}, t0_day, unit)
            except _Impossible as why:
                raise DeadlineUnreadable(text, str(why)) from None
    raise DeadlineUnreadable(text, "看不懂")


def check_year(day: date) -> date:
    """Return the day if its year is one a deadline can have (2000–2099); raises DeadlineUnreadable."""
    if day.year not in YEARS:
        raise DeadlineUnreadable(day.isoformat(), _YEAR_OUT_OF_RANGE)
    return day


class _Impossible(ValueError):
    """The form is known, but what it says cannot be."""


_YEAR_OUT_OF_RANGE = f"的年份应在{YEARS[0]}至{YEARS[-1]}之间"
_NUMERAL = re.compile(r"[〇零一二两三四五六七八九十]+(?=[年月日号天个季工])")


def _arabic(match: re.Match[str]) -> str:
    """Turn a Chinese numeral into digits; what is none stays as written."""
    number = chinese_number(match[0])
    return match[0] if number is None else str(number)


Parts = dict[str, str]


def _on_date(parts: Parts, t0_day: date, _: DayUnit) -> date:
    return _dated(parts, t0_day, int(parts["month"]), int(parts["day"]))


def _end_of_month(parts: Parts, t0_day: date, _: DayUnit) -> date:
    return _dated(parts, t0_day, int(parts["month"]))


def _end_of_third(parts: Parts, t0_day: date, _: DayUnit) -> date:
    return _dated(parts, t0_day, int(parts["month"]), {"上": 10, "中": 20}.get(parts["third"]))


def _end_of_quarter(parts: Parts, t0_day: date, _: DayUnit) -> date:
    return _dated(parts, t0_day, int(parts["quarter"]) * 3)


def _end_of_half(parts: Parts, t0_day: date, _: DayUnit) -> date:
    return _dated(parts, t0_day, 6 if parts["half"] == "上" else 12)


def _end_of_year(parts: Parts, t0_day: date, _: DayUnit) -> date:
    return _dated(parts, t0_day, 12)


def _end_of_this_month(_: Parts, t0_day: date, __: DayUnit) -> date:
    return t0_day.replace(day=monthrange(t0_day.year, t0_day.month)[1])


def _days(parts: Parts, _: date, unit: DayUnit) -> Span:
    counts = {"工作日": DayUnit.WORKING, "自然日": DayUnit.NATURAL}.get(parts.get("unit", ""), unit)
    return Span(days=_counted(parts, MOST_DAYS, "天"), unit=counts)


def _months(parts: Parts, _: date, __: DayUnit) -> Span:
    return Span(months=_counted(parts, MOST_MONTHS, "个月"))


def _half_a_year(_: Parts, __: date, ___: DayUnit) -> Span:
    return Span(months=6)


def _without_end(_: Parts, __: date, ___: DayUnit) -> None:
    return None


def _counted(parts: Parts, most: int, unit: str) -> int:
    count = int(parts["count"])
    if not 1 <= count <= most:
        raise _Impossible(f"的期限应在1至{most}{unit}之间")
    return count


def _dated(parts: Parts, t0_day: date, month: int, day: int | None = None) -> date:
    """Return the date in the written or meant year; without a day, the end of the month."""
    if not 1 <= month <= 12:
        raise _Impossible(f"不存在：没有{month}月")
    year = int(parts["year"]) if "year" in parts else _year_meant(t0_day, month, day)
    if year not in YEARS:
        raise _Impossible(_YEAR_OUT_OF_RANGE)
    length = monthrange(year, month)[1]
    last = length if day is None else day
    if not 1 <= last <= length:
        raise _Impossible(f"不存在：{year}年{month}月只有1日至{length}日")
    return date(year, month, last)


def _year_meant(t0_day: date, month: int, day: int | None) -> int:
    length = monthrange(t0_day.year, month)[1]
    this_year = date(t0_day.year, month, max(1, min(day or length, length)))
    if this_year >= t0_day:
        return t0_day.year
    if t0_day - this_year > LATE_REGISTRATION:
        return t0_day.year + 1
    raise _Impossible(f"早于交办日期{t0_day.isoformat()}，请写明年份")


def _form(pattern: str) -> re.Pattern[str]:
    lead = r"(?:于|在|截至|截止到?|限期?|自?交办(?:之日)?起)?"
    return re.compile(rf"{lead}(?:{pattern})(?:完成|办结|办理完毕)?", re.ASCII)


_YEAR = r"(?:(?P<year>\d{4})年)?"
_BEFORE = r"(?:(?:之|以)?前|止|为止)?"
_END = rf"(?:[底末]{_BEFORE})"
_WITHIN = r"(?:[之以]?内)"
_MIDNIGHT = r"(?:T?00:00(?::00(?:\.0+)?)?)?"

_AMBIGUOUS = (
    ("没有说明是月初还是月底，请写“月底前”或具体日期", _form(r"(?:\d{4}年)?\d{1,2}月份?(?:之|以)?前")),
    ("可指几个月之内，也可指当月之内，请写“个月内”或“月底前”", _form(rf"\d+月份?{_WITHIN}")),
    ("没有写月份，请写全日期；如指期限，请写“天内”或“个工作日”", _form(rf"\d+[日号]{_BEFORE}")),
    ("只是一个数字，请写成日期或期限", re.compile(r"\d{1,7}(?:\.\d*)?")),
)

_FORMS: tuple[tuple[re.Pattern[str], Callable[[Parts, date, DayUnit], Term]], ...] = (
    (
        _form(rf"(?P<year>\d{{4}})[-/.年](?P<month>\d{{1,2}})[-/.月](?P<day>\d{{1,2}})[日号]?{_MIDNIGHT}{_BEFORE}"),
        _on_date,
    ),
    (_form(rf"(?P<year>\d{{4}})(?P<month>\d\d)(?P<day>\d\d){_BEFORE}"), _on_date),
    (_form(rf"(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})[日号]?{_BEFORE}"), _on_date),
    (_form(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})"), _end_of_month),
    (_form(rf"(?P<year>\d{{4}})年(?P<month>\d{{1,2}})月份?(?:{_END}|{_WITHIN})?"), _end_of_month),
    (_form(rf"(?P<month>\d{{1,2}})月份?{_END}?"), _end_of_month),
    (_form(rf"{_YEAR}(?P<month>\d{{1,2}})月份?(?P<third>[上中下])旬{_END}?"), _end_of_third),
    (_form(rf"[本当]?月{_END}"), _end_of_this_month),
    (_form(rf"{_YEAR}第?(?P<quarter>[1-4])季度(?:{_END}|{_WITHIN})?"), _end_of_quarter),
    (_form(rf"{_YEAR}(?P<half>[上下])半年(?:{_END}|{_WITHIN})?"), _end_of_half),
    (_form(rf"(?:(?P<year>\d{{4}})年|[今本]年)(?:年?{_END}|度?{_WITHIN})?"), _end_of_year),
    (_form(rf"年{_END}|年{_WITHIN}"), _end_of_year),
    (_form(rf"(?P<count>\d{{1,9}})个?(?P<unit>工作日|自然日){_WITHIN}?"), _days),
    (_form(rf"(?P<count>\d{{1,9}})(?:天{_WITHIN}?|日{_WITHIN})"), _days),
    (_form(rf"(?P<count>\d{{1,9}})个月{_WITHIN}?"), _months),
    (_form(rf"半年{_WITHIN}"), _half_a_year),
    (_form(r"(?:长期|持续|常态化|全年)(?:坚持|推进|开展|落实|实施)?"), _without_end),
)
