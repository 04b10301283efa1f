"""Evidence, periods and peer groups, pure."""
