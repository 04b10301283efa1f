"""nats-server settings: configuration templates and the permissions of those who connect."""
