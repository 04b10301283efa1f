"""A damaged index is known at once, a full disk is no damage, and what belongs to no commit goes away."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.queries.search import SearchFor
from services.search.domain.record import Cursor
from services.search.index import Index, Reason, ReindexNeeded, Unwritable, files
from tests.search.builders import at, titled
from tests.search.damage import DAMAGE, EMPTIED, HARMLESS
from tests.story.province import OFFICE

EPOCH = "2026-11-23T00:00:00Z"

CUT_SHORT = """
import os, sys
from pathlib import Path
from contracts.queries.search import SearchFor
from services.search.index import Index
from tests.search.builders import at
from tests.story.province import OFFICE

index = Index.open(Path(sys.argv[1]))
for part in Path(sys.argv[1]).glob("[!.]*.*"):
    if part.suffix != ".json":
        os.truncate(part, 0)
index.search(SearchFor(text="治理", reader=at(OFFICE)))
"""

FULL_DISK = """
import subprocess, sys
from pathlib import Path
from random import Random
from contracts.queries.search import SearchFor
from services.search.domain.record import Cursor
from services.search.index import Index, Unwritable
from tests.search.builders import at, titled
from tests.story.province import OFFICE

disk, letters = Path(sys.argv[1]), Random(1)
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=True)

def batch(number):
    text = lambda: "".join(chr(letters.randint(0x4e00, 0x9fa0)) for _ in range(3000))
    return [titled(f"task/{number * 10 + n}", 1, text()) for n in range(10)]

def total(index):
    return index.search(SearchFor(reader=at(OFFICE))).total

index, written = Index.open(disk / "index"), 0
try:
    while written < 60:
        index.apply(batch(written), Cursor("e", written + 1))
        written += 1
except Unwritable as full:
    assert "磁盘已满" in str(full), full
assert 0 < written < 60
for attempt in range(3):
    try:
        index.apply(batch(written), Cursor("e", written + 1))
    except Unwritable:
        assert total(index) == written * 10
index.close()
index = Index.open(disk / "index")
assert (total(index), index.cursor("e").seq) == (written * 10, written)
subprocess.run(["mount", "-o", "remount,size=400m", disk], check=True)
index.apply(batch(written), Cursor("e", written + 1))
assert (total(index), index.cursor("e").seq) == ((written + 1) * 10, written + 1)
print("kept", written, "commits")
"""


def total(index: Index, text: str = "") -> int:
    return index.search(SearchFor(text=text, reader=at(OFFICE))).total


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two commits, the second of which deletes some of the first."""
    path = tmp_path_factory.mktemp("whole") / "index"
    index = Index.open(path)
    index.apply([titled(f"task/{n}", 1, f"汾河治理第{n}期" * 9) for n in range(300)], Cursor(EPOCH, 1))
    index.apply([titled("task/7", 2, "最新事项")], Cursor(EPOCH, 2))
    index.close()
    return path


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    """A copy to harm."""
    return Path(shutil.copytree(whole, tmp_path / "index"))


@pytest.mark.parametrize("way", DAMAGE)
def test_damage_is_known_when_the_index_is_opened(path: Path, way: str):
    DAMAGE[way](path)
    with pytest.raises(ReindexNeeded) as needed:
        Index.open(path)
    assert needed.value.reason is Reason.DAMAGED
    anew = Index.renew(path)
    anew.apply([titled("task/1", 1, "题")])
    assert total(anew) == 1
    anew.close()


@pytest.mark.parametrize("way", EMPTIED)
def test_an_index_that_lost_its_commits_begins_empty(path: Path, way: str):
    EMPTIED[way](path)
    index = Index.open(path)
    assert (total(index), index.cursor(EPOCH)) == (0, None)
    index.apply([titled("task/1", 1, "题")], Cursor(EPOCH, 1))
    assert total(index) == 1
    index.close()


@pytest.mark.parametrize("way", HARMLESS)
def test_what_belongs_to_no_commit_does_no_harm(path: Path, way: str):
    HARMLESS[way](path)
    index = Index.open(path)
    index.apply([titled("task/8", 2, "更新事项")], Cursor(EPOCH, 3))
    assert (total(index), total(index, "更新事项"), index.cursor(EPOCH)) == (300, 1, Cursor(EPOCH, 3))
    index.close()
    Index.open(path).close()
    left = {file.name for file in path.iterdir() if file.suffix != ".lock"}
    assert left == {files.META, files.MANAGED, *files.committed(path)}


def test_a_file_in_the_way_of_a_commit_is_swept_while_the_index_is_open(path: Path):
    index = Index.open(path)
    HARMLESS["deletes of a commit that was taken back"](path)
    index.apply([titled("task/8", 2, "更新事项")], Cursor(EPOCH, 3))
    assert (total(index), total(index, "更新事项")) == (300, 1)
    index.close()


def test_damage_under_an_open_index_is_known_when_it_is_looked_for(path: Path):
    index = Index.open(path)
    index.mend()
    assert total(index) == 300
    for part in path.glob("*.pos"):
        part.write_bytes(b"\0" * part.stat().st_size)
    with pytest.raises(ReindexNeeded):
        index.mend()


def test_a_process_that_the_kernel_ends_over_a_file_cut_short_finds_the_damage_at_its_next_start(path: Path):
    died = subprocess.run([sys.executable, "-c", CUT_SHORT, path], check=False)
    assert died.returncode == -signal.SIGBUS
    with pytest.raises(ReindexNeeded):
        Index.open(path)


def test_a_directory_that_cannot_be_written_is_no_damage(path: Path, tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(Unwritable, match="不能读写"):
        Index.open(blocked / "index")
    assert Index.open(path).cursor(EPOCH) == Cursor(EPOCH, 2)


def test_a_full_disk_keeps_the_index_and_it_goes_on_once_there_is_room(tmp_path: Path):
    probe = ["unshare", "--user", "--map-root-user", "--mount"]
    if not shutil.which("unshare") or subprocess.run([*probe, "true"], capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    done = subprocess.run([*probe, sys.executable, "-c", FULL_DISK, tmp_path], capture_output=True, text=True)
    assert done.returncode == 0 and "kept" in done.stdout, done.stderr[-3000:]
