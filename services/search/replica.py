"""Which replica this process is: a name kept in a directory of its own, held by a lock of the kernel."""

import fcntl
import re
import socket
from pathlib import Path
from secrets import token_hex
from typing import IO

HOST = re.sub(r"[^A-Za-z0-9_-]", "-", socket.gethostname())[:40]
"""Names of durables take no other characters."""


class Replica:
    """The name of a directory under `root` that no living process holds; a new one where all are held.

    `root` may be shared by the processes of a machine, or of several. The lock ends with the process, however it ends,
    so the next one takes the same directory, its index and its name.
    """

    def __init__(self, root: Path) -> None:
        """Writes nothing: a full disk must not keep the service from starting, and from saying so."""
        self.root = root
        self.lock = _free(root)
        self.name = Path(self.lock.name).parent.name if self.lock else token_hex(4)

    @property
    def id(self) -> str:
        """Also tells copies of one directory on two machines apart."""
        return f"{HOST}-{self.name}"

    @property
    def path(self) -> Path:
        """The directory of its index; beside it stands what outlives the index."""
        return self.root / self.name / "index"

    def create(self) -> None:
        """Make the directory of a new name; nobody sees it before it is held. Raises OSError."""
        if self.lock:
            return
        unseen = self.root / f".{self.name}"
        unseen.mkdir(parents=True, exist_ok=True)
        held = (unseen / "lock").open("a")
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unseen.rename(self.root / self.name)
        self.lock = held


def _free(root: Path) -> IO[str] | None:
    """The lock of a directory that nobody holds, now held; that written last comes first."""
    for path in sorted(root.glob("[!.]*/lock"), key=_written, reverse=True):
        file = path.open("r+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            return file
    return None


def _written(lock: Path) -> float:
    meta = lock.parent / "index/meta.json"
    return meta.stat().st_mtime if meta.exists() else 0
