"""Owns the lights, the alarms of clocks that ran out or soon will, and the policy behind them.

Consumes the calendar, tasks and assignments as tasks publishes them, and acts on those that this node owns.
Emits a light that changed, a clock that was missed or will soon be due, and the policy.
"""
