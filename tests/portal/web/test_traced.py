"""Every request is one line with its trace; what it was about stays out of it."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from services.chassis import tracing
from services.portal.web.head import Headed
from services.portal.web.traced import Traced

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
app = FastAPI()


@app.get("/persons/{person}")
async def person(person: str) -> dict[str, str]:
    return {"trace": tracing.now().span.traceparent}


@app.get("/broken")
async def broken() -> None:
    raise LookupError("broken")


async def get(path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(Traced(app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://portal", headers=headers) as client:
        return await client.get(path)


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """Our own lines, with the ids of their spans."""
    with capture_logs(processors=[tracing.on_line]) as written_lines:
        yield written_lines


async def test_a_line_names_the_route_and_goes_on_with_the_trace_of_its_caller(lines):
    answer = await get("/persons/zhang?token=secret", traceparent=PARENT)
    [line] = lines
    assert (line["event"], line["work"], line["status"]) == ("answered", "GET /persons/{person}", 200)
    assert line["trace_id"] == PARENT[3:35] and line["parent_id"] == PARENT[36:52]
    assert line["span_id"] == answer.json()["trace"][36:52]
    assert "zhang" not in str(line) and "secret" not in str(line)


async def test_a_line_of_head_names_the_route_of_get(lines):
    transport = httpx.ASGITransport(Traced(Headed(app)))
    async with httpx.AsyncClient(transport=transport, base_url="http://portal") as client:
        await client.head("/persons/zhang")
    [line] = lines
    assert (line["work"], line["status"]) == ("HEAD /persons/{person}", 200)


async def test_a_request_that_fails_is_a_line_too(lines):
    await get("/broken")
    [line] = lines
    assert line["status"] == 500 and len(line["trace_id"]) == 32


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/static/app.css"])
async def test_what_a_supervisor_asks_every_second_is_no_line(lines, path: str):
    await get(path)
    assert lines == []
