"""The register: units, posts, persons, the calendar and the clock policy, and what an office means by a name."""
