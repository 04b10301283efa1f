"""The API for county developers: OpenAPI 3.1 under /v1, problems as RFC 9457, tokens bound to a person and a unit."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from services.portal.feed import api as feed
from services.portal.ledger import api as ledger
from services.portal.ledger import import_api
from services.portal.notices import api as notices
from services.portal.rankings import api as rankings
from services.portal.search import api as search
from services.portal.task import api as task
from services.portal.task import assignment_api
from services.portal.web.problems import HANDLERS, Problem

CONTRACT = Path(__file__).parents[3] / "contracts/openapi.json"
RESOURCES = (ledger, task, assignment_api, import_api, notices, search, rankings, feed)
ANSWER = {"model": Problem, "content": {"application/problem+json": {}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {**ANSWER, "description": "没有办成，以及原因"},
    "5XX": {**ANSWER, "description": "暂时办不了：503 请按 Retry-After 用同一幂等键重试"},
}


def api() -> FastAPI:
    """Every resource; whoever serves it sets `app.state.portal`."""
    app = FastAPI(
        title="督查督办平台接口",
        version="1.0.0",
        summary="事项、承办、公文、搜索、排名与事件",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        responses=PROBLEMS,
    )
    for resource in RESOURCES:
        app.include_router(resource.router)
    for error, handler in HANDLERS.items():
        app.add_exception_handler(error, handler)
    return app


@cache
def contract() -> dict[str, Any]:
    """The whole contract."""
    return api().openapi()
