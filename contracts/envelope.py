"""What every event and every command carries, and the subject it travels on."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from .refusals import Refused
from .region import Node
from .units import UnitAddress
from .values import Name

EVENTS = "duban.evt.v1"
COMMANDS = "duban.cmd.v1"
RPC = "duban.rpc.v1"
EVENT_STREAM, COMMAND_STREAM = "EVENTS", "COMMANDS"
"""The streams that hold what is published under the first two."""
QUEUED = 100
"""Commands of one verb that a node may have waiting; the stream refuses the next at their sender."""


class Event(BaseModel):
    """A fact about one aggregate; `version` grows by one with each, and `owner` alone may emit it.

    A family is a subclass whose type is the entity alone, such as `assignment`; its members carry the aggregate's
    whole published state after the event. A reader that takes the family also handles members it has never heard of.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)
    type: ClassVar[str] = ""

    id: UUID = Field(default_factory=uuid4, description="Random: a guessable id could be squatted.")
    time: AwareDatetime
    aggregate: str = Field(
        pattern=r"^[a-z_]+/\S+$", description="`<entity>/<id>`; one writer and one address for life."
    )
    version: int = Field(ge=1)
    owner: Node
    address: UnitAddress
    audience: tuple[str, ...] = Field(
        default=(), description="The units that may see it, decided by its owner; `…all` is every unit below."
    )

    @property
    def order_key(self) -> str:
        """Events with one key are published in the order they were written, whatever overtakes them; at the least
        those of one aggregate. A family that makes sense only after events of another aggregate shares its key.
        """
        return self.aggregate

    def subject(self) -> str:
        """Where it is published: always ten tokens."""
        return f"{EVENTS}.{self.type}.{self.address}"

    def headers(self) -> dict[str, str]:
        """CloudEvents 1.0, binary mode; the stream drops a second event with the same id."""
        return cloudevent_headers(str(self.id), self.type, self.owner, self.aggregate, self.time)

    @classmethod
    def filters(cls, within: str = "") -> str:
        """The subject filter of this event or family: everywhere, or within a region such as `14.10.02`."""
        kind = [token for token in cls.type.split(".") if token]
        place = ["*"] * (2 - len(kind)) + [within] if within else []
        return ".".join((EVENTS, *kind, *place, ">"))


def cloudevent_headers(id: str, type: str, owner: str, aggregate: str, time: datetime) -> dict[str, str]:
    """The headers of an event in CloudEvents 1.0, binary mode."""
    return {
        "Nats-Msg-Id": id,
        "ce-specversion": "1.0",
        "ce-id": id,
        "ce-type": f"cn.duban.{type}.v1",
        "ce-source": f"/nodes/{owner}",
        "ce-subject": aggregate,
        "ce-time": time.isoformat(),
        "content-type": "application/json",
    }


class ActorRole(StrEnum):
    """What a person may do; portal resolves grants into these, each domain checks them."""

    UNIT_CLERK = "unit_clerk"
    UNIT_HEAD = "unit_head"
    INSPECTOR = "inspector"
    SUPERVISOR = "supervisor"
    LEADER = "leader"
    OPERATOR = "operator"
    SYSTEM = "system"


UNIT_SIDE = frozenset({ActorRole.UNIT_CLERK, ActorRole.UNIT_HEAD})
"""What a unit's own people are; the only roles that a node's own command may carry."""


class Actor(BaseModel):
    """Who asks, for which unit, by which right.

    person: an id of the register of persons, or `<node>/<id>` for a person whom a node vouches for.
    on_behalf_of: the office a leader or deputy acts for; basis: by what (a post, a written instruction).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: Name = Field(min_length=1, max_length=120)
    unit: UnitAddress
    roles: tuple[ActorRole, ...]
    on_behalf_of: Name | None = None
    basis: Name | None = None

    def may(self, *roles: ActorRole) -> bool:
        """Holds one of these roles."""
        return any(role in self.roles for role in roles)


class Command(BaseModel):
    """Something asked for; the same id twice has one effect and the same answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    type: ClassVar[str] = ""

    id: UUID = Field(default_factory=uuid4)
    actor: Actor
    expected_version: int | None = Field(default=None, ge=1)

    @classmethod
    def subject(cls) -> str:
        """Request/reply, for the portal alone: `duban.rpc.v1.<service>.<verb>`."""
        return f"{RPC}.{cls.type}"

    @classmethod
    def verb(cls) -> str:
        """What its type says after the service: `report`."""
        return cls.type.partition(".")[2]

    @classmethod
    def durable(cls, node: str) -> str:
        """The work queue, for a node: `duban.cmd.v1.<verb>.<node>`; a sender cannot vary it, so limits hold."""
        return f"{COMMANDS}.{cls.verb()}.{node}"


class Done(BaseModel):
    """Granted: which aggregate, at which version; `detail` is the answer's own content."""

    model_config = ConfigDict(frozen=True)

    ok: Literal[True] = True
    aggregate: str
    version: int
    detail: Mapping[str, object] = {}


Answer = Annotated[Done | Refused, Field(discriminator="ok")]


class CommandAnswered(Event):
    """The answer to a durable command, at the unit that asked, else at its node's government.

    The aggregate is what one node sent under one id; its version grows with each sending that is answered.
    """

    type = "command.answered"
    command: UUID
    answer: Answer


class AuditAnchored(Event):
    """The head of a unit's audit chain at one moment: who keeps it can prove a later change."""

    type = "audit.anchored"
    service: str
    unit: str
    entries: int
    algorithm: str = "sha256"
    head: str
