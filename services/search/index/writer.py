"""Changes into the index: the records evolve, and are committed together with the cursor."""

from collections.abc import Iterable
from dataclasses import dataclass

import tantivy

from services.search import words
from services.search.domain.record import Change, Cursor, Record, evolve, merged
from services.search.index import questions
from services.search.index.faults import Unindexable
from services.search.index.schema import HEAD, UNIT, Head, head_document, record_document


@dataclass(frozen=True, slots=True)
class Applied:
    """How many changes of a batch were new, and how many older than what their record holds."""

    fresh: int
    stale: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What one commit writes: `documents` by id, and the head; without a head there is nothing new to write."""

    applied: Applied
    documents: dict[str, tantivy.Document]
    head: Head | None


def prepared(searcher: tantivy.Searcher, changes: Iterable[Change], cursor: Cursor | None) -> Batch:
    """The changes on the records as they are. Raises Unindexable, Unreadable."""
    records = Records(searcher)
    applied = records.evolve(changes)
    before = questions.head(searcher)
    head = Head(words.dictionary_version(), _later(before.cursor if before else None, cursor))
    if not records.changed and head == before:
        return Batch(applied, {}, None)
    records.rename()
    return Batch(applied, {id: _document(record, records) for id, record in records.changed.items()}, head)


def proof(searcher: tantivy.Searcher) -> Batch:
    """The head as it is, once more: whether the index takes a commit."""
    return Batch(Applied(0, 0), {}, questions.head(searcher) or Head(words.dictionary_version()))


def commit(index: tantivy.Index, writer: tantivy.IndexWriter, batch: Batch) -> None:
    """All or nothing, readable at once."""
    assert batch.head
    for id, document in {**batch.documents, HEAD: head_document(batch.head)}.items():
        writer.delete_documents_by_term("id", id)
        writer.add_document(document)
    writer.commit()
    index.reload()


def _document(record: Record, records: "Records") -> tantivy.Document:
    forms = records.forms(record)
    try:
        return record_document(record, forms)
    except Exception as error:
        raise Unindexable(record.id) from error


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
