"""When an account is locked: five wrong passwords lock it for fifteen minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FAILURES = 5
LOCKED = timedelta(minutes=15)


@dataclass(frozen=True)
class Attempts:
    """Wrong passwords for one account."""

    failures: int = 0
    locked_until: datetime | None = None

    def locked(self, now: datetime) -> bool:
        """No password is even looked at."""
        return self.locked_until is not None and now < self.locked_until

    def failed(self, now: datetime) -> "Attempts":
        """One more wrong password; after a lock the count begins anew."""
        failures = (0 if self.locked_until and now >= self.locked_until else self.failures) + 1
        return Attempts(failures, now + LOCKED if failures >= FAILURES else None)
