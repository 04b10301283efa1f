"""The words of ranking: the running board for its issuer, the finished one for all, and why one is not published."""

from dataclasses import dataclass
from datetime import datetime

from contracts.envelope import Actor, ActorRole
from contracts.events.ranking import RankingComputed, RankingPublished
from contracts.ranking import RankingRow
from contracts.refusals import Refused
from contracts.region import Node
from contracts.terms import PeerGroup
from contracts.units import OFFICE, address_at, everyone, node_of
from services.ranking.domain.evidence import Window
from services.ranking.domain.period import Period


@dataclass(frozen=True, slots=True)
class Board:
    """The board of one group for one month (排名); digest: SHA-256 of the canonical input."""

    window: Window
    group: PeerGroup
    scheme_version: int
    standings: tuple[RankingRow, ...]
    digest: str

    @property
    def key(self) -> str:
        """How its aggregates are named."""
        return f"{self.window.period}.{self.group}"


def computed(board: Board, version: int, now: datetime, node: Node) -> RankingComputed:
    """The running month as it stands; not yet released, so it carries the issuer's address."""
    office = address_at(node, OFFICE)
    return RankingComputed(
        time=now,
        aggregate=f"ranking_draft/{board.key}",
        version=version,
        owner=node,
        address=office,
        audience=(office,),
        period=str(board.window.period),
        group=board.group,
        scheme_version=board.scheme_version,
        as_of=board.window.cut,
        standings=board.standings,
        digest=board.digest,
    )


def published(board: Board, revision: int, now: datetime, node: Node) -> RankingPublished:
    """A finished month, for all; it never changes, a later revision is one more event."""
    address = everyone(node)
    return RankingPublished(
        time=now,
        aggregate=f"ranking/{board.key}",
        version=revision,
        owner=node,
        address=address,
        audience=(address,),
        period=str(board.window.period),
        group=board.group,
        revision=revision,
        scheme_version=board.scheme_version,
        as_of=board.window.cut,
        standings=board.standings,
        digest=board.digest,
    )


def refusal(actor: Actor, period: Period, known: Period | None, now: datetime, node: Node) -> Refused | None:
    """Why a month's boards may not be published by this person, or not now; `known`: the first month with facts."""
    if not actor.may(ActorRole.SUPERVISOR, ActorRole.LEADER) or node_of(actor.unit) != node:
        return Refused(code="forbidden", message="只有本级督查负责人或领导可以公布排名", pointer="/actor")
    if now < period.end:
        message = f"{period}尚未结束，排名还在变动；请在次月1日以后公布"
        return Refused(code="period_running", message=message, pointer="/period")
    if known is None or period < known:
        first = f"，最早可公布的是{known}" if known else ""
        return Refused(code="nothing_known", message=f"{period}没有交办件，无从排名{first}", pointer="/period")
    return None


def behind(waiting: int) -> Refused:
    """Not everything that was said has been heard."""
    message = f"还有{waiting}条消息没有处理完，现在公布会有遗漏；请稍后再试"
    return Refused(code="behind", message=message, pointer="/period")


def unchanged(period: Period) -> Refused:
    """A revision would hold the same digits."""
    message = f"按现有数据重新计算{period}，结果与已公布的完全相同，无须重新公布"
    return Refused(code="unchanged", message=message, pointer="/period")
