"""Every service of our own has a user of its own, which can do what the service does and nothing of the others'."""

import asyncio
from collections.abc import AsyncIterator
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import SimpleNamespace

import nats.errors
import pytest

from contracts.catalogue import event_classes
from contracts.node import VERBS
from deploy.local import backing as local
from services.chassis import bus as streams
from services.chassis import command_queue
from services.chassis.handlers import Handlers, gather
from services.chassis.service import Service
from services.nodes.bus import Bus
from services.nodes.domain.rights import EVERYBODY, SERVICES
from services.nodes.registrar import Registrar
from tests.nodes.conftest import Join, Stranger, through


def handlers(service: str) -> Handlers:
    return gather(import_module(f"services.{service}.handlers"))


@pytest.fixture
async def service(
    request: pytest.FixtureRequest, backing: local.Backing, registrar: Registrar
) -> AsyncIterator[Service]:
    """A service over its own credentials, as `./dev up` starts it; without its jobs."""
    settings = registrar.settings.model_copy(update={"nats_credentials": backing.nats_credentials.parent})
    made = Service(request.param, settings, Handlers())
    await made.broker.connect()
    yield made
    await made.broker.stop()


def test_every_service_that_is_installed_has_a_user():
    assert {entry.name for entry in entry_points(group="duban.services")} == set(SERVICES)


def test_every_event_there_is_may_be_emitted_by_one_service_or_by_each():
    entities = [entity for part in SERVICES.values() for entity in part.emits] + list(EVERYBODY)
    assert len(entities) == len(set(entities))
    assert {type.partition(".")[0] for type in event_classes()} - {"policy"} <= set(entities)


def test_a_node_may_send_exactly_the_commands_that_services_take_from_the_queue():
    durable = {name: set(command_queue.durable(SimpleNamespace(handlers=handlers(name)))) for name in SERVICES}
    assert {name for name, verbs in durable.items() if verbs} == {n for n, part in SERVICES.items() if part.queued}
    assert set().union(*durable.values()) == set(VERBS)


@pytest.mark.parametrize("service", SERVICES, indirect=True)
async def test_a_service_makes_the_streams_reads_its_events_publishes_its_own_and_is_answered(
    service: Service, bus: Bus
):
    part = SERVICES[service.name]
    await streams.ensure(service)
    reader = "search-7f" if part.reader == "*" else service.name
    await streams.rewind(service, "EVENTS", reader, "duban.evt.v1.>")
    for entity in (*part.emits, *EVERYBODY):
        subject = f"duban.evt.v1.{entity}.done.14.10.02.000.gov"
        assert (await streams.ask(service.nc, subject, b"{}"))["stream"] == "EVENTS"
    async with streams.reading(service, "EVENTS", reader) as fetch:
        messages = await fetch()
        assert len(messages) == len(part.emits) + len(EVERYBODY)
        await messages[-1].acknowledge()
    if part.queued:
        await streams.rewind(service, "COMMANDS", service.name, "duban.cmd.v1.report.>", "duban.cmd.v1.receive.>")
    await service.nc.jetstream().consumer_info("EVENTS", reader)
    await service.nc.publish(f"duban.poke.{service.name}")
    await service.nc.publish(f"duban.handled.{service.name}")
    await through(service.nc)
    assert service.nc.last_error is None


@pytest.mark.parametrize("service", SERVICES, indirect=True)
async def test_a_service_answers_whoever_asks_it(service: Service, bus: Bus):
    async def answer(message) -> None:
        await message.respond(b"yes")

    await service.nc.subscribe(f"duban.rpc.v1.{service.name}.try", cb=answer)
    await through(service.nc)
    assert (await bus.province.request(f"duban.rpc.v1.{service.name}.try", b"", timeout=2)).data == b"yes"


async def test_the_portal_asks_others_and_nobody_else_does(backing: local.Backing, bus: Bus, join: Join):
    for name in SERVICES:
        stranger = await join(backing.nats_credentials.with_name(f"{name}.creds"), inbox_prefix=f"_INBOX_{name}")
        try:
            await stranger.nc.request("duban.rpc.v1.tasks.close", b"{}", timeout=0.3)
        except nats.errors.NoRespondersError:
            assert name == "portal"
        except nats.errors.TimeoutError:
            assert name != "portal" and stranger.refused()


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_cannot_do_what_is_not_its_own(name: str, backing: local.Backing, bus: Bus, join: Join):
    """Neither publish, nor listen, nor touch a stream or another's reader."""
    stranger: Stranger = await join(backing.nats_credentials.with_name(f"{name}.creds"))
    other = next(each for each in SERVICES if each != name and not SERVICES[each].reader)
    foreign = next(entity for each in SERVICES if each != name for entity in SERVICES[each].emits)
    subjects = [
        f"duban.evt.v1.{foreign}.done.14.10.02.000.gov",
        "duban.evt.v1.nosuchentity.done.14.10.02.000.gov",
        "duban.cmd.v1.report.14.10.02",
        f"duban.poke.{other}",
        f"duban.handled.{other}",
        f"_INBOX_{other}.forged",
        *(f"$JS.API.STREAM.{verb}.EVENTS" for verb in ("DELETE", "PURGE", "MSG.DELETE", "SNAPSHOT", "RESTORE")),
        "$JS.API.STREAM.DELETE.COMMANDS",
        "$JS.API.STREAM.CREATE.TAP",
        f"$JS.API.CONSUMER.DELETE.EVENTS.{other}",
        "$SYS.REQ.CLAIMS.UPDATE",
        "anything.else",
    ]
    if SERVICES[name].reader != "*":
        subjects += [f"$JS.API.CONSUMER.{verb}.EVENTS.{other}" for verb in ("CREATE", "RESET", "MSG.NEXT")]
        subjects += [f"$JS.ACK.EVENTS.{other}.1.1.1.0.0", "$JS.API.CONSUMER.CREATE.EVENTS"]
    if not SERVICES[name].queued:
        subjects += ["$JS.API.CONSUMER.MSG.NEXT.COMMANDS.tasks", "$JS.API.CONSUMER.CREATE.COMMANDS.x"]
    allowed = []
    for subject in subjects:
        await stranger.nc.publish(subject, b"")
        await through(stranger.nc)
        allowed += [] if stranger.refused() else [subject]
    for subject in (
        ">",
        "duban.>",
        f"duban.rpc.v1.{other}.>",
        "_INBOX.>",
        f"_INBOX_{other}.>",
        "duban.evt.v1.>",
        "$JS.>",
    ):
        await stranger.nc.subscribe(subject)
        await through(stranger.nc)
        allowed += [] if stranger.refused() else [f"subscribe {subject}"]
    assert allowed == []


async def test_an_answer_goes_to_who_asked_and_once(backing: local.Backing, bus: Bus, join: Join):
    tasks = await join(backing.nats_credentials.with_name("tasks.creds"))
    replies, asked = [], asyncio.get_running_loop().create_future()

    async def note(message) -> None:
        replies.append(message.data)

    async def take(message) -> None:
        asked.set_result(message.reply)

    await bus.province.subscribe("_INBOX_x.y", cb=note)
    await tasks.nc.subscribe("duban.rpc.v1.tasks.try", cb=take)
    await through(tasks.nc)
    await bus.province.publish("duban.rpc.v1.tasks.try", b"", reply="_INBOX_x.y")
    reply = await asyncio.wait_for(asked, 2)
    for body in (b"1", b"2"):
        await tasks.nc.publish(reply, body)
    await through(tasks.nc)
    await through(bus.province)
    assert replies == [b"1"] and tasks.refused()


def test_the_credentials_of_services_are_for_their_owner_alone(backing: local.Backing):
    files = list(backing.nats_credentials.parent.iterdir())
    assert {path.stem for path in files} == {*SERVICES, "operator"}
    assert {oct(Path(path).stat().st_mode & 0o777) for path in files} == {"0o600"}
