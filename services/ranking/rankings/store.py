"""The rankings: one statement that computes one from the facts alone, and those that were emitted."""

from datetime import datetime
from typing import NamedTuple

from asyncpg import Connection
from pydantic import TypeAdapter

from contracts.ranking import Ranking, RankingRow
from contracts.terms import Indicator, PeerGroup
from services.ranking.facts.domain.period import Period, Window
from services.ranking.indicators.days_overdue import OVERDUE_AT_END
from services.ranking.indicators.outcome import COUNTING, RULES
from services.ranking.rankings.domain.ranks import Result
from services.ranking.rankings.domain.snapshot import heading
from services.ranking.schemes.domain import Scheme

ROWS = TypeAdapter(tuple[RankingRow, ...])
MEASURES = TypeAdapter(tuple[dict[str, object], ...])

_COUNTS = [(rule.indicator, f"{rule.indicator}_n", f"{rule.indicator}_d") for rule in RULES]
_COUNTED = [f"{rule.numerator} as {rule.indicator}_n, {rule.denominator} as {rule.indicator}_d" for rule in RULES]
_ON_TIME = f"round(100.0 * {Indicator.CLOSED_IN_TIME}_n / nullif({Indicator.CLOSED_IN_TIME}_d, 0), 4)"

COMPUTE = f"""
with month as (
    select $1::text as peers, $2::timestamptz as start, $3::timestamptz as cut, $4::timestamptz as ending,
           $5::text as period, $6::date as last_day
), measure as (
    select indicator, weight, method, per_unit, floor, n
    from rows from (
        jsonb_to_recordset($7::jsonb) as (indicator text, weight numeric, method text, per_unit numeric, floor numeric)
    ) with ordinality as m (indicator, weight, method, per_unit, floor, n)
), ranked as (
    select address as ranked_unit, name from unit, month
    where kind not in ('zone', 'group')
      and (valid_from is null or valid_from <= last_day) and (valid_to is null or valid_to >= last_day)
), decided as materialized (
    select ranked_unit, assignment_id, {OVERDUE_AT_END} as overdue, {", ".join(rule.columns for rule in RULES)}
    from month join evidence using (peers) join ranked using (ranked_unit) left join overdue using (assignment_id)
    where {COUNTING}
), outcome as materialized (
    select ranked_unit, assignment_id, overdue, {", ".join(_COUNTED)}
    from decided
), urged as materialized (
    select ranked_unit, delivery_id from month join urging using (peers) join ranked using (ranked_unit)
    where sent_at >= start and sent_at < cut and (withdrawn_at is null or withdrawn_at >= cut)
), tally as (
    select ranked_unit, {", ".join(f"sum({n}) as {n}, sum({d}) as {d}" for _, n, d in _COUNTS)},
           count(*) filter (where overdue) as overdue,
           (select count(*) from urged where urged.ranked_unit = outcome.ranked_unit) as notices
    from outcome group by ranked_unit
), score as (
    select ranked_unit, measure.n, indicator, weight, method, num, den,
           case when method = 'ratio' then round(weight * least(num, den) / nullif(den, 0), 4)
                when den > 0 then round(greatest(floor, weight - per_unit * num / den), 4) end as points
    from tally cross join lateral (
        values {", ".join(f"('{indicator}', {n}, {d})" for indicator, n, d in _COUNTS)}
    ) as counts (indicator, num, den) join measure using (indicator)
), scored as (
    select ranked_unit, round(100 * sum(points) / sum(weight) filter (where points is not null), 4) as score,
           jsonb_agg(jsonb_build_object(
               'indicator', indicator, 'numerator', num::text, 'denominator', den::text, 'points', points::text,
               'weight', weight::text) order by n) as scores
    from score group by ranked_unit
    having bool_or(method = 'ratio' and points is not null)
), placed as (
    select ranked_unit, name, score, scores, overdue, {_ON_TIME} as on_time, notices
    from scored join tally using (ranked_unit) join ranked using (ranked_unit)
), row as (
    select rank() over (order by score desc, overdue, on_time desc nulls last, notices) as rank, placed.* from placed
), line as (
    select concat('A|', ranked_unit, '|', assignment_id, {"".join(f"'|', {n}, '/', {d}, " for _, n, d in _COUNTS)}
                  '|', overdue::int, E'\\n') collate "C" as line
    from outcome
    union all select concat('N|', ranked_unit, '|', delivery_id, E'\\n') from urged
), input as materialized (
    select $8::text || coalesce(string_agg(line, '' order by line collate "C"), '') as input from line
)
select (
    select coalesce(jsonb_agg(jsonb_build_object(
        'rank', rank, 'unit', ranked_unit, 'name', name, 'score', score::text, 'scores', scores, 'overdue', overdue,
        'on_time_original', on_time::text, 'notices', notices) order by rank, ranked_unit), '[]') from row
) as rows, encode(sha256(convert_to(input, 'UTF8')), 'hex') as digest, case when $9 then input else '' end as input
from input
"""

TO_COMPUTE = """
select coalesce((select n from edition), 0) as edition where not exists (
    select from computation where $1 < at + interval '5 seconds'
    or edition = coalesce((select n from edition), 0)
       and (at at time zone 'Asia/Shanghai')::date = ($1 at time zone 'Asia/Shanghai')::date
)
"""
SAVE_COMPUTATION = """
insert into computation (edition, at) values ($1, $2)
on conflict (one) do update set edition = excluded.edition, at = excluded.at
"""
DRAFT = "select version, digest from draft where period = $1 and peers = $2"
SAVE_DRAFT = """
insert into draft (period, peers, version, digest) values ($1, $2, $3, $4)
on conflict (period, peers) do update set version = excluded.version, digest = excluded.digest
"""
LAST = "select revision as version, digest from ranking where period = $1 and peers = $2 order by revision desc limit 1"
SAVE_REVISION = "insert into ranking (period, peers, revision, digest, ranking) values ($1, $2, $3, $4, $5)"
PUBLISHED = "select distinct period from ranking"
LOCK = "select pg_advisory_xact_lock(hashtextextended('ranking.publish', 0))"


class Last(NamedTuple):
    """The last draft or revision of one ranking; version 0 before the first."""

    version: int = 0
    digest: str = ""


async def compute(
    db: Connection, window: Window, group: PeerGroup, scheme: Scheme, with_input: bool = False
) -> tuple[Result, str]:
    """The ranking of one group for one month, and its canonical input, empty unless asked for."""
    period = window.period
    measures = MEASURES.dump_json(tuple(m.model_dump(mode="json") for m in scheme.measures)).decode()
    month = (group, period.start, window.cut, period.end, str(period), window.last_day)
    row = await db.fetchrow(COMPUTE, *month, measures, heading(period, group, scheme), with_input)
    return Result(window, group, scheme.version, ROWS.validate_json(row["rows"]), row["digest"]), row["input"]


async def edition_to_compute(db: Connection, now: datetime) -> int | None:
    """The facts' edition, if the running rankings may differ from it; at most every 5 s†, and once a day by itself."""
    return await db.fetchval(TO_COMPUTE, now)


async def save_computation(db: Connection, edition: int, now: datetime) -> None:
    """The running rankings were computed from this edition."""
    await db.execute(SAVE_COMPUTATION, edition, now)


async def draft(db: Connection, period: Period, group: PeerGroup) -> Last:
    """The last draft of a running month."""
    row = await db.fetchrow(DRAFT, str(period), group)
    return Last(**row) if row else Last()


async def save_draft(db: Connection, ranking: Ranking) -> None:
    """The draft as it now stands."""
    await db.execute(SAVE_DRAFT, ranking.period, ranking.group, ranking.version, ranking.digest)


async def revision(db: Connection, period: Period, group: PeerGroup) -> Last:
    """The last revision of a published month."""
    row = await db.fetchrow(LAST, str(period), group)
    return Last(**row) if row else Last()


async def save_revision(db: Connection, ranking: Ranking) -> None:
    """One more revision."""
    about = (ranking.period, ranking.group, ranking.revision, ranking.digest)
    await db.execute(SAVE_REVISION, *about, ranking.model_dump_json())


async def published(db: Connection) -> set[Period]:
    """The months that were published."""
    return {Period.read(row["period"]) for row in await db.fetch(PUBLISHED)}


async def lock_publishing(db: Connection) -> None:
    """Whoever else publishes waits for the commit."""
    await db.execute(LOCK)
