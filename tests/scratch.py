"""Where tests let servers write: in memory where there is room, since each copy of a database is some 500 files."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")
ROOM = 1 << 30


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory that is gone afterwards; what killed runs left is gone as well."""
    place = MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else Path(tempfile.gettempdir())
    for left in place.glob("duban-tests-*-*"):
        if not psutil.pid_exists(int(left.name.split("-")[2])):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"duban-tests-{os.getpid()}-", dir=place) as directory:
        Path(directory).chmod(0o711)  # PostgreSQL may have to run as somebody else
        yield Path(directory)
