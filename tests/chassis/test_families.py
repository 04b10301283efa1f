"""A handler of a family, of one event, of everything; kinds that nobody handles; the last state at a rebuild."""

from datetime import UTC, datetime
from types import ModuleType

import pytest
from nats.js.errors import NotFoundError

from contracts.envelope import EVENT_STREAM, EVENTS, Event
from services.chassis import on_event, outbox, rebuild
from services.chassis.handlers import class_of, gather
from services.chassis.inbox import Inbox
from services.chassis.inbox import subject as filter_of
from services.chassis.service import Service
from tests.chassis import diary, echo
from tests.chassis.conftest import exists, parked, until, working
from tests.chassis.diary import BookEvent, BookLost, BookOpened, PageCounted, page
from tests.chassis.toy import ThingAdded

BOOK = {"time": datetime(2026, 11, 23, tzinfo=UTC), "owner": "14.00.00", "address": "14.00.00.000.gov"}


class BookBurned(Event):
    """Of a later release: here it is no member of the family, so the diary has never heard of it."""

    type = "book.burned"
    title: str = ""


class PenBroken(Event):
    type = "pen.broken"


def book(kind: type[Event], name: str, version: int = 1, **fields: object) -> Event:
    return kind(aggregate=f"{kind.type.split('.')[0]}/{name}", version=version, **BOOK, **fields)


@pytest.fixture
async def keeper(house) -> Service:
    return await house.service("diary", diary)


async def publish(service: Service, *events: Event) -> None:
    for event in events:
        body = event.model_dump_json().encode()
        await service.nc.jetstream().publish(event.subject(), body, headers=event.headers())


async def entries(service: Service) -> list[tuple[str, str]]:
    return [tuple(row) for row in await service.pool.fetch("select handler, types from diary order by seq")]


async def handle(service: Service, *events: Event) -> None:
    """Publish, and read until nothing waits."""
    await publish(service, *events)
    async with working(service):
        await until(lambda: idle(service))


async def idle(service: Service) -> bool:
    """Everything published is acknowledged, and everything that was emitted for it too: asked for in that order."""
    inbox = Inbox(service)
    try:
        read = (await inbox.lag()).events == 0 and not await exists(service, "select 1 from pending")
        return read and (await inbox.lag()).events == 0
    except NotFoundError:  # the reader has not begun
        return False


async def test_the_most_specific_handler_takes_an_event_and_its_family_takes_the_rest(keeper):
    await handle(
        keeper,
        book(BookOpened, "a", title="A"),
        book(BookBurned, "b", title="B"),
        book(BookLost, "c"),
        book(BookOpened, "d", title="D"),
    )
    assert [entry for entry in await entries(keeper) if entry[0] != "any"] == [
        ("book", "book.opened book.burned"),
        ("lost", "book.lost"),
        ("book", "book.opened"),
    ]


def test_a_member_never_heard_of_keeps_its_type_and_its_fields():
    table = {BookEvent: None}
    unknown = class_of(table, "book.shredded")
    assert unknown is class_of(table, "book.shredded") and issubclass(unknown, BookEvent)
    body = book(unknown, "a", title="A", strips=9).model_dump_json()
    event = unknown.model_validate_json(body)
    assert (event.type, event.title, event.strips) == ("book.shredded", "A", 9)
    assert event.model_dump_json() == body
    assert class_of(table, "book.opened") is BookOpened and class_of(table, "pen.broken") is None


async def test_the_handler_of_every_event_comes_first_and_gets_each_body_as_it_was_sent(keeper):
    opened, burned, pen = book(BookOpened, "a", title="A"), book(BookBurned, "b", title="B"), book(PenBroken, "p")
    await handle(keeper, opened, burned, pen)
    rows = await keeper.pool.fetch("select handler, types, body from diary order by seq")
    assert [(row["handler"], row["types"]) for row in rows] == [
        ("any", "book.opened"),
        ("any", "book.burned"),
        ("any", "pen.broken"),
        ("book", "book.opened book.burned"),
    ]
    assert [row["body"] for row in rows[:3]] == [event.model_dump_json().encode() for event in (opened, burned, pen)]


async def test_an_event_whose_own_handler_fails_leaves_no_trace_in_the_handler_of_every_event(keeper):
    lost = book(BookLost, "a", title="unreadable")
    await handle(keeper, book(BookLost, "b"), lost, book(BookLost, "c"))
    assert await parked(keeper, 1)
    assert await keeper.pool.fetchval("select count(*) from diary where handler = 'any'") == 2
    assert await keeper.pool.fetchval("select body from dead_letter") == lost.model_dump_json().encode()
    bodies = await keeper.pool.fetch("select body from diary where handler = 'lost'")
    assert b'"book/b"' in bodies[0]["body"] and b'"book/c"' in bodies[1]["body"]


async def test_a_kind_that_nobody_handles_is_dropped_unread_and_acknowledged(house):
    both = await house.service("echo", module(echo.on_thing_added, diary.on_book_lost))
    assert both.reader.subject == f"{EVENTS}.>"
    broken, thing = book(PenBroken, "p"), book(ThingAdded, "a", thing="a", total=1)
    await both.nc.jetstream().publish(broken.subject(), b"{no json", headers={"ce-subject": "pen/q"})
    await handle(both, broken, thing, book(PenBroken, "p", 2))
    assert await parked(both, 0)
    assert [tuple(row) for row in await both.pool.fetch("select * from inbox")] == [("thing/a", 1)]


def module(*functions: object) -> ModuleType:
    """A module beside the toy reader that imports these handlers."""
    made = ModuleType("made")
    made.__file__ = echo.__file__
    vars(made).update({function.__name__: function for function in functions})
    return made


def test_a_durable_has_one_filter_as_narrow_as_its_handlers_allow():
    assert filter_of(gather(echo)) == f"{EVENTS}.thing.>"
    assert filter_of(gather(module(diary.on_book, diary.on_book_lost))) == f"{EVENTS}.book.>"
    assert filter_of(gather(module(diary.on_book, echo.on_thing_added))) == f"{EVENTS}.>"
    assert filter_of(gather(diary)) == f"{EVENTS}.>"


async def test_the_server_knows_one_filter(keeper):
    await handle(keeper, book(PenBroken, "p"))
    info = await keeper.nc.jetstream().consumer_info(EVENT_STREAM, "diary")
    assert (info.config.filter_subject, info.config.filter_subjects) == (f"{EVENTS}.>", None)


def test_two_handlers_of_one_event_are_refused():
    @on_event(BookLost)
    async def again(event, db):
        pass

    with pytest.raises(ValueError, match="BookLost has two handlers"):
        gather(diary, module(again))


async def test_what_families_wrote_is_rebuilt_the_same(keeper):
    await handle(keeper, book(BookOpened, "a", title="page"), book(BookBurned, "b", title="B"), book(BookLost, "c"))
    before = await written(keeper)
    assert await rebuild.rebuild(keeper, ()) == {"aggregates": 4, "applied": 1, "parked": 0}
    assert await written(keeper) == before


async def written(service: Service) -> list[list[object]]:
    """Handler by handler: where a batch ends is another matter at a rebuild."""
    queries = (
        "select handler, types, body from diary order by handler, seq",
        "select * from page order by name",
        "select id from outbox order by id",
    )
    return [await service.pool.fetch(query) for query in queries]


async def test_a_rebuild_gives_an_applier_of_states_the_last_event_of_each_aggregate(keeper, monkeypatch):
    monkeypatch.setattr(rebuild, "PAGE", 2)
    written = [page(book(BookOpened, name), version) for version in (1, 2, 3) for name in "abc"]
    counted = [page(book(BookOpened, name), 4, PageCounted) for name in "aab"]
    async with keeper.pool.acquire() as db:
        await outbox.put(db, [*written[:4], *counted, *written[4:]])
        async with db.transaction():
            assert await rebuild.recall(keeper, db) == 3 + 3
        assert [tuple(row) for row in await db.fetch("select * from page order by name")] == [
            (f"page/{name}", "page.written 3") for name in "abc"
        ]
        counts = await db.fetch("select page from page_count order by seq")
        assert [row["page"] for row in counts] == ["page/a", "page/a", "page/b"]
        assert await db.fetchval("select max(events) from calls") <= 2
