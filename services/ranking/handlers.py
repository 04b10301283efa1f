"""Every handler of the slices, where the chassis finds them."""

from services.ranking.facts.handlers import on_assignment as on_assignment
from services.ranking.facts.handlers import on_calendar_revised as on_calendar_revised
from services.ranking.facts.handlers import on_clock_missed as on_clock_missed
from services.ranking.facts.handlers import on_delivery as on_delivery
from services.ranking.facts.handlers import on_light as on_light
from services.ranking.facts.handlers import on_unit as on_unit
from services.ranking.rankings.handlers import on_ranking_computed as on_ranking_computed
from services.ranking.rankings.handlers import on_ranking_published as on_ranking_published
from services.ranking.rankings.handlers import publish_ranking as publish_ranking
from services.ranking.schemes.handlers import on_policy_published as on_policy_published
