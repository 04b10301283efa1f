"""The portal: owns accounts, sessions, tokens, uploads, webhooks and the read model, its copy of every published state.

Consumes every event, and shows each record to the readers its audience admits, who are filtered before anything counts.
Emits nothing; what people ask for goes to the service concerned as a command.

Slices import downward: site · ledger, task, notices, rankings, wall, search, login, webhooks · feed · web · identity
· register.
"""
