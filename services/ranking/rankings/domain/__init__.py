"""From outcomes to ranks, the input they come from, and when they are published; pure."""
