"""One month's ranking of 117 counties over 76,788 assignments: one SQL from scratch, plain Python, a bare scan."""

from datetime import UTC, datetime
from uuid import UUID

from asyncpg import Connection

from bench._lab import ROUNDS, Contest, run, service
from contracts.terms import PeerGroup
from services.ranking import handlers, ticks
from services.ranking.facts.domain.evidence import Evidence
from services.ranking.facts.domain.period import Period, Window
from services.ranking.facts.store import ROWS
from services.ranking.indicators.outcome import outcome
from services.ranking.rankings import store
from services.ranking.rankings.domain.ranks import ranked
from services.ranking.rankings.domain.snapshot import Snapshot, digest_of, heading, write
from services.ranking.schemes.domain import SCHEME

COUNT = 76_788
WINDOW = Window.of(Period(2026, 10), datetime(2026, 11, 2, 1, tzinfo=UTC))
OURS, TWIN, SCAN = "one SQL from scratch, with digest", "plain Python over loaded facts", "select count(*) of the facts"

FACTS = f"""
insert into unit select format('14.%s.%s.000.gov', lpad((n / 11 + 1)::text, 2, '0'), lpad((n % 11 + 1)::text, 2, '0')),
    format('第%s县政府', n), 'government', '' from generate_series(0, 116) n;
insert into evidence (
    assignment_id, peers, ranked_unit, issued_at, receipt_due, acknowledged_at, feedback_due, fed_back_at, rated_due,
    on_time, closed_at, turns, months, pauses
)
select gen_random_uuid(), 'county', unit.address, t0, t0 + interval '33 h', t0 + interval '1 h' * (d % 40),
    t0 + interval '81 h', t0 + interval '1 h' * (d % 90), due, case when d % 10 < 8 then done <= due end,
    case when d % 10 < 7 then done + interval '3 days' end,
    case when d % 10 < 8 then array[t0, done] else array[t0] end,
    case when d % 4 = 0 then array['2026-10'] else array['2026-09'] end, '{{}}'
from generate_series(1, {COUNT}) n, lateral (select hashint4(n) & 1048575 as d) dice,
    lateral (select '2026-07-01 02:00Z'::timestamptz + interval '1 h' * (d % 2800) as t0) began,
    lateral (select t0 + interval '1 day' * (7 + d % 60) as due, t0 + interval '1 day' * (5 + d % 66) as done) ends,
    unit where unit.address = format('14.%s.%s.000.gov', lpad((n % 117 / 11 + 1)::text, 2, '0'),
        lpad((n % 117 % 11 + 1)::text, 2, '0'));
insert into overdue
select assignment_id, array_remove(array[rated_due, case when not on_time then closed_at end], null)
from evidence where closed_at is null or not on_time;
insert into urging select gen_random_uuid(), 'county', ranked_unit, rated_due
from evidence where (closed_at is null or not on_time) and hashtext(assignment_id::text) % 5 = 0;
analyze;
"""


async def contest(lab: Contest) -> None:
    """The same ranking three ways; ours and the twin must agree to the last bit."""
    async with service(lab.servers, "ranking", handlers, ticks) as ranking, ranking.pool.acquire() as db:
        await db.execute(FACTS)
        facts = await load(db)
        result, _ = await store.compute(db, WINDOW, PeerGroup.COUNTY, SCHEME)
        if twin(*facts) != (result.rows, result.digest):
            raise SystemExit("the SQL and the plain Python disagree")
        for _ in range(ROUNDS):
            await lab.round(OURS, lambda: ours(db))
            await lab.round(TWIN, lambda: plain(facts))
            await lab.round(SCAN, lambda: scan(db))
    ours_ms, twin_ms, scan_ms = (1000 / lab.rate(name) for name in (OURS, TWIN, SCAN))
    size = f"{COUNT} 件、{len(result.rows)} 县"
    print(f"\n  {size}：{ours_ms:.0f} ms，纯 Python {twin_ms:.0f} ms，扫描 {scan_ms:.0f} ms")
    lab.report(
        {
            "wall, ours / plain Python": (ours_ms / twin_ms, "≤ 0.5"),
            "wall, ours / bare scan": (ours_ms / scan_ms, "–"),
        }
    )


Facts = tuple[list[Evidence], dict[UUID, tuple[datetime, ...]], list[tuple[str, UUID]], dict[str, str]]


async def load(db: Connection) -> Facts:
    """Everything a ranking needs, resident in Python."""
    evidence = ROWS.validate_json(await db.fetchval("select jsonb_agg(to_jsonb(evidence)) from evidence"))
    overdue = {row["assignment_id"]: tuple(row["overdue_turns"]) for row in await db.fetch("select * from overdue")}
    sent = await db.fetch("select * from urging where sent_at >= $1 and sent_at < $2", WINDOW.period.start, WINDOW.cut)
    names = {row["address"]: row["name"] for row in await db.fetch("select * from unit")}
    return evidence, overdue, [(row["ranked_unit"], row["delivery_id"]) for row in sent], names


def twin(
    evidence: list[Evidence],
    overdue: dict[UUID, tuple[datetime, ...]],
    sent: list[tuple[str, UUID]],
    names: dict[str, str],
) -> object:
    """Rows and digest by the domain's own functions."""
    rows = [outcome(each, overdue.get(each.assignment_id, ()), WINDOW) for each in evidence]
    snapshot = Snapshot(tuple(row for row in rows if row), tuple(sent))
    digest = digest_of(write(heading(WINDOW.period, PeerGroup.COUNTY, SCHEME), snapshot))
    return ranked(snapshot.outcomes, snapshot.notices, names, SCHEME), digest


async def ours(db: Connection) -> int:
    """As the service computes it."""
    await store.compute(db, WINDOW, PeerGroup.COUNTY, SCHEME)
    return 1


async def plain(facts: Facts) -> int:
    """Without a database."""
    twin(*facts)
    return 1


async def scan(db: Connection) -> int:
    """No less can be read."""
    await db.fetchval("select count(*) from evidence where turns is not null")
    await db.fetchval("select count(*) from overdue")
    return 1


if __name__ == "__main__":
    run("ranking", contest)
