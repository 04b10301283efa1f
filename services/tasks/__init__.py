"""Tasks owns the register, the calendar, every task and assignment, and every clock and due date of theirs.

It consumes commands alone, from the portal and from the nodes.
It emits `unit.*`, `person.*`, `post.*`, `calendar.revised`, `policy.published`, `task.*` and `assignment.*`; its slices
import downward: register < assignments < ledger."""
