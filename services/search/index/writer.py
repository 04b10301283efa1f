"""Changes into the index: settled on what is known, committed together with the cursor."""

from collections.abc import Iterable
from dataclasses import dataclass

import tantivy

from services.search import words
from services.search.domain import Change, Cursor, Entry, Known, settle
from services.search.index import reader
from services.search.index.schema import HEAD, Head, entry_document, head_document


@dataclass(frozen=True, slots=True)
class Applied:
    """How many changes of a batch were news, and how many older than what was known."""

    fresh: int
    stale: int


def apply(
    index: tantivy.Index, writer: tantivy.IndexWriter, changes: Iterable[Change], cursor: Cursor | None
) -> Applied:
    """One commit, or none where there is nothing new; whatever fails leaves the index as it was."""
    searcher = index.searcher()
    applied, changed = _settle(searcher, changes)
    before = reader.head(searcher)
    head = Head(words.dictionary_version(), _later(before.cursor if before else None, cursor))
    if not changed and head == before:
        return applied
    try:
        for known in changed:
            writer.delete_documents_by_term("id", known.entry.id)
            writer.add_document(entry_document(known))
        writer.delete_documents_by_term("id", HEAD)
        writer.add_document(head_document(head))
        writer.commit()
    except BaseException:
        writer.rollback()
        raise
    index.reload()
    return applied


def _settle(searcher: tantivy.Searcher, changes: Iterable[Change]) -> tuple[Applied, list[Known]]:
    """Every change on what is known of its entry, in the index or from earlier in the batch."""
    known: dict[str, Known] = {}
    changed: dict[str, Known] = {}
    fresh = stale = 0
    for change in changes:
        if change.id not in known:
            known[change.id] = reader.known(searcher, change.id) or Known(Entry(change.id))
        after = settle(known[change.id], change)
        if after is known[change.id]:
            stale += 1
            continue
        fresh += 1
        known[change.id] = changed[change.id] = after
    return Applied(fresh, stale), list(changed.values())


def _later(before: Cursor | None, said: Cursor | None) -> Cursor | None:
    if before and said and before.epoch == said.epoch:
        return max(before, said, key=lambda cursor: cursor.seq)
    return said or before
