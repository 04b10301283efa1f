"""JSON Schema of the contracts as strangers read them: in plain terms, each with a name that never changes."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from .catalogue import command_classes, event_classes
from .envelope import Answer

EXAMPLES = Path(__file__).parent / "examples"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
RULE = re.compile(r"\s*(?:§\d+\w?|[RS]\d+\w?)(?:, (?:§\d+\w?|[RS]\d+\w?))*(?:\.|$)")
"""The number of a rule at the end of a docstring: of use to us alone."""


def documents() -> dict[str, dict[str, Any]]:
    """JSON Schema (2020-12) of every event, every command and the answer, by file name.

    `$id` is `urn:duban:contracts:v1:<events|commands>:<type>`, or `…:answer`: a name, no address; the same for ever.
    """
    made = {f"events/{name}": event.model_json_schema(mode="serialization") for name, event in event_classes().items()}
    made |= {f"commands/{name}": command.model_json_schema() for name, command in command_classes().items()}
    made["answer"] = {
        "title": "Answer",
        "description": "Whether a command was done, or why not (命令回执).",
        **TypeAdapter(Answer).json_schema(),
    }
    return {name: identity(name) | plain(schema) | example_of(name) for name, schema in made.items()}


def identity(name: str) -> dict[str, str]:
    """The dialect and the name of the schema in that file."""
    return {"$schema": DIALECT, "$id": f"urn:duban:contracts:v1:{name.replace('/', ':')}"}


def example_of(name: str) -> dict[str, list[object]]:
    """The committed example of that file, where there is one."""
    path = EXAMPLES / f"{name}.json"
    return {"examples": [json.loads(path.read_text(encoding="utf-8"))]} if path.exists() else {}


def plain(schema: Any) -> Any:
    """The same schema without our rule numbers, and without `discriminator`, which is OpenAPI's alone."""
    return without_rules(rewritten(schema, without_discriminators))


def without_rules(document: Any) -> Any:
    """The same document; its descriptions no longer end with the number of a rule."""

    def change(part: dict[str, Any]) -> dict[str, Any]:
        text = part.get("description")
        return part | {"description": RULE.sub("", text).strip()} if isinstance(text, str) else part

    return rewritten(document, change)


def without_discriminators(part: dict[str, Any]) -> dict[str, Any]:
    """Without the keyword; a field may be called so."""
    return {key: v for key, v in part.items() if not (key == "discriminator" and "propertyName" in v)}


def rewritten(document: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """The same document with every object of it changed, the innermost first."""
    if isinstance(document, list):
        return [rewritten(each, change) for each in document]
    if isinstance(document, dict):
        return change({key: rewritten(value, change) for key, value in document.items()})
    return document
