"""Passwords: argon2id, in a thread, a few at a time."""

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher(time_cost=2, memory_cost=65_536, parallelism=1)
DEMO = "duban-demo-2026"
"""The password of every demo account: public, and seeded only where the demo mark stands."""


class Passwords:
    """Each check takes 64 MiB and some 50 ms: two at once, the others wait."""

    def __init__(self, at_once: int = 2) -> None:
        self.gate = asyncio.Semaphore(at_once)

    async def fits(self, stored: str | None, password: str) -> bool:
        """Whether the password fits its hash; without an account the answer takes as long."""
        return await asyncio.to_thread(_verified, stored or unusable(), password) and stored is not None


@cache
def unusable() -> str:
    """A hash that no password fits."""
    return HASHER.hash(secrets.token_urlsafe(32))


def _verified(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
