"""The entry threshold (门槛): what a task must say before it is registered (R8)."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from contracts.terms import Role
from services.tasks.assignments.domain.draft import Draft
from services.tasks.refusals import Code
from services.tasks.register.domain import Register

MOST_UNITS = 800
"""The audience of a task's events names all who may see one of its assignments, and an event stays below 64 KiB."""

_COUNTED = "个项件户家处条次批份宗座公亩所类篇名人起吨台套眼株天日周月年成倍"
_OUTCOMES = "百分之|清零|销号|全覆盖|全部|出台|印发|发布|建成|投产|竣工|挂牌|通车|验收|开工|签约|办结"
_MEASURABLE = re.compile(rf"\d|[零一二三四五六七八九十百千万两]+多?[{_COUNTED}]|{_OUTCOMES}")
_NEEDED = {
    "title": "事项名称",
    "lead_official": "牵头领导",
    "target": "目标任务",
    "verification_form": "成果检验形式",
}
_TEXTS = (*_NEEDED, "number", "ledger", "source", "instruction")
_NOT_PRINTED = frozenset({"Cn", "Co", "Cs"})
_EMOJI = re.compile(
    "[\u231a\u231b\u23e9-\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4"
    "\u26c5\u26ce\u26d4\u26ea\u26f2-\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2757\u2795-\u2797\u27b0\u27bf"
    "\u2b1b\u2b1c\u2b50\u2b55\u20e3\ufe00-\ufe0f]"
)
"""Emoji of the basic plane, and the signs that turn a character into one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a draft: the field, a named reason, a Chinese message with the remedy."""

    field: str
    code: Code
    message: str


def faults(draft: Draft, register: Register) -> Iterator[Fault]:
    """Yield everything that keeps a draft from the ledger."""
    for field, name in _NEEDED.items():
        if not getattr(draft, field).strip():
            yield Fault(field, Code.MISSING, f"没有填写{name}，请补充")
    yield from _texts(draft)
    yield from _due(draft)
    yield from _units(draft, register)
    yield from _milestones(draft)


def unmeasurable(draft: Draft) -> Iterator[Fault]:
    """Yield the fault of a target that nobody can count; a ledger already kept elsewhere is only warned."""
    if draft.target.strip() and not _MEASURABLE.search(_plain(draft.target)):
        message = "目标任务不可量化，请写明数量、比例或可核验的结果，如“出台文件2件”“动态清零”"
        yield Fault("target", Code.NOT_MEASURABLE, message)


def unprintable(text: str) -> str:
    """The first character that no document can print, else empty.

    Printed are the basic plane and the rarer Han characters (planes 2 and 3), without emoji and unassigned, private or
    surrogate code points.
    """
    if text.isascii():
        return ""
    return next((sign for sign in text if not _printed(sign)), "")


def _printed(sign: str) -> bool:
    if "\U00010000" <= sign <= "\U0001ffff" or sign >= "\U00040000":
        return False
    return not _EMOJI.match(sign) and unicodedata.category(sign) not in _NOT_PRINTED


def _texts(draft: Draft) -> Iterator[Fault]:
    written = [(field, getattr(draft, field)) for field in _TEXTS]
    for field, text in [*written, *(("milestones", step.name) for step in draft.milestones)]:
        if sign := unprintable(text):
            named = f"“{sign}”（U+{ord(sign):04X}）" if sign.isprintable() else f"字符 U+{ord(sign):04X}"
            yield Fault(field, Code.UNPRINTABLE, f"含有公文无法印出的{named}，请删除或改用文字")


def _due(draft: Draft) -> Iterator[Fault]:
    due = draft.clocks[-1].due
    if due and due <= draft.t0:
        yield Fault("deadline_text", Code.DUE_BEFORE_ASSIGNMENT, "完成时限早于交办时间，请核对年份和日期")


def _units(draft: Draft, register: Register) -> Iterator[Fault]:
    leads = sum(role is Role.LEAD for _, role in draft.parts)
    if leads != 1:
        yield Fault("parts", Code.ONE_LEAD, f"须有且只有一个牵头单位，现有 {leads} 个，其余请列为责任单位")
    if len(draft.parts) > MOST_UNITS:
        message = f"一个事项最多交办 {MOST_UNITS} 个单位，现有 {len(draft.parts)} 个，请分解为几个事项"
        yield Fault("parts", Code.TOO_MANY_UNITS, message)
    outside = [unit.short for unit, _ in draft.parts if not draft.issuer.may_issue_to(unit, register.units)]
    if outside:
        more = f"等{len(outside)}个单位" if len(outside) > 5 else ""
        message = (
            f"{'、'.join(outside[:5])}{more}不在{draft.issuer.short}的督办范围内，不能交办，请由其上级督查机构交办"
        )
        yield Fault("parts", Code.OUTSIDE, message)


def _milestones(draft: Draft) -> Iterator[Fault]:
    """A plan lies between T0 and the due date, and its points are 100 (R2)."""
    plan, due = draft.milestones, draft.clocks[-1].due
    if not plan:
        return
    if due is None:
        yield Fault("milestones", Code.NO_DUE_DATE, "没有完成时限的事项不能设时间节点，请先写明完成时限")
    elif outside := [step.name for step in plan if not draft.t0 < step.due <= due]:
        message = f"{'、'.join(outside)}须在交办之后、完成时限之前，请核对日期"
        yield Fault("milestones", Code.MILESTONE_OUTSIDE, message)
    if len({step.name for step in plan}) < len(plan):
        yield Fault("milestones", Code.MILESTONE_TWICE, "时间节点的名称不能重复，请改名")
    if (total := sum(step.weight for step in plan)) != 100:
        yield Fault("milestones", Code.WEIGHTS, f"各时间节点的分值合计须为 100，现为 {total}，请调整")


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
