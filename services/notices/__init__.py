"""Owns the ladder and its reply clocks, documents, their number series, rendering, delivery and receipts.

Hears the register, the calendar, what happens to parts, lights and clocks; and commands.
Says when a document is drafted, signed, rendered, sent or void, who received it, and by which policy.
"""
