"""Every tick of notices, gathered from its slices."""

from services.notices.documents.ticks import escalate as escalate
from services.notices.documents.ticks import sign_automatic as sign_automatic
from services.notices.ladder.ticks import publish_ladder as publish_ladder
from services.notices.numbers.ticks import publish_numbering as publish_numbering
