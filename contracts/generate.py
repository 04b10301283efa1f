"""Writes schemas/*.json and asyncapi.json from the classes: `python -m contracts.generate`; a test compares."""

import json
from pathlib import Path

from . import asyncapi, jsonschema

HERE = Path(__file__).parent


def files() -> dict[Path, str]:
    """Every generated file and what belongs in it."""
    made = {HERE / "schemas" / f"{name}.json": schema for name, schema in jsonschema.documents().items()}
    made[HERE / "asyncapi.json"] = asyncapi.document()
    return {path: json.dumps(content, ensure_ascii=False, indent=1) + "\n" for path, content in made.items()}


if __name__ == "__main__":
    made = files()
    for stale in set((HERE / "schemas").rglob("*.json")) - set(made):
        stale.unlink()
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
