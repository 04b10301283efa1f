"""The worklist: what waits for a reader, and what comes first."""
