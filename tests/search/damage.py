"""Ways in which an index on disk comes to harm."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

KINDS = ("store", "term", "idx", "pos", "fast", "fieldnorm", "del")


def parts(path: Path, kind: str) -> list[Path]:
    """The files of one kind, of every segment."""
    return sorted(path.glob(f"*.{kind}"))


def halved(kind: str) -> Callable[[Path], None]:
    """Files that were only half written."""
    return lambda path: [os.truncate(part, part.stat().st_size // 2) for part in parts(path, kind)] and None


def flipped(kind: str) -> Callable[[Path], None]:
    """Files of the right length with a wrong byte."""

    def flip(path: Path) -> None:
        for part in parts(path, kind):
            body = bytearray(part.read_bytes())
            body[len(body) // 3] ^= 0xFF
            part.write_bytes(body)

    return flip


def missing(kind: str) -> Callable[[Path], None]:
    """Files whose name never reached the disk."""
    return lambda path: [part.unlink() for part in parts(path, kind)] and None


def zeroed(path: Path) -> None:
    """Files whose length reached the disk, but not their bytes."""
    for part in path.iterdir():
        part.write_bytes(b"\0" * part.stat().st_size)


def head_lost(path: Path) -> None:
    """The list of segments is that of an empty index, the segments are there."""
    meta = json.loads((path / "meta.json").read_text())
    (path / "meta.json").write_text(json.dumps(meta | {"segments": [], "opstamp": 0}))


def other_version(path: Path) -> None:
    """Written by a library of another format; footers as that one writes them."""
    for part in parts(path, "term"):
        part.write_bytes(part.read_bytes().replace(b'"index_format_version":7', b'"index_format_version":3'))


def meta(content: bytes) -> Callable[[Path], None]:
    """The list of segments holds something else."""
    return lambda path: (path / "meta.json").write_bytes(content) and None


def deletes_left(path: Path) -> None:
    """A power cut took the commit back, but left files of the one that it took."""
    state = json.loads((path / "meta.json").read_text())
    for segment in state["segments"]:
        for later in range(1, 60):
            name = f"{segment['segment_id'].replace('-', '')}.{state['opstamp'] + later}.del"
            (path / name).write_bytes(b"x")


DAMAGE: dict[str, Callable[[Path], None]] = {
    **{f"half a .{kind}": halved(kind) for kind in KINDS},
    **{f"a wrong byte in .{kind}": flipped(kind) for kind in KINDS},
    **{f"no .{kind}": missing(kind) for kind in ("store", "term", "del")},
    "zeros everywhere": zeroed,
    "an empty meta.json": meta(b""),
    "zeros in meta.json": meta(b"\0" * 4096),
    "a meta.json of something else": meta(b"[]"),
    "a .managed.json that is no list": lambda path: (path / ".managed.json").write_bytes(b"\0" * 64) and None,
    "files of another version": other_version,
}
"""After which the index must be built anew."""

EMPTIED: dict[str, Callable[[Path], None]] = {
    "no meta.json": lambda path: (path / "meta.json").unlink(),
    "a meta.json without segments": head_lost,
    "nothing at all": lambda path: shutil.rmtree(path),
}
"""After which it begins empty, and reads every event again."""

HARMLESS: dict[str, Callable[[Path], None]] = {
    "deletes of a commit that was taken back": deletes_left,
    "no .managed.json": lambda path: (path / ".managed.json").unlink(),
    "a file half written": lambda path: (path / ".tmpAb12cD").write_bytes(b"x" * 1000) and None,
}
"""After which it goes on as it is."""
