"""Every handler of notices: those of its slices."""

from services.notices.deliveries import handlers as deliveries
from services.notices.documents import handlers as documents
from services.notices.ladder import handlers as ladder

__all__ = ["deliveries", "documents", "ladder"]
