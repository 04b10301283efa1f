"""Accounts, sessions and tokens of persons of the register: who asks, in which role, for whose eyes."""
