"""Owns the ladder and its reply clocks, documents, their number series, their pages, and deliveries with receipts.

Consumes the register, the calendar, the states of assignments, lights and alarms, and commands.
Emits `notice.*`, `delivery.*` and `policy.published`; its slices, each importing only those before it: `ladder` (what
one assignment asks for, no text), `numbers`, `deliveries`, `documents` (what gathers, says, numbers, prints and sends).
"""
