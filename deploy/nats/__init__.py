"""nats-server settings: the template of the local server."""
