"""What a cell of unit names resolves to: units in order, and what could not be resolved with the remedy."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from contracts.register import Unit


class Unresolved(StrEnum):
    """Why a name is refused."""

    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    VAGUE = "vague"
    WRONG_COUNT = "wrong_count"
    INCOMPLETE = "incomplete"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class UnitProblem:
    """One name that is refused: as written, why, a Chinese message with the remedy, and names that may be meant."""

    text: str
    reason: Unresolved
    message: str
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """Units in the order written, each once, and the problems; an empty cell has neither."""

    units: tuple[Unit, ...] = ()
    problems: tuple[UnitProblem, ...] = ()


Item = Unit | UnitProblem


def resolution(items: Iterable[Item]) -> Resolution:
    """Gather them, each unit once."""
    listed = list(items)
    units = {item.address: item for item in listed if isinstance(item, Unit)}
    return Resolution(tuple(units.values()), tuple(item for item in listed if isinstance(item, UnitProblem)))


def unknown(text: str, near: tuple[str, ...]) -> UnitProblem:
    """No unit has such a name."""
    remedy = f"是否为：{'、'.join(near)}" if near else "请写单位全称或规范简称，或先登记该单位"
    return UnitProblem(text, Unresolved.UNKNOWN, f"“{text}”不在单位名录中；{remedy}", near)


def ambiguous(text: str, candidates: tuple[str, ...], count: int) -> UnitProblem:
    """Several units have that name and nothing tells which is meant."""
    more = f"等{count}个单位" if count > len(candidates) else ""
    message = f"“{text}”可指{'、'.join(candidates)}{more}；请写明所在的省市县"
    return UnitProblem(text, Unresolved.AMBIGUOUS, message, candidates)


def vague(text: str) -> UnitProblem:
    """It names no unit at all, such as 省直有关部门."""
    return UnitProblem(text, Unresolved.VAGUE, f"“{text}”没有指明单位；请逐一写出单位名称")


def wrong_count(text: str, claimed: int, actual: int) -> UnitProblem:
    """A collective claims another number than the register holds."""
    message = f"“{text}”写的是{claimed}个，名录中实际为{actual}个；请改正数字或改写为“各…”"
    return UnitProblem(text, Unresolved.WRONG_COUNT, message)


def incomplete(text: str, missing: int) -> UnitProblem:
    """A collective whose unit some of the places do not have."""
    message = f"“{text}”所指的地方中有{missing}个没有该单位；请只写设有该单位的地方"
    return UnitProblem(text, Unresolved.INCOMPLETE, message)


def ended(text: str, unit: Unit, successor: Unit | None) -> UnitProblem:
    """The unit did not stand on that day."""
    if unit.valid_to is None:
        message = f"“{text}”自{unit.valid_from}起设立，此前没有该单位；请核对单位或日期"
    else:
        remedy = f"请改写为承接单位“{successor.short}”" if successor else "请改写为现有单位"
        message = f"“{text}”已于{unit.valid_to}撤并；{remedy}"
    return UnitProblem(text, Unresolved.ENDED, message, (successor.short,) if successor else ())
