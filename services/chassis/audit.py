"""Who did what: a plain row in the command's transaction, sealed into its unit's hash chain a moment later."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from asyncpg import Connection
from pydantic_core import to_json

from contracts.envelope import AuditAnchored, Command, Done, Event
from services.chassis import outbox, retention, tracing
from services.chassis.db import MONTHS
from services.chassis.service import Service

ALGORITHM = "sha256"
UNSEALED = "select seq, unit, entry from audit where hash is null order by seq limit 1000"
HEADS = "select unit, entries, hash from audit_head where unit = any($1)"
SEAL = """
update audit set hash = sealed.hash, place = sealed.place
from unnest($1::bigint[], $2::bigint[], $3::bytea[]) as sealed (seq, place, hash) where audit.seq = sealed.seq
"""
HEAD = """
insert into audit_head (unit, entries, hash) select * from unnest($1::text[], $2::bigint[], $3::bytea[])
on conflict (unit) do update set entries = excluded.entries, hash = excluded.hash, changed_at = now()
"""
UNANCHORED = """
update audit_head set anchors = anchors + 1, anchored_at = now()
where (anchored_at is null or anchored_at < changed_at and anchored_at < now() - make_interval(secs => $1))
returning unit, entries, hash, anchors, now() as now
"""
UNITS = """
select unit, coalesce(entries, 0) as entries, coalesce(hash, '') as hash from (
    select unit from audit_head union select unit from audit
    union select split_part(aggregate, current_schema || '.', 2) from outbox where type = 'audit.anchored'
) unit left join audit_head using (unit) order by unit
"""
CHAIN = "select seq, entry, hash from audit where unit = $1 order by place, seq"


def entry(command: Command, answer: Done, events: Sequence[Event], now: datetime) -> str:
    """One row: the whole command with its actor, and the first fifty events that followed, by name."""
    row = {
        "at": now,
        "type": command.type,
        "command": command,
        "aggregate": answer.aggregate,
        "version": answer.version,
        "events": [{"id": e.id, "type": e.type, "aggregate": e.aggregate, "version": e.version} for e in events[:50]],
        "event_count": len(events),
    }
    return to_json(row).decode()


def link(previous: bytes, entry: str) -> bytes:
    """The hash of an entry and of all before it."""
    return hashlib.new(ALGORITHM, previous + entry.encode()).digest()


async def seal(db: Connection, service: Service) -> None:
    """Chain new rows every second, anchor the heads as events now and then.

    Daily, make the log's next months, and forget what is too old: a batch a second, for whoever waits for the seal.
    """
    today, forgets = None, False
    while True:
        if today != (today := datetime.now(UTC).date()):
            await db.execute(MONTHS)
            forgets = True
        if forgets:
            forgets = await retention.forget(db)
        async with db.transaction():
            sealed = await seal_new(db)
            anchors = await anchored(db, service)
            with tracing.Work(f"{service.name}.seal"):
                await outbox.put(db, anchors)
        if anchors:
            await outbox.poke(service)
        if not sealed:
            await asyncio.sleep(service.settings.tick)


async def seal_new(db: Connection) -> int:
    """Chain the rows not yet sealed; how many."""
    rows = await db.fetch(UNSEALED)
    heads = {r["unit"]: (r["entries"], r["hash"]) for r in await db.fetch(HEADS, list({r["unit"] for r in rows}))}
    sealed = []
    for row in rows:
        entries, head = heads.get(row["unit"], (0, b""))
        heads[row["unit"]] = entries + 1, link(head, row["entry"])
        sealed.append((row["seq"], *heads[row["unit"]]))
    if rows:
        await db.execute(SEAL, *map(list, zip(*sealed, strict=True)))
        await db.execute(HEAD, list(heads), *map(list, zip(*heads.values(), strict=True)))
    return len(rows)


async def anchored(db: Connection, service: Service) -> list[AuditAnchored]:
    """The heads that changed since they were last anchored, as events."""
    return [
        AuditAnchored(
            time=row["now"],
            aggregate=f"audit/{service.name}.{row['unit']}",
            version=row["anchors"],
            owner=service.settings.node,
            address=row["unit"],
            service=service.name,
            unit=row["unit"],
            entries=row["entries"],
            algorithm=ALGORITHM,
            head=row["hash"].hex(),
        )
        for row in await db.fetch(UNANCHORED, service.settings.anchor)
    ]


async def verify(db: Connection) -> list[str]:
    """Recompute every chain against its rows, its head and its anchors; what does not fit, in Chinese."""
    wrong = []
    for head in await db.fetch(UNITS):
        links = {0: b""}
        for n, row in enumerate(await db.fetch(CHAIN, head["unit"]), 1):
            links[n] = link(links[n - 1], row["entry"])
            if row["hash"] is not None and row["hash"] != links[n]:
                wrong.append(f"{head['unit']} 第 {n} 条（第 {row['seq']} 行）被改动")
                break
        if links.get(head["entries"]) != head["hash"]:
            wrong.append(f"{head['unit']} 的链尾与链头所记的 {head['entries']} 条不符")
        for body in await db.fetch("select body from outbox where aggregate like 'audit/%.' || $1", head["unit"]):
            anchor = AuditAnchored.model_validate_json(body["body"])
            if links.get(anchor.entries, b"").hex() != anchor.head:
                wrong.append(f"{head['unit']} 的链与 {anchor.time.isoformat()} 的锚点不符")
    return wrong
