"""The few questions one may ask over request/reply, a file a noun; they change nothing."""
