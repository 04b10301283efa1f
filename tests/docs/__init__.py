"""The documentation: each page in two languages, and true."""
