"""The runtime every service stands on; it knows no domain word."""

from services.chassis.app import build as build
from services.chassis.handlers import applies as applies
from services.chassis.handlers import on_command as on_command
from services.chassis.handlers import on_event as on_event
from services.chassis.handlers import on_query as on_query
from services.chassis.handlers import on_tick as on_tick
