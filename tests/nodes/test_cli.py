"""`duban node` as an operator meets it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.local import backing as local
from deploy.local.settings import ROOT
from services.chassis.credentials import validity
from services.nodes.authority import LIFETIME, Authority
from services.nodes.bus import Bus
from services.nodes.cli import app
from services.nodes.registrar import Registrar
from tests.nodes.conftest import COUNTY, SIBLING

Duban = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def duban(registrar: Registrar, backing: local.Backing) -> Duban:
    """`duban node …`: its exit code and what it wrote."""
    own = {
        "DUBAN_VAR": str(registrar.settings.var),
        "DUBAN_NATS_URL": backing.nats_url,
        "DUBAN_NATS_PUBLIC": "tls://bus-1.province:4222,tls://bus-2.province:4222",
    }

    async def run(*words: str, **env: str) -> tuple[int, str]:
        done = await asyncio.to_thread(CliRunner().invoke, app, ["node", *words], env={**own, **env})
        return done.exit_code, done.output

    return run


async def test_an_operator_enrols_lists_rotates_and_revokes(duban: Duban, registrar: Registrar, bus: Bus):
    code, written = await duban("enroll", COUNTY, SIBLING)
    assert code == 0 and f"{COUNTY} 已开通，资料在 {registrar.bundles / COUNTY}" in written
    assert '"tls://bus-2.province:4222"' in (registrar.bundles / SIBLING / "node.json").read_text()
    assert "新凭据" in (await duban("rotate", COUNTY))[1]
    await bus.province.jetstream().publish(f"duban.evt.v1.assignment.issued.{COUNTY}.000.gov", b"{}")
    code, written = await duban("list")
    first, second, last = written.splitlines()
    assert first.startswith(f"{SIBLING}  有效，1 份凭据") and "连接 0 个" in first and last == "2 个节点"
    assert second.startswith(f"{COUNTY}  有效，2 份凭据") and "待取 1 件" in second
    assert "旧凭据已经作废" in (await duban("rotate", COUNTY, "--now"))[1]
    assert "凭据已全部作废" in (await duban("revoke", COUNTY))[1]
    assert f"{COUNTY}  已作废" in (await duban("list"))[1]
    assert await duban("push") == (0, "已告知总线：2 个节点\n")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("enroll", "14.10.2"), "节点地址“14.10.2”无效"),
        (("enroll", COUNTY, "14.00.00"), "节点地址“14.00.00”无效"),
        (("rotate", "14.10.03"), "先执行 duban node enroll 14.10.03"),
        (("revoke", "../x"), "节点地址“../x”无效"),
    ],
)
async def test_what_cannot_be_done_is_told_in_words(duban: Duban, bus: Bus, words: tuple[str, ...], reason: str):
    code, written = await duban(*words)
    assert code in (1, 2) and reason in written and "Traceback" not in written


def test_a_bus_that_does_not_answer_is_named(registrar: Registrar):
    env = {**os.environ, "DUBAN_NATS_URL": "nats://127.0.0.1:1", "DUBAN_KEYS": str(registrar.authority.folder)}
    argv = [sys.executable, "-m", "services.chassis.cli", "node", "list"]
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "") and "总线没有应答" in done.stderr


async def test_keys_that_are_not_there_are_not_made_in_passing(duban: Duban, place: Path):
    code, written = await duban("enroll", COUNTY, DUBAN_KEYS=str(place / "others"))
    assert code == 1 and f"{place / 'others'} 里没有签发密钥" in written and not (place / "others").exists()


async def test_a_bus_that_does_not_trust_the_keys_is_named(duban: Duban, place: Path):
    Authority(place / "others").trust()
    code, written = await duban("enroll", COUNTY, DUBAN_KEYS=str(place / "others"))
    assert code == 1 and "总线不认" in written and "DUBAN_KEYS" in written


async def test_without_streams_the_account_is_there_and_the_remedy_is_named(
    duban: Duban, registrar: Registrar, bus: Bus
):
    await bus.province.jetstream().delete_stream("EVENTS")
    code, written = await duban("enroll", COUNTY)
    assert code == 1 and "先执行 duban node push" in written
    assert (await duban("push"))[0] == 0
    assert (await duban("enroll", COUNTY))[0] == 0


async def test_pushing_writes_all_credentials_of_our_services_anew(
    duban: Duban, registrar: Registrar, bus: Bus, place: Path
):
    registrar.authority.write_users(place / "creds", lifetime=60)
    assert (await duban("push", DUBAN_NATS_CREDENTIALS=str(place / "creds")))[0] == 0
    lives = [validity(path) for path in (place / "creds").iterdir()]
    assert lives and {life.expires - life.issued for life in lives} == {LIFETIME}


async def test_a_bus_of_one_s_own_is_given_what_it_needs(duban: Duban, registrar: Registrar, place: Path):
    assert (await duban("setup", str(place / "own")))[0] == 0
    trust = (place / "own" / "trust.conf").read_text()
    assert "operator: ey" in trust and trust.count(": ey") == 3
    assert not [path for path in registrar.authority.folder.glob("*.nk") if path.read_text() in trust], "no secret"
    assert {path.stem for path in (place / "own" / "creds").iterdir()} > {"tasks", "portal", "operator"}
