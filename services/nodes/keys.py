"""Keys in files of their owner alone, and what they sign."""

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import NamedTuple

import nkeys
from nats.aio.client import RawCredentials

from services.nodes.domain.claims import Claims

OPERATOR, ACCOUNT, USER = nkeys.PREFIX_BYTE_OPERATOR, nkeys.PREFIX_BYTE_ACCOUNT, nkeys.PREFIX_BYTE_USER
HEADER = b'{"typ":"JWT","alg":"ed25519-nkey"}'
CREDENTIALS = """-----BEGIN NATS USER JWT-----
{token}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
{seed}
------END USER NKEY SEED------
"""


class Key(NamedTuple):
    """A seed, which is the secret, and the public key that names its owner on the bus."""

    seed: str
    public: str

    @classmethod
    def of(cls, seed: str) -> "Key":
        """The key of a seed."""
        return cls(seed, nkeys.from_seed(bytearray(seed.encode())).public_key.decode())

    @classmethod
    def make(cls, prefix: int) -> "Key":
        """A new one."""
        return cls.of(nkeys.encode_seed(os.urandom(32), prefix).decode())

    @classmethod
    def kept(cls, path: Path, prefix: int) -> "Key":
        """The key kept in a file, made at the first call."""
        if not path.exists():
            write(path, cls.make(prefix).seed)
        return cls.of(path.read_text())

    def sign(self, subject: str, name: str, claims: Claims, issued: int, expires: int | None = None) -> str:
        """A JWT in which this key says of `subject` what `claims` say; times are Unix times."""
        body: Claims = {"iat": issued, "iss": self.public, "sub": subject, "name": name}
        body |= {"nats": {**claims, "version": 2}} | ({"exp": expires} if expires else {})
        digest = hashlib.new("sha512_256", json.dumps(body, sort_keys=True).encode()).digest()
        body["jti"] = base64.b32encode(digest).rstrip(b"=").decode()
        text = f"{_encoded(HEADER)}.{_encoded(json.dumps(body).encode())}"
        pair = nkeys.from_seed(bytearray(self.seed.encode()))
        return f"{text}.{_encoded(pair.sign(text.encode()))}"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def credentials(token: str, user: Key) -> str:
    """A credentials file: a user's JWT and the seed that proves it."""
    return CREDENTIALS.format(token=token, seed=user.seed)


def user_in(path: Path) -> Key | None:
    """The user of a credentials file; None where there is no such file."""
    if not path.exists():
        return None
    return Key.of(path.read_text().split("USER NKEY SEED-----\n")[1].split("\n")[0])


def raw(text: str) -> RawCredentials:
    """Credentials that were never in a file."""
    return RawCredentials(text)


def write(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file whole or not at all, its folder for its owner alone; a power cut leaves it there under its name."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
