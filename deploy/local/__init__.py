"""The embedded stack behind `./dev up`: PostgreSQL, nats-server and every service on one machine."""
