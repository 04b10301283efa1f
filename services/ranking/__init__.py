"""Owns the scoring schemes, the running month's boards and every month's published boards with their revisions.

Hears the register, the calendar, what happens to parts, their lights and missed clocks, and delivered documents.
Says the scheme it scores by, the running month's boards to the issuer's office, and a finished month's to all.
"""
