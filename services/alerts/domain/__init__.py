"""Which light a part and a task show, and when time alone will change it; pure (R2)."""

from services.alerts.domain.light import Verdict, light, planned
from services.alerts.domain.part import Part, act, ahead_of, upcoming
from services.alerts.domain.policy import LightPolicy, announced
from services.alerts.domain.rules import Rules
from services.alerts.domain.saying import DARK, MISSED, Said, Shown, Told, in_order
from services.alerts.domain.task import Colour, Task, colour, follow, passed, registered
from services.alerts.domain.watch import Clock, Watch, heard, opened

__all__ = [
    "DARK",
    "MISSED",
    "Clock",
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
    "act",
    "ahead_of",
    "announced",
    "colour",
    "follow",
    "heard",
    "in_order",
    "light",
    "opened",
    "passed",
    "planned",
    "registered",
    "upcoming",
]
