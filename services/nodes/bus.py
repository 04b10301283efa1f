"""The bus as its operator sees it: accounts, nodes' readers, and who is connected."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import nats
from nats.aio.client import Client
from nats.errors import NoRespondersError, NoServersError

from contracts.envelope import COMMAND_STREAM, EVENT_STREAM
from contracts.node import reader_of
from services.chassis.bus import ask
from services.chassis.settings import Settings as Chassis
from services.chassis.trouble import ApiError
from services.nodes import keys
from services.nodes.authority import MOMENT, Authority
from services.nodes.domain import node as domain
from services.nodes.domain.streams import streams
from services.nodes.keys import Key
from services.nodes.settings import Settings

ONCE = {"max_reconnect_attempts": 1, "reconnect_time_wait": 0}
TAKEN = 10_058
"""JetStream's code: a stream of this name is there, with another configuration."""
GATHER = 0.4
"""Seconds in which every server of the bus answers."""


class Refused(Exception):
    """The bus did not do what was asked; the message says so in Chinese."""


class Bus:
    """Two connections: into the system account, and into the province's."""

    def __init__(self, system: Client, province: Client) -> None:
        self.system, self.province = system, province

    async def push(self, token: str) -> None:
        """An account is as its JWT says, from now on and after a restart; who was revoked is disconnected."""
        answer = json.loads((await self.system.request("$SYS.REQ.CLAIMS.UPDATE", token.encode(), timeout=10)).data)
        if error := answer.get("error"):
            raise Refused(f"总线没有接受账户：{error}")

    async def make_reader(self, node: str) -> None:
        """The durable from which a node fetches, made or brought into line; it keeps its place."""
        subject = f"CONSUMER.CREATE.{EVENT_STREAM}.{reader_of(node)}"
        await self._api(subject, {"stream_name": EVENT_STREAM, "config": domain.reader(node)})

    async def waiting(self, node: str) -> int | None:
        """Events that a node has not acknowledged; None where it has no reader."""
        try:
            info = await self._api(f"CONSUMER.INFO.{EVENT_STREAM}.{reader_of(node)}")
        except Refused:
            return None
        return info["num_pending"] + info["num_ack_pending"]

    async def streams_created(self) -> list[str]:
        """When each of the streams was made; empty where it is not there."""
        subjects = [f"$JS.API.STREAM.INFO.{name}" for name in (COMMAND_STREAM, EVENT_STREAM)]
        answers = [await self.province.request(subject, timeout=10) for subject in subjects]
        return [json.loads(answer.data).get("created", "") for answer in answers]

    async def _api(self, verb: str, body: dict[str, object] | None = None) -> dict[str, Any]:
        raw = json.dumps(body).encode() if body else b""
        try:
            answer = json.loads((await self.province.request(f"$JS.API.{verb}", raw, timeout=10)).data)
        except NoRespondersError:
            raise Refused("总线没有启用 JetStream") from None
        if error := answer.get("error"):
            missing = error["err_code"] == 10059
            raise Refused(
                "总线上没有事件流：先执行 duban node push" if missing else f"总线拒绝了 {verb}：{error['description']}"
            )
        return answer

    async def connections(self, accounts: Sequence[str]) -> dict[str, int]:
        """How many connections each account has, over all servers."""
        counts = dict.fromkeys(accounts, 0)
        inbox = await self.system.subscribe(reply := self.system.new_inbox())
        await self.system.publish(
            "$SYS.REQ.ACCOUNT.PING.STATZ", json.dumps({"accounts": list(accounts)}).encode(), reply
        )
        try:
            async with asyncio.timeout(GATHER):
                async for message in inbox.messages:
                    for account in json.loads(message.data).get("data", {}).get("account_statz", ()):
                        counts[account["acc"]] += account["conns"]
        except TimeoutError:
            await inbox.unsubscribe()
        return counts


async def make_streams(nc: Client, replicas: int) -> None:
    """Both streams are there, and as this version wants them. Raises ApiError."""
    for config in streams(replicas):
        name, body = config["name"], json.dumps(config).encode()
        try:
            await ask(nc, f"$JS.API.STREAM.CREATE.{name}", body, timeout=15)
        except ApiError as error:
            if error.code != TAKEN:
                raise
            await ask(nc, f"$JS.API.STREAM.UPDATE.{name}", body, timeout=15)


async def prepare(settings: Chassis) -> None:
    """Both streams, made with the operator's credentials, for a bus that no keeper looks after."""
    async with await nats.connect(**{**settings.bus(), **ONCE}) as nc:
        await make_streams(nc, settings.stream_replicas)


@asynccontextmanager
async def connected(settings: Settings, authority: Authority, seconds: int = MOMENT) -> AsyncIterator[Bus]:
    """The bus, by credentials that the keys sign for this moment; it puts out who stays for longer."""
    if not authority.exists():
        raise Refused(f"{authority.folder} 里没有签发密钥：请检查 DUBAN_KEYS 或 DUBAN_VAR")
    errors: list[Exception] = []

    async def note(error: Exception) -> None:
        errors.append(error)

    async def joined(account: Key) -> Client:
        credentials = {"user_credentials": keys.raw(authority.moment(account, seconds))}
        return await nats.connect(**{**settings.bus(), **credentials, **ONCE, "error_cb": note})

    try:
        system = await joined(authority.system)
    except NoServersError:
        if any("authorization violation" in str(error).lower() for error in errors):
            raise Refused(f"总线不认 {authority.folder} 里的签发密钥：请检查 DUBAN_KEYS 与 DUBAN_NATS_URL") from None
        raise
    async with system, await joined(authority.province) as province:
        yield Bus(system, province)
