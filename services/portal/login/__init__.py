"""The login page, and the way out."""
