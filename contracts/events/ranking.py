"""What ranking emits: the monthly rankings."""

from ..envelope import Event
from ..ranking import Ranking


class RankingEvent(Event):
    """A ranking after the event (排名)."""

    type = "ranking"
    ranking: Ranking


class RankingComputed(RankingEvent):
    """The running month, for its issuer (排名试算). Aggregate `ranking_draft/<period>.<group>`. R4, R5."""

    type = "ranking.computed"


class RankingPublished(RankingEvent):
    """A month, for all (发布排名). Aggregate `ranking/<period>.<group>`; a recomputation is a new revision. R4, R5."""

    type = "ranking.published"
