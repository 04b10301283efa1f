"""Who reads documents, and who is offered what with them: the policy table over pages and `/v1/notices`.

What is done with a document the notices service decides; its own table is in tests/notices. §1b
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from contracts.terms import NoticeCause, NoticeKind
from tests.portal.conftest import handle
from tests.portal.province import PDF_DIGEST
from tests.portal.site.policy_scene import Scene, granted, issued_tasks
from tests.portal.site.policy_table import (
    ABOVE_RECEIVERS,
    ACTORS,
    DRAFTS,
    ORDERS,
    READS_DRAFT,
    RECEIVERS,
    RECEIVES,
    SEES,
    SIGNS,
)
from tests.story import documents
from tests.story.documents import Document, draft
from tests.story.province import LINFEN_EDUCATION, POLICE, YAODU

PAPERS = (
    ("province", POLICE, NoticeKind.ORDER, False),
    ("province", YAODU, NoticeKind.URGING, True),
    ("city", YAODU, NoticeKind.SUPERVISION, False),
    ("city", YAODU, NoticeKind.SUPERVISION, True),
    ("line", LINFEN_EDUCATION, NoticeKind.ORDER, True),
)


@dataclass(frozen=True)
class Paper:
    """A document of the scene; `unit`: to whom, where it was sent."""

    task: str
    unit: str
    sent: bool
    document: Document

    @property
    def what(self) -> str:
        return f"{self.task}: {self.document.notice.kind} to {self.unit}"

    @property
    def readers(self) -> str:
        readers = f"{RECEIVERS[self.unit]} {ABOVE_RECEIVERS[self.unit]}" if self.sent else ""
        return f"{READS_DRAFT[self.task]} {readers}"

    @property
    def signers(self) -> str:
        return (ORDERS if self.document.notice.kind is NoticeKind.ORDER else SIGNS)[self.task]


@dataclass
class Documents(Scene):
    """The scene with its documents."""

    papers: list[Paper] = field(default_factory=list)


@pytest.fixture
async def scene(service, api, visit, portal, monkeypatch) -> AsyncIterator[Documents]:
    monkeypatch.setattr(documents, "PDF", PDF_DIGEST)
    tale, matters = issued_tasks()
    scene = Documents(matters=matters)
    for n, (task, unit, kind, sent) in enumerate(PAPERS, 1):
        title = f"第{n}件文书的标题"
        document = draft(tale, matters[task].part(unit), kind=kind, cause=NoticeCause.BY_HAND, title=title)
        if sent:
            document.sign(f"示督〔2026〕{n}号")
        scene.papers.append(Paper(task, unit, sent, document))
    await scene.admit(portal, api, visit)
    await handle(service, tale.events)
    yield scene


async def test_everybody_reads_the_documents_that_the_table_says_and_no_others(scene: Documents):
    for actor in ACTORS:
        await lists(scene, actor)
        for paper in scene.papers:
            await opens(scene, actor, paper)
    assert scene.tried >= 1_664 and scene.wrong == []


async def lists(scene: Documents, actor: str) -> None:
    """The list, what waits to be received, the feed, the page of the task."""
    client, visitor = scene.clients[actor], scene.visitors[actor]
    listed = (await client.get("/v1/notices", params={"limit": 200})).text
    waiting = (await client.get("/v1/notices", params={"limit": 200, "waiting": True})).text
    paged = (await visitor.get("/notices")).text
    feed = await pulled(scene, actor)
    task = (await visitor.get(f"/tasks/{scene.matters['province'].task.task_id}")).text
    for paper in scene.papers:
        notice, id = paper.document.notice, str(paper.document.notice.notice_id)
        scene.judge(actor, f"{paper.what} in the list", paper.readers, id in listed)
        scene.judge(actor, f"{paper.what} on the list's page", paper.readers, notice.title in paged)
        scene.judge(actor, f"{paper.what} itself in the feed", READS_DRAFT[paper.task], f"notice/{id}" in feed)
        if paper.task == "province":
            told_of = " ".join(set(paper.readers.split()) & set(SEES[paper.task].split()))
            scene.judge(actor, f"{paper.what} on the task's page", told_of, f"/notices/{id}" in task)
        if paper.sent:
            of_unit = RECEIVERS[paper.unit]
            copy = f"delivery/{paper.document.deliveries[0].delivery_id}"
            scene.judge(actor, f"{paper.what} waits", of_unit, id in waiting)
            scene.judge(actor, f"{paper.what}: the copy in the feed", paper.readers, copy in feed)


async def pulled(scene: Documents, actor: str) -> str:
    """Everything there is in the feed."""
    feed, after = "", ""
    while True:
        answer = (await scene.clients[actor].get("/v1/events", params={"limit": 200, "after": after})).json()
        if not answer.get("events"):
            return feed
        feed, after = feed + str(answer["events"]), answer["next"]


async def opens(scene: Documents, actor: str, paper: Paper) -> None:
    """The document alone, its page, its bytes, and what the page offers."""
    client, visitor, id = scene.clients[actor], scene.visitors[actor], paper.document.notice.notice_id
    scene.judge(actor, f"{paper.what} alone", paper.readers, granted(await client.get(f"/v1/notices/{id}")))
    page = await visitor.get(f"/notices/{id}")
    scene.judge(actor, f"{paper.what}: its page", paper.readers, granted(page))
    signs, voids, raises, receives = (f'/{verb}"' in page.text for verb in ("sign", "void", "raise", "receive"))
    scene.judge(actor, f"{paper.what} is offered to be signed", "" if paper.sent else paper.signers, signs)
    voiders = paper.signers if paper.sent else DRAFTS[paper.task]
    scene.judge(actor, f"{paper.what} is offered to be taken back", voiders, voids)
    if paper.sent:
        pdf = await visitor.get(f"/notices/{id}.pdf")
        scene.judge(actor, f"{paper.what}: its bytes", paper.readers, granted(pdf))
        scene.judge(actor, f"{paper.what} is offered to be received", RECEIVES[paper.unit], receives)
        may = "" if paper.document.notice.kind is NoticeKind.SUPERVISION else DRAFTS[paper.task]
        scene.judge(actor, f"{paper.what} is offered to be raised", may, raises)
