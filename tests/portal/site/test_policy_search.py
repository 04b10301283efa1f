"""Who finds what: the policy table over the search box and `/v1/search`, through the search service's own index.

A thing is found by those who may see it; nobody else learns from a hit, a figure or a facet that it is there. R11, §1b
"""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest

from contracts.assignment import Assignment
from contracts.events.assignment import AssignmentReported
from services.chassis import rpc_server
from services.chassis.app import opened
from services.chassis.handlers import gather
from services.chassis.service import Service
from services.search import handlers
from services.search.inbox import IndexInbox
from services.search.settings import Settings
from tests.portal.site.policy_scene import MARK, Scene, issued_tasks, work
from tests.portal.site.policy_table import (
    ABOVE_RECEIVERS,
    ACTORS,
    READS_DRAFT,
    READS_LEAD,
    READS_REPORT,
    READS_SUPPORT,
    RECEIVERS,
    SEES,
    SEES_NEIGHBOUR,
)
from tests.search.builders import changes
from tests.story import Matter, Story
from tests.story.documents import draft
from tests.story.province import WATER, YAODU

KINDS = ("task", "report", "notice", "delivery")


@dataclass(frozen=True)
class Thing:
    """Something to be found, its own words, and by whom."""

    what: str
    id: str
    words: str
    may: str

    @property
    def kind(self) -> str:
        return self.id.partition("/")[0]


@dataclass
class Found(Scene):
    """The scene with what there is to be found."""

    things: tuple[Thing, ...] = ()


def tasks(matters: dict[str, Matter]) -> Iterator[Thing]:
    for name, matter in matters.items():
        may = SEES_NEIGHBOUR if name == "neighbour" else SEES[name]
        yield Thing(name, f"task/{matter.task.task_id}", matter.task.title, may)


def reports(tale: Story, matters: dict[str, Matter]) -> Iterator[Thing]:
    """What the county, the leads and the supporting unit wrote."""
    for name in READS_REPORT:
        work(matters[name], name)
    for event in tale.events:
        if isinstance(event, AssignmentReported):
            part = event.assignment
            name = next(name for name, matter in matters.items() if matter.task.task_id == part.task_id)
            may = {YAODU: READS_REPORT[name], WATER: READS_SUPPORT}.get(part.unit, READS_LEAD[name])
            yield Thing(f"{name}: report of {part.unit}", f"report/{event.report_id}", event.text, may)


def documents(tale: Story, name: str, part: Assignment) -> Iterator[Thing]:
    """A draft and a document that was sent; the recipient finds its copy, the issuer the document."""
    waiting, sent = (draft(tale, part, title=f"{MARK}：{name}{part.unit_name}{what}") for what in ("文稿", "公函"))
    sent.sign(f"示督〔2026〕{tale.count}号")
    for what, paper in (("draft", waiting), ("document", sent)):
        id, words = f"notice/{paper.notice.notice_id}", paper.notice.number or paper.notice.title
        yield Thing(f"{name}: {what} to {part.unit}", id, words, READS_DRAFT[name])
    copy = f"delivery/{sent.deliveries[0].delivery_id}"
    # The issuer's staff find the document alone; a leader also reads as the reform office, which is over the recipient.
    staff = {actor for actor in READS_DRAFT[name].split() if not actor.endswith(".leader")}
    readers = " ".join([RECEIVERS[part.unit], *(set(ABOVE_RECEIVERS[part.unit].split()) - staff)])
    yield Thing(f"{name}: copy of {part.unit}", copy, sent.notice.number, readers)


def all_things(tale: Story, matters: dict[str, Matter]) -> Iterator[Thing]:
    yield from tasks(matters)
    yield from reports(tale, matters)
    for name in SEES:
        for part in matters[name].assignments:
            if part.unit in RECEIVERS:
                yield from documents(tale, name, part)


@pytest.fixture
async def scene(service, api, visit, portal) -> AsyncIterator[Found]:
    tale, matters = issued_tasks(neighbour=True)
    scene = Found(matters=matters, things=tuple(all_things(tale, matters)))
    await scene.admit(portal, api, visit)
    own = service.settings
    settings = Settings(pg_dsn=own.pg_dsn, nats_url=own.nats_url, var=own.var)
    search = Service("search", settings, gather(handlers), IndexInbox)
    rpc_server.subscribe(search)
    await opened(search)
    await search.broker.start()
    index = await search.reader.opened()
    index.apply(changes(*tale.events))
    await search.reader.answer()
    yield scene
    index.close()
    await search.broker.stop()
    search.pool.terminate()


async def test_everybody_finds_what_the_table_says_and_no_figure_tells_of_more(scene: Found):
    for actor in ACTORS:
        answer = (await scene.clients[actor].get("/v1/search", params={"q": MARK, "limit": 100})).json()
        finds(scene, actor, answer)
        counts(scene, actor, answer)
        for kind in KINDS:
            page = await scene.visitors[actor].get("/search", params={"q": MARK, "kind": kind})
            shows(scene, actor, kind, page)
    assert scene.tried >= 1_400 and scene.wrong == []


async def test_nobody_finds_a_thing_by_words_or_a_number_that_they_may_not_read(scene: Found):
    own = {thing.words for thing in scene.things if thing.kind == "report" or thing.words.startswith("示督")}
    for actor in ACTORS:
        for words in own:
            answer = (await scene.clients[actor].get("/v1/search", params={"q": words, "limit": 100})).json()
            whole = {hit["id"] for hit in answer["hits"] if not answer["relaxed"]}
            for thing in scene.things:
                if thing.words == words:
                    scene.judge(actor, f"{thing.what} by its own words", thing.may, thing.id in whole)
                    whole.discard(thing.id)
            scene.wrong += [f"{actor}: {words} also finds {id}" for id in whole]
    assert scene.tried >= 480 and scene.wrong == []


def finds(scene: Found, actor: str, answer: dict) -> None:
    """Each thing, and nothing beside."""
    ids = Counter(hit["id"] for hit in answer["hits"])
    for thing in scene.things:
        scene.judge(actor, thing.what, thing.may, ids.pop(thing.id, 0) == 1)
    scene.wrong += [f"{actor}: {id} is nothing of this story" for id in ids]


def counts(scene: Found, actor: str, answer: dict) -> None:
    """The total, and that of each kind, are what may be found."""
    may = Counter(thing.kind for thing in scene.things if actor in thing.may.split())
    for kind in KINDS:
        right = answer["facets"]["kind"].get(kind, 0) == may[kind]
        scene.judge(actor, f"the number of things of the kind {kind} is right", actor, right)
    scene.judge(actor, "the total is right", actor, answer["total"] == may.total())


def shows(scene: Found, actor: str, kind: str, page: httpx.Response) -> None:
    """The page lists the same; below its figure stand no words but those of hits. An operator has no such page."""
    if actor == "office.operator":
        scene.judge(actor, f"the page of {kind}", "", page.status_code != 403)
        return
    count, _, below = page.text.partition("找到 ")[2].partition(" 条")
    hits = re.sub(r"<[^>]+>", "", below)
    of_kind = [thing for thing in scene.things if thing.kind == kind]
    may = sum(actor in thing.may.split() for thing in of_kind)
    scene.judge(actor, f"the page counts {kind}", actor, count == str(may))
    for thing in of_kind:
        scene.judge(actor, f"{thing.what} on the page", thing.may, thing.words in hits)
