"""The full-text index of one replica: changes and the cursor in one commit, questions under an audience."""

import shutil
import threading
import time
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Self

import tantivy

from contracts.queries.search import SearchFor, SearchResult
from services.search import words
from services.search.domain.record import Change, Cursor
from services.search.index import questions, writer
from services.search.index.schema import SCHEMA
from services.search.index.writer import Applied

__all__ = ["Applied", "Index", "Reason", "ReindexNeeded"]

HEAP = 20_000_000
"""Bytes that one writing thread gathers before it flushes."""


class Reason(StrEnum):
    """Why an index on disk cannot be used and must be built anew from the events."""

    DICTIONARY_CHANGED = "dictionary_changed"
    SCHEMA_CHANGED = "schema_changed"
    DAMAGED = "damaged"


class ReindexNeeded(Exception):
    """The index must be built anew: `Index.renew(path)`, then read every event from the first."""

    def __init__(self, reason: Reason, path: Path) -> None:
        super().__init__(f"检索索引 {path} 需要重建（{reason}）：执行 renew 后从第一条事件重放。")
        self.reason = reason


class Index:
    """One writer and any number of searching threads in one process."""

    def __init__(self, opened: tantivy.Index) -> None:
        self._index = opened
        self._index.config_reader("manual")
        self._writer = opened.writer(HEAP, num_threads=1)
        self._writing = threading.Lock()

    @classmethod
    def open(cls, path: Path) -> Self:
        """The index in this directory, or a new one; raises `ReindexNeeded`. ValueError: another process writes it."""
        path.mkdir(parents=True, exist_ok=True)
        new = not tantivy.Index.exists(str(path))
        opened = _open(path)
        try:
            head = questions.head(opened.searcher())
        except ValueError as error:
            raise ReindexNeeded(Reason.DAMAGED, path) from error
        if head and head.words != words.dictionary_version():
            raise ReindexNeeded(Reason.DICTIONARY_CHANGED, path)
        if not head and not new and opened.searcher().num_docs:
            raise ReindexNeeded(Reason.DAMAGED, path)
        return cls(opened)

    @classmethod
    def renew(cls, path: Path) -> Self:
        """An empty index in place of whatever the directory holds."""
        shutil.rmtree(path, ignore_errors=True)
        return cls.open(path)

    def apply(self, changes: Iterable[Change], cursor: Cursor | None = None) -> Applied:
        """Write changes and cursor in one durable commit, readable at once; then the events may be acknowledged.

        What is older than what a record holds changes nothing; the cursor never goes back within an epoch.
        """
        with self._writing:
            return writer.apply(self._index, self._writer, changes, cursor)

    def cursor(self, epoch: str) -> Cursor | None:
        """How far the stream created at `epoch` was read; None for another stream: then all of it is read again."""
        head = questions.head(self._index.searcher())
        return head.cursor if head and head.cursor and head.cursor.epoch == epoch else None

    def search(self, asked: SearchFor) -> SearchResult:
        """What the reader may see of what was asked for; never raises, whatever the text. R11."""
        began = time.perf_counter()
        result = questions.search(self._index.searcher(), asked)
        return result.model_copy(update={"took_ms": round((time.perf_counter() - began) * 1000, 2)})

    def close(self) -> None:
        """Wait for what a thread still writes and for merges, and release the lock; it cannot be used afterwards."""
        with self._writing:
            self._writer.wait_merging_threads()
            del self._writer


def _open(path: Path) -> tantivy.Index:
    try:
        if tantivy.Index.exists(str(path)):
            tantivy.Index.open(str(path))
    except ValueError as error:
        raise ReindexNeeded(Reason.DAMAGED, path) from error
    try:
        return tantivy.Index(SCHEMA, path=str(path))
    except ValueError as error:
        raise ReindexNeeded(Reason.SCHEMA_CHANGED, path) from error
