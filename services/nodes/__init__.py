"""Nodes: counties, cities and foreign systems on the province's bus.

Owns the keys that sign, and of every node its account, its credentials with what was revoked, and its reader.
Consumes nothing yet: it is the operator's command `duban node`, what a bus of one's own is started with, and `keep`.
Emits nothing yet; it tells the bus itself who may do what.
"""
