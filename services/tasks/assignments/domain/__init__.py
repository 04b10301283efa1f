"""What the tasks service decides, in pure functions: no I/O, no clock, no randomness."""
