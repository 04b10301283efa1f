"""Every handler of notices, gathered from its slices."""

from services.notices.deliveries.handlers import receive_notice as receive_notice
from services.notices.deliveries.handlers import store_deliveries as store_deliveries
from services.notices.documents.handlers import draft_notice as draft_notice
from services.notices.documents.handlers import on_unit as on_unit
from services.notices.documents.handlers import sign_notice as sign_notice
from services.notices.documents.handlers import store_drafts as store_drafts
from services.notices.documents.handlers import store_notices as store_notices
from services.notices.documents.handlers import store_signed as store_signed
from services.notices.documents.handlers import void_notice as void_notice
from services.notices.ladder.handlers import on_assignment as on_assignment
from services.notices.ladder.handlers import on_calendar_revised as on_calendar_revised
from services.notices.ladder.handlers import on_clock_due_soon as on_clock_due_soon
from services.notices.ladder.handlers import on_clock_missed as on_clock_missed
from services.notices.ladder.handlers import on_light as on_light
from services.notices.ladder.handlers import store_policy as store_policy
