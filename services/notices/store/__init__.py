"""All SQL of notices, one function per question, by what is asked about."""
