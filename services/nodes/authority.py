"""Who signs: the operator of the bus, its system account and the province's, and each node's own."""

import time
from functools import cached_property
from pathlib import Path

from services.chassis.credentials import validity
from services.nodes import keys
from services.nodes.domain import claims, rights
from services.nodes.domain.claims import Claims, Rights
from services.nodes.domain.node import Credential, Enrolment
from services.nodes.keys import ACCOUNT, OPERATOR, USER, Key

LIFETIME = 30 * 86_400
"""Seconds for which credentials of our services work; who keeps the bus renews them after half of it."""
MOMENT = 300
"""Seconds for which a credential of the command line itself works."""


class Authority:
    """The keys in a folder: whoever can read it decides who may do what on the bus."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def exists(self) -> bool:
        """Whether the keys were made; they are made when a bus is first configured by them."""
        return (self.folder / "operator.nk").exists()

    @cached_property
    def operator(self) -> Key:
        return Key.kept(self.folder / "operator.nk", OPERATOR)

    @cached_property
    def system(self) -> Key:
        """The server's own account, through which accounts are changed."""
        return Key.kept(self.folder / "system.nk", ACCOUNT)

    @cached_property
    def province(self) -> Key:
        """The account of our services and of both streams."""
        return Key.kept(self.folder / "province.nk", ACCOUNT)

    def node(self, node: str) -> Key:
        """The account of a node."""
        return Key.kept(self.folder / "nodes" / f"{node}.nk", ACCOUNT)

    def trust(self) -> dict[str, str]:
        """What the configuration of a server needs, by name; it holds no secret."""
        system, province = self.system.public, self.province.public
        operator = self.operator.sign(self.operator.public, "duban", claims.operator(system), now())
        return {
            "operator": operator,
            "system": system,
            "preload": f"{system}: {self._account(system, 'SYS', claims.account(claims.UNLIMITED))}\n"
            f"  {province}: {self.province_token()}",
        }

    def province_token(self) -> str:
        """The JWT of the province's account."""
        return self._account(self.province.public, "PROV", claims.province_account())

    def node_token(self, enrolment: Enrolment) -> str:
        """The JWT of a node's account, with all that was ever revoked."""
        body = claims.node_account(enrolment.node, self.province.public, enrolment.revocations)
        return self._account(self.node(enrolment.node).public, enrolment.node, body)

    def _account(self, subject: str, name: str, body: Claims) -> str:
        return self.operator.sign(subject, name, body, now())

    def node_credentials(self, node: str, user: Key, credential: Credential) -> str:
        """The credentials file of a node."""
        body = claims.user(claims.node_rights(node))
        token = self.node(node).sign(user.public, node, body, credential.issued, credential.expires)
        return keys.credentials(token, user)

    def write_users(self, folder: Path, lifetime: int = LIFETIME) -> None:
        """The credentials of our services and of the command line, for so many seconds from now."""
        for name, granted in rights.users().items():
            self._write_user(folder / f"{name}.creds", granted, lifetime)

    def renew_users(self, folder: Path) -> None:
        """Those that have passed half of their time are written anew, to last as long again."""
        for name, granted in rights.users().items():
            path = folder / f"{name}.creds"
            if path.exists():
                issued, expires = validity(path)
                if now() > (issued + expires) / 2:
                    self._write_user(path, granted, int(expires - issued))

    def _write_user(self, path: Path, granted: Rights, lifetime: int) -> None:
        """A file that is there keeps its key, and is whole at every moment: a service reads it when it connects."""
        user = keys.user_in(path) or Key.make(USER)
        token = self.province.sign(user.public, path.stem, claims.user(granted), now(), now() + lifetime)
        keys.write(path, keys.credentials(token, user))

    def moment(self, account: Key, seconds: int = MOMENT) -> str:
        """Credentials for everything in an account, for a moment."""
        user = Key.make(USER)
        token = account.sign(user.public, "duban node", claims.user(Rights()), now(), now() + seconds)
        return keys.credentials(token, user)


def now() -> int:
    """Unix time."""
    return int(time.time())
