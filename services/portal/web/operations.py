"""What the API's contract says of an address: its methods and their query parameters. Nothing else is accepted."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from fastapi import FastAPI, Request
from starlette.routing import compile_path

from contracts.refusals import Refused, refuse
from services.portal.refusals import Code

Parameters = Mapping[str, bool]
"""The query parameters of an operation by name, and whether one may be repeated."""


@cache
def operations(app: FastAPI) -> list[tuple[re.Pattern[str], dict[str, Parameters]]]:
    """Each address as a pattern, with its methods."""
    paths = app.openapi()["paths"]
    return [
        (compile_path(path)[0], {method.upper(): _parameters(each) for method, each in methods.items()})
        for path, methods in paths.items()
    ]


def _parameters(operation: Mapping[str, Any]) -> Parameters:
    queried = [each for each in operation.get("parameters", ()) if each["in"] == "query"]
    return {each["name"]: each["schema"].get("type") == "array" for each in queried}


def methods(request: Request) -> dict[str, Parameters]:
    """The methods of the address that was asked; empty where there is no such address."""
    path = request.url.path
    return next((methods for pattern, methods in operations(request.app) if pattern.match(path)), {})


def allow(request: Request) -> str:
    """The header Allow; HEAD is answered wherever GET is."""
    offered = set(methods(request))
    return ", ".join(sorted(offered | {"OPTIONS"} | ({"HEAD"} if "GET" in offered else set())))


def unaccepted(request: Request) -> Refused | None:
    """A query parameter that the operation does not have, or that stands twice where one is meant."""
    sent, offered = request.query_params, methods(request).get(request.method, {}) if request.query_params else {}
    there = f"可用的有：{'、'.join(offered)}" if offered else "这里没有任何查询参数"
    errors = {name: f"没有查询参数“{name}”，{there}" for name in sent if name not in offered}
    twice = [name for name, many in offered.items() if len(sent.getlist(name)) > 1 and not many]
    errors |= {name: f"查询参数“{name}”只能写一次" for name in twice}
    if not errors:
        return None
    listed = [{"pointer": f"/{name}", "message": message} for name, message in errors.items()]
    return refuse(Code.UNKNOWN_PARAMETER, "；".join(errors.values()), listed[0]["pointer"], errors=listed)
