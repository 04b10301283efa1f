"""The portal: owns accounts, sessions, tokens and the ledger, its own picture of what every service said.

Hears everything that concerns a unit, and shows it, filtered by audience before anything is counted.
Says nothing itself: what people want done goes to the service concerned as a command."""
