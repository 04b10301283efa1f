"""Tasks and each unit's part in them: every decision, every clock and due date."""
