"""The reference of events, as their schemas describe them: when each is emitted, its fields, an example."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from markupsafe import Markup

from contracts.catalogue import event_classes
from contracts.envelope import Event
from contracts.glossary import Term, glossary
from services.portal.site.handbook import ROOT, parser

Schema = Mapping[str, Any]
SCHEMAS = ROOT / "contracts/schemas/events"
REFERENCE = "#/$defs/"


@dataclass(frozen=True)
class Type:
    """What a field holds, in JSON's words. `shape`: a shape or closed set of this page, empty for a plain value."""

    text: str
    shape: str = ""

    @property
    def chinese(self) -> str:
        """The Chinese term of a shape; empty for a plain value."""
        return chinese(self.shape) if self.shape else ""


@dataclass(frozen=True)
class FieldRow:
    """A field of an event or of a shape; one that is not required has a default."""

    name: str
    types: tuple[Type, ...]
    required: bool
    description: Markup


@dataclass(frozen=True)
class Shape:
    """Something inside an event: fields, or the values of a closed set with their words."""

    name: str
    chinese: str
    description: Markup
    fields: tuple[FieldRow, ...]
    values: tuple[tuple[str, Term | None], ...]


@dataclass(frozen=True)
class EventPage:
    """One event. own: the fields it adds to those that every event has. example: JSON, empty where there is none."""

    type: str
    term: Term | None
    description: Markup
    subject: str
    own: tuple[FieldRow, ...]
    envelope: tuple[FieldRow, ...]
    shapes: tuple[Shape, ...]
    example: str


@cache
def event_pages() -> dict[str, EventPage]:
    """Every event by its type."""
    return {kind: _page(event) for kind, event in event_classes().items()}


def families() -> dict[str, list[EventPage]]:
    """The events of each entity, in the order of the contracts."""
    grouped: dict[str, list[EventPage]] = {}
    for kind, each in event_pages().items():
        grouped.setdefault(kind.partition(".")[0], []).append(each)
    return grouped


def _page(event: type[Event]) -> EventPage:
    schema: Schema = json.loads((SCHEMAS / f"{event.type}.json").read_text("utf-8"))
    shapes = schema.get("$defs", {})
    rows = _fields(schema, shapes)
    examples = schema.get("examples", ())
    return EventPage(
        event.type,
        glossary().event.get(event.type),
        _prose(schema),
        f"{event.filters()[:-1]}<address>",
        tuple(row for row in rows if row.name not in Event.model_fields),
        tuple(row for row in rows if row.name in Event.model_fields),
        tuple(_shape(name, each, shapes) for name, each in shapes.items()),
        json.dumps(examples[0], ensure_ascii=False, indent=2) if examples else "",
    )


def _shape(name: str, schema: Schema, shapes: Schema) -> Shape:
    closed = glossary().closed.get(name)
    words = closed.values if closed else {}
    values = tuple((str(value), words.get(str(value))) for value in schema.get("enum", ()))
    return Shape(name, chinese(name), _prose(schema), _fields(schema, shapes), values)


def _fields(schema: Schema, shapes: Schema) -> tuple[FieldRow, ...]:
    required = schema.get("required", ())
    return tuple(_field(name, each, name in required, shapes) for name, each in schema.get("properties", {}).items())


def _field(name: str, schema: Schema, required: bool, shapes: Schema) -> FieldRow:
    """A field that says nothing of itself has the first paragraph of the shape that it holds."""
    types = tuple(_types(schema))
    held: Schema = next((shapes[each.shape] for each in types if each.shape), {})
    described = schema if schema.get("description") else {"description": held.get("description", "").split("\n\n")[0]}
    return FieldRow(name, types, required, _prose(described))


def _prose(schema: Schema) -> Markup:
    """What a class or a field says of itself, in Markdown."""
    return Markup(parser().render(schema.get("description", "")))


def _types(schema: Schema) -> Iterator[Type]:
    """What a field may hold, one for each alternative."""
    if reference := schema.get("$ref"):
        name = reference.removeprefix(REFERENCE)
        yield Type(name, name)
    elif alternatives := schema.get("anyOf") or schema.get("oneOf"):
        for each in alternatives:
            yield from _types(each)
    elif schema.get("type") == "array":
        for each in _types(schema.get("items", {})):
            yield Type(f"array of {each.text}", each.shape)
    else:
        plain = schema.get("format") or schema.get("type", "any")
        yield Type(json.dumps(schema["const"]) if "const" in schema else plain)


def chinese(shape: str) -> str:
    """The Chinese term of a published state or of a closed set; empty where the glossary has none."""
    words = glossary()
    word = words.closed.get(shape) or words.published.get(shape)
    return word.chinese if word else ""
