"""Every handler of tasks: those of its slices."""

from services.tasks.assignments import handlers as assignments
from services.tasks.ledger import handlers as ledger
from services.tasks.register import handlers as register

__all__ = ["assignments", "ledger", "register"]
