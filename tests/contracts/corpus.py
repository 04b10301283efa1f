"""What was once published must stay readable (P12): `python -m tests.contracts.corpus` adds bodies of new types.

One file a release, `corpus/<version>.json`: every event and durable command twice, with all its fields and with the
required ones alone. A body in a file is never changed: an old node may still send it.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from contracts.catalogue import DURABLE, event_classes

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"
BY_FORMAT = {
    "uuid": "6d0b5bd4-64cb-4c5a-9d7c-3d2f9a6c1f11",
    "date-time": "2026-11-23T02:00:00Z",
    "date": "2026-11-23",
}
CANDIDATES = ("按要求办理", "14.10.02.000.gov", "14.10.02", "assignment/6d0b5bd4", "a" * 64, "2026-11")
"""One of these fits every pattern of the contracts."""

WHOLE = {"Deadline", "Clock", "Done", "Refused"}
"""Models whose validator or discriminator needs optional fields too."""


def classes() -> dict[str, type[Any]]:
    """Everything that may lie in a stream or a queue, by type."""
    return event_classes() | {command.type: command for command in DURABLE}


def stored() -> list[dict[str, Any]]:
    """Every body of every release."""
    return [body for path in sorted(CORPUS.glob("*.json")) for body in json.loads(path.read_text())]


def bodies(model: type[Any]) -> list[dict[str, Any]]:
    """The fullest and the leanest body of an event or command."""
    schema = model.model_json_schema()
    made = (example(schema, schema.get("$defs", {}), every) for every in (True, False))
    return [{"$type": model.type} | model.model_validate(b).model_dump(mode="json", exclude_unset=True) for b in made]


def example(schema: dict[str, Any], definitions: dict[str, Any], every: bool) -> Any:
    """A value of a JSON Schema; `every`: optional fields too."""
    if reference := schema.get("$ref"):
        return example(definitions[reference.rpartition("/")[2]], definitions, every)
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return example(schema[choice][0], definitions, every)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            chosen = fields if every or schema.get("title") in WHOLE else schema.get("required", ())
            return {name: example(fields[name], definitions, every) for name in chosen}
        case "array":
            items = schema.get("prefixItems") or [schema.get("items", {})] * schema.get("minItems", int(every))
            return [example(item, definitions, every) for item in items]
        case "string":
            return text(schema)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return CANDIDATES[0]


def text(schema: dict[str, Any]) -> str:
    """A string of that format, or the first candidate that fits the pattern and the least length."""
    if schema.get("format") in BY_FORMAT:
        return BY_FORMAT[schema["format"]]
    fits = (c for c in CANDIDATES if re.search(schema.get("pattern", ""), c) and len(c) >= schema.get("minLength", 0))
    return next(fits)


def main() -> None:
    """Write the bodies of the types that no file has."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    path, present = CORPUS / f"{version}.json", {body["$type"] for body in stored()}
    new = [body for kind, model in classes().items() if kind not in present for body in bodies(model)]
    CORPUS.mkdir(exist_ok=True)
    old = json.loads(path.read_text()) if path.exists() else []
    path.write_text(json.dumps([*old, *new], ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
