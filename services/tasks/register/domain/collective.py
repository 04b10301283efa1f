"""Words that stand for many units at once: 各市政府, 117个县, 各县（市、区）教育局, 省直各部门."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from contracts.region import Level
from contracts.workdays import chinese_number

_CITY, _COUNTY, _TOWNSHIP = (Level.CITY,), (Level.COUNTY,), (Level.TOWNSHIP,)
_PLACES: dict[str, tuple[Level, ...]] = {
    **dict.fromkeys(("市", "设区市", "设区的市", "地级市", "地市", "市州", "州市"), _CITY),
    **dict.fromkeys(("县", "县区", "区县", "县市区", "县区市", "市县区", "区市县", "县级"), _COUNTY),
    **dict.fromkeys(("市县", "市县两级", "市县市区", "市州县", "市县区市"), _CITY + _COUNTY),
    **dict.fromkeys(("乡镇", "镇乡", "乡镇街道", "镇街"), _TOWNSHIP),
}
_SCOPES = {
    **dict.fromkeys(("全省", "我省", "省内", "省"), Level.PROVINCE),
    **dict.fromkeys(("全市", "我市", "市内", "全州", "我州"), Level.CITY),
    **dict.fromkeys(("全县", "我县", "县内", "全区", "我区"), Level.COUNTY),
}
_HOLDERS = {
    **dict.fromkeys(("省直", "省级", "省政府"), Level.PROVINCE),
    **dict.fromkeys(("市直", "市级", "市政府", "州直", "州级", "州政府"), Level.CITY),
    **dict.fromkeys(("县直", "县级", "县政府", "区直", "区级", "区政府"), Level.COUNTY),
}
_OFFICES = ("部门", "单位", "部门单位", "厅局", "委办局", "委办厅局")
_EACH = "各|所有|全部"
_COUNT = r"(?P<count>\d{1,4}|[一二两三四五六七八九十百]{1,7})个?"


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_PLACES_FORM = re.compile(rf"(?P<where>.*?)(?:{_EACH}|{_COUNT})(?P<places>{_any_of(_PLACES)})(?P<tail>.*)")
_OFFICES_FORM = re.compile(
    rf"(?=.*(?:{_EACH}))(?:{_EACH})?(?P<holder>{_any_of(_HOLDERS)})(?:{_EACH})?(?:{_any_of(_OFFICES)})"
)


@dataclass(frozen=True, slots=True)
class Collective:
    """What such a word asks for.

    where: the place written before it, empty for the lead's own. scope: the tier written before it (全省).
    levels: whose units; none: all departments of the place itself. tail: which unit of each place, as written
    (教育局, 政府, or nothing). count: how many it claims.
    """

    where: str = ""
    scope: Level | None = None
    levels: tuple[Level, ...] = ()
    tail: str = ""
    count: int | None = None


def join_collectives(text: str) -> str:
    """Take the separators out of such words before a cell is split: 各市、县(市、区)政府 → 各市县(市区)政府."""
    inner = re.sub(r"\([^()]*\)", lambda match: re.sub(r"[、,;/]", "", match[0]), text)
    return re.sub(r"(?<=[各个][市州])、(?=县)", "", inner)


def read_collective(text: str) -> Collective | None:
    """Read a clean, joined text; None when it is no such word."""
    plain = re.sub(r"[()]", "", text)
    if match := _OFFICES_FORM.fullmatch(plain):
        return Collective(scope=_HOLDERS[match["holder"]])
    if match := _PLACES_FORM.fullmatch(plain):
        scope = _SCOPES.get(match["where"])
        where = "" if scope else match["where"]
        return Collective(where, scope, _PLACES[match["places"]], match["tail"], _number(match["count"]))
    return None


def _number(written: str | None) -> int | None:
    """Read 11, 十一 or 一百一十七."""
    if written is None or written.isdecimal():
        return int(written) if written else None
    return chinese_number(written)
