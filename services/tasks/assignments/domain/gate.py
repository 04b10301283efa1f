"""The entry threshold (门槛): what a task must say before it is registered (R8)."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from contracts.region import prefix_of
from contracts.terms import Role
from contracts.units import parse
from services.tasks.assignments.domain.draft import Draft
from services.tasks.ledger.domain.value import secrecy_mark

MOST_PARTS = 800
"""An event names every part, and no message may exceed 256 KiB."""

_COUNTED = "个项件户家处条次批份宗座公亩所类篇名人起吨台套眼株天日周月年成倍"
_OUTCOMES = "百分之|清零|销号|全覆盖|全部|出台|印发|发布|建成|投产|竣工|挂牌|通车|验收|开工|签约|办结"
_MEASURABLE = re.compile(rf"\d|[零一二三四五六七八九十百千万两]+多?[{_COUNTED}]|{_OUTCOMES}")
_NEEDED = {
    "title": "事项名称",
    "lead_official": "牵头领导",
    "target": "目标任务",
    "verification_form": "成果检验形式",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a draft: the field, a named reason, a Chinese message with the remedy."""

    field: str
    code: str
    message: str


def faults(draft: Draft) -> Iterator[Fault]:
    """Yield everything that keeps a draft from the ledger."""
    for field, name in _NEEDED.items():
        if not getattr(draft, field).strip():
            yield Fault(field, "missing", f"没有填写{name}，请补充")
    yield from _classified(draft)
    yield from _due(draft)
    yield from _parts(draft)
    yield from _milestones(draft)


def unmeasurable(draft: Draft) -> Iterator[Fault]:
    """Yield the fault of a target that nobody can count; a ledger already kept elsewhere is only warned."""
    if draft.target.strip() and not _MEASURABLE.search(_plain(draft.target)):
        yield Fault(
            "target", "not_measurable", "目标任务不可量化，请写明数量、比例或可核验的结果，如“出台文件2件”“动态清零”"
        )


def _classified(draft: Draft) -> Iterator[Fault]:
    for field in (*_NEEDED, "source", "instruction"):
        if mark := secrecy_mark(getattr(draft, field)):
            yield Fault(field, "classified", f"含有“{mark}”字样：涉密内容一律不得录入本系统，请删除")


def _due(draft: Draft) -> Iterator[Fault]:
    due = draft.clocks[-1].due
    if due and due <= draft.t0:
        yield Fault("deadline_text", "due_before_assignment", "完成时限早于交办时间，请核对年份和日期")


def _parts(draft: Draft) -> Iterator[Fault]:
    leads = sum(role is Role.LEAD for _, role in draft.parts)
    if leads != 1:
        yield Fault("parts", "one_lead", f"须有且只有一个牵头单位，现有 {leads} 个，其余请列为责任单位")
    if len(draft.parts) > MOST_PARTS:
        message = f"一个事项最多交办 {MOST_PARTS} 个单位，现有 {len(draft.parts)} 个，请分解为几个事项"
        yield Fault("parts", "too_many_parts", message)
    below = prefix_of(parse(draft.issuer.address).region)
    outside = [unit.short for unit, _ in draft.parts if not unit.address.startswith(below)]
    if outside:
        yield Fault("parts", "outside", f"{'、'.join(outside[:5])}不在{draft.issuer.short}的督办范围内，不能交办")


def _milestones(draft: Draft) -> Iterator[Fault]:
    """A plan lies between T0 and the due date, and its points are 100 (R2)."""
    plan, due = draft.milestones, draft.clocks[-1].due
    if not plan:
        return
    if due is None:
        yield Fault("milestones", "no_due_date", "没有完成时限的事项不能设时间节点，请先写明完成时限")
    elif outside := [step.name for step in plan if not draft.t0 < step.due <= due]:
        yield Fault("milestones", "milestone_outside", f"{'、'.join(outside)}须在交办之后、完成时限之前，请核对日期")
    if len({step.name for step in plan}) < len(plan):
        yield Fault("milestones", "milestone_twice", "时间节点的名称不能重复，请改名")
    if (total := sum(step.weight for step in plan)) != 100:
        yield Fault("milestones", "weights", f"各时间节点的分值合计须为 100，现为 {total}，请调整")


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
