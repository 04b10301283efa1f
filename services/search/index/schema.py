"""How an entry lies in the index: what is searched, what is filtered and counted, and the record it is read from."""

from dataclasses import dataclass

import tantivy
from pydantic import TypeAdapter

from services.search import words
from services.search.domain import Cursor, Known, audience_tokens, live, number_key

HEAD = "head"
"""The id of the one document that holds the cursor."""

SEARCHED = {"title": 4.0, "number": 8.0, "units": 2.0, "text": 1.0}
"""Fields of words, and how much a word in each of them weighs."""

FACETS = ("kind", "board", "light")


@dataclass(frozen=True, slots=True)
class Head:
    """What the index says of itself: the dictionary it was built with and how far the stream was read."""

    words: str
    cursor: Cursor | None = None


KNOWN, HEAD_RECORD = TypeAdapter(Known), TypeAdapter(Head)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder().add_bytes_field("record", stored=True)
    for name in SEARCHED:
        builder = builder.add_text_field(name, index_option="position")
    for name in ("id", "exact_number", "audience"):
        builder = builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder = builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    return builder.add_integer_field("time", fast=True).build()


SCHEMA = _schema()


def head_document(head: Head) -> tantivy.Document:
    """Has no audience: nobody finds it."""
    return _document(HEAD, HEAD_RECORD.dump_json(head))


def entry_document(known: Known) -> tantivy.Document:
    """Until an entry is live it has a record only: nobody finds it, its versions are kept."""
    entry = known.entry
    document = _document(entry.id, KNOWN.dump_json(known))
    if not live(known):
        return document
    for token in audience_tokens(entry.audience):
        document.add_text("audience", token)
    if entry.number:
        document.add_text("exact_number", number_key(entry.number))
    for name in FACETS:
        if value := getattr(entry, name):
            document.add_text(name, value)
    document.add_integer("time", int(entry.time.timestamp() * 1000) if entry.time else 0)
    texts = {"title": entry.title, "number": entry.number, "units": "；".join(entry.units), "text": entry.text}
    for name, text in texts.items():
        if tokens := [tantivy.Token(word, at, 0) for word, at in words.scan(text)]:
            document.add_pre_tokenized_text(name, tantivy.PreTokenizedString("", tokens))
    return document


def _document(id: str, record: bytes) -> tantivy.Document:
    document = tantivy.Document()
    document.add_text("id", id)
    document.add_bytes("record", record)
    return document
