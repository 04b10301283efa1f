"""How Duban runs: the embedded local stack, and the settings of every larger size."""
