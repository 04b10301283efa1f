"""Below the chassis: what is being done and because of what, as W3C traceparents say it; spans where recorded."""

from services.tracing.work import TRACEPARENT as TRACEPARENT
from services.tracing.work import WORK as WORK
from services.tracing.work import Again as Again
from services.tracing.work import Span as Span
from services.tracing.work import Work as Work
from services.tracing.work import now as now
from services.tracing.work import on_line as on_line
