"""What every event and every command carries, and the subject it travels on."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

EVENTS = "duban.evt.v1"
COMMANDS = "duban.cmd.v1"
RPC = "duban.rpc.v1"

ADDRESS = r"^\d\d\.\d\d\.\d\d\.\d{3}\.[a-z][a-z0-9]{0,15}$"
Address = Annotated[str, Field(pattern=ADDRESS)]
"""A unit: province, city, county, township, unit code, as in `14.10.02.000.gov`; `all` is everyone below."""

Node = Annotated[str, Field(pattern=r"^\d\d\.\d\d\.\d\d(\.\d{3})?$")]
"""An installation of Duban: the region part of an address, as in `14.10.02`."""


Text = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
"""What a person writes: trimmed, and without control characters, which no store and no page could keep."""


class Frozen(BaseModel):
    """A value inside an event or an answer: never changed, unknown fields ignored."""

    model_config = ConfigDict(frozen=True)


class Event(BaseModel):
    """A fact about one aggregate; `version` grows by one with each, and `owner` alone may say it."""

    model_config = ConfigDict(frozen=True)
    type: ClassVar[str]

    id: UUID = Field(default_factory=uuid4, description="Random: a guessable id could be squatted.")
    time: AwareDatetime
    aggregate: str = Field(
        pattern=r"^[a-z_]+/\S+$", description="`<entity>/<id>`; one writer and one address for life."
    )
    version: int = Field(ge=1)
    owner: Node
    address: Address
    audience: tuple[str, ...] = Field(default=(), description="Units, or region prefixes, that may see it.")

    def subject(self) -> str:
        """Where it is published: always ten tokens."""
        return f"{EVENTS}.{self.type}.{self.address}"

    def headers(self) -> dict[str, str]:
        """CloudEvents 1.0, binary mode; the stream drops a second event with the same id."""
        return {
            "Nats-Msg-Id": str(self.id),
            "ce-specversion": "1.0",
            "ce-id": str(self.id),
            "ce-type": f"cn.duban.{self.type}.v1",
            "ce-source": f"/nodes/{self.owner}",
            "ce-subject": self.aggregate,
            "ce-time": self.time.isoformat(),
            "content-type": "application/json",
        }

    @classmethod
    def filters(cls, within: str = "") -> str:
        """The subject filter that hears this event: everywhere, or within a region such as `14.10.02`."""
        return ".".join(filter(None, (EVENTS, cls.type, within, ">")))


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
"""The only roles that a node's own command may carry."""


class Actor(BaseModel):
    """Who wants something done, for which unit, by which right."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: Text = Field(min_length=1, max_length=120)
    unit: Address
    roles: tuple[ActorRole, ...]
    on_behalf_of: Text | None = None
    basis: Text | None = None

    def may(self, *roles: ActorRole) -> bool:
        """Holds one of these roles."""
        return any(role in self.roles for role in roles)


class Command(BaseModel):
    """A wish; the same id twice is granted once and answered twice."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: ClassVar[str]

    id: UUID = Field(default_factory=uuid4)
    actor: Actor
    expected_version: int | None = Field(default=None, ge=1)

    @classmethod
    def subject(cls) -> str:
        """Request/reply, for the portal alone: `duban.rpc.v1.<service>.<verb>`."""
        return f"{RPC}.{cls.type}"

    @classmethod
    def durable(cls, sender: str) -> str:
        """The work queue, for a node: `duban.cmd.v1.<verb>.<sender address>`."""
        return f"{COMMANDS}.{cls.type.split('.')[1]}.{sender}"


class Done(BaseModel):
    """Granted: which aggregate, at which version; `detail` is the answer's own content."""

    model_config = ConfigDict(frozen=True)

    ok: Literal[True] = True
    aggregate: str
    version: int
    detail: Mapping[str, object] = {}


class Refused(BaseModel):
    """Not granted, and why; an answer, never an exception. `pointer` names the field (RFC 6901)."""

    model_config = ConfigDict(frozen=True)

    ok: Literal[False] = False
    code: str
    message: str = ""
    pointer: str = ""
    version: int | None = None
    detail: Mapping[str, object] = {}


Answer = Annotated[Done | Refused, Field(discriminator="ok")]


class CommandAnswered(Event):
    """The answer to a durable command, at the sender's own address."""

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
