"""Who is at the door: headers, passwords, sessions, tokens."""
