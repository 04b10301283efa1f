"""What the services of Duban say to each other, and to every county system; needs pydantic alone."""
