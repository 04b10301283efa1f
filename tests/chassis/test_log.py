"""Every line of a process is JSON that names its service, and no line holds what is a person's."""

import json
import subprocess
import sys
from typing import Any

import pytest

from deploy.local.settings import ROOT

TASK = "task/00000000-0000-0000-0000-000000000001"
PROGRAM = f"""
import asyncio, logging, threading, warnings
import asyncpg, structlog, uvicorn
from contracts.commands.assignment import Report
from services.chassis import log

uvicorn.Config("x:app", log_level="info")
log.setup("toy")
ours = structlog.get_logger("ours")
for name in ("uvicorn.error", "nats.aio.client", "faststream", "somebody"):
    logging.getLogger(name).warning("it is %s", name)
logging.getLogger("uvicorn.access").info("GET /v1/tasks?token=secret")
warnings.warn("old")
for aggregate in ("person/zhang-san", "{TASK}"):
    ours.info("aggregate", aggregate=aggregate)

def sent():
    Report.model_validate_json('{{"actor": "张某"}}')

def stored():
    raise asyncpg.PostgresError.new({{"C": "23505", "M": "x", "D": "Key (name)=(张某)"}})

def held():
    name = "张某"
    raise ValueError("x")

for happening in (sent, stored, held):
    try:
        happening()
    except Exception as error:
        ours.exception("failed", error=repr(error))
thread = threading.Thread(target=lambda: ours.info("from a thread") or 1 / 0)
thread.start()
thread.join()

async def failing():
    raise LookupError("lost")

async def lost():
    asyncio.ensure_future(failing())
    await asyncio.sleep(0.01)

asyncio.run(lost())
log.setup("toy", "WARNING")
structlog.get_logger("left out").info("too little")
raise RuntimeError("nobody")
"""


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    """What a process writes; a line that is no JSON fails."""
    run = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout == ""
    return [json.loads(line) for line in run.stderr.splitlines()]


def test_whoever_speaks_names_the_service_another_thread_too(lines):
    assert {line["service"] for line in lines} == {"toy"}
    loggers = {line["logger"] for line in lines}
    assert {"uvicorn.error", "nats.aio.client", "faststream", "asyncio", "somebody", "py.warnings"} <= loggers
    assert "from a thread" in {line["event"] for line in lines}


def test_what_nobody_caught_is_a_line_of_a_thread_a_task_and_the_process(lines):
    uncaught = [line["exception"][0]["exc_type"] for line in lines if "exception" in line and line["event"] != "failed"]
    assert uncaught == ["ZeroDivisionError", "LookupError", "RuntimeError"]


def test_no_line_holds_what_was_sent_what_a_row_holds_or_what_a_variable_holds(lines):
    failed = [line for line in lines if line["event"] == "failed"]
    assert [line["exception"][0]["exc_type"] for line in failed] == [
        "ValidationError", "UniqueViolationError", "ValueError",
    ]  # fmt: skip
    assert "张某" not in json.dumps(lines, ensure_ascii=False)


def test_no_line_holds_a_query_in_which_a_token_may_stand(lines):
    assert "secret" not in json.dumps(lines)


def test_an_aggregate_is_named_by_an_id_that_a_machine_made_alone(lines):
    assert [line["aggregate"] for line in lines if line["event"] == "aggregate"] == ["person", TASK]


def test_the_level_leaves_out_what_is_below_it(lines):
    assert "left out" not in {line["logger"] for line in lines}
