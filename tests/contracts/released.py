"""What each version of the contracts has promised: `python -m tests.contracts.released` writes the present one down.

One file a version, `released/<version>.json`: events or commands → type or model → field → its JSON types, with `!`
where it is required. A file of a version that is out is never changed; the last one may be written anew until then.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contracts import jsonschema

HERE = Path(__file__).parent / "released"
VERSION = "1.0"
"""The one in work."""
Promise = dict[str, dict[str, dict[str, str]]]


def promise() -> Promise:
    """What the classes promise now; a model means the same in every event, and in every command."""
    made: Promise = {}
    for name, schema in jsonschema.documents().items():
        side, _, kind = name.partition("/")
        models = {kind: schema, **schema.get("$defs", {})}
        made.setdefault(side, {}).update({title: fields(model) for title, model in models.items()})
    return made


def fields(model: dict[str, Any]) -> dict[str, str]:
    """A field's JSON types, with `!` where it is required; a value of a closed set has none."""
    required = model.get("required", ())
    named = {name: types(each) + "!" * (name in required) for name, each in model.get("properties", {}).items()}
    return named | {str(value): "value" for value in model.get("enum", ())}


def types(schema: dict[str, Any]) -> str:
    """`string|null`; a model is before by its name."""
    choices = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return "|".join(sorted({kind(choice) for choice in choices}))


def kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    items = schema.get("items")
    return f"{kind(items)}[]" if isinstance(items, dict) else str(schema.get("type", "any"))


def broken(old: Promise, new: Promise) -> list[str]:
    """What `new` no longer keeps, each as `side model.field: before → now`."""
    return [
        f"{side} {model}.{field}: {before} → {now}"
        for side, models in old.items()
        for model, promised in models.items()
        for field, before, now in breaks(promised, new.get(side, {}).get(model, {}), asked=side == "commands")
    ]


def breaks(promised: dict[str, str], now: dict[str, str], asked: bool) -> Iterator[tuple[str, str, str]]:
    """Fields that are gone or changed. `asked`: a command may ask for less than before, an event may say more."""
    for field, before in promised.items():
        after = now.get(field, "gone")
        eased = after.rstrip("!") == before.rstrip("!") and after.endswith("!") is not asked
        if after != before and not eased:
            yield field, before, after
    for field in now.keys() - promised.keys():
        if asked and now[field].endswith("!"):
            yield field, "unknown", now[field]


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    (HERE / f"{VERSION}.json").write_text(json.dumps(promise(), ensure_ascii=False, sort_keys=True, indent=0) + "\n")
