"""How a node's own system reaches the province's bus: its commands, its reader, and the bundle that it was given."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from .catalogue import DURABLE
from .region import Node

VERBS = tuple(sorted(command.verb() for command in DURABLE))
"""The commands that a node may send. After a change: `duban node push`."""

API = "up.API"
"""What a node writes for `$JS.API`: under that name its own account, which has no JetStream, would answer first."""

SETTINGS = "node.json"


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

    @classmethod
    def read(cls, folder: str | Path) -> "Bundle":
        """The bundle in a folder, its files with their paths."""
        folder = Path(folder)
        bundle = cls.model_validate(json.loads((folder / SETTINGS).read_text(encoding="utf-8")))
        ca = bundle.ca and folder / bundle.ca
        return bundle.model_copy(update={"credentials": folder / bundle.credentials, "ca": ca})
