"""A small province as the portal's tests see it: named tasks from one story, their lights, documents and rankings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from contracts.assignment import Assignment
from contracts.envelope import Event
from contracts.events.ranking import RankingComputed, RankingPublished
from contracts.ranking import Ranking, RankingRow, Score
from contracts.terms import Board, Indicator, Light, LightReason, NoticeCause, NoticeKind, PeerGroup
from contracts.workdays import ClockKind
from services.portal.identity.demo import ACCOUNTS
from tests.story import Matter, Story, documents, lights
from tests.story.documents import Document, draft
from tests.story.province import (
    EVERYONE,
    GAOPING,
    GOVERNMENT,
    JINCHENG,
    LINFEN,
    LINFEN_EDUCATION,
    LINFEN_OFFICE,
    NODE,
    OFFICE,
    POLICE,
    QUWO,
    WATER,
    YAODU,
    clerk,
    head,
    name_of,
    person,
    province,
    supervisor,
)

LAND, SAFETY, FINANCE = (f"14.00.00.000.{code}" for code in ("zrzyt", "yjt", "czt"))
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
PDF_DIGEST = sha256(PDF).hexdigest()
LAND_REFORM = "优化城乡建设用地增减挂钩试点改革"
HOUSING, WATER_SUPPLY, SAFETY_CHECK = "高平市城中村改造项目开工", "高平市农村饮水安全巩固提升", "安全生产隐患排查整治"
EARLY, LATE, SUSPENDED, CANCELLED = (
    "汾河流域排污口整治",
    "县级医院能力提升",
    "国有企业分类考核改革",
    "煤矿智能化改造验收",
)
CITY_TASK, COUNTY_TASK = "临汾市老旧小区改造", "曲沃县校园安全整治"
SEWERS = 15
"""How many plain tasks there are beside, so that a list has pages."""


@dataclass
class Province:
    """What happened, by the names of tasks and documents; `events` are in the order in which the stream has them."""

    now: datetime
    story: Story
    matters: dict[str, Matter] = field(default_factory=dict)
    papers: dict[str, Document] = field(default_factory=dict)

    @property
    def events(self) -> list[Event]:
        """With the digest of a PDF that is really stored."""
        return [_with_pdf(event) for event in self.story.events]

    def task_id(self, title: str) -> UUID:
        return self.matters[title].task.task_id

    def part(self, title: str, unit: str = "") -> Assignment:
        return self.matters[title].part(unit)

    def notice_id(self, name: str) -> UUID:
        return self.papers[name].notice.notice_id

    def next_version(self, aggregate: str) -> int:
        return max(event.version for event in self.story.events if event.aggregate == aggregate) + 1


def _with_pdf(event: Event) -> Event:
    text = event.model_dump_json()
    return type(event).model_validate_json(text.replace(documents.PDF, PDF_DIGEST)) if documents.PDF in text else event


def build(now: datetime) -> Province:
    """The whole province as of `now`."""
    scene = Province(now, Story(now - timedelta(days=45)))
    scene.story.opening()
    for account in ACCOUNTS:
        scene.story.person(
            person(account.unit, *account.roles).model_copy(update={"person": account.person_id}), account.name
        )
    for unit in (OFFICE, GAOPING, LAND, LINFEN_OFFICE):
        scene.story.person(clerk(unit), f"{name_of(unit)}李某")
        scene.story.person(head(unit), f"{name_of(unit)}张某")
    scene.story.person(supervisor(OFFICE), "周主任")
    familiar(scene)
    ended(scene)
    of_others(scene)
    for n in range(SEWERS):
        lead = (WATER, POLICE, JINCHENG, LINFEN, YAODU)[n % 5]
        matter = register(scene, f"县城污水管网改造第{n + 1}批", lead, ago=n % 9 + 1, board=list(Board)[n % 6])
        lights.turn(scene.story, matter, Light.NORMAL, previous=Light.NONE)
        lights.turn_task(scene.story, matter, Light.NORMAL, previous=Light.NONE)
    papers(scene)
    rankings(scene)
    return scene


def register(scene: Province, title: str, lead: str, ago: float, **fields: Any) -> Matter:
    """A task registered so many days ago."""
    scene.story.at(scene.now - timedelta(days=ago))
    scene.matters[title] = scene.story.register(title, lead=lead, **{"deadline": "", **fields})
    return scene.matters[title]


def red(scene: Province, matter: Matter, light: Light, reason: LightReason, unit: str = "") -> None:
    """An assignment's light turned, and the task's with it."""
    lights.turn(scene.story, matter, light, unit, reasons=(reason,))
    lights.turn_task(scene.story, matter, light)


def familiar(scene: Province) -> None:
    """The tasks that most tests are about."""
    story = scene.story
    land = register(
        scene, LAND_REFORM, LAND, 25, responsible=[FINANCE], supporting=[LINFEN, JINCHENG], board=Board.REFORM,
        instruction="请牵头单位抓紧研究部署。",
    )  # fmt: skip
    story.later(hours=3)
    land.acknowledge()
    story.later(hours=3)
    land.deploy()
    story.later(days=1)
    land.report(35, text="各项工作按计划推进，自然资源厅的内部材料", responsible_person="国土联系人")
    land.acknowledge(FINANCE, responsible_person="财政联系人")
    land.report(20, FINANCE, text="财政厅的内部材料", evidence=[EVIDENCE_OF_FINANCE], responsible_person="财政联系人")
    lights.miss(story, land, ClockKind.FEEDBACK_3D, unit=LINFEN)
    story.later(days=14)
    red(scene, land, Light.OVERDUE, LightReason.PAST_DUE)
    housing = register(scene, HOUSING, GAOPING, 20, responsible=[JINCHENG], board=Board.PROJECT)
    housing.acknowledge()
    housing.report(20)
    story.later(days=15)
    red(scene, housing, Light.STALLED, LightReason.NO_MOVE)
    register(scene, WATER_SUPPLY, GAOPING, 0.05, board=Board.KEY_WORK)
    register(scene, SAFETY_CHECK, SAFETY, 6, deadline="持续推进", board=Board.DAILY)


def ended(scene: Province) -> None:
    """Closed before its due date, closed after it, suspended, cancelled."""
    story = scene.story
    register(scene, EARLY, WATER, 3, board=Board.KEY_WORK, deadline="1个月内").finish()
    register(scene, LATE, WATER, 30, board=Board.KEY_WORK)
    story.later(days=20)
    scene.matters[LATE].finish()
    register(scene, SUSPENDED, FINANCE, 12, board=Board.REFORM).acknowledge()
    scene.matters[SUSPENDED].suspend()
    register(scene, CANCELLED, SAFETY, 12, board=Board.UPGRADE).cancel()


def of_others(scene: Province) -> None:
    """What a city's office issued: no figure of the province's counts it."""
    by = supervisor(LINFEN_OFFICE)
    city = register(scene, CITY_TASK, YAODU, 20, by=by, board=Board.PROJECT)
    red(scene, city, Light.OVERDUE, LightReason.PAST_DUE)
    register(scene, COUNTY_TASK, QUWO, 2, responsible=[LINFEN_EDUCATION], by=by, board=Board.DAILY)


EVIDENCE_OF_FINANCE = sha256(PDF + b"finance").hexdigest()


def papers(scene: Province) -> None:
    """A received 督办通知 of 自然资源厅, what 高平市 has yet to receive, and two drafts."""
    story = scene.story.at(scene.now - timedelta(hours=6))
    land, housing = scene.part(LAND_REFORM), scene.part(HOUSING)
    by_hand = {"kind": NoticeKind.SUPERVISION, "cause": NoticeCause.BY_HAND}
    scene.papers["received"] = draft(story, land, title="关于抓紧办理增减挂钩改革的督办通知", **by_hand)
    scene.papers["urging"] = draft(story, housing, title="关于高平市城中村改造的催办单")
    scene.papers["sent"] = draft(story, housing, title="关于高平市城中村改造的督办通知", **by_hand)
    scene.papers["draft"] = draft(story, land, title="关于增减挂钩改革的催办单")
    story.later(hours=1)
    for n, name in enumerate(("received", "urging", "sent"), 48):
        scene.papers[name].sign(f"示督〔{scene.now.year}〕{n}号")
    story.later(hours=1)
    scene.papers["received"].receive(LAND)


def rankings(scene: Province) -> None:
    """Two published months of three groups, and the running one, which only its issuer sees."""
    story, month = scene.story, scene.now.date().replace(day=1)
    for back in (2, 1, 0):
        period = f"{_months_before(month, back):%Y-%m}"
        for group in PeerGroup:
            story.tell([ranking(scene, period, group, published=back > 0)])


def ranking(scene: Province, period: str, group: PeerGroup, published: bool) -> Event:
    rows = tuple(_rows([u.address for u in province() if u.address in ranked(group)]))
    state = Ranking(
        version=1, owner=NODE, period=period, group=group, scheme_version=1, as_of=scene.now, published=published,
        rows=rows, digest=sha256(f"{period}{group}".encode()).hexdigest(), issuer=OFFICE, issuer_name=name_of(OFFICE),
        leadership=GOVERNMENT,
    )  # fmt: skip
    place, entity, kind = (
        (EVERYONE, "ranking", RankingPublished) if published else (OFFICE, "ranking_draft", RankingComputed)
    )
    return kind(
        time=scene.now, aggregate=f"{entity}/{period}.{group}", version=1, owner=NODE, address=place, audience=(place,),
        ranking=state,
    )  # fmt: skip


def ranked(group: PeerGroup) -> Sequence[str]:
    """The units of a peer group, as far as this province has them."""
    return {
        PeerGroup.CITY: (JINCHENG, LINFEN),
        PeerGroup.COUNTY: (GAOPING, QUWO, YAODU),
        PeerGroup.DEPARTMENT: (LAND, FINANCE, POLICE, WATER, SAFETY),
    }[group]


def _rows(units: Sequence[str]) -> Iterator[RankingRow]:
    for rank, unit in enumerate(units, 1):
        score = Decimal(98 - 3 * rank)
        scores = tuple(
            Score(indicator=i, numerator=Decimal(9), denominator=Decimal(10), points=score / 4, weight=Decimal(25))
            for i in Indicator
        )
        yield RankingRow(rank=rank, unit=unit, name=name_of(unit), score=score, scores=scores, overdue=rank)


def _months_before(month: Any, count: int) -> Any:
    for _ in range(count):
        month = (month - timedelta(days=1)).replace(day=1)
    return month
