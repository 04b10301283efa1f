"""The files of an index: whether each is as it was written, and which belong to no commit."""

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.search.index.faults import Reason, ReindexNeeded

META, MANAGED = "meta.json", ".managed.json"
PARTS = ("fast", "fieldnorm", "idx", "pos", "store", "term")
MAGIC = 1337
"""Each file of a segment ends with a footer in JSON, which holds its checksum, the footer's length and this number."""

PIECE = 1 << 20


def check(path: Path) -> None:
    """Every file of the last commit is there, whole. Raises ReindexNeeded, and OSError where nothing can be read.

    The library itself compares no checksum: it answers wrongly, or panics, some time later.
    """
    if not (path / META).exists():
        return
    try:
        broken = next((name for name in committed(path) if not is_whole(path / name)), "")
    except (ValueError, KeyError, TypeError, struct.error, FileNotFoundError) as error:
        raise ReindexNeeded(Reason.DAMAGED, path, repr(error)) from error
    if broken:
        raise ReindexNeeded(Reason.DAMAGED, path, broken)


def committed(path: Path) -> Iterator[str]:
    """The names of the files of the last commit. Raises ValueError, KeyError, TypeError."""
    for segment in json.loads((path / META).read_bytes())["segments"]:
        id, deletes = segment["segment_id"].replace("-", ""), segment["deletes"]
        yield from (f"{id}.{part}" for part in PARTS)
        if deletes:
            yield f"{id}.{deletes['opstamp']}.del"


def is_whole(path: Path) -> bool:
    """The checksum in the footer is that of all before it. Raises ValueError, KeyError, TypeError, struct.error."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - 8, 0))
        length, magic = struct.unpack("<II", file.read())
        rest = size - 8 - length
        if magic != MAGIC or rest < 0:
            return False
        file.seek(rest)
        footer: dict[str, Any] = json.loads(file.read(length))
        file.seek(0)
        checksum = 0
        while rest > 0:
            piece = file.read(min(rest, PIECE))
            checksum, rest = zlib.crc32(piece, checksum), rest - len(piece)
        return bool(checksum == footer["crc"])


def sweep(path: Path) -> None:
    """Delete what belongs to no commit: after a power cut or on a full disk it stays, unknown to the library.

    It fills the disk, and stands in the way of a new file of the same name. No writer may be open.
    """
    kept = {META, MANAGED, *(committed(path) if (path / META).exists() else ())}
    for file in path.iterdir():
        if file.name not in kept and file.suffix != ".lock":
            file.unlink()
