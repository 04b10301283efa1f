"""All SQL of tasks, by noun."""

from services.tasks.store.register import is_founded as is_founded
from services.tasks.store.register import register as register
from services.tasks.store.register import save_policy as save_policy
from services.tasks.store.register import save_units as save_units
from services.tasks.store.register import save_year as save_year
from services.tasks.store.register import timetable as timetable
from services.tasks.store.task import assignments as assignments
from services.tasks.store.task import listed as listed
from services.tasks.store.task import next_number as next_number
from services.tasks.store.task import numbered as numbered
from services.tasks.store.task import save_assignments as save_assignments
from services.tasks.store.task import save_tasks as save_tasks
from services.tasks.store.task import task_of as task_of
from services.tasks.store.task import tasks as tasks
