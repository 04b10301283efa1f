"""The composition root of tasks."""

from services.chassis import build
from services.tasks import handlers, ticks

app = build("tasks", handlers, ticks)
