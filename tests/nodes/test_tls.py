"""Beyond this machine the bus speaks TLS alone: refused without a certificate, and no client falls back."""

import asyncio
import json
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import nats
import nats.errors
import pytest

from contracts.county import County
from deploy.local import nats as server
from deploy.local import outside, process
from deploy.local.backing import await_ready
from deploy.local.nats import Listen
from deploy.local.settings import Trouble, free_ports, read
from services.chassis.handlers import Handlers
from services.chassis.service import Service
from services.nodes.authority import Authority
from services.nodes.bus import connected, prepare
from services.nodes.registrar import Registrar
from services.nodes.settings import Settings
from tests.nodes.conftest import COUNTY, Stranger

MADE = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout key.pem -out cert.pem"
NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


@pytest.fixture
def certificate(place: Path) -> Path:
    """A folder with a certificate for this machine and its key."""
    argv = [*MADE.split(), "-subj", "/CN=localhost", "-addext", NAMES]
    subprocess.run(argv, cwd=place, check=True, capture_output=True)
    return place


@pytest.fixture
def registrar(certificate: Path) -> Iterator[Registrar]:
    """A bus that listens everywhere, and its registrar."""
    port, monitor = free_ports(2)
    place, ca = certificate, certificate / "cert.pem"
    authority = Authority(place / "keys")
    authority.write_users(place / "creds")
    listen = Listen(port, monitor, "0.0.0.0", ca, place / "key.pem")
    child = server.child(place / "nats", listen, authority, place / "nats.log", durable=False)
    child.start()
    await_ready([child])
    url = f"tls://127.0.0.1:{port}"
    yield Registrar(Settings(var=place, nats_url=url, nats_credentials=place / "creds", nats_ca=ca))
    process.stop([child], patience=2)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "bus.province.example"])
def test_the_bus_is_not_opened_to_other_machines_without_a_certificate(host: str):
    with pytest.raises(Trouble, match="DUBAN_NATS_CERT"):
        Listen(4222, 8222, host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_on_this_machine_alone_it_needs_none(host: str):
    assert Listen(4222, 8222, host).tls() == ""


def test_a_certificate_that_is_not_there_is_named():
    with pytest.raises(Trouble, match=r"DUBAN_NATS_CERT=/no/such\.pem 不存在"):
        read({"DUBAN_NATS_HOST": "0.0.0.0", "DUBAN_NATS_CERT": "/no/such.pem"})


async def test_services_operator_and_county_come_in_over_tls(registrar: Registrar):
    await prepare(registrar.settings)
    service = Service("tasks", registrar.settings, Handlers())
    await service.broker.connect()
    await service.nc.flush()
    await service.broker.stop()
    async with connected(registrar.settings, registrar.authority) as bus:
        folder = await registrar.enrol(bus, COUNTY)
        assert (folder / "cert.pem").read_text() == registrar.settings.nats_ca.read_text()
        async with County(folder) as county:
            await bus.province.jetstream().publish(f"duban.evt.v1.nosuch.thing.{COUNTY}.000.gov", b"{}")
            async with asyncio.timeout(10):
                assert (await county.bus.fetch()).data == b"{}"
    outside.check_nats(registrar.settings.nats_url, registrar.settings.nats_credentials)


async def test_nobody_comes_in_without_tls_or_trusting_somebody_else(registrar: Registrar, tmp_path: Path):
    plain = registrar.settings.nats_url.replace("tls://", "nats://")
    operator = registrar.settings.nats_credentials / "operator.creds"
    with pytest.raises((nats.errors.Error, OSError)):  # the server asks for TLS, and its name is not known
        await Stranger().connect(plain, operator)
    with pytest.raises((nats.errors.Error, OSError)):
        settings = registrar.settings.model_copy(update={"nats_ca": None})
        await Stranger().connect(**{"url": settings.nats_url, "credentials": operator, "tls": settings.bus()["tls"]})


async def test_a_client_that_was_told_tls_sends_nothing_in_the_clear(registrar: Registrar):
    """Somebody in between who says that TLS is not needed gets no credentials."""
    received = b""

    async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        writer.write(b'INFO {"server_id":"x","version":"2.15.1","max_payload":1048576,"nonce":"abc"}\r\n')
        received = await reader.read(100)
        writer.close()

    between = await asyncio.start_server(lie, "127.0.0.1", 0)
    port = between.sockets[0].getsockname()[1]
    settings = registrar.settings.model_copy(update={"nats_url": f"tls://127.0.0.1:{port}"})
    options = settings.bus("tasks")
    with pytest.raises(Exception):  # noqa: B017 - whichever way it fails
        await nats.connect(**options, allow_reconnect=False, connect_timeout=2)
    between.close()
    assert received[:1] == b"\x16" and b"CONNECT" not in received, "a TLS handshake"


def test_the_server_s_monitoring_is_seen_on_this_machine_alone(registrar: Registrar):
    config = (registrar.settings.var / "nats" / "server.conf").read_text()
    assert 'http: "127.0.0.1:' in config and 'listen: "0.0.0.0:' in config
    port = int(config.split('http: "127.0.0.1:')[1].split('"')[0])
    assert json.loads(urlopen(f"http://127.0.0.1:{port}/varz").read())["tls_required"]
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in addresses - {"127.0.0.1"}:
        with pytest.raises(OSError), socket.create_connection((address, port), timeout=2):
            pass
