"""Every event as it came: the timeline of a task or a document, the ticker, and what a county system pulls."""
