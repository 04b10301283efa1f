"""Every handler of the slices, where the chassis finds them."""

from services.tasks.assignments.handlers import (  # noqa: F401
    acknowledge,
    cancel,
    change_due,
    close,
    complete,
    correct_report,
    register_task,
    report,
    resume,
    rework,
    store_assignments,
    store_submissions,
    store_tasks,
    suspend,
    verify,
)
from services.tasks.ledger.handlers import import_ledger  # noqa: F401
from services.tasks.register.handlers import (  # noqa: F401
    fill_post,
    find_persons,
    find_posts,
    find_units,
    register_person,
    store_persons,
    store_policy,
    store_posts,
    store_units,
    store_year,
)
