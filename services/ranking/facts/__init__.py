"""What the node's own office issued and what became of it, as far as a ranking depends on it."""
