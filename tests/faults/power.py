"""A disk whose power can be cut: an ext4 in a file, in an ext4 in a file, and what had reached the outer at one moment.

The outer file system is the cache of a disk: it forgets, in any order, what the inner one has not told it to flush.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

SIZE = 2 << 30
"""Bytes; the file has holes where nothing was written."""
PIECE = 1 << 20
MAKE = ("mkfs.ext4", "-q", "-m0", "-N", "20000", "-J", "size=16", "-E", "lazy_itable_init=0,lazy_journal_init=0")
"""Little is written, and nothing is left for the kernel to write later by itself: no two copies would be equal."""
ON_DISK = Path("/var/tmp")
WITNESS = "written just before"


class Impossible(Exception):
    """This machine mounts no file of ours; the text says why."""


@dataclass
class Disk:
    """image: the outer file, all that a power cut leaves; cache, place: where both are mounted."""

    image: Path
    cache: Path
    place: Path

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """Where its parts are; see `make`."""
        return cls(folder / "image", folder / "cache", folder / "disk")

    @property
    def inner(self) -> Path:
        """What the outer file system holds."""
        return self.cache / "image"

    def make(self) -> None:
        """Empty. Raises Impossible."""
        try:
            for image, place in ((self.image, self.cache), (self.inner, self.place)):
                with image.open("wb") as file:
                    file.truncate(SIZE)
                place.mkdir()
                run(*MAKE, image)
                run("mount", "-o", "loop", image, place)
        except (OSError, subprocess.CalledProcessError) as error:
            reason = getattr(error, "stderr", "") or error
            raise Impossible(f"a power cut needs root, mkfs.ext4 and two loop devices: {reason}") from error

    def mount(self) -> None:
        """What the journals hold is applied first."""
        run("mount", "-o", "loop", self.image, self.cache)
        run("mount", "-o", "loop", self.inner, self.place)

    def unmount(self) -> None:
        """As soon as the processes that were killed have let go of it."""
        end = time.monotonic() + 60
        while mounted := [place for place in (self.place, self.cache) if os.path.ismount(place)]:
            try:
                run("umount", mounted[0])
            except subprocess.CalledProcessError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def go_back(self, copy: Path) -> None:
        """Nobody uses it any more: from here on it is the copy."""
        self.unmount()
        copy.replace(self.image)
        self.mount()

    def copied(self) -> Path:
        """The file as it is now, while it is mounted: what waits in the kernel's memory is not in it.

        The kernel may write meanwhile. Two copies in a row that are equal are what it was when the second one began.
        """
        last, copy = self.image.with_name("copy 1"), self.image.with_name("copy 2")
        run("cp", "--sparse=always", self.image, last)
        while True:
            run("cp", "--sparse=always", self.image, copy)
            if same(last, copy):
                copy.unlink()
                return last
            last, copy = copy, last


def run(*argv: str | Path) -> None:
    """Raises CalledProcessError."""
    subprocess.run([str(each) for each in argv], check=True, capture_output=True, text=True)


def same(one: Path, other: Path) -> bool:
    """Whether two files hold the same, told apart from their holes."""
    return all(a == b for a, b in zip(pieces(one), pieces(other), strict=True))


def pieces(path: Path) -> Iterator[tuple[int, bytes]]:
    """What a file holds outside its holes, by its place; then its end."""
    with path.open("rb") as file:
        at, size = 0, path.stat().st_size
        while at < size:
            try:
                at = os.lseek(file.fileno(), at, os.SEEK_DATA) // PIECE * PIECE
            except OSError:  # holes alone are left
                break
            if (piece := os.pread(file.fileno(), PIECE, at)).strip(b"\0"):
                yield at, piece
            at += PIECE
    yield size, b""


@contextmanager
def disk() -> Iterator[Disk]:
    """A disk in a file on a disk, gone afterwards; what killed runs left is gone as well. Raises Impossible."""
    for left in ON_DISK.glob("duban-power-*-*"):
        if not psutil.pid_exists(int(left.name.split("-")[2])):
            Disk.in_folder(left).unmount()
            shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=f"duban-power-{os.getpid()}-", dir=ON_DISK) as directory:
        Path(directory).chmod(0o711)  # PostgreSQL may have to run as somebody else
        made = Disk.in_folder(Path(directory))
        try:
            made.make()
            yield made
        finally:
            made.unmount()


def cut(disk: Disk, supervisor: subprocess.Popen[bytes]) -> bool:
    """The power is gone at one moment, and back; nobody lives on. Whether it took what nobody had synced."""
    witness = disk.place / f"unsynced-{time.monotonic_ns()}"
    witness.write_text(WITNESS)
    stopped = freeze(supervisor.pid)
    copy = disk.copied()
    for each in stopped:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    supervisor.wait()
    disk.go_back(copy)
    return not witness.exists() or witness.read_text() != WITNESS


def freeze(pid: int) -> list[psutil.Process]:
    """A process and all below it, in the order in which they were stopped; who starts others is stopped first."""
    stopped = {pid: psutil.Process(pid)}
    stopped[pid].suspend()
    while fresh := [each for each in stopped[pid].children(recursive=True) if each.pid not in stopped]:
        for each in fresh:
            with suppress(psutil.NoSuchProcess):
                each.suspend()
            stopped[each.pid] = each
    return list(stopped.values())
