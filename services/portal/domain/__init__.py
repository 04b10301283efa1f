"""What the portal decides by itself: who may see, what a filter means, how a clock reads."""
