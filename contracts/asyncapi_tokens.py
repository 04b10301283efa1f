"""AsyncAPI of tokens: request and reply past every stream, by which a node gets a token of the HTTP API."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from .envelope import ActorRole
from .node import TOKENS, Token, TokenRequest, token_subject
from .refusals import Refused

MODELS: list[tuple[type[BaseModel], JsonSchemaMode]] = [
    (TokenRequest, "validation"),
    (Token, "serialization"),
    (Refused, "serialization"),
]
MESSAGES = {
    "token_request": "Ask for a token of the HTTP API (申请令牌)",
    "token_answer": "The token, or why there is none (令牌答复)",
}
TAG = {"name": "token", "description": "Tokens of the HTTP API (令牌)"}
REQUEST = TokenRequest(person="zhang")
ANSWER = Token(token="duban_…", expires_in=3600, unit="14.10.02.000.gov", role=ActorRole.UNIT_CLERK)


def channels(node: Mapping[str, object]) -> dict[str, Any]:
    """Request and reply past every stream, by which a node gets a token of the HTTP API."""
    return {
        "token_request": {
            "address": token_subject("{node}"),
            "title": TOKENS,
            "summary": MESSAGES["token_request"],
            "servers": [{"$ref": "#/servers/province"}],
            "parameters": {"node": node},
            "messages": {"token_request": {"$ref": "#/components/messages/token_request"}},
        },
        "token_answer": {
            "address": None,
            "title": "An inbox of the node's own",
            "summary": MESSAGES["token_answer"],
            "servers": [{"$ref": "#/servers/province"}],
            "messages": {"token_answer": {"$ref": "#/components/messages/token_answer"}},
        },
    }


def operations(security: list[dict[str, str]]) -> dict[str, Any]:
    """Ask, and be answered at the reply subject."""
    answer = "#/channels/token_answer"
    asked = {
        "action": "send",
        "channel": {"$ref": "#/channels/token_request"},
        "title": TOKENS,
        "summary": MESSAGES["token_request"],
        "security": security,
        "tags": [TAG],
        "bindings": {"nats": {"bindingVersion": "0.1.0"}},
        "messages": [{"$ref": "#/channels/token_request/messages/token_request"}],
        "reply": {"channel": {"$ref": answer}, "messages": [{"$ref": f"{answer}/messages/token_answer"}]},
    }
    return {"send_token_request": asked}


def message(name: str, references: Mapping[Any, Mapping[str, object]]) -> dict[str, Any]:
    """The request, or one of its two answers."""
    request, *answers = (references[model] for model in MODELS)
    payload, sample = (request, REQUEST) if name == "token_request" else ({"oneOf": answers}, ANSWER)
    return {
        "name": name,
        "title": name,
        "summary": MESSAGES[name],
        "contentType": "application/json",
        "tags": [TAG],
        "payload": payload,
        "examples": [{"name": "example", "summary": MESSAGES[name], "payload": sample.model_dump(mode="json")}],
    }
