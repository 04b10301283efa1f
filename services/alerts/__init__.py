"""Owns the lights, the clocks that ran out and the due-soon badges, and the policy behind them.

Hears the calendar, registered tasks and everything that happens to a part.
Says when a light changes, a clock is missed or will soon be due, and by which policy.
"""
