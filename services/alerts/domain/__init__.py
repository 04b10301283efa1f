"""Which light a part and a task show, and when time alone will change it; pure (R2)."""

from services.alerts.domain.light import Verdict, light
from services.alerts.domain.part import Part, ahead_of
from services.alerts.domain.policy import LightPolicy, announced
from services.alerts.domain.rules import Rules
from services.alerts.domain.saying import MISSED, Said, Shown, Told, in_order
from services.alerts.domain.task import Colour, Task, follow, passed, registered
from services.alerts.domain.watch import Watch, heard

__all__ = [
    "MISSED",
    "Colour",
    "LightPolicy",
    "Part",
    "Rules",
    "Said",
    "Shown",
    "Task",
    "Told",
    "Verdict",
    "Watch",
    "ahead_of",
    "announced",
    "follow",
    "heard",
    "in_order",
    "light",
    "passed",
    "registered",
]
