"""What a county has handled: the highest version of each aggregate, in one file."""

import sqlite3
from pathlib import Path

from .envelope import Event

TABLE = "create table if not exists handled (aggregate text primary key, version integer not null) without rowid"
ADD = """
insert into handled values (?, ?)
on conflict (aggregate) do update set version = excluded.version where excluded.version > version
"""


class Handled:
    """A file (SQLite) that outlives the client, the bus and its streams: an event that comes again is in it.

    Versions of one aggregate come in order, so the highest is enough. Keep one file for each system, and keep it with
    the system's own data: who restores an old copy of one restores both.
    """

    def __init__(self, path: str | Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.execute(TABLE)

    def __contains__(self, event: Event) -> bool:
        row = self._db.execute("select version from handled where aggregate = ?", (event.aggregate,)).fetchone()
        return row is not None and row[0] >= event.version

    def add(self, event: Event) -> None:
        """It outlives this process; after a power cut the last ones may be handled again."""
        self._db.execute(ADD, (event.aggregate, event.version))

    def close(self) -> None:
        self._db.close()
