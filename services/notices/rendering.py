"""Signed documents get their pages: rendered once, kept by their hash, and only then sent (R10)."""

import asyncio
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime

import asyncpg
import structlog
from asyncpg import Connection

from services.chassis import outbox
from services.chassis.db import LOST
from services.chassis.service import Service
from services.notices import metrics, settings, standing
from services.notices.documents.content import Document
from services.notices.documents.coverage import set_in
from services.notices.documents.fonts import Fonts
from services.notices.documents.render import render as pages_of
from services.notices.domain.delivery import ids, sent
from services.notices.store import delivering
from services.notices.store.delivering import Unrendered

logger = structlog.get_logger(__name__)
PRESS = ThreadPoolExecutor(1, "press")
"""One document at a time: every thread that sets one keeps fonts and pages of its own, 30 MB of them."""
PAGE = re.compile(rb"/Type\s*/Page\b")
COMMON = {
    "FandolFang R": "Fandol 仿宋",
    "FandolSong": "Fandol 宋体",
    "FandolHei": "Fandol 黑体",
    "FandolKai": "Fandol 楷体",
    "Noto Serif CJK SC": "思源宋体",
    "Noto Sans CJK SC": "思源黑体",
}
"""Free families, by the names people know; a licensed family needs no note."""


async def render(service: Service) -> None:
    """Every replica renders, one document at a time, woken by whatever this service says."""
    fonts = standing.fonts(settings.of(service))
    async with outbox.poked(service) as awake:
        while True:
            awake.clear()
            try:
                more = await next_one(service, fonts)
            except LOST as error:
                logger.warning("renders again", error=repr(error))
                more = False
            if not more:
                await outbox.sleep(awake, service.settings.tick)


async def next_one(service: Service, fonts: Fonts) -> bool:
    """Render and send what has waited longest; False where nothing waits. A failure waits for its next try."""
    waiting: Unrendered | None = None
    async with room.pool.acquire() as db:
        try:
            async with db.transaction():
                if waiting := await delivering.unrendered(db):
                    await stored(waiting, db, service, fonts)
        except Exception as error:
            if waiting is None or db.is_closed():
                raise
            await failed(waiting, error, db)
            return True
    if waiting:
        metrics.RENDER.observe(max(0, time.time() - waiting.signed_at.timestamp()))
        await outbox.poke(service)
    return waiting is not None


async def stored(waiting: Unrendered, db: Connection, service: Service, fonts: Fonts) -> None:
    """The PDF into the blob store, then the words that say so."""
    document = Document.model_validate_json(waiting.content)
    pdf = await asyncio.get_running_loop().run_in_executor(PRESS, pages_of, document, fonts)
    blob = await service.blobs.put(pdf)
    now: datetime = await db.fetchval("select now()")
    deliveries = sent(waiting.notice, blob, now)
    rendered = waiting.notice.rendered(blob, len(PAGE.findall(pdf)), tuple(notes(fonts)), now)
    await outbox.emit(db, service.handlers, [rendered, waiting.notice.sent(ids(deliveries), now), *deliveries])


async def failed(waiting: Unrendered, error: Exception, db: Connection) -> None:
    """Counted, logged, and tried again later; the others go on."""
    metrics.RENDER_FAILURES.inc()
    logger.error("cannot render", notice=str(waiting.notice.notice_id), number=waiting.notice.number, exc_info=error)
    with suppress(asyncpg.InterfaceError):
        await delivering.fail(db, waiting.notice.notice_id, repr(error))


def notes(fonts: Fonts) -> Iterator[str]:
    """What a reader should know: free fonts in place of those the standard names."""
    for typeface, family in set_in(fonts).items():
        if family in COMMON:
            yield f"以{COMMON[family]}代替{typeface}"
