"""Pure rules of the ladder: the time, the policy and the calendar are arguments."""
