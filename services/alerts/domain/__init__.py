"""Which light an assignment and its task show, and when time alone will change it; pure. R2."""

from services.alerts.domain.assignment import AssignmentLight, schedule_of
from services.alerts.domain.events import Emitted, EmittedAlarm, alarms_of, in_order
from services.alerts.domain.light import Verdict
from services.alerts.domain.policy import LightPolicy, policy_published
from services.alerts.domain.rules import Rules
from services.alerts.domain.task import TaskLight, decide, decide_until

__all__ = [
    "AssignmentLight",
    "Emitted",
    "EmittedAlarm",
    "LightPolicy",
    "Rules",
    "TaskLight",
    "Verdict",
    "alarms_of",
    "decide",
    "decide_until",
    "in_order",
    "policy_published",
    "schedule_of",
]
