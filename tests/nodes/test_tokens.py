"""One credential opens both doors: a county fetches a token over the bus and uploads evidence over HTTP."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import nats.errors
import pytest
import uvicorn
from structlog.testing import capture_logs

from contracts.county import County, TokenRefused, UploadRefused
from contracts.envelope import ActorRole
from contracts.node import Bundle, token_subject
from contracts.register import Person
from deploy.local import backing as local
from deploy.local.settings import free_ports
from services.chassis.leading import end
from services.chassis.service import Service
from services.nodes.bus import Bus
from services.nodes.registrar import Registrar
from services.portal import handlers
from services.portal.identity import lending, queries
from services.portal.register import queries as register
from services.portal.settings import Settings
from services.portal.site.asgi import in_front
from services.portal.web.dependencies import Portal
from services.portal.web.live import Hub
from tests.conftest import House
from tests.nodes.conftest import COUNTY, SIBLING, Join, Stranger
from tests.portal.conftest import no_chassis
from tests.portal.province import PDF
from tests.story.province import province

UNIT, THEIRS, CITY = f"{COUNTY}.000.gov", f"{SIBLING}.000.gov", "14.10.00.000.gov"
PERSONS = {
    "zhang": ("张某", UNIT),
    "liu": ("刘某", THEIRS),
    "wang": ("王某", f"{COUNTY}.000.fgw"),
    "li": ("李某", CITY),
}


@dataclass
class Scene:
    """A portal that answers, and the folder that the county was given."""

    service: Service[Settings]
    bundle: Path
    join: Callable[[], Any]
    county: Stranger | None = None

    async def ask(self, body: object, node: str = COUNTY) -> dict[str, Any]:
        """What the portal answers to a request as the county may send it."""
        self.county = self.county or await self.join()
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return json.loads((await self.county.nc.request(token_subject(node), raw, timeout=60)).data)


@pytest.fixture
async def scene(
    house: House, registrar: Registrar, bus: Bus, backing: local.Backing, join: Join, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Scene]:
    """The portal over its own credentials, with units and persons on the register."""
    monkeypatch.setattr(lending, "TURN", 0.1)
    [port] = free_ports(1)
    own = house.settings.model_dump() | {"nats_credentials": backing.nats_credentials.parent, "catch_up": 0}
    service = await house.service("portal", handlers, settings=Settings(**own))
    await register.store_units(service.pool, province())
    people = [Person(person_id=id, name=name, unit=unit, unit_name=unit) for id, (name, unit) in PERSONS.items()]
    await register.store_persons(service.pool, people)
    registrar.settings = registrar.settings.model_copy(update={"portal_public": f"http://127.0.0.1:{port}"})
    bundle = await registrar.enrol(bus, COUNTY)
    lending_tokens = asyncio.ensure_future(lending.lend_tokens(service))
    await answering(bus)
    async with serving(service, port):
        yield Scene(service, bundle, lambda: join(bundle / f"{COUNTY}.creds"))
    await end([lending_tokens])


async def answering(bus: Bus) -> None:
    """The portal answers the county that comes last on the register, and so all."""
    async with asyncio.timeout(60):
        while True:
            try:
                await bus.province.request(token_subject("14.10.21"), b"", timeout=60)
                return
            except nats.errors.NoRespondersError:
                await asyncio.sleep(0.05)


@asynccontextmanager
async def serving(service: Service[Settings], port: int) -> AsyncIterator[None]:
    """Pages and API on a port."""
    app = in_front(no_chassis, Portal(service, service.settings, Hub(1, 1)))
    server = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="off", log_config=None))
    running = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    yield
    server.should_exit = True
    await running


async def test_a_county_uploads_evidence_with_its_one_credential(scene: Scene, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with capture_logs() as lines:
        async with County(scene.bundle) as county:
            digest = await county.upload(PDF, "验收单.pdf", "zhang")
            token = await county.token("zhang")
    assert digest == sha256(PDF).hexdigest()
    row = await scene.service.pool.fetchrow("select unit, person_id, name from upload where digest = $1", digest)
    assert tuple(row) == (UNIT, f"{COUNTY}/zhang", "验收单.pdf")
    kept = await scene.service.pool.fetch("select * from token")
    assert len(kept) == 1 and token not in str([dict(row) for row in kept]), "kept as its SHA-256 alone"
    assert token not in caplog.text + str(lines) and "a node took a token" in str(lines)


async def test_a_file_may_lie_on_the_disk_and_one_that_is_refused_is_refused_in_the_portal_s_words(
    scene: Scene, tmp_path: Path
):
    (tmp_path / "a.pdf").write_bytes(PDF)
    async with County(scene.bundle) as county:
        assert await county.upload(tmp_path / "a.pdf", "a.pdf", "zhang") == sha256(PDF).hexdigest()
        with pytest.raises(UploadRefused, match="不是可接收的格式：请上传 PDF") as refusal:
            await county.upload(b"#!/bin/sh", "a.sh", "zhang")
    assert (refusal.value.status, refusal.value.problem["type"]) == (422, "urn:duban:problem:upload")


REFUSED: list[tuple[object, str, str]] = [
    ({"person": "nobody"}, "/person", "not_found"),
    ({"person": "liu"}, "/person", "not_found"),
    ({"person": "li"}, "/person", "not_found"),
    ({"person": "wang", "unit": UNIT}, "/unit", "invalid"),
    ({"person": "zhang", "unit": THEIRS}, "/unit", "invalid"),
    ({"person": "zhang", "role": "operator"}, "/role", "invalid"),
    ({"person": "zhang", "node": SIBLING}, "/node", "invalid"),
    ({"person": ""}, "/person", "invalid"),
    (b"{not json", "/", "invalid"),
    (b"", "/", "invalid"),
]


async def test_a_token_is_refused_with_the_field_and_the_remedy(scene: Scene):
    """Of another county, of the city above, in another's unit, as an operator; nothing is written then."""
    answers = [await scene.ask(body) for body, _, _ in REFUSED]
    assert [(a["ok"], a["pointer"], a["code"]) for a in answers] == [(False, *rest) for _, *rest in REFUSED]
    assert all(answer["message"] for answer in answers)
    assert await scene.service.pool.fetchval("select count(*) from token") == 0


async def test_nobody_learns_who_is_on_the_register_elsewhere(scene: Scene):
    elsewhere, nowhere = [(await scene.ask({"person": person}))["message"] for person in ("liu", "nobody")]
    assert elsewhere.replace("liu", "") == nowhere.replace("nobody", "") and "duban persons add" in elsewhere


async def test_the_client_raises_a_refusal_at_once(scene: Scene):
    async with asyncio.timeout(20), County(scene.bundle) as county:
        with pytest.raises(TokenRefused, match="请先登记该人员") as refusal:
            await county.upload(PDF, "a.pdf", "liu")
    assert refusal.value.refused.pointer == "/person"


async def test_a_request_that_is_sent_again_brings_another_token_and_each_ends_by_itself(scene: Scene):
    first, second = [await scene.ask({"person": "zhang"}) for _ in range(2)]
    assert first["token"] != second["token"] and first["expires_in"] == 3_600
    pool = scene.service.pool
    assert await pool.fetchval("select max(expires_at) < now() + interval '61 minutes' from token")
    await pool.execute(
        "update token set expires_at = now() - interval '1 second' where secret = sha256($1)", first["token"].encode()
    )
    assert [await status(scene, each["token"]) for each in (first, second)] == [401, 200]
    await queries.sweep_tokens(pool)
    assert await pool.fetchval("select count(*) from token") == 1


async def status(scene: Scene, token: str) -> int:
    """What the API answers to a token."""
    base = Bundle.read(scene.bundle).portal
    async with httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {token}"}) as client:
        return (await client.get("/v1/events")).status_code


async def test_who_lost_its_token_fetches_another(scene: Scene):
    async with asyncio.timeout(30), County(scene.bundle) as county:
        before = await county.token("zhang")
        assert await queries.revoke_tokens(scene.service.pool, f"节点 {COUNTY}") == 1
        assert await county.upload(PDF, "a.pdf", "zhang") == sha256(PDF).hexdigest()
        assert await county.token("zhang") != before


async def test_over_http_the_node_vouches_for_its_person_and_keys_outlive_a_token(scene: Scene):
    """Nobody signed in: no page may say that the person did it; and one who did it twice did it once."""
    units = (await lending.Reference().refresh(scene.service.pool)).units
    bearers = []
    for body in ({"person": "zhang"}, {"person": "zhang"}, {"person": "wang"}):
        token = (await scene.ask(body))["token"]
        bearers.append(await lending.tokens.bearer(scene.service.pool, f"Bearer {token}", units))
    assert [each.reader.person for each in bearers] == [f"{COUNTY}/zhang"] * 2 + [f"{COUNTY}/wang"]
    assert bearers[0].reader.person_name == "张某" and bearers[0].reader.roles == (ActorRole.UNIT_CLERK,)
    first, second, other = [each.command_id("key-of-a-county") for each in bearers]
    assert first == second != other


async def test_a_flood_ends_at_the_server_and_delays_nobody_else(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lending, "TURN", 600)  # whoever used up its requests waits
    await asyncio.sleep(0.3)  # the turn in hand ends
    flooder: Stranger = await scene.join()
    answers, inbox = list[Any](), flooder.nc.new_inbox()

    async def note(message: Any) -> None:
        answers.append(message)

    await flooder.nc.subscribe(inbox, cb=note)
    for _ in range(2_000):
        await flooder.nc.publish(token_subject(COUNTY), b'{"person": "zhang"}', reply=inbox)
    async with asyncio.timeout(60):
        while len(answers) < 2_000:
            await asyncio.sleep(0.02)
    nobody = [each for each in answers if (each.headers or {}).get("Status") == "503"]
    assert len(nobody) == 2_000 - lending.ALLOWED
    assert await scene.service.pool.fetchval("select count(*) from token") == lending.ALLOWED
    with pytest.raises(nats.errors.NoRespondersError):
        await scene.ask({"person": "zhang"})


async def test_another_county_is_answered_while_one_floods(scene: Scene, registrar: Registrar, bus: Bus, join: Join):
    flooder: Stranger = await scene.join()
    for _ in range(2_000):
        await flooder.nc.publish(token_subject(COUNTY), b'{"person": "zhang"}', reply="x")
    bundle = await registrar.enrol(bus, SIBLING)
    async with asyncio.timeout(30), County(bundle) as sibling:
        assert await sibling.token("liu")


async def test_no_node_asks_in_another_s_name(scene: Scene):
    stranger: Stranger = await scene.join()
    with pytest.raises(nats.errors.Error):
        await stranger.nc.request(token_subject(SIBLING), b'{"person": "liu"}', timeout=0.5)
    assert stranger.refused() and await scene.service.pool.fetchval("select count(*) from token") == 0


async def test_nothing_of_it_is_in_a_stream_or_reaches_who_is_named_as_reply(scene: Scene, bus: Bus):
    reached = list[str]()

    async def note(message: Any) -> None:
        reached.append(message.subject)

    await bus.province.subscribe("duban.evt.>", cb=note)
    await bus.province.subscribe("duban.cmd.>", cb=note)
    stranger: Stranger = await scene.join()
    for reply in (
        f"duban.evt.v1.assignment.noted.{THEIRS}",
        f"duban.cmd.v1.report.{SIBLING}",
        "$JS.API.STREAM.DELETE.EVENTS",
    ):
        await stranger.nc.publish(token_subject(COUNTY), b'{"person": "zhang"}', reply=reply)
    async with asyncio.timeout(30):
        while await scene.service.pool.fetchval("select count(*) from token") < 2:  # the API itself is no reply at all
            await asyncio.sleep(0.02)
    await bus.province.flush()
    infos = [await bus.province.jetstream().stream_info(name) for name in ("EVENTS", "COMMANDS")]
    assert reached == [] and [info.state.messages for info in infos] == [0, 0]


async def test_a_portal_that_is_away_is_asked_again(scene: Scene):

    async with AsyncExitStack() as stack:
        county = await stack.enter_async_context(County(scene.bundle))
        county.bundle = county.bundle.model_copy(update={"portal": "http://127.0.0.1:9"})
        uploading = asyncio.ensure_future(county.upload(PDF, "a.pdf", "zhang"))
        await asyncio.sleep(0.5)
        assert not uploading.done()
        county.bundle = Bundle.read(scene.bundle)
        async with asyncio.timeout(30):
            assert await uploading == sha256(PDF).hexdigest()
