"""The runtime every service stands on; it knows no domain word."""

from services.chassis.app import build as build
from services.chassis.marks import answers as answers
from services.chassis.marks import applies as applies
from services.chassis.marks import asks as asks
from services.chassis.marks import hears as hears
from services.chassis.marks import ticks as ticks
