"""The services of Duban; each owns its schema and hears the others by events alone."""
