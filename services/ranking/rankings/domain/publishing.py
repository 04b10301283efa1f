"""A computed ranking as its office issues it: the running month for itself, a finished one for all; and why not yet."""

from datetime import datetime
from typing import TypeVar

from contracts.envelope import Actor
from contracts.events.ranking import RankingComputed, RankingEvent, RankingPublished
from contracts.offices import HEADS, Issued, oversees
from contracts.ranking import Ranking
from contracts.refusals import Refused
from contracts.region import Node
from contracts.units import UnitAddress, everyone
from services.ranking.facts.domain.period import Period
from services.ranking.rankings.domain.ranks import Result
from services.ranking.refusals import Code, refuse

E = TypeVar("E", bound=RankingEvent)


def computed(result: Result, office: Issued, version: int, now: datetime, node: Node) -> RankingComputed:
    """The running month as it stands: not released yet, so its address and its audience are the issuer."""
    ranking = _ranking(result, office, version, node)
    return _event(RankingComputed, "ranking_draft", ranking, office.issuer, now)


def published(result: Result, office: Issued, revision: int, now: datetime, node: Node) -> RankingPublished:
    """A finished month."""
    ranking = _ranking(result, office, revision, node)
    ranking = ranking.model_copy(update={"revision": revision, "published": True})
    return _event(RankingPublished, "ranking", ranking, everyone(node), now)


def may_publish(actor: Actor, office: Issued) -> bool:
    """The office's own supervisor, or a leader of its government. §1b"""
    return oversees(actor, office, *HEADS)


def forbidden() -> Refused:
    """Not this person."""
    return refuse(Code.FORBIDDEN, "只有本级政府办公厅（室）的督查负责人或本级政府领导可以公布排名", "/actor")


def not_yet(period: Period, first: Period | None, now: datetime) -> Refused | None:
    """Why this month cannot be published now; `first`: the first month in which anything was issued."""
    if now < period.end:
        return refuse(Code.PERIOD_RUNNING, f"{period}尚未结束，排名还在变动；请在次月1日以后公布", "/period")
    if first is None or period < first:
        earliest = f"，最早可公布的是{first}" if first else ""
        return refuse(Code.NOTHING_ISSUED, f"{period}没有交办件，无从排名{earliest}", "/period")
    return None


def behind(waiting: int) -> Refused:
    """Events wait that may belong to the month."""
    return refuse(Code.BEHIND, f"还有{waiting}条消息没有处理完，现在公布会有遗漏；请稍后再试", "/period")


def unchanged(period: Period) -> Refused:
    """A revision would hold the same digits."""
    return refuse(Code.UNCHANGED, f"按现有数据重新计算{period}，结果与已公布的完全相同，无须重新公布", "/period")


def _ranking(result: Result, office: Issued, version: int, node: Node) -> Ranking:
    return Ranking(
        issuer=office.issuer,
        issuer_name=office.issuer_name,
        leadership=office.leadership,
        version=version,
        owner=node,
        period=str(result.window.period),
        group=result.group,
        scheme_version=result.scheme_version,
        as_of=result.window.cut,
        rows=result.rows,
        digest=result.digest,
    )


def _event(kind: type[E], entity: str, ranking: Ranking, address: UnitAddress, now: datetime) -> E:
    return kind(
        time=now,
        aggregate=f"{entity}/{ranking.period}.{ranking.group}",
        version=ranking.version,
        owner=ranking.owner,
        address=address,
        audience=(address,),
        ranking=ranking,
    )
