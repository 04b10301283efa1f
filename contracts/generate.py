"""Writes schemas/*.json and asyncapi.json from the classes: `python -m contracts.generate`; a test compares."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel, TypeAdapter

from contracts import commands
from contracts.envelope import Answer, AuditAnchored, Command, CommandAnswered, Event
from contracts.events import light, notice, ranking, register, task

WALK = (register, task, light, notice, ranking)
HERE = Path(__file__).parent
DURABLE = (
    commands.Acknowledge, commands.Report, commands.Complete, commands.Verify, commands.Rework, commands.ReceiveNotice
)  # fmt: skip
"""The commands a node may put into the queue."""


def words(module: ModuleType, parent: type[BaseModel]) -> list[type[Any]]:
    """The classes of `module` that are spoken: those with a dotted type, in walking order."""
    found = [v for v in vars(module).values() if isinstance(v, type) and issubclass(v, parent)]
    return [word for word in found if "." in getattr(word, "type", "") and word.__module__ == module.__name__]


def spoken() -> list[type[Event]]:
    """Every event, in walking order."""
    return [*(word for room in WALK for word in words(room, Event)), CommandAnswered, AuditAnchored]


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema (2020-12) of every event and command, by file name."""
    said = {f"events/{word.type}": word.model_json_schema(mode="serialization") for word in spoken()}
    wished = {f"commands/{word.type}": word.model_json_schema() for word in words(commands, Command)}
    return said | wished | {"answer": TypeAdapter(Answer).json_schema()}


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3.0: what a county system may hear at its own address, and the commands it may queue."""
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    spoken_here: list[tuple[type[Any], str]] = [*((w, "receive") for w in spoken()), *((w, "send") for w in DURABLE)]
    for word, action in spoken_here:
        name = word.type.replace(".", "_")
        schema = word.model_json_schema(mode="serialization" if action == "receive" else "validation",
                                        ref_template=f"#/components/schemas/{name}_{{model}}")  # fmt: skip
        parts |= {f"{name}_{key}": value for key, value in schema.pop("$defs", {}).items()}
        parts[name] = schema
        address = f"{word.filters()[:-1]}{{address}}" if issubclass(word, Event) else word.durable("{address}")
        messages[name] = {
            "name": word.type,
            "contentType": "application/json",
            "summary": (word.__doc__ or "").strip().splitlines()[0],
            "payload": {"$ref": f"#/components/schemas/{name}"},
        }
        channels[name] = {
            "address": address,
            "parameters": {"address": {"description": "pp.cc.dd.ttt.unit, such as 14.10.02.000.gov"}},
            "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        }
        operations[f"{action}_{name}"] = {"action": action, "channel": {"$ref": f"#/channels/{name}"}}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Duban",
            "version": "1",
            "description": "CloudEvents 1.0 in binary mode over NATS JetStream, stream EVENTS; commands into COMMANDS.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": parts},
    }


def files() -> dict[Path, str]:
    """Every generated file and what belongs in it."""
    made = {HERE / "schemas" / f"{name}.json": schema for name, schema in schemas().items()}
    made[HERE / "asyncapi.json"] = asyncapi()
    return {path: json.dumps(content, ensure_ascii=False, indent=1) + "\n" for path, content in made.items()}


if __name__ == "__main__":
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
