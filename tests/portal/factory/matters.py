"""Tasks, their parts, what happens to them, and the lights that follow."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from contracts import events as said
from contracts.envelope import Event
from contracts.terms import (
    AssignmentState,
    Board,
    Grade,
    Light,
    LightReason,
    ReportKind,
    Role,
    TaskState,
)
from contracts.units import superiors
from contracts.workdays import Deadline, Weight, clocks_of, deadline_of, opening
from tests.portal.factory.province import OFFICE, OFFICE_NAME, Province

TITLES = {
    Board.DAILY: ("国务院大督查反馈问题整改", "信访积案集中化解", "农民工工资支付专项核查", "办理省长信箱群众来信"),
    Board.KEY_WORK: (
        "汾河流域入河排污口整治",
        "新建高标准农田二十万亩",
        "城镇老旧小区改造开工",
        "县级医院服务能力提升",
        "煤矿智能化改造验收",
        "农村生活污水治理",
    ),
    Board.REFORM: (
        "开发区管理体制改革",
        "优化城乡建设用地增减挂钩试点",
        "“一件事一次办”集成改革",
        "国有企业分类考核改革",
    ),
    Board.PROJECT: ("雄忻高铁山西段征地拆迁", "黄河一号旅游公路贯通", "滹沱河综合治理二期", "省级区域医疗中心建设"),
    Board.UPGRADE: ("钢铁企业超低排放改造", "焦化装备大型化升级", "特种金属材料产线技改", "纺织园区数字化车间改造"),
    Board.INVESTMENT: ("光伏组件基地签约落地", "新能源重卡整车项目开工", "算力中心二期资金到位", "医药中间体园区招商"),
}


def task(
    province: Province,
    title: str,
    board: Board,
    lead: str,
    others: Sequence[str] = (),
    *,
    ago: int = 10,
    light: Light = Light.NORMAL,
    percent: int = 30,
    state: AssignmentState = AssignmentState.WORKING,
    weight: Weight = Weight.ORDINARY,
    deadline_text: str = "",
) -> UUID:
    """A task registered `ago` days back, with its parts brought to `state` and its lights on; its id."""
    province.sequence += 1
    number = f"示督办〔{province.now.year}〕{province.sequence}号"
    task_id = province.id("task", number)
    t0 = opening((province.now - timedelta(days=ago)).date())
    roles = [Role.LEAD, *(Role.RESPONSIBLE if n < 2 else Role.SUPPORTING for n in range(len(others)))]
    parts = tuple(
        said.Part(assignment_id=province.id(number, unit), unit=unit, name=province.names.get(unit, unit), role=role)
        for unit, role in zip((lead, *others), roles, strict=True)
    )
    audience = tuple(sorted({OFFICE, *(p.unit for p in parts), *(s for p in parts for s in superiors(p.unit))}))
    deadline = deadline_of(deadline_text, t0, weight, province.calendar)
    shared: dict[str, Any] = {
        "title": title,
        "board": board,
        "weight": weight,
        "lead_official": "副省长 李建国",
        "target": f"{title}：按月推进，年底前全面完成并通过验收",
        "verification_form": "验收报告",
        "instruction": "请牵头单位抓紧研究部署，责任单位密切配合，逐项销号。",
        "t0": t0,
        "deadline_text": deadline_text,
        "issuer": OFFICE,
        "issuer_name": OFFICE_NAME,
        "number": number,
    }
    province.say(
        said.TaskRegistered,
        f"task/{task_id}",
        OFFICE,
        t0,
        audience=audience,
        task_id=task_id,
        deadline=deadline,
        ledger="2026年省政府重点工作台账",
        source="省政府常务会议",
        parts=parts,
        actor="督查室 王敏",
        **shared,
    )
    for part in parts:
        _part(province, part, task_id, audience, deadline, shared, light, percent, state)
    _task_moves(province, task_id, title, audience, light, percent, state, lead)
    return task_id


def _part(
    province: Province,
    part: said.Part,
    task_id: UUID,
    audience: tuple[str, ...],
    deadline: Deadline,
    shared: dict[str, Any],
    light: Light,
    percent: int,
    state: AssignmentState,
) -> None:
    t0 = shared["t0"]
    clocks = clocks_of(deadline, t0, province.calendar)
    base = {
        "assignment_id": part.assignment_id,
        "task_id": task_id,
        "title": shared["title"],
        "unit": part.unit,
        "unit_name": part.name,
        "role": part.role,
        "audience": audience,
    }
    person = f"{part.name} 王强"

    def step(word: type[Event], reached: AssignmentState, hours: float, /, **fields: Any) -> None:
        at = min(t0 + timedelta(hours=hours), province.now)
        told = {**base, "state": reached, "actor": person, **fields}
        province.say(word, f"assignment/{part.assignment_id}", part.unit, at, **told)

    issue = {key: value for key, value in shared.items() if key != "title"}
    step(
        said.AssignmentIssued,
        AssignmentState.ISSUED,
        0,
        actor="督查室 王敏",
        lead=part.unit,
        clocks=clocks,
        due=deadline.due,
        **issue,
    )
    for word, reached, hours, fields in _walk(province, part, state, percent, t0, deadline):
        step(word, reached, hours, **fields)
    if light is not Light.NONE and state is not AssignmentState.CLOSED:
        shown = light if part.role is Role.LEAD or light is not Light.OVERDUE else Light.LAGGING
        _lit(
            province,
            f"light/{part.assignment_id}",
            shown,
            task_id,
            part.assignment_id,
            shared["title"],
            part.unit,
            part.name,
            audience,
            deadline.due,
            percent,
            part.role,
        )


def _walk(
    province: Province, part: said.Part, state: AssignmentState, percent: int, t0: datetime, deadline: Deadline
) -> Iterator[tuple[type[Event], AssignmentState, float, dict[str, Any]]]:
    """What happens to a part until it stands at `state`."""
    order = list(AssignmentState)
    reached = order.index(state)
    if reached >= 1:
        yield said.AssignmentAcknowledged, AssignmentState.ACKNOWLEDGED, 3, {"responsible_person": "王强"}
    if reached >= 2:
        told = {"submitted_at": t0 + timedelta(hours=8), "increased": False}
        yield (
            said.AssignmentReported,
            AssignmentState.WORKING,
            8,
            {
                "report_id": province.id(part.assignment_id, 1),
                "kind": ReportKind.DEPLOYMENT,
                "percent": 0,
                "text": "已召开专题会议研究部署，明确分管领导和责任处室。",
                **told,
            },
        )
        told = {"submitted_at": t0 + timedelta(hours=50), "increased": True}
        yield (
            said.AssignmentReported,
            AssignmentState.WORKING,
            50,
            {
                "report_id": province.id(part.assignment_id, 2),
                "kind": ReportKind.PROGRESS,
                "percent": percent,
                "text": f"各项工作按计划推进，累计完成 {percent}%，下一步加快现场施工进度。",
                **told,
            },
        )
    if reached >= 3:
        submitted = min(t0 + timedelta(days=4), province.now)
        judged = {"submitted_at": submitted, "on_time": deadline.due is None or submitted <= deadline.due}
        yield (
            said.AssignmentSubmitted,
            AssignmentState.SUBMITTED,
            96,
            {"text": "目标任务全部完成，请核定。", "evidence": (sha256(b"evidence").hexdigest(),), **judged},
        )
        if reached >= 4:
            yield said.AssignmentVerified, AssignmentState.VERIFIED, 100, {"actor": "督查员 赵倩"}
        if reached >= 5:
            yield (
                said.AssignmentClosed,
                AssignmentState.CLOSED,
                104,
                {"actor": "督查室 王敏", "grade": Grade.GOOD, **judged},
            )


def _lit(
    province: Province,
    aggregate: str,
    light: Light,
    task_id: UUID,
    assignment_id: UUID | None,
    title: str,
    unit: str,
    name: str,
    audience: tuple[str, ...],
    due: datetime | None,
    percent: int,
    role: Role | None,
) -> None:
    reasons = {
        Light.OVERDUE: (LightReason.PAST_DUE,),
        Light.STALLED: (LightReason.NO_MOVE,),
        Light.LAGGING: (LightReason.BEHIND_PLAN,),
    }.get(light, ())
    at = province.now - timedelta(hours=province.dice.randint(1, 30))
    province.say(
        said.LightChanged,
        aggregate,
        unit,
        at,
        audience=audience,
        task_id=task_id,
        assignment_id=assignment_id,
        title=title,
        unit=unit,
        unit_name=name,
        role=role,
        previous=Light.NONE,
        light=light,
        reasons=reasons,
        since=at,
        due=due,
        percent=percent,
        planned=min(100, percent + (15 if light is Light.LAGGING else 0)),
        issuer=OFFICE,
        policy_version=1,
    )


def _task_moves(
    province: Province,
    task_id: UUID,
    title: str,
    audience: tuple[str, ...],
    light: Light,
    percent: int,
    state: AssignmentState,
    lead: str,
) -> None:
    reached = {
        AssignmentState.ISSUED: TaskState.ASSIGNED,
        AssignmentState.ACKNOWLEDGED: TaskState.ASSIGNED,
        AssignmentState.WORKING: TaskState.IN_PROGRESS,
        AssignmentState.SUBMITTED: TaskState.COMPLETION_SUBMITTED,
        AssignmentState.VERIFIED: TaskState.VERIFIED,
        AssignmentState.CLOSED: TaskState.CLOSED,
    }[state]
    done = 100 if state in (AssignmentState.SUBMITTED, AssignmentState.VERIFIED, AssignmentState.CLOSED) else percent
    if reached is not TaskState.ASSIGNED:
        province.say(
            said.TaskAdvanced,
            f"task/{task_id}",
            OFFICE,
            audience=audience,
            task_id=task_id,
            title=title,
            previous=TaskState.ASSIGNED,
            state=reached,
            percent=done,
        )
    if reached is not TaskState.CLOSED:
        _lit(province, f"light/{task_id}", light, task_id, None, title, OFFICE, OFFICE_NAME, audience, None, done, None)
