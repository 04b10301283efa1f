"""Writes schemas/*.json and asyncapi.json from the classes: `python -m contracts.generate`; a test compares."""

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from .catalogue import DURABLE, command_classes, event_classes
from .envelope import Answer, Command, Event

HERE = Path(__file__).parent
PLACES = {"address": "pp.cc.dd.ttt.unit, such as 14.10.02.000.gov", "node": "the sender, such as 14.10.02"}
"""What a parameter of a channel's address stands for."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema (2020-12) of every event, every command and the answer, by file name; `$id` is a URN, no host."""
    made = {f"events/{name}": event.model_json_schema(mode="serialization") for name, event in event_classes().items()}
    made |= {f"commands/{name}": command.model_json_schema() for name, command in command_classes().items()}
    made["answer"] = TypeAdapter(Answer).json_schema()
    return {
        name: {"$schema": DIALECT, "$id": f"urn:duban:contracts:v1:{name.replace('/', ':')}", **schema}
        for name, schema in made.items()
    }


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3.0: what a county system may receive at its own address, and the commands it may queue."""
    made: dict[str, Any] = {"channels": {}, "operations": {}, "messages": {}, "schemas": {}}
    for event in event_classes().values():
        describe(made, event, "receive", f"{event.filters()[:-1]}{{address}}", "serialization")
    for command in DURABLE:
        describe(made, command, "send", command.durable("{node}"), "validation")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Duban",
            "version": "1",
            "description": "CloudEvents 1.0 in binary mode over NATS JetStream, stream EVENTS; commands into COMMANDS.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": made["channels"],
        "operations": made["operations"],
        "components": {"messages": made["messages"], "schemas": made["schemas"]},
    }


def describe(
    made: dict[str, Any],
    model: type[Event] | type[Command],
    action: str,
    address: str,
    mode: Literal["serialization", "validation"],
) -> None:
    """Add the channel, operation, message and schemas of one event or command."""
    name = model.type.replace(".", "_")
    schema = model.model_json_schema(mode=mode, ref_template=f"#/components/schemas/{name}_{{model}}")
    made["schemas"] |= {f"{name}_{key}": value for key, value in schema.pop("$defs", {}).items()}
    made["schemas"][name] = schema
    made["messages"][name] = {
        "name": model.type,
        "contentType": "application/json",
        "summary": (model.__doc__ or "").strip().splitlines()[0],
        "payload": {"$ref": f"#/components/schemas/{name}"},
    }
    made["channels"][name] = {
        "address": address,
        "parameters": {place: {"description": text} for place, text in PLACES.items() if f"{{{place}}}" in address},
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
    }
    made["operations"][f"{action}_{name}"] = {"action": action, "channel": {"$ref": f"#/channels/{name}"}}


def files() -> dict[Path, str]:
    """Every generated file and what belongs in it."""
    made = {HERE / "schemas" / f"{name}.json": schema for name, schema in schemas().items()}
    made[HERE / "asyncapi.json"] = asyncapi()
    return {path: json.dumps(content, ensure_ascii=False, indent=1) + "\n" for path, content in made.items()}


if __name__ == "__main__":
    made = files()
    for stale in set((HERE / "schemas").rglob("*.json")) - set(made):
        stale.unlink()
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
