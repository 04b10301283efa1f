"""Owns the scoring schemes, the running month's rankings and every published month with its revisions.

It consumes the register, the calendar, and the assignments, lights, missed clocks and deliveries of its node's office.
It emits `policy.published`, `ranking.computed` to that office and `ranking.published` to all; its slices import
downward: facts < indicators < schemes < rankings.
"""
