"""One month's board of 117 counties over 76,788 parts: one SQL from scratch, against plain Python and a bare scan."""

from collections import defaultdict
from datetime import UTC, datetime
from uuid import UUID

from asyncpg import Connection

from bench._lab import ROUNDS, Contest, run, service
from contracts.terms import PeerGroup
from services.ranking import handlers, store, ticks
from services.ranking.domain.board import standings
from services.ranking.domain.evidence import Evidence, Red, Window, evidence
from services.ranking.domain.part import Part
from services.ranking.domain.period import Period
from services.ranking.domain.scheme import SCHEME
from services.ranking.domain.snapshot import Snapshot, digest_of, heading, noticed, written
from services.ranking.store.facts import PARTS

COUNT = 76_788
WINDOW = Window.of(Period(2026, 10), datetime(2026, 11, 2, 1, tzinfo=UTC))
OURS, TWIN, SCAN = "one SQL from scratch, with digest", "plain Python over loaded facts", "select count(*) of the facts"

FACTS = f"""
insert into unit select format('14.%s.%s.000.gov', lpad((n / 11 + 1)::text, 2, '0'), lpad((n % 11 + 1)::text, 2, '0')),
    format('第%s县政府', n), 'government' from generate_series(0, 116) n;
insert into part
select gen_random_uuid(), 'county', unit.address, unit.name, t0, t0 + interval '33 h', t0 + interval '1 h' * (d % 40),
    t0 + interval '81 h', t0 + interval '1 h' * (d % 90), due, case when d % 10 < 8 then done end, null,
    case when d % 10 < 7 then done + interval '3 days' end, case when d % 10 < 7 then done <= due end,
    case when d % 10 < 8 then array[t0, done] else array[t0] end,
    case when d % 4 = 0 then array['2026-10'] else array['2026-09'] end, false, '{{}}'
from generate_series(1, {COUNT}) n, lateral (select hashint4(n) & 1048575 as d) dice,
    lateral (select '2026-07-01 02:00Z'::timestamptz + interval '1 h' * (d % 2800) as t0) began,
    lateral (select t0 + interval '1 day' * (7 + d % 60) as due, t0 + interval '1 day' * (5 + d % 66) as done) ends,
    unit where unit.address = format('14.%s.%s.000.gov', lpad((n % 117 / 11 + 1)::text, 2, '0'),
        lpad((n % 117 % 11 + 1)::text, 2, '0'));
insert into red select assignment_id, 1, original_due, case when not closed_in_time then closed_at end
from part where not coalesce(closed_in_time, false);
insert into urging select gen_random_uuid(), gen_random_uuid(), 'county', place, original_due
from part where not coalesce(closed_in_time, false) and hashtext(assignment_id::text) % 5 = 0;
analyze;
"""


async def contest(lab: Contest) -> None:
    """The same board three ways; ours and the twin must agree to the last bit."""
    async with room(lab.servers, "ranking", handlers, ticks) as here, here.pool.acquire() as db:
        await db.execute(FACTS)
        loaded = await load(db)
        board, _ = await store.board(db, WINDOW, PeerGroup.COUNTY, SCHEME)
        if twin(*loaded) != (board.standings, board.digest):
            raise SystemExit("the SQL and the plain Python disagree")
        for _ in range(ROUNDS):
            await lab.round(OURS, lambda: ours(db))
            await lab.round(TWIN, lambda: plain(loaded))
            await lab.round(SCAN, lambda: scan(db))
    ours_ms, twin_ms, scan_ms = (1000 / lab.rate(name) for name in (OURS, TWIN, SCAN))
    size = f"{COUNT} 件、{len(board.standings)} 县"
    print(f"\n  {size}：{ours_ms:.0f} ms，纯 Python {twin_ms:.0f} ms，扫描 {scan_ms:.0f} ms")
    lab.report(
        {
            "wall, ours / plain Python": (ours_ms / twin_ms, "≤ 0.5"),
            "wall, ours / bare scan": (ours_ms / scan_ms, "–"),
        }
    )


Loaded = tuple[list[Part], dict[UUID, list[Red]], list[tuple[str, UUID]], dict[str, str]]


async def load(db: Connection) -> Loaded:
    """Everything a board needs, resident in Python."""
    parts = PARTS.validate_json(await db.fetchval("select jsonb_agg(to_jsonb(part)) from part"))
    reds: dict[UUID, list[Red]] = defaultdict(list)
    for row in await db.fetch("select * from red order by assignment_id, version"):
        reds[row["assignment_id"]].append(Red(row["at"], row["until"]))
    sent = await db.fetch("select * from urging where at >= $1 and at < $2", WINDOW.period.start, WINDOW.cut)
    names = {row["address"]: row["name"] for row in await db.fetch("select * from unit")}
    return parts, reds, [(row["place"], row["delivery_id"]) for row in sent], names


def twin(parts: list[Part], reds: dict[UUID, list[Red]], sent: list[tuple[str, UUID]], names: dict[str, str]) -> object:
    """Standings and digest by the domain's own functions."""
    rows: list[Evidence] = [e for part in parts if (e := evidence(part, reds.get(part.assignment_id, ()), WINDOW))]
    snapshot = Snapshot(tuple(rows), tuple(sent))
    digest = digest_of(written(heading(WINDOW.period, PeerGroup.COUNTY, SCHEME), snapshot))
    return standings(rows, noticed(snapshot), names, SCHEME), digest


async def ours(db: Connection) -> int:
    """As the service computes it."""
    await store.board(db, WINDOW, PeerGroup.COUNTY, SCHEME)
    return 1


async def plain(loaded: Loaded) -> int:
    """Without a database."""
    twin(*loaded)
    return 1


async def scan(db: Connection) -> int:
    """No less can be read."""
    await db.fetchval("select count(*) from part where turns is not null")
    await db.fetchval("select count(*) from red")
    return 1


if __name__ == "__main__":
    run("ranking", contest)
