"""Every handler of ranking: those of its slices."""

from services.ranking.facts import handlers as facts
from services.ranking.rankings import handlers as rankings
from services.ranking.schemes import handlers as schemes

__all__ = ["facts", "rankings", "schemes"]
