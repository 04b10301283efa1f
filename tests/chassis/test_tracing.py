"""One trace through commands, events and what follows from them, whether an SDK records it or not."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs

from contracts.envelope import COMMANDS
from deploy.local.settings import ROOT
from services.chassis import rpc_server, tracing
from services.chassis.service import Service
from services.chassis.tracing import Again, Work, recording
from tests.chassis import echo, toy
from tests.chassis.conftest import exists, has_handled, load, parked, until, working
from tests.chassis.nodes import HERE, adding, queue_is_empty

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{SPAN}-01"
WRITTEN = "select trace from outbox where type = $1 order by seq"


@pytest.fixture
def recorded() -> Iterator[InMemorySpanExporter]:
    """The spans of this process, from the first service on that a test builds."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    recording.record(provider)
    yield exporter
    recording.record(None)


async def asked(service: Service, command: toy.Add, parent: str = PARENT) -> None:
    """One command over the bus, as the portal sends it."""
    if not service.broker.subscribers:
        rpc_server.subscribe(service)
        await service.broker.start()
    headers = {recording.HEADER: parent} if parent else None
    await service.nc.request(command.subject(), command.model_dump_json().encode(), timeout=60, headers=headers)


async def written(service: Service, kind: str) -> list[str]:
    """The traceparents that its events carry."""
    return [row["trace"] for row in await service.pool.fetch(WRITTEN, kind)]


def added(thing: str, version: int = 1) -> toy.ThingAdded:
    now, place = datetime.now(UTC), {"owner": "14.00.00", "address": "14.10.02.000.gov"}
    return toy.ThingAdded(time=now, aggregate=f"thing/{thing}", version=version, thing=thing, total=1, **place)


async def test_what_follows_from_a_command_is_of_its_trace_each_below_its_cause(writer, reader):
    await asked(writer, adding())
    async with working(writer, reader):
        await until(lambda: has_handled(reader, 1))
    [command], [event] = await written(writer, "thing.added"), await written(reader, "echo.made")
    assert {trace[3:35] for trace in (command, event)} == {TRACE}
    assert len({SPAN, command[36:52], event[36:52]}) == 3


@pytest.mark.parametrize("parent", ["", "00-0", PARENT.upper(), f"00-{'0' * 32}-{SPAN}-01", f"ff{PARENT[2:]}"])
async def test_what_is_no_traceparent_begins_a_trace(writer, parent: str):
    await asked(writer, adding(), parent)
    [trace] = await written(writer, "thing.added")
    assert tracing.TRACEPARENT.fullmatch(trace) and trace[3:35] != TRACE


async def test_a_nodes_command_goes_on_with_the_trace_that_the_node_names(writer):
    body = adding().model_dump_json().encode()
    await writer.nc.jetstream().publish(f"{COMMANDS}.add.{HERE}", body, headers={recording.HEADER: PARENT})
    async with working(writer):
        await until(lambda: queue_is_empty(writer))
    [event], [answer] = await written(writer, "thing.added"), await written(writer, "command.answered")
    assert event == answer and event[3:35] == TRACE


async def test_a_dead_letter_keeps_its_trace_until_it_is_sent_back(writer, reader, monkeypatch):
    await asked(writer, adding(thing="poison"))
    await asked(writer, adding(thing="poison"))
    async with working(writer, reader):
        await until(lambda: parked(reader, 1))
    await reader.pool.execute("update dead_letter set body = replace(convert_from(body, 'UTF8'), "
                              "'\"thing\":\"poison\"', '\"thing\":\"cured\"')::bytea, retry = true")  # fmt: skip
    async with working(reader):
        await until(lambda: exists(reader, "select 1 from outbox where aggregate = 'echo/cured'"))
    assert [trace[3:35] for trace in await written(reader, "echo.made")] == [TRACE] * 2


def test_an_event_of_a_batch_follows_from_the_event_with_which_it_shares_its_order_key():
    other = f"00-{'a' * 32}-{SPAN}-01"
    with Work("batch", PARENT, {"thing/a": other}) as work:
        assert tracing.now().write(added("a"))[3:35] == "a" * 32 and work.write(added("b"))[3:35] == TRACE
        assert work.write(added("a", 2)) == work.span_of(added("a")).traceparent, "one span for each cause"
    assert work.events == 3 and tracing.now().span.trace_id == ""


def test_a_rebuild_makes_no_new_spans():
    work = Again("rebuild", causes={"thing/a": PARENT})
    assert work.span_of(added("a")).traceparent == PARENT


async def test_an_import_says_one_line_and_its_readers_one_for_each_batch(writer, reader, lines):
    await load(writer, *(f"thing-{n}" for n in range(300)))
    async with working(writer, reader):
        await until(lambda: has_handled(reader, 300))
    by_echo = [line for line in lines if line["event"] == "handled"]
    assert sum(line["events"] for line in by_echo) == 300 and len(by_echo) < 60
    [decided] = [line for line in lines if line.get("command") == "toy.load"]
    assert decided["ms"] > 0


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """Our own lines, with the ids of their spans."""
    with capture_logs(processors=[tracing.on_line]) as written_lines:
        yield written_lines


async def test_a_refusal_and_a_success_are_a_line_with_the_ids_of_their_span(writer, lines):
    await asked(writer, adding())
    await asked(writer, adding(by=0))
    decided, refused = (line for line in lines if line["event"] in ("decided", "refused"))
    assert decided["trace_id"] == refused["trace_id"] == TRACE and decided["parent_id"] == refused["parent_id"] == SPAN
    assert decided["span_id"] != refused["span_id"] and decided["ms"] > 0


async def test_where_an_sdk_records_the_spans_are_one_tree(recorded, house):
    writer, reader = await house.service("toy", toy), await house.service("echo", echo)
    await asked(writer, adding())
    async with working(writer, reader):
        await until(lambda: has_handled(reader, 1))
        await until(lambda: is_recorded(recorded, "echo.on_thing_added"))
    spans = {span.name: span for span in recorded.get_finished_spans()}
    process, command, handled = (
        spans[name] for name in ("duban.rpc.v1.toy.add process", "toy.add", "echo.on_thing_added")
    )
    assert {span.context.trace_id for span in (process, command, handled)} == {int(TRACE, 16)}
    assert [parent_of(span) for span in (process, command, handled)] == [
        int(SPAN, 16), process.context.span_id, command.context.span_id,
    ]  # fmt: skip
    [trace] = await written(reader, "echo.made")
    assert int(trace[36:52], 16) == handled.context.span_id, "an event carries the span that the SDK records"


async def is_recorded(exporter: InMemorySpanExporter, name: str) -> bool:
    return name in {span.name for span in exporter.get_finished_spans()}


def parent_of(span: ReadableSpan) -> int:
    return span.parent.span_id if span.parent else 0


def test_a_failure_is_recorded_by_its_type_alone_and_a_signature_points_to_its_draft(recorded):
    with pytest.raises(ValueError), Work("sign", PARENT) as work:
        work.link(f"00-{'a' * 32}-{SPAN}-01")
        raise ValueError("张某")
    [span] = recorded.get_finished_spans()
    assert span.status.description == "ValueError" and not span.events
    assert [link.context.trace_id for link in span.links] == [int("a" * 32, 16)]


def test_where_nobody_records_nothing_of_opentelemetry_is_imported():
    imports = "import sys, services.chassis.app"
    asked = f"{imports}; print(sys.modules.keys() & {{'opentelemetry.' + n for n in ('trace', 'sdk', 'context')}})"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_an_exporter_that_is_not_installed_is_told(monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "nix")
    with pytest.raises(SystemExit, match="OTEL_TRACES_EXPORTER=nix"):
        recording.setup("tests")
