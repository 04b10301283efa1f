"""What happened, a file a noun; each event carries the published state of its aggregate after it."""
