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

from contracts.notice import Notice
from services.chassis import db as database
from services.chassis import outbox, tracing, trouble
from services.chassis.service import Service
from services.notices import metrics
from services.notices.deliveries.domain import send
from services.notices.deliveries.store import overseers
from services.notices.documents import store
from services.notices.documents.configuration import fonts as fonts_of
from services.notices.documents.coverage import set_in
from services.notices.documents.domain.content import Document
from services.notices.documents.domain.notice import FullNotice, rendered, sent
from services.notices.documents.fonts import Fonts
from services.notices.documents.render import render as pages_of
from services.notices.settings import Settings

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


async def render(service: Service[Settings]) -> None:
    """Every replica renders, one document at a time, woken by whatever this service emits."""
    fonts = fonts_of(service.settings)
    async with outbox.poked(service) as awake:
        while True:
            awake.clear()
            try:
                more = await render_next(service, fonts)
            except trouble.LOST as error:
                logger.warning("renders again", error=repr(error))
                more = False
            if not more:
                await outbox.sleep(awake, service.settings.tick)


async def render_next(service: Service, fonts: Fonts) -> bool:
    """Render and send what has waited longest; False where nothing waits. A failure waits for its next try."""
    notice: Notice | None = None
    work = tracing.Work("notices.render")
    async with database.acquired(service.pool) as db:
        try:
            async with db.transaction():
                if waiting := await store.unrendered(db):
                    full, content = waiting
                    notice, work = full.notice, tracing.Work("notices.render", full.trace)
                    with work:
                        await _render(full, content, db, service, fonts)
        except Exception as error:
            if notice is None or db.is_closed():
                raise
            with work:
                await _failed(notice, error, db)
            return True
    if notice and notice.signed_at:
        metrics.RENDER.observe(max(0, time.time() - notice.signed_at.timestamp()))
        work.report(logger, "rendered", notice=str(notice.notice_id), number=notice.number)
        await outbox.poke(service)
    return notice is not None


async def _render(full: FullNotice, content: str, db: Connection, service: Service, fonts: Fonts) -> None:
    """The PDF into the blob store, then the events: rendered, sent, one delivery a unit."""
    document = Document.model_validate_json(content)
    pdf = await asyncio.get_running_loop().run_in_executor(PRESS, pages_of, document, fonts)
    blob = await service.blobs.put(pdf)
    now: datetime = await db.fetchval("select now()")
    has_pdf = rendered(full.notice, blob, len(PAGE.findall(pdf)), tuple(_notes(fonts)), now)
    is_sent = sent(has_pdf.notice, now)
    over = await overseers(db, [each.unit for each in (*full.recipients, *full.copies)])
    deliveries = send(is_sent.notice, full.recipients, full.copies, full.items, over)
    await outbox.emit(db, service.handlers, [has_pdf, is_sent, *deliveries])


async def _failed(notice: Notice, error: Exception, db: Connection) -> None:
    """Counted, logged, and tried again later; the others go on."""
    metrics.RENDER_FAILURES.inc()
    logger.error("cannot render", notice=str(notice.notice_id), number=notice.number, exc_info=error)
    with suppress(asyncpg.InterfaceError):
        await store.render_failed(db, notice.notice_id, repr(error))


def _notes(fonts: Fonts) -> Iterator[str]:
    """What a reader should know: free fonts in place of those the standard names."""
    for typeface, family in set_in(fonts).items():
        if family in COMMON:
            yield f"以{COMMON[family]}代替{typeface}"
