"""All SQL that reads documents and deliveries."""

from collections import Counter
from uuid import UUID

from asyncpg import Connection, Record

from contracts.delivery import Delivery
from contracts.notice import Notice
from services.portal.identity.reader import Reader
from services.portal.web.conditions import visible, visible_here
from services.portal.web.cursors import Page, cut, moment, opened

PAGE = """
select n.notice_id, n.drafted_at, n.body, n.recipients,
    (select count(*) from delivery d where d.notice_id = n.notice_id) as deliveries,
    (select count(*) from delivery d where d.notice_id = n.notice_id and state = 'received') as received
from notice n where {} order by drafted_at desc, notice_id desc limit {}
"""
WAITING = "exists (select from delivery d where d.notice_id = n.notice_id and d.unit = {} and d.state = 'sent')"
CUBE = "select kind, state, count(*) as n from notice n where {} group by kind, state"
OF_TASK = """
select n.body from notice_task join notice n using (notice_id) where notice_task.task_id = {} and {}
order by drafted_at desc
"""

SENT = """
select delivery_id, sent_at, body from delivery d where {} order by sent_at desc, delivery_id desc limit {}
"""


async def page(
    db: Connection,
    reader: Reader,
    kind: str = "",
    state: str = "",
    waiting: bool = False,
    limit: int = 50,
    cursor: str = "",
) -> Page:
    """One page of documents, latest first; `waiting`: those the reader's unit has yet to receive."""
    condition = visible(reader, "notice", "n")
    if kind:
        condition.add("n.kind = {}", kind)
    if state:
        condition.add("n.state = {}", state)
    if waiting:
        condition.add(WAITING, reader.unit)
    if cursor:
        condition.add("(n.drafted_at, n.notice_id) < ({}, {})", *opened(cursor, moment, UUID))
    rows = await db.fetch(PAGE.format(condition.sql, limit + 1), *condition.parameters)
    return cut(rows, limit, "drafted_at", "notice_id")


async def counts(db: Connection, reader: Reader) -> dict[str, Counter[str]]:
    """How many documents of each kind, and in each state, a reader sees."""
    condition = visible(reader, "notice", "n")
    counted: dict[str, Counter[str]] = {"kind": Counter(), "state": Counter()}
    for row in await db.fetch(CUBE.format(condition.sql), *condition.parameters):
        counted["kind"][row["kind"]] += row["n"]
        counted["state"][row["state"]] += row["n"]
    return counted


async def one(db: Connection, reader: Reader, notice_id: UUID) -> Record | None:
    """One document, if the reader may see it."""
    condition = visible(reader, "notice", "n")
    condition.add("n.notice_id = {}", notice_id)
    return await db.fetchrow(f"select * from notice n where {condition.sql}", *condition.parameters)


async def of_task(db: Connection, reader: Reader, task_id: UUID) -> list[Notice]:
    """The documents about a task that the reader may see, latest first."""
    condition = visible(reader, "notice", "n")
    (task,) = condition.bind(task_id)
    rows = await db.fetch(OF_TASK.format(task, condition.sql), *condition.parameters)
    return [Notice.model_validate_json(row["body"]) for row in rows]


async def deliveries(db: Connection, reader: Reader, notice_id: UUID) -> list[Delivery]:
    """Who has it, as far as the reader may see: a recipient sees its own delivery alone."""
    condition = visible_here(reader, "d")
    condition.add("d.notice_id = {}", notice_id)
    statement = f"select body from delivery d where {condition.sql} order by unit"
    rows = await db.fetch(statement, *condition.parameters)
    return sorted((Delivery.model_validate_json(row["body"]) for row in rows), key=lambda each: each.copy_only)


async def deliveries_to(db: Connection, reader: Reader, state: str, limit: int, cursor: str) -> Page:
    """One page of what was sent to the reader's own units, latest first. Raises CursorInvalid."""
    condition = visible_here(reader, "d")
    condition.add("d.unit = any({}::text[])", sorted(reader.issuers))
    if state:
        condition.add("d.state = {}", state)
    if cursor:
        condition.add("(d.sent_at, d.delivery_id) < ({}, {})", *opened(cursor, moment, UUID))
    rows = await db.fetch(SENT.format(condition.sql, limit + 1), *condition.parameters)
    return cut(rows, limit, "sent_at", "delivery_id")


async def delivery(db: Connection, reader: Reader, delivery_id: UUID) -> Delivery | None:
    """One delivery, if the reader may see it."""
    condition = visible_here(reader, "d")
    condition.add("d.delivery_id = {}", delivery_id)
    body = await db.fetchval(f"select body from delivery d where {condition.sql}", *condition.parameters)
    return Delivery.model_validate_json(body) if body else None
