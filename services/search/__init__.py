"""Owns the full-text index of one replica. Consumes tasks, assignments, lights, documents and units. Emits nothing."""
