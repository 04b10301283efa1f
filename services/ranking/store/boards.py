"""The boards: one statement that computes one from scratch, and those that were said."""

import json
from datetime import datetime
from typing import NamedTuple

from asyncpg import Connection
from pydantic import TypeAdapter

from contracts.events.ranking import RankingComputed, RankingPublished
from contracts.events.register import PolicyPublished
from contracts.ranking import RankingRow
from contracts.terms import PeerGroup
from services.ranking.domain.evidence import Window
from services.ranking.domain.period import Period
from services.ranking.domain.saying import Board
from services.ranking.domain.scheme import Scheme
from services.ranking.domain.snapshot import heading

SCHEMES = TypeAdapter(list[Scheme])
STANDINGS = TypeAdapter(tuple[RankingRow, ...])
MEASURES = TypeAdapter(tuple[dict[str, object], ...])

BOARD = """
with bounds as (
    select $1::text as peers, $2::timestamptz as start, $3::timestamptz as cut, $4::timestamptz as ending,
           $5::text as period
), measure as (
    select indicator, weight, method, per_unit, floor, n
    from rows from (
        jsonb_to_recordset($6::jsonb) as (indicator text, weight numeric, method text, per_unit numeric, floor numeric)
    ) with ordinality as m (indicator, weight, method, per_unit, floor, n)
), days as (
    select assignment_id, bool_or(until is null or until >= cut) as overdue,
           sum((least(until, cut) at time zone 'Asia/Shanghai')::date
               - (greatest(at, start) at time zone 'Asia/Shanghai')::date
               - case when pauses = '{}' then 0 else (
                   select sum(greatest(0,
                       (least(until, cut, pauses[n + 1]) at time zone 'Asia/Shanghai')::date
                       - (greatest(at, start, pauses[n]) at time zone 'Asia/Shanghai')::date))
                   from generate_series(1, cardinality(pauses), 2) n) end) as days
    from bounds, red join part using (assignment_id)
    where at < cut and (until is null or until > start)
    group by assignment_id
), in_hand as (
    select part.*, start, cut, ending, period,
           case when receipt_due is not null
                then greatest(least(acknowledged_at, receipt_due), known_at) end as receipt_at,
           case when feedback_due is not null
                then greatest(least(fed_back_at, feedback_due), known_at) end as feedback_at,
           case when closed_in_time then closed_at
                when submitted_at <= original_due then lost_at
                when original_due is not null
                then coalesce(lost_at, greatest(original_due, known_at)) end as resolved_at,
           width_bucket(start, turns) as begun
    from bounds join part using (peers)
    where known_at < cut and (closed_at is null or closed_at >= start) and (left_at is null or left_at >= cut)
      and not exists (select from unit where address = place and kind = 'zone')
), evidence as materialized (
    select place, assignment_id,
           case when receipt_at >= start and receipt_at < cut
                then coalesce(acknowledged_at <= receipt_due, false) end as acknowledged,
           case when feedback_at >= start and feedback_at < cut
                then coalesce(fed_back_at <= feedback_due, false) end as fed_back,
           case when begun % 2 = 0 then null
                when period = any (reported) then true
                when cut >= ending then false end as reported,
           case when resolved_at >= start and resolved_at < cut
                then coalesce(closed_in_time, false) end as closed,
           coalesce(days, 0) as days_overdue,
           coalesce(overdue, false) as overdue
    from in_hand left join days using (assignment_id)
), urged as materialized (
    select place, delivery_id from bounds join urging using (peers)
    where at >= start and at < cut
      and not exists (select from void where void.notice_id = urging.notice_id and void.at < cut)
), tally as (
    select place,
           count(*) filter (where acknowledged) as n1, count(acknowledged) as d1,
           count(*) filter (where fed_back) + count(*) filter (where reported) as n2,
           count(fed_back) + count(reported) as d2,
           count(*) filter (where closed) as n3, count(closed) as d3,
           sum(days_overdue) as n4, count(*) as d4,
           count(*) filter (where overdue) as overdue,
           (select count(*) from urged where urged.place = evidence.place) as notices
    from evidence group by place
), cell as (
    select place, n, indicator, weight, method, num, den,
           case when method = 'ratio' then round(weight * least(num, den) / nullif(den, 0), 4)
                when den > 0 then round(greatest(floor, weight - per_unit * num / den), 4) end as points
    from tally cross join lateral (values
        ('acknowledged_in_time', n1, d1), ('reported_in_time', n2, d2), ('closed_in_time', n3, d3),
        ('days_overdue', n4, d4)
    ) as counted (indicator, num, den) join measure using (indicator)
), scored as (
    select place, round(100 * sum(points) / sum(weight) filter (where points is not null), 4) as score,
           jsonb_agg(jsonb_build_object(
               'indicator', indicator, 'numerator', num::text, 'denominator', den::text, 'points', points::text,
               'weight', weight::text) order by n) as cells
    from cell group by place
    having bool_or(method = 'ratio' and points is not null)
), placed as (
    select place, score, cells, overdue, round(100.0 * n3 / nullif(d3, 0), 4) as on_time, notices
    from scored join tally using (place)
), standing as (
    select rank() over (order by score desc, overdue, on_time desc nulls last, notices) as rank, place, score, cells,
           overdue, on_time, notices, coalesce(unit.name, (
               select part.name from part where part.place = placed.place order by known_at desc, assignment_id limit 1
           )) as name
    from placed left join unit on address = place
), line as (
    select concat('P|', place, '|', assignment_id, '|', acknowledged::int, '|', fed_back::int, '|', reported::int, '|',
                  closed::int, '|', days_overdue, '|', overdue::int, E'\\n') collate "C" as line
    from evidence
    union all select concat('N|', place, '|', delivery_id, E'\\n') from urged
), input as materialized (
    select $7::text || coalesce(string_agg(line, '' order by line collate "C"), '') as input from line
)
select (
    select coalesce(jsonb_agg(jsonb_build_object(
        'rank', rank, 'unit', place, 'name', name, 'score', score::text, 'cells', cells, 'overdue', overdue,
        'on_time_original', on_time::text, 'notices', notices) order by rank, place), '[]') from standing
) as standings, encode(sha256(convert_to(input, 'UTF8')), 'hex') as digest, case when $8 then input end as input
from input
"""

ALL_SCHEMES = """
select coalesce(jsonb_agg(jsonb_build_object('version', version, 'effective', effective) || values), '[]') from scheme
"""
ADOPT = "insert into scheme (version, effective, values) values ($1, $2, $3)"
DUE_A_LOOK = """
select coalesce((select n from edition), 0) as edition where not exists (
    select from look where $1 < at + interval '5 seconds'
    or edition = coalesce((select n from edition), 0)
       and (at at time zone 'Asia/Shanghai')::date = ($1 at time zone 'Asia/Shanghai')::date
)
"""
LOOKED = """
insert into look (edition, at) values ($1, $2)
on conflict (one) do update set edition = excluded.edition, at = excluded.at
"""
DRAFT = "select version, digest from draft where period = $1 and peers = $2"
KEEP_DRAFT = """
insert into draft (period, peers, version, digest) values ($1, $2, $3, $4)
on conflict (period, peers) do update set version = excluded.version, digest = excluded.digest
"""
LAST = "select revision as version, digest from board where period = $1 and peers = $2 order by revision desc limit 1"
KEEP_BOARD = "insert into board values ($1, $2, $3, $4, $5, $6, $7)"
PERIODS = "select distinct period from board"
HOLD = "select pg_advisory_xact_lock(hashtextextended('ranking.publish', 0))"


class Last(NamedTuple):
    """What was said last of one board; version 0 before the first time."""

    version: int = 0
    digest: str = ""


async def board(
    db: Connection, window: Window, group: PeerGroup, scheme: Scheme, keep: bool = False
) -> tuple[Board, str | None]:
    """The board of one group for one month from the facts alone, and with `keep` its canonical input."""
    period = window.period
    measures = MEASURES.dump_json(tuple(m.model_dump(mode="json") for m in scheme.measures)).decode()
    bounds = (group, period.start, window.cut, period.end, str(period))
    row = await db.fetchrow(BOARD, *bounds, measures, heading(period, group, scheme), keep)
    standings = STANDINGS.validate_json(row["standings"])
    return Board(window, group, scheme.version, standings, row["digest"]), row["input"]


async def schemes(db: Connection) -> list[Scheme]:
    """Every version of the scheme that was published."""
    return SCHEMES.validate_json(await db.fetchval(ALL_SCHEMES))


async def adopt(db: Connection, said: PolicyPublished) -> None:
    """A version of the scheme, as it was published."""
    await db.execute(ADOPT, said.policy_version, said.effective, json.dumps(dict(said.values)))


async def due_a_look(db: Connection, now: datetime) -> int | None:
    """The facts' edition, if the running boards may differ from it; at most every 5 s†, and once a day by itself."""
    return await db.fetchval(DUE_A_LOOK, now)


async def looked(db: Connection, edition: int, now: datetime) -> None:
    """The running boards were computed from this edition."""
    await db.execute(LOOKED, edition, now)


async def draft(db: Connection, period: Period, group: PeerGroup) -> Last:
    """The running board as last said."""
    row = await db.fetchrow(DRAFT, str(period), group)
    return Last(**row) if row else Last()


async def keep_draft(db: Connection, said: RankingComputed) -> None:
    """The running board as it is now said."""
    await db.execute(KEEP_DRAFT, said.period, said.group, said.version, said.digest)


async def revision(db: Connection, period: Period, group: PeerGroup) -> Last:
    """The latest revision of a published board."""
    row = await db.fetchrow(LAST, str(period), group)
    return Last(**row) if row else Last()


async def keep_board(db: Connection, said: RankingPublished) -> None:
    """A revision, never changed."""
    standings = STANDINGS.dump_json(said.standings).decode()
    facts = (said.revision, said.scheme_version, said.as_of, said.digest, standings)
    await db.execute(KEEP_BOARD, said.period, said.group, *facts)


async def published(db: Connection) -> set[Period]:
    """The months of which boards were published."""
    return {Period.read(row["period"]) for row in await db.fetch(PERIODS)}


async def hold(db: Connection) -> None:
    """Whoever else publishes waits for the commit."""
    await db.execute(HOLD)
