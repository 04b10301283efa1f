"""A toy that keeps a diary of every event, and beside it what it needs of books; its own events are `page.*`."""

from contracts.envelope import Event
from services.chassis import applies, on_event


class BookEvent(Event):
    type = "book"
    title: str = ""


class BookOpened(BookEvent):
    type = "book.opened"


class BookLost(BookEvent):
    type = "book.lost"


class PageEvent(Event):
    type = "page"
    text: str = ""


class PageWritten(PageEvent):
    type = "page.written"


class PageCounted(PageEvent):
    type = "page.counted"


@on_event(Event, batch=True)
async def on_any(events, db, bodies):
    rows = [(event.type, body) for event, body in zip(events, bodies, strict=True)]
    await db.executemany("insert into diary (handler, types, body) values ('any', $1, $2)", rows)


@on_event(BookEvent, batch=True)
async def on_book(events, db, service):
    types = " ".join(event.type for event in events)
    await db.execute("insert into diary (handler, types, body) values ('book', $1, '')", types)
    return [page(event) for event in events if service.name == "diary" and event.title == "page"]


@on_event(BookLost)
async def on_book_lost(event, db, body):
    if event.title == "unreadable":
        raise ValueError("unreadable")
    await db.execute("insert into diary (handler, types, body) values ('lost', $1, $2)", event.type, body)


def page(event, version=1, type=PageWritten):
    """A page about an event."""
    return type(
        time=event.time,
        aggregate=event.aggregate.replace("book", "page"),
        version=version,
        owner=event.owner,
        address=event.address,
        text=f"{type.type} {version}",
    )


@applies(PageEvent, batch=True, latest=True)
async def on_page(events, db):
    """Stores nothing but the state that an event carries."""
    await db.execute("insert into calls (events) values ($1)", len(events))
    for event in events:
        await db.execute(
            "insert into page values ($1, $2) on conflict (name) do update set text = $2", event.aggregate, event.text
        )


@applies(PageCounted)
async def on_page_counted(event, db):
    await db.execute("insert into page_count (page) values ($1)", event.aggregate)
