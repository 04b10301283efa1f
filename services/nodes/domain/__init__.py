"""What the bus is told, as plain values: no key, no clock, no file."""
