"""Below the chassis: what is being done and because of what, as W3C traceparents say it; spans where recorded."""

from services.chassis.tracing.work import TRACEPARENT as TRACEPARENT
from services.chassis.tracing.work import WORK as WORK
from services.chassis.tracing.work import Again as Again
from services.chassis.tracing.work import Span as Span
from services.chassis.tracing.work import Work as Work
from services.chassis.tracing.work import now as now
from services.chassis.tracing.work import on_line as on_line
