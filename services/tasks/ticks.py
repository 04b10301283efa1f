"""What tasks does by itself, where the chassis finds it."""

from services.tasks.assignments.ticks import revise_calendar as revise_calendar
from services.tasks.register.ticks import seed_register as seed_register
