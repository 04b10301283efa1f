"""The credentials of our own services end: they are renewed before, used at once, and missed in words."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path

import nats.errors
import pytest

from deploy.local import backing as local
from services.chassis import bus as streams
from services.chassis import credentials
from services.chassis.credentials import validity
from services.chassis.handlers import Handlers
from services.chassis.leading import end
from services.chassis.service import Service
from services.nodes import authority, keeper, keys
from services.nodes.bus import Bus
from services.nodes.registrar import Registrar
from tests.chassis.conftest import until
from tests.nodes.conftest import Join


class Creds:
    """A folder of credentials that were written so many seconds ago."""

    def __init__(self, folder: Path, registrar: Registrar, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.registrar, self.monkeypatch = folder, registrar, monkeypatch
        self.file = folder / "alerts.creds"

    def write(self, lifetime: int, ago: int = 0) -> None:
        with self.monkeypatch.context() as patch:
            patch.setattr(authority, "now", lambda: int(time.time()) - ago)
            self.registrar.authority.write_users(self.folder, lifetime)


@pytest.fixture
def creds(registrar: Registrar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Creds:
    monkeypatch.setattr(credentials, "LOOK", 0.02)
    monkeypatch.setattr(keeper, "PAUSE", 0.05)
    registrar.settings = registrar.settings.model_copy(update={"nats_credentials": tmp_path / "creds"})
    made = Creds(tmp_path / "creds", registrar, monkeypatch)
    made.write(lifetime=600)
    return made


@pytest.fixture
async def service(creds: Creds, bus: Bus) -> AsyncIterator[Service]:
    """A service that is not connected yet."""
    made = Service("alerts", creds.registrar.settings, Handlers())
    yield made
    await made.broker.stop()


async def test_a_service_goes_on_over_the_end_of_the_credentials_with_which_it_came(
    creds: Creds, service: Service, join: Join, tmp_path: Path
):
    """Who holds the same, and does not come anew, is put out by the server at that moment."""
    creds.write(lifetime=10)
    key = keys.user_in(creds.file)
    await credentials.connect(service)
    shutil.copy(creds.file, tmp_path / "copy.creds")
    other = await join(tmp_path / "copy.creds")
    watching = asyncio.ensure_future(credentials.watch(service, creds.file))
    creds.write(lifetime=600)
    await until(lambda: is_true(other.nc.is_closed))
    assert "expired" in str(other.nc.last_error).lower()
    assert service.nc.is_connected and service.nc.stats["reconnects"] == 1
    await streams.ensure(service)
    assert keys.user_in(creds.file) == key and not watching.done()
    await end([watching])


async def is_true(answer: bool) -> bool:
    return answer


async def test_who_keeps_the_bus_renews_what_is_half_over_and_nothing_else(creds: Creds, service: Service):
    creds.write(lifetime=6_000, ago=3_500)
    creds.registrar.authority.write_users(creds.folder / "fresh")
    for name in ("tasks", "search"):
        shutil.copy(creds.folder / "fresh" / f"{name}.creds", creds.folder)
    before = {path.stem: path.read_text() for path in creds.folder.glob("*.creds")}
    keeping = asyncio.ensure_future(keeper.keep(creds.registrar.settings))
    await until(lambda: is_true(validity(creds.file).expires > time.time() + 5_000))
    await until(lambda: is_true(all(half_left(path) for path in creds.folder.glob("*.creds"))))
    await end([keeping])
    assert {name for name, text in before.items() if (creds.folder / f"{name}.creds").read_text() == text} == {
        "tasks",
        "search",
    }
    issued, expires = validity(creds.file)
    assert expires - issued == 6_000
    await credentials.connect(service)


def half_left(path: Path) -> bool:
    issued, expires = validity(path)
    return time.time() < (issued + expires) / 2


async def test_credentials_that_nobody_renews_are_red_in_words_before_their_end(creds: Creds, service: Service):
    await credentials.connect(service)
    watching = asyncio.ensure_future(credentials.watch(service, creds.file))
    creds.write(lifetime=1_000, ago=800)
    await until(lambda: is_true(bool(service.current_troubles)))
    assert service.current_troubles[0].startswith("总线凭据将于 ") and "duban node keep" in service.current_troubles[0]
    creds.write(lifetime=1_000)
    await until(lambda: is_true(not service.current_troubles))
    creds.file.unlink()
    await until(lambda: is_true(bool(service.current_troubles)))
    assert service.current_troubles[0].startswith("读不到总线凭据：")
    creds.write(lifetime=2_000)
    await until(lambda: is_true(not service.current_troubles and service.nc.is_connected))
    await end([watching])


async def test_a_service_does_not_start_with_credentials_that_have_ended_and_says_why(
    creds: Creds, service: Service, join: Join
):
    creds.write(lifetime=100, ago=200)
    with pytest.raises(SystemExit, match=r"alerts\.creds 已于 .* 到期：请保持 duban node keep 运行"):
        await credentials.connect(service)
    with pytest.raises(nats.errors.Error):
        await join(creds.file)


def test_all_that_a_stack_begins_with_ends_some_day(backing: local.Backing):
    for path in backing.nats_credentials.parent.iterdir():
        issued, expires = validity(path)
        assert expires - issued == authority.LIFETIME
