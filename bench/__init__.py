"""Measured ratios: ours and a peer in one run on one machine, interleaved, medians, CPU beside wall."""
