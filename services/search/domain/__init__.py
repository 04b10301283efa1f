"""What is searched and how: records that converge, questions, highlights. Pure."""
