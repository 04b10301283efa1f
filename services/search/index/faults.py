"""What can be wrong with an index, told apart by who can mend it: a rebuild, the operator, or nobody but the event."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from shutil import disk_usage

from services.chassis.trouble import NO_SPACE

ROOM = 60_000_000
"""Bytes; with fewer left, what fails fails for want of them. A commit needs three times what its thread gathers."""

MENDED = (errno.ENOENT, errno.EIO, errno.EEXIST, errno.EINVAL)
"""What a rebuild mends: a file that is missing, in the way, or cannot be read from its place on the disk."""

_CODE = re.compile(r"(?:os error |code: )(\d+)")


class Reason(StrEnum):
    """Why an index on disk cannot be used and must be built anew from the events."""

    DICTIONARY_CHANGED = "dictionary_changed"
    SCHEMA_CHANGED = "schema_changed"
    DAMAGED = "damaged"
    STREAM_WENT_BACK = "stream_went_back"


class ReindexNeeded(Exception):
    """The index must be built anew: `Index.renew(path)`, then read every event from the first."""

    def __init__(self, reason: Reason, path: Path, detail: object = "") -> None:
        super().__init__(f"{path}: {reason} {detail}")
        self.reason = reason


class Unwritable(Exception):
    """Nothing is wrong with the index, but its disk does not take or give anything; the message is for the operator."""


class Unindexable(Exception):
    """Changes of which no document can be made, or which the index does not take; none of them is written."""


class Unreadable(Exception):
    """What is stored in the index cannot be read."""


@contextmanager
def no_panic() -> Iterator[None]:
    """A panic of the library is a BaseException, which would end the process; here it becomes an Exception."""
    try:
        yield
    except (Exception, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as panic:
        raise RuntimeError(f"panic: {panic}") from panic


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Whatever fails while an index is opened becomes ReindexNeeded or Unwritable."""
    try:
        with no_panic():
            yield
    except (ReindexNeeded, Unwritable):
        raise
    except Exception as error:
        check_disk(path, error)
        raise ReindexNeeded(Reason.DAMAGED, path, repr(error)) from error


def check_disk(path: Path, error: Exception) -> None:
    """Raises Unwritable where the disk is at fault. The library hands on what the system said as words alone."""
    code = error.errno if isinstance(error, OSError) else _code(str(error))
    if code in NO_SPACE or disk_usage(_existing(path)).free < ROOM:
        raise Unwritable("磁盘已满，检索索引暂停更新，已有内容保留；请腾出空间，随后自动继续") from error
    if "LockBusy" in str(error):
        raise Unwritable(f"另一个进程正在写检索索引 {path}") from error
    if code and code not in MENDED:
        raise Unwritable(f"检索索引 {path} 不能读写，请检查目录和权限：{error}") from error


def _code(text: str) -> int:
    match = _CODE.search(text)
    return int(match[1]) if match else 0


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.absolute().parents) if each.exists())
