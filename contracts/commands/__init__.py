"""What may be asked for, a file a noun; `type` is `<service>.<verb>`. Every field and every limit stands here alone."""
