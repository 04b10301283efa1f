"""A believable province as the events the other services would say: units, tasks, lights, documents, rankings."""

import csv
import json
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from contracts import events as said
from contracts.envelope import Event
from contracts.region import region_of
from contracts.terms import (
    AssignmentState,
    Board,
    Grade,
    Indicator,
    Light,
    LightReason,
    NoticeCause,
    NoticeKind,
    PeerGroup,
    ReportKind,
    Role,
    TaskState,
)
from contracts.units import node_of, superiors
from contracts.workdays import Calendar, Deadline, Weight, clocks_of, deadline_of, opening

DATA = Path(__file__).parents[2] / "services/tasks/data"
OFFICE = "14.00.00.000.bgt"
OFFICE_NAME = "示例省人民政府办公厅"
EVERYONE = "14.00.00.000.all"
NAMESPACE = UUID("6f1c1d4e-6a2b-4c7e-9b53-2f0a4f4f7d10")
DEPARTMENTS = {
    "bgt": "省政府办公厅", "fgw": "省发展改革委", "gxt": "省工信厅", "czt": "省财政厅", "zrzyt": "省自然资源厅",
    "sthjt": "省生态环境厅", "zjt": "省住建厅", "jtt": "省交通运输厅", "slt": "省水利厅", "nynct": "省农业农村厅",
    "swt": "省商务厅", "wlt": "省文旅厅", "wjw": "省卫生健康委", "yjt": "省应急厅", "gzw": "省国资委",
    "scjgj": "省市场监管局", "nyj": "省能源局", "xfj": "省信访局", "jyt": "省教育厅", "rst": "省人社厅",
    "mzt": "省民政厅", "kjt": "省科技厅", "gat": "省公安厅", "sft": "省司法厅",
}  # fmt: skip
TITLES = {
    Board.DAILY: ("国务院大督查反馈问题整改", "信访积案集中化解", "农民工工资支付专项核查", "办理省长信箱群众来信"),
    Board.KEY_WORK: ("汾河流域入河排污口整治", "新建高标准农田二十万亩", "城镇老旧小区改造开工", "县级医院服务能力提升",
                     "煤矿智能化改造验收", "农村生活污水治理"),
    Board.REFORM: ("开发区管理体制改革", "优化城乡建设用地增减挂钩试点", "“一件事一次办”集成改革", "国有企业分类考核改革"),
    Board.PROJECT: ("雄忻高铁山西段征地拆迁", "黄河一号旅游公路贯通", "滹沱河综合治理二期", "省级区域医疗中心建设"),
    Board.UPGRADE: ("钢铁企业超低排放改造", "焦化装备大型化升级", "特种金属材料产线技改", "纺织园区数字化车间改造"),
    Board.INVESTMENT: ("光伏组件基地签约落地", "新能源重卡整车项目开工", "算力中心二期资金到位", "医药中间体园区招商"),
}  # fmt: skip


class Province:
    """Says events one after another; every aggregate's versions count 1, 2, 3, …"""

    def __init__(self, now: datetime, seed: int = 7) -> None:
        self.now, self.dice, self.events = now, random.Random(seed), list[Event]()
        self.versions: dict[str, int] = {}
        self.calendar = Calendar.of(())
        self.names: dict[str, str] = {}
        self.sequence = 0

    def say(self, word: type[Event], aggregate: str, address: str, at: datetime | None = None, /, **fields: Any) -> Any:
        """One event more; the same call in the same order gives the same ids."""
        version = self.versions[aggregate] = self.versions.get(aggregate, 0) + 1
        event = word(
            id=uuid5(NAMESPACE, f"{aggregate} {version}"), time=at or self.now, aggregate=aggregate, version=version,
            owner="14.00.00", address=address, **fields,
        )  # fmt: skip
        self.events.append(event)
        return event

    def id(self, *words: object) -> UUID:
        """A name's id, always the same."""
        return uuid5(NAMESPACE, " ".join(map(str, words)))


def units(province: Province) -> None:
    """The province, its departments, its cities and counties."""
    _unit(province, "14.00.00.000.gov", "示例省人民政府", "省政府", "province", "government")
    for code, short in DEPARTMENTS.items():
        _unit(province, f"14.00.00.000.{code}", f"示例{short}", short, "province", "department")
    with (DATA / "regions/14.csv").open() as file:
        for row in csv.DictReader(file):
            if row["level"] in ("city", "county"):
                address = f"{region_of(row['code'])}.gov"
                _unit(province, address, f"{row['name']}人民政府", f"{row['name']}政府", row["level"], "government")


def know(province: Province, register: Sequence[Event]) -> None:
    """The names and the working days of a register that others said."""
    for event in register:
        if isinstance(event, said.UnitRegistered):
            province.names[event.unit] = event.short
        elif isinstance(event, said.CalendarRevised):
            province.calendar = province.calendar.revised(event.days)


def _unit(province: Province, unit: str, name: str, short: str, level: str, kind: str) -> None:
    province.names[unit] = short
    parent = next(iter(superiors(unit)), None)
    at = province.now - timedelta(days=90)
    facts = {"unit": unit, "name": name, "short": short, "level": level, "kind": kind, "parent": parent}
    province.say(said.UnitRegistered, f"unit/{unit}", EVERYONE, at, audience=(EVERYONE,), **facts)


def calendar(province: Province) -> None:
    """This year and the next, Monday to Friday."""
    from contracts.workdays import CalendarDay

    for year in (province.now.year, province.now.year + 1):
        first = date(year, 1, 1)
        days = [first + timedelta(days=n) for n in range(366) if (first + timedelta(days=n)).year == year]
        told = tuple(CalendarDay(date=d, is_workday=d.weekday() < 5, source="test", provisional=False) for d in days)
        province.say(said.CalendarRevised, f"calendar/{year}", EVERYONE, audience=(EVERYONE,), year=year, days=told)


def task(
    province: Province, title: str, board: Board, lead: str, others: Sequence[str] = (), *,
    ago: int = 10, light: Light = Light.NORMAL, percent: int = 30, state: AssignmentState = AssignmentState.WORKING,
    weight: Weight = Weight.ORDINARY, deadline_text: str = "",
) -> UUID:  # fmt: skip
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
        "title": title, "board": board, "weight": weight, "lead_official": "副省长 李建国",
        "target": f"{title}：按月推进，年底前全面完成并通过验收", "verification_form": "验收报告",
        "instruction": "请牵头单位抓紧研究部署，责任单位密切配合，逐项销号。", "t0": t0, "deadline_text": deadline_text,
        "issuer": OFFICE, "issuer_name": OFFICE_NAME, "number": number,
    }  # fmt: skip
    province.say(
        said.TaskRegistered, f"task/{task_id}", OFFICE, t0, audience=audience, task_id=task_id, deadline=deadline,
        ledger="2026年省政府重点工作台账", source="省政府常务会议", parts=parts, actor="督查室 王敏", **shared,
    )  # fmt: skip
    for part in parts:
        _part(province, part, task_id, audience, deadline, shared, light, percent, state)
    _task_moves(province, task_id, title, audience, light, percent, state, lead)
    return task_id


def _part(
    province: Province, part: said.Part, task_id: UUID, audience: tuple[str, ...], deadline: Deadline,
    shared: dict[str, Any], light: Light, percent: int, state: AssignmentState,
) -> None:  # fmt: skip
    t0 = shared["t0"]
    clocks = clocks_of(deadline, t0, province.calendar)
    base = {"assignment_id": part.assignment_id, "task_id": task_id, "title": shared["title"], "unit": part.unit,
            "unit_name": part.name, "role": part.role, "audience": audience}  # fmt: skip
    person = f"{part.name} 王强"

    def step(word: type[Event], reached: AssignmentState, hours: float, /, **fields: Any) -> None:
        at = min(t0 + timedelta(hours=hours), province.now)
        told = {**base, "state": reached, "actor": person, **fields}
        province.say(word, f"assignment/{part.assignment_id}", part.unit, at, **told)

    issue = {key: value for key, value in shared.items() if key != "title"}
    step(said.AssignmentIssued, AssignmentState.ISSUED, 0, actor="督查室 王敏", lead=part.unit, clocks=clocks,
         due=deadline.due, **issue)  # fmt: skip
    for word, reached, hours, fields in _walk(province, part, state, percent, t0, deadline):
        step(word, reached, hours, **fields)
    if light is not Light.NONE and state is not AssignmentState.CLOSED:
        shown = light if part.role is Role.LEAD or light is not Light.OVERDUE else Light.LAGGING
        _lit(province, f"light/{part.assignment_id}", shown, task_id, part.assignment_id, shared["title"], part.unit,
             part.name, audience, deadline.due, percent, part.role)  # fmt: skip


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
        yield (said.AssignmentReported, AssignmentState.WORKING, 8,
               {"report_id": province.id(part.assignment_id, 1), "kind": ReportKind.DEPLOYMENT, "percent": 0,
                "text": "已召开专题会议研究部署，明确分管领导和责任处室。", **told})  # fmt: skip
        told = {"submitted_at": t0 + timedelta(hours=50), "increased": True}
        yield (said.AssignmentReported, AssignmentState.WORKING, 50,
               {"report_id": province.id(part.assignment_id, 2), "kind": ReportKind.PROGRESS, "percent": percent,
                "text": f"各项工作按计划推进，累计完成 {percent}%，下一步加快现场施工进度。", **told})  # fmt: skip
    if reached >= 3:
        submitted = min(t0 + timedelta(days=4), province.now)
        judged = {"submitted_at": submitted, "on_time": deadline.due is None or submitted <= deadline.due}
        yield (said.AssignmentSubmitted, AssignmentState.SUBMITTED, 96,
               {"text": "目标任务全部完成，请核定。", "evidence": (sha256(b"evidence").hexdigest(),), **judged})  # fmt: skip
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
    province: Province, aggregate: str, light: Light, task_id: UUID, assignment_id: UUID | None, title: str, unit: str,
    name: str, audience: tuple[str, ...], due: datetime | None, percent: int, role: Role | None,
) -> None:  # fmt: skip
    reasons = {Light.OVERDUE: (LightReason.PAST_DUE,), Light.STALLED: (LightReason.NO_MOVE,),
               Light.LAGGING: (LightReason.BEHIND_PLAN,)}.get(light, ())  # fmt: skip
    at = province.now - timedelta(hours=province.dice.randint(1, 30))
    province.say(
        said.LightChanged, aggregate, unit, at, audience=audience, task_id=task_id, assignment_id=assignment_id,
        title=title, unit=unit, unit_name=name, role=role, previous=Light.NONE, light=light, reasons=reasons, since=at,
        due=due, percent=percent, planned=min(100, percent + (15 if light is Light.LAGGING else 0)), issuer=OFFICE,
        policy_version=1,
    )  # fmt: skip


def _task_moves(
    province: Province, task_id: UUID, title: str, audience: tuple[str, ...], light: Light, percent: int,
    state: AssignmentState, lead: str,
) -> None:  # fmt: skip
    reached = {AssignmentState.ISSUED: TaskState.ASSIGNED, AssignmentState.ACKNOWLEDGED: TaskState.ASSIGNED,
               AssignmentState.WORKING: TaskState.IN_PROGRESS, AssignmentState.SUBMITTED: TaskState.COMPLETION_SUBMITTED,
               AssignmentState.VERIFIED: TaskState.VERIFIED, AssignmentState.CLOSED: TaskState.CLOSED}[state]  # fmt: skip
    done = 100 if state in (AssignmentState.SUBMITTED, AssignmentState.VERIFIED, AssignmentState.CLOSED) else percent
    if reached is not TaskState.ASSIGNED:
        province.say(said.TaskAdvanced, f"task/{task_id}", OFFICE, audience=audience, task_id=task_id, title=title,
                     previous=TaskState.ASSIGNED, state=reached, percent=done)  # fmt: skip
    if reached is not TaskState.CLOSED:
        _lit(province, f"light/{task_id}", light, task_id, None, title, OFFICE, OFFICE_NAME, audience, None, done, None)


def notice(
    province: Province,
    task_id: UUID,
    kind: NoticeKind,
    *,
    signed: bool = True,
    sequence: int = 1,
    received: bool = False,
) -> UUID:
    """A document about the lead part of a task: a draft, or signed, rendered, sent and perhaps received."""
    issued = next(e for e in province.events if isinstance(e, said.AssignmentIssued) and e.task_id == task_id)
    notice_id, aggregate = (
        province.id("notice", kind, task_id, sequence),
        f"notice/{province.id('notice', kind, task_id, sequence)}",
    )
    item = said.NoticeItem(
        assignment_id=issued.assignment_id, task_id=task_id, title=issued.title, unit=issued.unit,
        unit_name=issued.unit_name, light=Light.OVERDUE, reason="超过办结时限", due=issued.due, percent=30,
    )  # fmt: skip
    title = f"关于抓紧办理“{issued.title}”的{'督办通知' if kind is NoticeKind.SUPERVISION else '催办单'}"
    to = said.Recipient(unit=issued.unit, name=issued.unit_name)
    drafted = province.now - timedelta(hours=6)
    cause = NoticeCause.BY_HAND if kind is NoticeKind.SUPERVISION else NoticeCause.OVERDUE
    paragraphs = (f"你单位承办的“{issued.title}”已超过办结时限，请抓紧办理，并于收到本件后3个工作日内书面回复。",)
    reply_by = province.now + timedelta(days=3)
    province.say(said.NoticeDrafted, aggregate, OFFICE, drafted, audience=(OFFICE,), notice_id=notice_id, kind=kind,
                 issuer=OFFICE, issuer_name=OFFICE_NAME, recipients=(to,), title=title, items=(item,),
                 paragraphs=paragraphs, cause=cause, reply_by=reply_by, actor="督查员 赵倩")  # fmt: skip
    if signed:
        _signed(province, aggregate, notice_id, kind, title, paragraphs, item, to, sequence, received)
    return notice_id


def _signed(
    province: Province, aggregate: str, notice_id: UUID, kind: NoticeKind, title: str, paragraphs: tuple[str, ...],
    item: said.NoticeItem, to: said.Recipient, sequence: int, received: bool,
) -> None:  # fmt: skip
    series = "示督" if kind is NoticeKind.SUPERVISION else "示催"
    number, at = f"{series}〔{province.now.year}〕{sequence}号", province.now - timedelta(hours=5)
    content = json.dumps({"title": title, "paragraphs": paragraphs}, ensure_ascii=False)
    digest, delivery = sha256(content.encode()).hexdigest(), province.id("delivery", notice_id, to.unit)
    base = {"notice_id": notice_id, "audience": (OFFICE, to.unit)}
    province.say(said.NoticeSigned, aggregate, OFFICE, at, kind=kind, number=number, series=series,
                 year=province.now.year, sequence=sequence, title=title, content=content, digest=digest,
                 actor="督查室 王敏", **base)  # fmt: skip
    pdf = sha256(PDF).hexdigest()
    province.say(said.NoticeRendered, aggregate, OFFICE, at, number=number, pdf=pdf, pages=1, **base)
    province.say(said.NoticeSent, aggregate, OFFICE, at, number=number, deliveries=(delivery,), **base)
    province.say(said.DeliverySent, f"delivery/{delivery}", to.unit, at, delivery_id=delivery, kind=kind, number=number,
                 title=title, issuer=OFFICE, issuer_name=OFFICE_NAME, unit=to.unit, unit_name=to.name, items=(item,),
                 pdf=pdf, **base)  # fmt: skip
    if received:
        province.say(said.DeliveryReceived, f"delivery/{delivery}", to.unit, province.now - timedelta(hours=2),
                     delivery_id=delivery, unit=to.unit, actor=f"{to.name} 刘芳", **base)  # fmt: skip


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj " \
      b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"  # fmt: skip


def rankings(province: Province, period: str, group: PeerGroup, published: bool = True) -> None:
    """One month's board of cities, counties or departments."""
    wanted: Callable[[str], bool] = {
        PeerGroup.CITY: lambda unit: unit.endswith(".00.000.gov") and not unit.startswith("14.00"),
        PeerGroup.COUNTY: lambda unit: unit.endswith(".000.gov") and not unit.endswith(".00.000.gov"),
        PeerGroup.DEPARTMENT: lambda unit: unit.startswith("14.00.00.000") and unit[13:] in DEPARTMENTS,
    }[group]
    scored = sorted(
        ((province.dice.randint(6800, 9850) / 100, unit) for unit in province.names if wanted(unit)), reverse=True
    )
    standings = tuple(_standing(province, rank, score, unit) for rank, (score, unit) in enumerate(scored, 1))
    digest = sha256(f"{period}{group}".encode()).hexdigest()
    facts = {
        "period": period,
        "group": group,
        "scheme_version": 1,
        "as_of": province.now,
        "standings": standings,
        "digest": digest,
    }
    if published:
        province.say(said.RankingPublished, f"ranking/{period}.{group}", EVERYONE, audience=(EVERYONE,), **facts)
    else:
        province.say(said.RankingComputed, f"ranking_draft/{period}.{group}", OFFICE, audience=(OFFICE,), **facts)


def _standing(province: Province, rank: int, score: float, unit: str) -> said.Standing:
    cells = []
    for indicator, weight in zip(Indicator, (20, 30, 40, 10), strict=True):
        points = (Decimal(str(score)) * weight / 100).quantize(Decimal("0.0001"))
        done = round(score / 10)
        cells.append(said.Cell(indicator=indicator, numerator=done, denominator=10, points=points, weight=weight))
    name = province.names[unit]
    return said.Standing(rank=rank, unit=unit, name=name, score=Decimal(str(score)), cells=tuple(cells),
                         overdue=max(0, 9 - round(score / 11)), on_time_original=Decimal("88.5"), notices=rank % 3)  # fmt: skip


def populate(now: datetime | None = None, register: Sequence[Event] = (), seed: int = 7) -> Province:
    """The whole province: some seventy tasks on six boards, documents, two months of rankings.

    register: what the tasks service said at its first start; without it units and working days are made up.
    """
    province = Province(now or datetime.now(UTC), seed)
    if register:
        know(province, register)
    else:
        units(province)
        calendar(province)
    dice = province.dice
    cities = [u for u in province.names if u.endswith(".00.000.gov") and not u.startswith("14.00")]
    departments = [f"14.00.00.000.{code}" for code in DEPARTMENTS if code != "bgt"]
    lights = [Light.NORMAL] * 9 + [Light.LAGGING] * 3 + [Light.STALLED] * 2 + [Light.OVERDUE]
    states = [AssignmentState.WORKING] * 5 + [AssignmentState.CLOSED] * 5 + list(AssignmentState)
    for number in range(72):
        board = list(Board)[number % 6]
        title = f"{TITLES[board][number // 6 % len(TITLES[board])]}{'（' + province.names[cities[number % 11]].removesuffix('政府') + '）' if number >= 24 else ''}"
        light, state = dice.choice(lights), dice.choice(states)
        ago = dice.randint(16, 60) if light is Light.OVERDUE or state is AssignmentState.CLOSED else dice.randint(1, 8)
        lead = dice.choice(departments) if number < 40 else cities[number % 11]
        others = dice.sample([u for u in departments + cities if u != lead], dice.randint(0, 4))
        task(province, title, board, lead, others, ago=ago, light=light, percent=dice.randint(1, 19) * 5, state=state,
             weight=dice.choice(list(Weight)))  # fmt: skip
    documents(province)
    month = province.now.date().replace(day=1)
    for n, group in [(n, group) for n in (2, 1) for group in PeerGroup]:
        rankings(province, f"{_months_before(month, n):%Y-%m}", group)
    for group in PeerGroup:
        rankings(province, f"{month:%Y-%m}", group, published=False)
    return province


def documents(province: Province) -> None:
    """A known task of 自然资源厅 with a 督办通知, an urging of 高平市, and two drafts."""
    known = task(province, "优化城乡建设用地增减挂钩试点改革", Board.REFORM, "14.00.00.000.zrzyt",
                 ["14.00.00.000.nynct", "14.00.00.000.czt", *(f"14.0{n}.00.000.gov" for n in range(1, 10))],
                 ago=25, light=Light.OVERDUE, percent=35)  # fmt: skip
    gaoping = task(province, "高平市城中村改造项目开工", Board.PROJECT, "14.05.81.000.gov", ["14.05.00.000.gov"],
                   ago=20, light=Light.STALLED, percent=20)  # fmt: skip
    task(
        province, "高平市农村饮水安全巩固提升", Board.KEY_WORK, "14.05.81.000.gov", state=AssignmentState.ISSUED, ago=1
    )
    task(province, "安全生产隐患排查整治", Board.DAILY, "14.00.00.000.yjt", deadline_text="持续推进", ago=6)
    notice(province, known, NoticeKind.SUPERVISION, sequence=48, received=True)
    notice(province, gaoping, NoticeKind.URGING, sequence=12)
    notice(province, gaoping, NoticeKind.SUPERVISION, sequence=49)
    notice(province, known, NoticeKind.URGING, signed=False, sequence=13)
    assert node_of("14.05.81.000.gov") == "14.05.81"


def _months_before(month: date, count: int) -> date:
    for _ in range(count):
        month = (month - timedelta(days=1)).replace(day=1)
    return month
