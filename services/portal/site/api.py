"""The API for county developers: OpenAPI 3.1 under /v1, problems as RFC 9457, tokens bound to a person and a unit."""

from functools import cache
from pathlib import Path
from typing import Any, cast

from fastapi import Depends, FastAPI

from contracts.jsonschema import without_rules
from services.portal.feed import api as feed
from services.portal.ledger import api as ledger
from services.portal.ledger import import_api
from services.portal.notices import api as notices
from services.portal.notices import delivery_api
from services.portal.rankings import api as rankings
from services.portal.search import api as search
from services.portal.task import api as task
from services.portal.task import assignment_api, evidence_api
from services.portal.web.caller import only_known
from services.portal.web.problems import HANDLERS, Problem
from services.portal.webhooks import api as webhooks

CONTRACT = Path(__file__).parents[3] / "contracts/openapi.json"
RESOURCES = (
    ledger, task, assignment_api, evidence_api, import_api, notices, delivery_api, search, rankings, feed, webhooks,
)  # fmt: skip
ANSWER = {"model": Problem, "content": {"application/problem+json": {}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {**ANSWER, "description": "Not done, and why (没有办成，以及原因)"},
    "5XX": {
        **ANSWER,
        "description": "Not now: again after Retry-After, with the same key (暂时办不了，请重试)",
    },
}
TAGS = {
    "tasks": "Whole tasks and their ledger (事项)",
    "assignments": "One unit's part in a task (承办)",
    "evidence": "Files that reports and completions rest on (佐证材料)",
    "imports": "An office's ledger as a file (台账)",
    "notices": "Documents at their issuer (公文)",
    "deliveries": "Documents on their way to a unit, and receipts (送达与回执)",
    "search": "Anything, by its words (搜索)",
    "rankings": "Monthly rankings (排名)",
    "events": "What happened, pulled with a cursor (事件)",
    "webhooks": "Addresses to which events may be sent (推送地址)",
}
"""The tags of the contract, each in a sentence."""
ABOUT = """\
What a county's system or an office's program asks of Duban (督办). A token (令牌) stands for one person, one unit
and one role; every change takes an `Idempotency-Key`, so that a repeat has one effect and the same answer. Errors are
problems as RFC 9457 has them, in Chinese with the remedy. Moments are UTC in ISO 8601, days are days of Asia/Shanghai,
percentages are strings of a decimal number. Fields are added, never renamed or removed: pass over what you do not
know.
"""


def api() -> FastAPI:
    """Every resource; whoever serves it sets `app.state.portal`."""
    app = FastAPI(
        title="Duban API",
        version="1.0.0",
        summary="Tasks, assignments, documents, search, rankings and events (督查督办平台接口)",
        description=ABOUT,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/", "description": "The portal that serves this document (本平台)"}],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        responses=PROBLEMS,
        dependencies=[Depends(only_known)],
    )
    for resource in RESOURCES:
        app.include_router(resource.router)
    for error, handler in HANDLERS.items():
        app.add_exception_handler(error, handler)
    return app


@cache
def contract() -> dict[str, Any]:
    """The whole contract, in a stranger's words: without our rule numbers, tags in English."""
    document = {**api().openapi(), "tags": [{"name": name, "description": text} for name, text in TAGS.items()]}
    for operation in operations(document):
        for status in PROBLEMS.keys() & operation["responses"].keys():
            content = operation["responses"][status]["content"]
            content["application/problem+json"] = content.pop("application/json")  # FastAPI knows no other for a model
    return cast(dict[str, Any], without_rules(document))


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Of every path."""
    return [operation for path in document["paths"].values() for operation in path.values()]
