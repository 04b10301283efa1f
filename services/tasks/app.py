"""The composition root of tasks."""

from contracts.catalogue import DURABLE
from services.chassis import build, command_sweeper
from services.chassis.service import Service
from services.tasks import handlers, ticks


async def sweep(service: Service) -> None:
    """Of all services of a node, this one removes the commands that none takes."""
    await command_sweeper.keep_swept(service, {command.verb() for command in DURABLE})


app = build("tasks", handlers, ticks, jobs=(sweep,))
