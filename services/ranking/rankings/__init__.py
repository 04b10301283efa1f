"""The monthly rankings: computed from the facts, drafted while the month runs, published once it is over."""
