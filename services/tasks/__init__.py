"""Tasks owns the register of units, the calendar, tasks and their assignments, and computes every due date of theirs.

Hears commands alone, from the portal and from the nodes.
Says `unit.*`, `calendar.revised`, `policy.published`, `task.*` and `assignment.*`."""
