"""Owns the full-text index of one replica. Hears tasks, reports, lights and documents. Says nothing."""
