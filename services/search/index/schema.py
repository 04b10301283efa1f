"""How a record lies in the index: what is searched, what is filtered and counted, and the record it is read from."""

from collections.abc import Iterable
from dataclasses import dataclass

import tantivy
from pydantic import TypeAdapter

from services.search import words
from services.search.domain.question import number_key
from services.search.domain.record import Cursor, Record, merged

HEAD = "head"
"""The id of the one document that holds the cursor."""

UNIT = "unit/"
"""With an address, the id of the record that holds the forms of a unit's name."""

SEARCHED = {"title": 4.0, "number": 8.0, "units": 2.0, "text": 1.0}
"""Fields of words, and how much a word in each of them weighs."""

FACETS = ("kind", "board", "light")
RAW = ("id", "unit", "exact_number", "audience")
"""Fields met only whole; `unit`: the addresses of the record's units."""


@dataclass(frozen=True, slots=True)
class Head:
    """The dictionary the index was built with, and how far the stream was read."""

    words: str
    cursor: Cursor | None = None


RECORD, HEAD_RECORD = TypeAdapter(Record), TypeAdapter(Head)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder().add_bytes_field("record", stored=True)
    for name in SEARCHED:
        builder = builder.add_text_field(name, index_option="position")
    for name in RAW:
        builder = builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder = builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    return builder.add_integer_field("time", fast=True).build()


SCHEMA = _schema()


def head_document(head: Head) -> tantivy.Document:
    """Has no audience: no search returns it."""
    return _document(HEAD, HEAD_RECORD.dump_json(head))


def record_document(record: Record, forms: Iterable[str] = ()) -> tantivy.Document:
    """Without a title it is stored only: no search returns it. `forms`: other names of its units."""
    facts, document = merged(record), _document(record.id, RECORD.dump_json(record, exclude_defaults=True))
    if not facts.title:
        return document
    values = [("audience", place) for place in facts.audience or ()] + [("unit", unit.address) for unit in facts.units]
    values += [(name, getattr(facts, name)) for name in FACETS]
    values.append(("exact_number", number_key(facts.number) if facts.number else ""))
    for name, value in values:
        if value:
            document.add_text(name, value)
    document.add_integer("time", int(facts.time.timestamp() * 1000) if facts.time else 0)
    names = dict.fromkeys((*(unit.name for unit in facts.units), *forms))
    texts = {"title": facts.title, "number": facts.number, "units": "；".join(names), "text": text_of(record)}
    for name, text in texts.items():
        if tokens := [tantivy.Token(word, at, 0) for word, at in words.scan(text)]:
            document.add_pre_tokenized_text(name, tantivy.PreTokenizedString("", tokens))
    return document


def text_of(record: Record) -> str:
    """What is searched beside title, number and units, and what snippets are taken from."""
    facts = merged(record)
    return "\n".join(filter(None, (facts.text, facts.notes)))


def _document(id: str, record: bytes) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("id", id)
    document.add_bytes("record", record)
    return document
