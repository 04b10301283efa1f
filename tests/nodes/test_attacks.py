"""What a county can do with a real credential: only what it was given. The old way falls to the same attempts.

One thing about a sibling can still be learned through the queue that all share: whether a command of its waits.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import nats
import nats.errors
import pytest
from nats.js.api import ConsumerConfig

from contracts.node import token_subject
from deploy.local import backing as local
from services.nodes import keys
from services.nodes.authority import now
from services.nodes.bus import Bus
from services.nodes.domain import claims
from services.nodes.domain.claims import Rights
from services.nodes.keys import ACCOUNT, USER, Key
from services.nodes.registrar import Registrar
from tests.nodes import attacks
from tests.nodes.attacks import COMMAND, NEXT, TOKEN, Attempt
from tests.nodes.conftest import COUNTY, SIBLING, Stranger, through
from tests.nodes.scene import READER, SECRET, Scene


@pytest.fixture
async def scene(backing: local.Backing, registrar: Registrar, bus: Bus) -> AsyncIterator[Scene]:
    """A county with the credentials that it was really given, at a bus as it is really configured."""
    async with AsyncExitStack() as open_connections:

        async def join(credentials: Path) -> Stranger:
            stranger = Stranger()
            open_connections.push_async_callback((await stranger.connect(backing.nats_url, credentials)).close)
            return stranger

        given = {node: await registrar.enrol(bus, node) / f"{node}.creds" for node in (COUNTY, SIBLING)}
        county, sibling, spy = [await join(given[node]) for node in (COUNTY, SIBLING, SIBLING)]
        other_spy = await join(backing.nats_credentials)
        made = Scene(county, sibling.nc, bus.province, (other_spy.nc, spy.nc))
        await made.prepare()
        yield made


async def failures(scene: Scene, attempts: Sequence[Attempt], silent: bool = True) -> list[str]:
    """The attempts after which something was wrong; `silent`: nor may any be answered, but by an error."""
    wrong = []
    inbox = scene.county.nc.new_inbox()
    await scene.county.nc.subscribe(inbox, cb=scene.receive)
    for attempt in attempts:
        reply = attempt.reply or (inbox if attempt.answered else "")
        await scene.county.nc.publish(attempt.subject, attempt.body, reply=reply, headers=attempt.headers)
        if verdict := await scene.verdict(silent=silent):
            wrong.append(f"{attempt}: {verdict}")
    return wrong + await scene.verdict(quiet=0.5, silent=silent)


def counted() -> int:
    """How many attempts there are, in all tests of this file."""
    tables = [attacks.api(), attacks.system("A", "x"), attacks.publications(), attacks.commands(), attacks.replies()]
    tables += [attacks.answered_with_an_event(), attacks.headers()]
    return sum(map(len, tables)) + len(attacks.SUBSCRIPTIONS) + len(attacks.QUEUES) + 5 + 6


def test_there_are_more_than_three_hundred_attempts():
    assert counted() > 300


async def tempt(scene: Scene) -> None:
    """Everything that the county must not hear, sent at once in the province's account and by its sibling."""
    js, subjects = (
        scene.province.jetstream(),
        ["duban.handled.portal", "duban.poke.tasks", "_INBOX_portal.x.y", "x.y.z"],
    )
    for subject in (*subjects, "duban.rpc.v1.tasks.read", "$JS.FC.x", "duban.progress.x", "duban.refill.tasks"):
        await scene.province.publish(subject, SECRET)
    for place in (f"{SIBLING}.000.gov", "14.10.00.000.gov"):
        await js.publish(f"duban.evt.v1.assignment.noted.{place}", SECRET)
    await scene.sibling.jetstream().publish(f"duban.cmd.v1.report.{SIBLING}", SECRET)
    await scene.sibling.publish("anything.of.the.siblings", SECRET)
    await scene.sibling.publish(token_subject(SIBLING), SECRET, reply=scene.sibling.new_inbox())
    await through(scene.sibling)
    await through(scene.province)
    await through(scene.county.nc)


async def test_no_subscription_hears_what_is_not_for_the_county(scene: Scene):
    leaks = []
    for subject, queue in [*((subject, "") for subject in attacks.SUBSCRIPTIONS), *attacks.QUEUES]:
        try:
            tap = await scene.county.nc.subscribe(subject, queue, cb=scene.receive)
        except nats.errors.BadSubjectError:
            continue
        await through(scene.county.nc)
        await tempt(scene)
        await asyncio.sleep(0.01)
        leaks += [f"{subject} {queue} heard {seen}" for seen in scene.mine if SECRET in seen[1]]
        scene.mine.clear()
        await tap.unsubscribe()
    assert leaks == []


async def test_the_api_of_jetstream_answers_the_county_nothing_but_its_own_next_event(scene: Scene):
    assert await failures(scene, attacks.api()) == []


async def test_the_server_s_own_subjects_do_nothing_for_the_county(scene: Scene, registrar: Registrar):
    enrolment = registrar.enrolments.find(COUNTY)
    attempts = attacks.system(registrar.authority.province.public, registrar.authority.node_token(enrolment))
    assert await failures(scene, attempts) == []


async def test_the_county_publishes_nothing_of_anybody_else_s(scene: Scene):
    assert await failures(scene, attacks.publications()) == []


async def test_the_county_commands_in_its_own_name_alone(scene: Scene):
    assert await failures(scene, attacks.commands()) == []
    assert (await scene.county.nc.jetstream().publish(COMMAND, b"{}")).stream == "COMMANDS"
    assert (await scene.county.nc.request(TOKEN, b"{}", timeout=5)).data == SECRET + TOKEN.encode()


async def test_no_reply_subject_reaches_out_of_the_county_s_account(scene: Scene):
    assert await failures(scene, attacks.replies()) == []


async def test_an_event_that_answers_a_request_goes_nowhere_else(scene: Scene):
    wrong = []
    for attempt in attacks.answered_with_an_event():
        await scene.province.jetstream().publish(f"duban.evt.v1.assignment.issued.{COUNTY}.000.gov", b"{}")
        scene.before = await scene.state()
        await scene.county.nc.publish(attempt.subject, attempt.body, reply=attempt.reply)
        if verdict := await scene.verdict():
            wrong.append(f"{attempt}: {verdict}")
    assert wrong == []


async def test_no_header_of_a_command_changes_a_stream(scene: Scene):
    assert await failures(scene, attacks.headers(), silent=False) == []


async def test_what_the_shared_queue_tells_of_a_sibling_is_known(scene: Scene):
    head = {
        "Nats-Expected-Last-Subject-Sequence": "0",
        "Nats-Expected-Last-Subject-Sequence-Subject": f"duban.cmd.v1.*.{SIBLING}",
    }
    answer = await scene.county.nc.request(COMMAND, b"{}", timeout=2, headers=head)
    assert b"wrong last sequence" in answer.data, "tells that a command of a sibling waits"


async def test_a_county_has_limits(scene: Scene, backing: local.Backing, registrar: Registrar):
    given, inbox, refused = registrar.bundles / COUNTY / f"{COUNTY}.creds", scene.county.nc.new_inbox(), []

    async def note(message) -> None:
        refused.append((message.headers or {}).get("Status"))

    await scene.county.nc.subscribe(inbox, cb=note)
    for _ in range(100):
        await scene.county.nc.publish(NEXT, b'{"batch":1,"expires":30000000000}', reply=inbox)
    await scene.verdict(quiet=0.2)
    assert refused.count("409") >= 90, "eight requests wait at most"
    async with AsyncExitStack() as held:
        with pytest.raises(nats.errors.Error, match="maximum account active connections"):
            for _ in range(10):
                more = Stranger()
                held.push_async_callback((await more.connect(backing.nats_url, given)).close)
    for excess in (many_subscriptions, large_command):
        one = Stranger()
        await one.connect(backing.nats_url, given)
        await excess(one)
        assert one.nc.is_closed, excess.__name__
    assert await scene.verdict() == []


async def many_subscriptions(stranger: Stranger) -> None:
    for n in range(300):
        await stranger.nc.subscribe(f"s.{n}")
    await closed(stranger)


async def large_command(stranger: Stranger) -> None:
    await stranger.nc.publish(COMMAND, b"x" * 300_000)
    await closed(stranger)


async def closed(stranger: Stranger) -> None:
    """Until the server has put it out."""
    async with asyncio.timeout(5):
        while not stranger.nc.is_closed:
            await asyncio.sleep(0.01)


async def test_a_flood_of_the_county_s_starves_nobody(scene: Scene):
    inbox = scene.county.nc.new_inbox()
    for n in range(3_000):
        road = (NEXT, f"duban.evt.v1.light.changed.{SIBLING}", f"duban.cmd.v1.nosuchverb.{COUNTY}")[n % 3]
        await scene.county.nc.publish(road, b'{"batch":1,"no_wait":true}', reply=inbox)
    assert await scene.verdict() == []
    assert (await scene.sibling.jetstream().publish(f"duban.cmd.v1.report.{SIBLING}", b"{}")).stream == "COMMANDS"


async def test_nobody_comes_in_with_forged_or_foreign_papers(
    scene: Scene, backing: local.Backing, registrar: Registrar, tmp_path
):
    text = (registrar.bundles / COUNTY / f"{COUNTY}.creds").read_text()
    token, own = text.split("\n")[1], keys.user_in(registrar.bundles / COUNTY / f"{COUNTY}.creds")
    user, stranger, everything = Key.make(USER), Key.make(ACCOUNT), claims.user(Rights())
    for_province = everything | {"issuer_account": registrar.authority.province.public}
    head, body, signature = token.split(".")
    payload = json.loads(base64.urlsafe_b64decode(body + "=="))
    payload["nats"]["issuer_account"] = registrar.authority.province.public
    tampered = base64.urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=").decode()
    past = now() - 100
    forged = {
        "signed by its own user for the province": (own.sign(user.public, "x", for_province, now()), user),
        "signed by its own user as an account": (own.sign(user.public, "x", everything, now()), user),
        "its own with another account written in": (f"{head}.{tampered}.{signature}", own),
        "its own with another key": (token, user),
        "out of date": (registrar.authority.node(COUNTY).sign(user.public, "x", everything, past, past + 50), user),
        "of an account that nobody signed": (stranger.sign(user.public, "x", everything, now()), user),
    }
    for what, (paper, key) in forged.items():
        path = tmp_path / "forged.creds"
        path.write_text(keys.credentials(paper, key))
        with pytest.raises(nats.errors.Error, match="Authorization Violation"):
            await Stranger().connect(backing.nats_url, path)
        assert not await scene.verdict(), what


async def test_the_old_way_falls_to_the_same_attempts_and_the_instruments_see_it(
    scene: Scene, backing: local.Backing, registrar: Registrar, tmp_path: Path
):
    """A user inside the province's account with publish rights for its own reader and its own commands."""
    rights = Rights(
        publish=(
            f"$JS.API.CONSUMER.MSG.NEXT.EVENTS.{READER}",
            f"$JS.ACK.EVENTS.{READER}.>",
            f"duban.cmd.v1.*.{COUNTY}",
        ),
        subscribe=("_INBOX_county.>",),
    )
    user, path = Key.make(USER), tmp_path / "old.creds"
    token = registrar.authority.province.sign(user.public, "old", claims.user(rights), now())
    path.write_text(keys.credentials(token, user))
    old = Stranger()
    await old.connect(backing.nats_url, path, inbox_prefix="_INBOX_county")
    scene.county = old
    next_event = f"$JS.API.CONSUMER.MSG.NEXT.EVENTS.{READER}"
    attempts = [
        Attempt(COMMAND, b"{}", f"duban.cmd.v1.report.{SIBLING}"),
        Attempt(COMMAND, b"{}", f"duban.evt.v1.light.changed.{SIBLING}.000.gov"),
        Attempt(COMMAND, b"{}", "duban.rpc.v1.tasks.close"),
        Attempt(COMMAND, b"{}", "$JS.API.CONSUMER.DELETE.EVENTS.ranking"),
        Attempt(next_event, b'{"batch":1,"no_wait":true}', "$JS.API.STREAM.PURGE.COMMANDS"),
        Attempt(next_event, b'{"batch":1,"no_wait":true}', "$JS.API.STREAM.DELETE.EVENTS"),
    ]
    seen = []
    for attempt in attempts:
        await old.nc.publish(attempt.subject, attempt.body, reply=attempt.reply)
        seen.append(bool(await scene.verdict(quiet=0.2)))
    await old.nc.close()
    assert seen == [True] * len(attempts)
    await scene.province.jetstream().add_stream(name="EVENTS", subjects=["duban.evt.v1.>"])  # it was deleted


async def test_a_leak_into_the_county_would_be_seen(scene: Scene):
    """What is really for it arrives, so that the silence of the other tests means something."""
    await scene.province.jetstream().add_consumer("EVENTS", ConsumerConfig(durable_name="x", ack_policy="none"))
    assert any("EVENTS x" in wrong for wrong in await scene.verdict())
    await scene.province.jetstream().publish(f"duban.evt.v1.assignment.noted.{COUNTY}.000.gov", SECRET)
    await scene.county.nc.subscribe(inbox := scene.county.nc.new_inbox(), cb=scene.receive)
    await scene.county.nc.publish(NEXT, b'{"batch":1}', reply=inbox)
    assert any("leaked" in wrong for wrong in await scene.verdict(quiet=0.2))
