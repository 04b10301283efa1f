"""What notices decides, and nothing of how it is kept: the ladder, documents, numbers, deliveries."""
