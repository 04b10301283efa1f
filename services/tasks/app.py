"""The composition root of tasks."""

from services.chassis import build
from services.tasks import clock, handlers

app = build("tasks", handlers, clock)
