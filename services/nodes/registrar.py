"""Enrolling, rotating and revoking: first the files, then the bus, then the bundle; each may be done again."""

from datetime import UTC, datetime
from pathlib import Path

from contracts.node import Bundle
from services.nodes import bundle, keys
from services.nodes.authority import Authority, now
from services.nodes.bus import Bus, connected, make_streams
from services.nodes.domain.node import Credential, Enrolment, State
from services.nodes.keys import USER, Key
from services.nodes.settings import Settings
from services.nodes.store import Enrolments


class NotEnrolled(Exception):
    """A node that was never enrolled."""


class Registrar:
    """The one who may admit nodes: keys, records and bundles in folders."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.authority = Authority(settings.keys or settings.var / "keys")
        self.enrolments = Enrolments(self.authority.folder / "nodes")
        self.bundles = settings.bundles or settings.var / "bundles"

    async def enrol(self, bus: Bus, node: str) -> Path:
        """Account, reader and bundle are there, whatever of them was missing; returns the bundle's folder.

        Credentials that still work stay; a node that was revoked gets new ones, and its old ones stay revoked.
        """
        async with self.enrolments.changing():
            enrolment = self.enrolments.find(node) or Enrolment(node=node)
            user = keys.user_in(self._credentials(node))
            if not user or user.public not in {each.user for each in enrolment.valid(now())}:
                user = Key.make(USER)
                enrolment = enrolment.issue(user.public, now(), self.settings.credential_days)
                self.enrolments.save(enrolment)
            await self._push(bus, enrolment)
            return self._write(enrolment, user)

    async def rotate(self, bus: Bus, node: str, at_once: bool = False) -> Path:
        """New credentials. The old ones work until they expire, or with `at_once` no more from now on.

        They travel by hand, in days nobody knows beforehand; so nothing but an operator's word ends the old ones early.
        """
        async with self.enrolments.changing():
            user, keep = Key.make(USER), 1 if at_once else 2
            enrolment = self._known(node).issue(user.public, now(), self.settings.credential_days, keep)
            self.enrolments.save(enrolment)
            await self._push(bus, enrolment)
            return self._write(enrolment, user)

    async def revoke(self, bus: Bus, node: str) -> None:
        """Nobody comes in with what was issued so far, and who is in is put out; the reader keeps the node's place."""
        async with self.enrolments.changing():
            enrolment = self._known(node).revoke(now())
            self.enrolments.save(enrolment)
            self._credentials(node).unlink(missing_ok=True)
            await bus.push(self.authority.node_token(enrolment))

    async def push(self, bus: Bus) -> int:
        """Tell the bus everything again: after an upgrade, or after it lost its accounts or its streams."""
        await make_streams(bus.province, self.settings.stream_replicas)
        await bus.push(self.authority.province_token())
        nodes = [each.node for each in self.enrolments.all()]
        for node in nodes:
            async with self.enrolments.changing():
                await self._push(bus, self._known(node))
        return len(nodes)

    def renew(self, at_once: bool = False) -> None:
        """The credentials of our services in their folder, those half over, or with `at_once` all; the bus must be one
        that trusts these keys.
        """
        folder = self.settings.nats_credentials
        if folder and folder.is_dir():
            (self.authority.write_users if at_once else self.authority.renew_users)(folder)

    async def _push(self, bus: Bus, enrolment: Enrolment) -> None:
        await bus.push(self.authority.node_token(enrolment))
        await bus.make_reader(enrolment.node)

    def _write(self, enrolment: Enrolment, user: Key) -> Path:
        credential = next(each for each in enrolment.credentials if each.user == user.public)
        folder, settings = self.bundles / enrolment.node, self.settings
        given = Bundle(
            node=enrolment.node,
            servers=tuple((settings.nats_public or settings.nats_url).split(",")),
            credentials=self._credentials(enrolment.node),
            ca=settings.nats_ca,
            portal=settings.portal_public or f"http://127.0.0.1:{settings.http_port}",
        )
        text = self.authority.node_credentials(enrolment.node, user, credential)
        bundle.write(folder, given, text, day(credential))
        return folder

    def _credentials(self, node: str) -> Path:
        return bundle.file_of(self.bundles / node, node)

    def _known(self, node: str) -> Enrolment:
        if not (enrolment := self.enrolments.find(node)):
            raise NotEnrolled(f"节点 {node} 还没有开通：先执行 duban node enroll {node}")
        return enrolment


async def admit(settings: Settings, node: str) -> None:
    """The node is enrolled, unless it was revoked."""
    registrar = Registrar(settings)
    enrolment = registrar.enrolments.find(node)
    if enrolment is None or enrolment.state(now()) is not State.REVOKED:
        async with connected(settings, registrar.authority) as bus:
            await registrar.enrol(bus, node)


def day(credential: Credential) -> str:
    """When a credential ends."""
    return f"{datetime.fromtimestamp(credential.expires, UTC):%Y-%m-%d}"
