"""The index on disk: exactly once across crashes, versions, epochs, and when it must be built anew."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tantivy

from contracts.queries.search import SearchFor
from services.search import words
from services.search.domain.record import Change, Cursor
from services.search.index import Applied, Index, Reason, ReindexNeeded, Unindexable, Unwritable
from tests.search.builders import at, put, titled
from tests.story.province import OFFICE

EPOCH = "2026-11-23T00:00:00Z"
ALL = at(OFFICE)

WRITER = """
import sys
from pathlib import Path
from services.search.domain.record import Cursor
from services.search.index import Index
from tests.search.builders import titled

index = Index.open(Path(sys.argv[1]))
done = index.cursor(sys.argv[2])
for seq in range(done.seq + 1 if done else 1, 100000):
    one, other = titled(f"task/{seq % 50}", seq, f"事项{seq}"), titled("task/all", seq, f"最新{seq}")
    index.apply([one, other], Cursor(sys.argv[2], seq))
    print(seq, flush=True)
"""

BREAKS_BEFORE_COMMIT = """
import os, signal, sys
from pathlib import Path
from services.search.domain.record import Cursor
from services.search.index import Index
from tests.search.builders import titled

class Dies:
    def __init__(self, writer):
        self.writer = writer
    def __getattr__(self, name):
        return getattr(self.writer, name)
    def commit(self):
        os.kill(os.getpid(), signal.SIGKILL)

index = Index.open(Path(sys.argv[1]))
index.apply([titled("task/1", 1, "已提交")], Cursor("e", 1))
index._writer = Dies(index._writer)
index.apply([titled("task/1", 2, "未提交"), titled("task/2", 1, "未提交")], Cursor("e", 2))
"""


def titles(index: Index, text: str = "") -> list[str]:
    result = index.search(SearchFor(text=text, reader=ALL, limit=100))
    return sorted("".join(piece.text for piece in hit.title) for hit in result.hits)


def test_a_kill_between_writing_and_committing_leaves_records_and_cursor_as_they_were(tmp_path: Path):
    died = subprocess.run([sys.executable, "-c", BREAKS_BEFORE_COMMIT, str(tmp_path)], check=False)
    assert died.returncode == -signal.SIGKILL
    index = Index.open(tmp_path)
    assert (titles(index), index.cursor("e")) == (["已提交"], Cursor("e", 1))
    assert index.apply([titled("task/1", 2, "再来"), titled("task/2", 1, "再来")], Cursor("e", 2)) == Applied(2, 0)
    assert (titles(index), index.cursor("e")) == (["再来", "再来"], Cursor("e", 2))
    index.close()


def test_kills_at_any_moment_leave_exactly_what_the_cursor_says(tmp_path: Path):
    for pause in (0.15, 0.02, 0.3):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), EPOCH], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(pause)
        child.kill()
        printed = child.stdout.read().split("\n")[:-1]
        child.wait()
        child.stdout.close()
        index = Index.open(tmp_path)
        cursor = index.cursor(EPOCH)
        assert cursor is not None
        assert cursor.seq >= max(map(int, printed), default=1)
        expected = {f"事项{seq}" for seq in range(max(1, cursor.seq - 49), cursor.seq + 1)}
        assert set(titles(index)) == expected | {f"最新{cursor.seq}"}
        index.close()


def test_a_batch_delivered_twice_is_applied_once(index: Index):
    batch = [titled("task/1", 1, "一"), titled("task/1", 2, "二")]
    assert index.apply(batch, Cursor(EPOCH, 2)) == Applied(2, 0)
    assert index.apply(batch, Cursor(EPOCH, 2)) == Applied(0, 2)
    assert titles(index) == ["二"]


def test_an_older_batch_does_not_move_the_cursor_back(index: Index):
    index.apply([], Cursor(EPOCH, 9))
    index.apply([], Cursor(EPOCH, 5))
    assert index.cursor(EPOCH) == Cursor(EPOCH, 9)


def test_the_cursor_of_another_epoch_is_ignored_and_versions_keep_the_index_right(index: Index):
    index.apply([titled("task/1", 3, "新")], Cursor(EPOCH, 900))
    assert index.cursor("2026-11-24T00:00:00Z") is None
    index.apply([titled("task/1", 1, "旧")], Cursor("2026-11-24T00:00:00Z", 1))
    assert titles(index) == ["新"]
    assert index.cursor("2026-11-24T00:00:00Z") == Cursor("2026-11-24T00:00:00Z", 1)


def test_a_batch_that_fails_leaves_nothing_behind(index: Index):
    index.apply([titled("task/1", 1, "一")], Cursor(EPOCH, 1))
    with pytest.raises(Unindexable):
        index.apply([titled("task/2", 1, "二"), titled("task/3", 1, "\ud800")], Cursor(EPOCH, 2))
    index.apply([titled("task/4", 1, "四")])
    assert (titles(index), index.cursor(EPOCH)) == (["一", "四"], Cursor(EPOCH, 1))


def test_a_thing_is_found_once_it_has_a_title_whatever_came_before(index: Index):
    index.apply([put("task/1", 1, "light", light="overdue")])
    assert titles(index) == []
    index.apply([titled("task/1", 1, "题")])
    assert index.search(SearchFor(reader=ALL)).facets["light"] == {"overdue": 1}


def test_everything_is_there_after_reopening(tmp_path: Path):
    first = Index.open(tmp_path)
    first.apply([titled("task/1", 1, "题")], Cursor(EPOCH, 1))
    first.close()
    second = Index.open(tmp_path)
    assert (titles(second), second.cursor(EPOCH)) == (["题"], Cursor(EPOCH, 1))
    second.close()


def test_two_writers_never_share_an_index(index: Index, tmp_path: Path):
    index.apply([titled("task/1", 1, "一")])
    other = Index.open(tmp_path / "index")
    with pytest.raises(Unwritable, match="另一个进程"):
        other.apply([titled("task/2", 1, "二")])
    assert titles(index) == ["一"]


def test_a_changed_dictionary_asks_for_a_new_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    before = Index.open(tmp_path)
    before.apply([titled("task/1", 1, "题")], Cursor(EPOCH, 1))
    before.close()
    monkeypatch.setattr(words, "dictionary_version", lambda: "another")
    with pytest.raises(ReindexNeeded) as needed:
        Index.open(tmp_path)
    assert needed.value.reason is Reason.DICTIONARY_CHANGED
    anew = Index.renew(tmp_path)
    assert (titles(anew), anew.cursor(EPOCH)) == ([], None)
    anew.close()


def test_another_schema_asks_for_a_new_index(tmp_path: Path):
    tantivy.Index(tantivy.SchemaBuilder().add_text_field("title").build(), path=str(tmp_path))
    with pytest.raises(ReindexNeeded) as needed:
        Index.open(tmp_path)
    assert needed.value.reason is Reason.SCHEMA_CHANGED
    Index.renew(tmp_path).close()


def test_closing_waits_for_what_a_thread_still_writes(tmp_path: Path):
    index, started = Index.open(tmp_path / "index"), threading.Event()

    def changes() -> Iterator[Change]:
        started.set()
        yield from (titled(f"task/{number}", 1, f"事项{number}") for number in range(500))

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(index.apply, changes(), Cursor(EPOCH, 500))
        started.wait()
        index.close()
    writing.result()
    again = Index.open(tmp_path / "index")
    assert again.cursor(EPOCH) == Cursor(EPOCH, 500)
    again.close()
