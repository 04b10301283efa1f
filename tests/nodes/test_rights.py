"""Every service of our own has a user of its own, which can do what the service does and nothing of the others'."""

import asyncio
from collections.abc import AsyncIterator, Callable
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
from services.nodes.domain.rights import EVERYBODY, SERVICES, Part
from services.nodes.registrar import Registrar
from services.search.inbox import DURABLES
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
async def test_a_service_finds_the_streams_reads_its_events_publishes_its_own_and_is_answered(
    service: Service, bus: Bus
):
    part = SERVICES[service.name]
    await streams.ensure(service)
    reader = part.readers(service.name)[-1]
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


STREAM_VERBS = ("CREATE", "UPDATE", "DELETE", "PURGE", "MSG.DELETE", "SNAPSHOT", "RESTORE", "LEADER.STEPDOWN")
READER_VERBS = ("CREATE", "DURABLE.CREATE", "RESET", "DELETE", "MSG.NEXT", "PAUSE", "UNPIN", "LEADER.STEPDOWN")
ADDRESS = "done.14.10.02.000.gov"


def others(name: str) -> dict[str, Part]:
    return {each: part for each, part in SERVICES.items() if each != name}


def readers_of_others(name: str) -> list[str]:
    """On both streams, as a subject goes on; the nodes' among them, and one that nobody has."""
    events = [reader for each, part in others(name).items() for reader in part.readers(each)]
    queue = [each for each, part in others(name).items() if part.queued]
    return [f"EVENTS.{reader}" for reader in (*events, "node-14-10-02", "x")] + [f"COMMANDS.{each}" for each in queue]


FORBIDDEN: dict[str, Callable[[str], list[str]]] = {
    "a stream made, changed, emptied or deleted": lambda name: [
        f"$JS.API.STREAM.{verb}.{stream}"
        for verb in STREAM_VERBS
        for stream in ("EVENTS", "COMMANDS", "TAP")
        if not (SERVICES[name].sweeps and (verb, stream) == ("PURGE", "COMMANDS"))
    ],
    "another's reader": lambda name: [
        *(f"$JS.API.CONSUMER.{v}.{r}" for v in READER_VERBS for r in readers_of_others(name)),
        *(f"$JS.API.CONSUMER.CREATE.{r}.duban.evt.v1.>" for r in readers_of_others(name)),
        *(f"$JS.ACK.{r}.1.1.1.0.0" for r in readers_of_others(name)),
        *(f"$JS.API.CONSUMER.{v}.{s}" for v in ("CREATE", "NAMES") for s in ("EVENTS", "COMMANDS")),
    ],
    "its own reader deleted": lambda name: [
        f"$JS.API.CONSUMER.DELETE.EVENTS.{reader}" for reader in SERVICES[name].readers(name)
    ],
    "another's events": lambda name: [
        f"duban.evt.v1.{entity}.{ADDRESS}"
        for entity in (*(entity for part in others(name).values() for entity in part.emits), "nosuchentity")
    ],
    "another's signals and answers": lambda name: (
        [
            f"{subject}.{each}{end}"
            for each in others(name)
            for subject, end in (("duban.poke", ""), ("duban.handled", ""), ("duban.renewed", ""))
        ]
        + [f"_INBOX_{each}.forged" for each in others(name)]
    ),
    "a node's commands and questions": lambda name: [
        *("duban.cmd.v1.report.14.10.02", "duban.cmd.v1.nosuchverb.14.10.02", "duban.token.v1.14.10.02")
    ],
    "accounts, and anything else": lambda name: ["$SYS.REQ.CLAIMS.UPDATE", "$SYS.REQ.SERVER.PING", "anything.else"],
}
"""What nobody may publish that is not its own, and of its own no service may."""


@pytest.mark.parametrize("what", FORBIDDEN)
@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_is_refused(name: str, what: str, backing: local.Backing, bus: Bus, join: Join):
    subjects = FORBIDDEN[what](name)
    stranger: Stranger = await join(backing.nats_credentials.with_name(f"{name}.creds"))
    for subject in subjects:
        await stranger.nc.publish(subject, b"")
    await through(stranger.nc)
    refusals = "\n".join(stranger.errors)
    assert [s for s in subjects if f'publish to "{s.lower()}"' not in refusals] == []


@pytest.mark.parametrize("name", SERVICES)
async def test_a_service_hears_nothing_that_is_for_others(name: str, backing: local.Backing, bus: Bus, join: Join):
    """Neither their inboxes, nor what they are asked, nor what goes into the streams."""
    stranger: Stranger = await join(backing.nats_credentials.with_name(f"{name}.creds"))
    subjects = [">", "duban.>", "duban.evt.v1.>", "duban.cmd.v1.>", "duban.rpc.v1.>", "$JS.>", "$SYS.>", "_INBOX.>"]
    subjects += [f"{root}{each}.>" for each in (*others(name), "operator") for root in ("_INBOX_", "duban.rpc.v1.")]
    subjects += [] if SERVICES[name].lends else ["duban.token.v1.>", "duban.token.v1.14.10.02"]
    for subject in subjects:
        await stranger.nc.subscribe(subject)
    await through(stranger.nc)
    refusals = "\n".join(stranger.errors)
    assert [s for s in subjects if f'subscription to "{s.lower()}"' not in refusals] == []


async def test_only_who_takes_commands_from_the_queue_may_look_into_it(backing: local.Backing, bus: Bus, join: Join):
    for name, part in SERVICES.items():
        stranger = await join(backing.nats_credentials.with_name(f"{name}.creds"))
        for verb in ("MSG.GET", "INFO"):
            await stranger.nc.publish(f"$JS.API.STREAM.{verb}.COMMANDS", b"")
            await through(stranger.nc)
            assert stranger.refused() is not part.queued, (name, verb)


def test_what_a_service_shows_of_itself_fits_into_a_line_of_the_protocol(backing: local.Backing):
    """A server takes 4,096 bytes, unless it was told otherwise: rights are not to be listed without end."""
    for path in backing.nats_credentials.parent.iterdir():
        assert len(path.read_text().split("\n")[1]) < 3_300, path.stem


def test_search_may_use_exactly_the_readers_that_its_replicas_take():
    assert SERVICES["search"].readers("search") == tuple(DURABLES)


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
