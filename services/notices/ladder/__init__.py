"""The ladder (三单一书) of one assignment: which document is due, whether the last one was answered. R3."""
