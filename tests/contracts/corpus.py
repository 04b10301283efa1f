"""What was once said must be readable for ever (P12): `python -m tests.contracts.corpus` adds bodies of new words.

One file a release, `corpus/<version>.json`: every event and durable command twice, with all its fields and with only
those that it must have. What stands in a file is never written anew: it is what an old node may still say.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from contracts import generate

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"
BY_FORMAT = {
    "uuid": "6d0b5bd4-64cb-4c5a-9d7c-3d2f9a6c1f11",
    "date-time": "2026-11-23T02:00:00Z",
    "date": "2026-11-23",
}
CANDIDATES = ("14.10.02.000.gov", "14.10.02", "assignment/6d0b5bd4", "a" * 64, "2026-11", "60", "某事")
"""One of these fits every pattern of the contracts."""

WHOLE = {"Deadline", "Done", "Refused"}
"""What a validator lets stand only whole."""


def words() -> dict[str, type[Any]]:
    """What may lie in a stream or a queue, by type."""
    return {word.type: word for word in (*generate.spoken(), *generate.DURABLE)}


def kept() -> list[dict[str, Any]]:
    """Every body of every release."""
    return [body for path in sorted(CORPUS.glob("*.json")) for body in json.loads(path.read_text())]


def bodies(kind: str, word: type[Any]) -> list[dict[str, Any]]:
    """The fullest and the leanest body of a word."""
    schema = word.model_json_schema()
    made = (example(schema, schema.get("$defs", {}), every) for every in (True, False))
    return [{"$type": kind} | word.model_validate(body).model_dump(mode="json", exclude_unset=True) for body in made]


def example(schema: dict[str, Any], parts: dict[str, Any], every: bool) -> Any:
    """A value of a JSON Schema; `every`: optional fields too."""
    if reference := schema.get("$ref"):
        return example(parts[reference.rpartition("/")[2]], parts, every)
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return example(schema[choice][0], parts, every)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            wanted = (
                schema.get("properties", {}) if every or schema.get("title") in WHOLE else schema.get("required", ())
            )
            return {name: example(schema["properties"][name], parts, every) for name in wanted}
        case "array":
            items = schema.get("prefixItems") or [schema.get("items", {})] * schema.get("minItems", int(every))
            return [example(item, parts, every) for item in items]
        case "string":
            return text(schema)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return "某事"


def text(schema: dict[str, Any]) -> str:
    """A string of that format, or the first candidate that the pattern and the least length allow."""
    if schema.get("format") in BY_FORMAT:
        return BY_FORMAT[schema["format"]]
    fits = (c for c in CANDIDATES if re.search(schema.get("pattern", ""), c) and len(c) >= schema.get("minLength", 0))
    return next(fits)


def main() -> None:
    """Write the bodies of the words that no file has."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    path, existing = CORPUS / f"{version}.json", {body["$type"] for body in kept()}
    new = [body for kind, word in words().items() if kind not in existing for body in bodies(kind, word)]
    CORPUS.mkdir(exist_ok=True)
    old = json.loads(path.read_text()) if path.exists() else []
    path.write_text(json.dumps([*old, *new], ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
