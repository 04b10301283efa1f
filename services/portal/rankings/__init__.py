"""The months' rankings (排名): stored as published, and opened down to the sum behind a score."""
