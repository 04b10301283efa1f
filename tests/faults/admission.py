"""Who may come into a running Duban: counties by their bundles, persons by tokens, as an operator admits them."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import asyncpg

from deploy.local.settings import ROOT
from services.nodes.bus import connected
from services.nodes.registrar import Registrar
from services.nodes.settings import Settings
from tests.faults.load import OFFICE
from tests.stack import Stack
from tests.story.province import POLICE

COUNTIES = {"14.10.02": "14.10.02.000.gov", "14.05.81": "14.05.81.000.gov"}


async def bundles(running: Stack) -> dict[str, Path]:
    """Both counties are enrolled; their folders."""
    env = running.env
    office = Registrar(
        Settings(
            var=running.var, nats_url=env["DUBAN_NATS_URL"], nats_credentials=running.var / "creds", node="14.00.00"
        )
    )
    async with connected(office.settings, office.authority) as bus:
        return {node: await office.enrol(bus, node) for node in COUNTIES}


async def admitted(running: Stack) -> dict[str, tuple[str, UUID]]:
    """Tokens of the office and of a unit of its own, as an operator issues them."""
    tokens = {}
    db = await asyncpg.connect(running.env["DUBAN_PG_DSN"])
    for unit, role in ((OFFICE.unit, "supervisor"), (POLICE, "unit_clerk")):
        person = f"{unit}-{role}"
        await duban(running, "persons", "add", person, "某人", unit)
        while not await db.fetchval("select exists (select from portal.person where person_id = $1)", person):
            await asyncio.sleep(0.1)
        token = (await duban(running, "token", "--person", person, "--role", role, "--name", person)).split()[-1]
        tokens[unit] = token, await db.fetchval("select token_id from portal.token where name = $1", person)
    await db.close()
    return tokens


async def duban(running: Stack, *words: str) -> str:
    """The operator's command; what it printed."""
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "services.chassis.cli", *words],
        cwd=ROOT,
        env={**os.environ, **running.env},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
