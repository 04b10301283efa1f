"""All SQL of the ladder."""
