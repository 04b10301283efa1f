"""AsyncAPI 3.0 of a node's bus: what a node may receive at its own addresses, and the commands it may queue."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from . import asyncapi_tokens as tokens
from .catalogue import DURABLE, event_classes
from .envelope import COMMAND_STREAM, EVENT_STREAM, QUEUED, Command, CommandAnswered, Event
from .headers import COMMAND_HEADERS, EVENT_HEADERS
from .jsonschema import EXAMPLES, plain, rewritten
from .node import AGAIN_AFTER, API, reader_of

NODE = "14.10.02"
ABOUT = f"""\
What a county or city system and a province's Duban (督办) say to each other: CloudEvents 1.0 in binary mode over NATS
JetStream.

**To connect**, use the credentials file (凭据) that the province gave you: a JWT and an NKEY seed in one file. Your
account holds one reader and the commands you may send, nothing else; it has no JetStream of its own.

**To receive**, fetch from the durable consumer that the province made for your node: stream `{EVENT_STREAM}`, durable
`node-<node with dashes>`, for `{NODE}`: `{reader_of(NODE)}`. Its filter holds your own addresses and what is for
everyone above you; you cannot change it, and make no consumer yourself. Write `{API}` where a client library has
`$JS.API`: a request to `{API}.CONSUMER.MSG.NEXT.{EVENT_STREAM}.{reader_of(NODE)}` with
`{{"batch": 1, "expires": 5000000000}}` is answered with one message, or with status 404 or 408 when there is none.
Reply `+ACK` to a message once it is handled: only then the next one comes, and without it the same one after
{AGAIN_AFTER} seconds. Answers come to any inbox of your own (`_INBOX.>`).

**Order.** Events of one aggregate come in the order of `version`, at least once. `aggregate` and `version` tell a
repeat. Each event carries the whole state after it. Pass over types and fields that you do not know: later releases
add some, and rename or remove none.

**To send**, publish a command with JetStream's acknowledgement to `duban.cmd.v1.<verb>.<node>` (stream
`{COMMAND_STREAM}`). {QUEUED} of one verb may wait for a node, 64 KiB each. The answer comes as the event
`command.answered` with the command's id; the same id twice has one effect and the same answer.

**Times** are UTC in ISO 8601; days are days of Asia/Shanghai. Percentages are strings of a decimal number.
"""
PLACES = {
    "address": ("The unit as five tokens, `province.city.county.township.unit` (单位地址).", "14.10.02.000.gov"),
    "node": ("Your node (节点).", NODE),
}
"""What a parameter of a channel's address stands for, and an example."""
ENTITIES = {
    "assignment": "One unit's part in a task (交办件)",
    "audit": "Heads of audit chains (审计存证)",
    "calendar": "Working days (工作日历)",
    "clock": "Clocks that ran out or soon will (时限提醒)",
    "command": "Answers to commands (命令回执)",
    "commands": "What a node may ask for (命令)",
    "delivery": "Documents on their way to a unit (送达)",
    "light": "Four-colour warnings (四色预警)",
    "notice": "Documents at their issuer (公文)",
    "person": "Persons of the register (人员)",
    "policy": "Numbers of the rules (规则)",
    "post": "Posts and their holders (职务)",
    "ranking": "Monthly rankings (排名)",
    "task": "Whole tasks (事项)",
    "unit": "Units of the register (单位)",
}
"""Tags: the entity of an event; every command has one tag."""
CREDENTIALS = "Credentials file: a JWT, and an NKEY seed that signs the server's nonce (凭据)."
Model = type[Event] | type[Command]
SECURED = [{"$ref": "#/components/securitySchemes/credentials"}]


def document() -> dict[str, Any]:
    """The whole document."""
    models: list[Model] = [*event_classes().values(), *DURABLE]
    references, definitions = models_json_schema(
        [*((model, mode(model)) for model in models), *tokens.MODELS], ref_template="#/components/schemas/{model}"
    )
    headers = {"EventHeaders": EVENT_HEADERS, "CommandHeaders": COMMAND_HEADERS}
    return {
        "asyncapi": "3.0.0",
        "id": "urn:duban:asyncapi:v1",
        "info": info(),
        "defaultContentType": "application/json",
        "servers": servers(),
        "channels": {key(model): channel(model) for model in models} | tokens.channels(parameter("node")),
        "operations": {f"{action(model)}_{key(model)}": operation(model) for model in models}
        | tokens.operations(SECURED),
        "components": {
            "messages": {key(model): message(model, references[model, mode(model)]) for model in models}
            | {name: tokens.message(name, references) for name in tokens.MESSAGES},
            "schemas": rewritten(plain(definitions["$defs"]), referable) | headers,
            "securitySchemes": {"credentials": {"type": "asymmetricEncryption", "description": CREDENTIALS}},
            "operationTraits": {"events": consumer(), "commands": {"bindings": {"nats": {"bindingVersion": "0.1.0"}}}},
        },
    }


def info() -> dict[str, Any]:
    """What it is."""
    return {
        "title": "Duban",
        "version": "1.0.0",
        "description": ABOUT,
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        "contact": {"name": "Your province's operator (运行中心)"},
        "tags": [{"name": name, "description": text} for name, text in ENTITIES.items()] + [tokens.TAG],
    }


def servers() -> dict[str, Any]:
    """The province's bus, wherever it is: the bundle says."""
    host = {"description": "As `servers` in your bundle's `node.json` says.", "examples": ["bus.example"]}
    port = {"description": "As there.", "default": "4222"}
    return {
        "province": {
            "host": "{host}:{port}",
            "protocol": "nats",
            "protocolVersion": "1",
            "title": "The province's bus (省级消息总线)",
            "description": "With TLS first where the bundle says `tls://`; several servers are one bus.",
            "variables": {"host": host, "port": port},
            "security": SECURED,
        }
    }


def consumer() -> dict[str, Any]:
    """How every event is received; NATS bindings have no words for it yet, so it is an extension."""
    return {
        "bindings": {"nats": {"bindingVersion": "0.1.0"}},
        "x-nats-consumer": {
            "stream": EVENT_STREAM,
            "durable": "node-{node with dashes}",
            "apiPrefix": API,
            "mode": "pull",
            "ackPolicy": "explicit",
            "ackWaitSeconds": AGAIN_AFTER,
            "maxAckPending": 1,
        },
    }


def key(model: Model) -> str:
    """Its name in the document: `assignment_issued`."""
    return model.type.replace(".", "_")


def mode(model: Model) -> JsonSchemaMode:
    """An event as it is written, a command as it is read."""
    return "serialization" if issubclass(model, Event) else "validation"


def action(model: Model) -> str:
    """What the node does with it."""
    return "receive" if issubclass(model, Event) else "send"


def tags(model: Model) -> list[dict[str, str]]:
    """The entity of an event, or `commands`."""
    name = model.type.partition(".")[0] if issubclass(model, Event) else "commands"
    return [{"name": name, "description": ENTITIES[name]}]


def parameter(place: str) -> dict[str, Any]:
    """What stands for a place in an address."""
    text, value = PLACES[place]
    return {"description": text, "examples": [value]}


def channel(model: Model) -> dict[str, Any]:
    """The subject on which it travels."""
    address = f"{model.filters()[:-1]}{{address}}" if issubclass(model, Event) else model.durable("{node}")
    return {
        "address": address,
        "title": model.type,
        "summary": summary(model),
        "servers": [{"$ref": "#/servers/province"}],
        "parameters": {place: parameter(place) for place in PLACES if f"{{{place}}}" in address},
        "messages": {key(model): {"$ref": f"#/components/messages/{key(model)}"}},
    }


def operation(model: Model) -> dict[str, Any]:
    """What the node does; a command is answered by `command.answered`."""
    name, trait = key(model), "events" if issubclass(model, Event) else "commands"
    made: dict[str, Any] = {
        "action": action(model),
        "channel": {"$ref": f"#/channels/{name}"},
        "title": model.type,
        "summary": summary(model),
        "security": SECURED,
        "tags": tags(model),
        "traits": [{"$ref": f"#/components/operationTraits/{trait}"}],
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
    }
    if issubclass(model, Command):
        answer = "#/channels/command_answered"
        made["reply"] = {"channel": {"$ref": answer}, "messages": [{"$ref": f"{answer}/messages/command_answered"}]}
    return made


def message(model: Model, payload: Mapping[str, object]) -> dict[str, Any]:
    """Headers, payload and an example."""
    kind = "Event" if issubclass(model, Event) else "Command"
    path = "command" if model is CommandAnswered else "id"
    return {
        "name": model.type,
        "title": model.type,
        "summary": summary(model),
        "contentType": "application/json",
        "tags": tags(model),
        "headers": {"$ref": f"#/components/schemas/{kind}Headers"},
        "correlationId": {
            "location": f"$message.payload#/{path}",
            "description": "The id of the command, or of the event.",
        },
        "payload": payload,
        "examples": [example(model)],
    }


def example(model: Model) -> dict[str, Any]:
    """The committed example, with the headers it would travel with."""
    folder = "events" if issubclass(model, Event) else "commands"
    body = json.loads((EXAMPLES / folder / f"{model.type}.json").read_text(encoding="utf-8"))
    headers = model.model_validate(body).headers() if issubclass(model, Event) else {}
    return {"name": "example", "summary": summary(model), "headers": headers, "payload": body}


def summary(model: Model) -> str:
    """The first line of what it says of itself."""
    lines = (model.__doc__ or "").strip().splitlines()
    return str(plain({"description": lines[0]})["description"])


def referable(part: dict[str, Any]) -> dict[str, Any]:
    """The same in AsyncAPI's dialect, where nothing may stand beside a `$ref`."""
    if "$ref" not in part or len(part) == 1:
        return part
    return {"allOf": [{"$ref": part["$ref"]}], **{name: value for name, value in part.items() if name != "$ref"}}
