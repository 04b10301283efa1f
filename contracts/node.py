"""How a node's own system reaches the province's bus: its commands, its reader, and the bundle that it was given."""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from .catalogue import DURABLE
from .envelope import ActorRole
from .refusals import Refused
from .region import Node
from .units import UnitAddress
from .values import Frozen, Name

VERBS = tuple(sorted(command.verb() for command in DURABLE))
"""The commands that a node may send. After a change: `duban node push`."""

API = "up.API"
"""What a node writes for `$JS.API`: under that name its own account, which has no JetStream, would answer first."""

AGAIN_AFTER = 5
"""Seconds after which an event that was not acknowledged is handed out again, to who asks for the next one."""

SETTINGS = "node.json"

TOKENS = "duban.token.v1"
"""Request/reply between a node and the portal, past every stream: what is answered there is a secret."""


class TokenRequest(BaseModel):
    """A node asks for a token of the HTTP API, in which one of its people acts: `duban.token.v1.<node>`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: Name = Field(min_length=1, max_length=120, description="Who acts: an id of the register of persons (人员).")
    unit: UnitAddress | None = Field(
        default=None, description="The person's own unit, where it must be this one (所在单位)."
    )
    role: Literal[ActorRole.UNIT_CLERK, ActorRole.UNIT_HEAD] = Field(
        default=ActorRole.UNIT_CLERK, description="In which role the person acts (角色)."
    )


class Token(Frozen):
    """A bearer token (令牌). Over HTTP its commands come from `<node>/<person>`, as they do on the bus.

    The token is in this answer alone: the portal keeps its SHA-256, and a new request brings a new one.
    """

    ok: Literal[True] = True
    token: str = Field(repr=False, description="For `Authorization: Bearer …`; a secret (令牌).")
    expires_in: int = Field(description="Seconds for which it is good (有效秒数).")
    unit: UnitAddress = Field(description="The unit in whose name it acts (单位).")
    role: ActorRole = Field(description="The role in which it acts (角色).")


TokenAnswer = Annotated[Token | Refused, Field(discriminator="ok")]


def token_subject(node: str) -> str:
    """Where a node asks for tokens; its account imports this one subject."""
    return f"{TOKENS}.{node}"


def reader_of(node: str) -> str:
    """The durable consumer which the province made for a node: `14.10.02` → `node-14-10-02`."""
    return f"node-{node.replace('.', '-')}"


class Bundle(BaseModel):
    """What the province gives a node, as `node.json` says it; files are named relative to its folder."""

    model_config = ConfigDict(frozen=True)

    node: Node
    servers: tuple[str, ...] = Field(min_length=1, description="Any of them will do; none carries a password.")
    credentials: Path
    ca: Path | None = Field(default=None, description="The certificate that signed the servers', if not a public one.")
    portal: str = Field(default="", description="Where the HTTP API is, such as `https://duban.example.cn`.")

    @classmethod
    def read(cls, folder: str | Path) -> "Bundle":
        """The bundle in a folder, its files with their paths."""
        folder = Path(folder)
        bundle = cls.model_validate(json.loads((folder / SETTINGS).read_text(encoding="utf-8")))
        ca = bundle.ca and folder / bundle.ca
        return bundle.model_copy(update={"credentials": folder / bundle.credentials, "ca": ca})
