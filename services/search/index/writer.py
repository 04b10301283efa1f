"""Changes into the index: the records evolve, and are committed together with the cursor."""

from collections.abc import Iterable
from dataclasses import dataclass

import tantivy

from services.search import words
from services.search.domain.record import Change, Cursor, Record, evolve, merged
from services.search.index import questions
from services.search.index.schema import HEAD, UNIT, Head, head_document, record_document


@dataclass(frozen=True, slots=True)
class Applied:
    """How many changes of a batch were new, and how many older than what their record holds."""

    fresh: int
    stale: int


def apply(
    index: tantivy.Index, writer: tantivy.IndexWriter, changes: Iterable[Change], cursor: Cursor | None
) -> Applied:
    """One commit, or none where there is nothing new; whatever fails leaves the index as it was."""
    records = Records(index.searcher())
    applied = records.evolve(changes)
    before = questions.head(records.searcher)
    head = Head(words.dictionary_version(), _later(before.cursor if before else None, cursor))
    if not records.changed and head == before:
        return applied
    records.rename()
    try:
        for record in records.changed.values():
            writer.delete_documents_by_term("id", record.id)
            writer.add_document(record_document(record, records.forms(record)))
        writer.delete_documents_by_term("id", HEAD)
        writer.add_document(head_document(head))
        writer.commit()
    except BaseException:
        writer.rollback()
        raise
    index.reload()
    return applied


class Records:
    """The records a batch touches, as they are in the index or from earlier in the batch."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self.searcher = searcher
        self.read: dict[str, Record] = {}
        self.changed: dict[str, Record] = {}

    def __getitem__(self, id: str) -> Record:
        if id not in self.read:
            self.read[id] = questions.record(self.searcher, id) or Record(id)
        return self.read[id]

    def evolve(self, changes: Iterable[Change]) -> Applied:
        """Every change on its record."""
        fresh = stale = 0
        for change in changes:
            before = self[change.id]
            after = evolve(before, change)
            if after is before:
                stale += 1
                continue
            fresh += 1
            self.read[change.id] = self.changed[change.id] = after
        return Applied(fresh, stale)

    def rename(self) -> None:
        """A unit whose forms changed is met by them in every record, also in those the batch does not touch."""
        addresses = [id.removeprefix(UNIT) for id in self.changed if id.startswith(UNIT)]
        for id in questions.with_units(self.searcher, addresses):
            self.changed.setdefault(id, self[id])

    def forms(self, record: Record) -> list[str]:
        """Every form of the names of a record's units."""
        return [form for unit in merged(record).units for form in merged(self[UNIT + unit.address]).forms]


def _later(before: Cursor | None, cursor: Cursor | None) -> Cursor | None:
    if before and cursor and before.epoch == cursor.epoch:
        return max(before, cursor, key=lambda each: each.seq)
    return cursor or before
