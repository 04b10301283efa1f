"""Every handler of the portal, gathered from its slices."""

from services.portal.feed.projection import on_any as on_any
from services.portal.notices.projection import on_delivery as on_delivery
from services.portal.notices.projection import on_notice as on_notice
from services.portal.rankings.projection import on_ranking as on_ranking
from services.portal.register.projection import on_calendar as on_calendar
from services.portal.register.projection import on_person as on_person
from services.portal.register.projection import on_policy as on_policy
from services.portal.register.projection import on_post as on_post
from services.portal.register.projection import on_unit as on_unit
from services.portal.task.projection import on_assignment as on_assignment
from services.portal.task.projection import on_light as on_light
from services.portal.task.projection import on_task as on_task

KEEPS = ("account", "session", "token", "upload", "answered", "webhook")
"""Tables that were never events: a rebuild leaves them."""
