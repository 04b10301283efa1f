"""The full-text index of one replica: changes and the cursor in one commit, questions under an audience."""

import shutil
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Self

import tantivy

from contracts.queries.search import SearchFor, SearchResult
from services.search import words
from services.search.domain.record import Change, Cursor
from services.search.index import files, questions, writer
from services.search.index.faults import (
    Reason,
    ReindexNeeded,
    Unindexable,
    Unreadable,
    Unwritable,
    check_disk,
    explained,
    no_panic,
)
from services.search.index.schema import SCHEMA
from services.search.index.writer import Applied

__all__ = ["Applied", "Index", "Reason", "ReindexNeeded", "Unindexable", "Unwritable"]

HEAP = 20_000_000
"""Bytes that one writing thread gathers before it flushes."""


class _Failed(Exception):
    """A commit did not go; the index has been opened again since, and takes another."""


class Index:
    """One writer and any number of searching threads in one process.

    Reading needs no writer, so that on a full disk questions are answered. What fails is ReindexNeeded, Unwritable or
    Unindexable, and nothing else.
    """

    def __init__(self, path: Path) -> None:
        """See `open`."""
        self.path = path
        self._writing = threading.Lock()
        self._writer: tantivy.IndexWriter | None = None
        self._index = _opened(path)

    @classmethod
    def open(cls, path: Path) -> Self:
        """The index in this directory, or a new one. Raises ReindexNeeded, Unwritable.

        Nobody else may have it open: what belongs to no commit is deleted.
        """
        return cls(path)

    @classmethod
    def renew(cls, path: Path) -> Self:
        """An empty index in place of whatever the directory holds. Raises Unwritable."""
        shutil.rmtree(path, ignore_errors=True)
        return cls.open(path)

    def apply(self, changes: Iterable[Change], cursor: Cursor | None = None) -> Applied:
        """Write changes and cursor in one durable commit, readable at once; then the events may be acknowledged.

        What is older than what a record holds changes nothing; the cursor never goes back within an epoch.
        Raises ReindexNeeded, Unwritable; Unindexable where the index is whole and would take other changes.
        """
        with self._writing:
            batch = list(changes)
            with suppress(_Failed):
                return self._apply(batch, cursor)
            try:
                return self._apply(batch, cursor)  # what stood in the way may have been mended
            except _Failed as failed:
                raise Unindexable(repr(failed.__cause__)) from failed

    def mend(self) -> None:
        """Look for damage after something failed, and write again. Raises ReindexNeeded, Unwritable."""
        with self._writing:
            self._mend()

    def cursor(self, epoch: str) -> Cursor | None:
        """How far the stream created at `epoch` was read; None for another stream: then all of it is read again.

        Raises ReindexNeeded.
        """
        with explained(self.path):
            head = questions.head(self._index.searcher())
        return head.cursor if head and head.cursor and head.cursor.epoch == epoch else None

    def search(self, asked: SearchFor) -> SearchResult:
        """What the reader may see of what was asked for, whatever the text. R11. Raises where the index is damaged."""
        began = time.perf_counter()
        try:
            with no_panic():
                result = questions.search(self._index.searcher(), asked)
        except Unreadable as error:
            raise ReindexNeeded(Reason.DAMAGED, self.path, repr(error.__cause__)) from error
        return result.model_copy(update={"took_ms": round((time.perf_counter() - began) * 1000, 2)})

    def close(self) -> None:
        """Wait for what a thread still writes and for merges, and release the lock; it cannot be used afterwards."""
        with self._writing:
            self._release()

    def _apply(self, changes: list[Change], cursor: Cursor | None) -> Applied:
        """Raises _Failed where it did not go, though the index is whole."""
        try:
            with no_panic():
                batch = writer.prepared(self._index.searcher(), changes, cursor)
                if batch.head:
                    self._commit(batch)
                return batch.applied
        except Unindexable:
            raise
        except Unreadable as error:
            raise ReindexNeeded(Reason.DAMAGED, self.path, repr(error.__cause__)) from error
        except Exception as error:
            self._mend(error)
            raise _Failed from error

    def _commit(self, batch: writer.Batch) -> None:
        if self._writer is None:
            self._writer = self._index.writer(HEAP, num_threads=1)
        writer.commit(self._index, self._writer, batch)

    def _mend(self, error: Exception | None = None) -> None:
        """Open it again, for a failed writer stays dead, and prove it by a commit of nothing new."""
        self._release()
        if error:
            check_disk(self.path, error)
        self._index = _opened(self.path)
        with explained(self.path):
            self._commit(writer.proof(self._index.searcher()))

    def _release(self) -> None:
        if self._writer is not None:
            with suppress(Exception), no_panic():  # a writer that failed
                self._writer.wait_merging_threads()
            self._writer = None


def _opened(path: Path) -> tantivy.Index:
    """Whole, of this schema and dictionary, without leftovers. Raises ReindexNeeded, Unwritable."""
    with explained(path):
        path.mkdir(parents=True, exist_ok=True)
        files.check(path)
        files.sweep(path)
        there = tantivy.Index.exists(str(path))
        opened = tantivy.Index.open(str(path)) if there else tantivy.Index(SCHEMA, path=str(path))
        if opened.schema != SCHEMA:
            raise ReindexNeeded(Reason.SCHEMA_CHANGED, path)
        opened.config_reader("manual")
        searcher = opened.searcher()
        head = questions.head(searcher)
        if head and head.words != words.dictionary_version():
            raise ReindexNeeded(Reason.DICTIONARY_CHANGED, path)
        if not head and searcher.num_docs:
            raise ReindexNeeded(Reason.DAMAGED, path, "no head")
        return opened
