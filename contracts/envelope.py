"""What every event and every command carries, and the subject it travels on."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from .refusals import Refused
from .region import Owner
from .units import UnitAddress
from .values import Name, Version

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

    id: UUID = Field(
        default_factory=uuid4, description="Of this event, random: a guessable id could be squatted (事件编号)."
    )
    time: AwareDatetime = Field(description="When it happened, UTC (发生时间).")
    aggregate: str = Field(
        pattern=r"^[a-z_]+/\S+$",
        description="What it is about, `<entity>/<id>`; one writer and one address for life (聚合).",
    )
    version: Version = Field(ge=1)
    owner: Owner
    address: UnitAddress = Field(description="The unit it is published to; the subject ends with it (发布地址).")
    audience: tuple[str, ...] = Field(
        default=(),
        description="The units that may see it, decided by its owner; `…all` is every unit below (可见范围).",
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
    """What a person may do (角色); portal resolves grants into these, each domain checks them.

    unit_clerk 单位经办人, unit_head 单位负责人, inspector 督查员, supervisor 督查室主任, leader 领导,
    operator 运行中心, system 系统.
    """

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
    """Who asks, for which unit, by which right (操作人)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: Name = Field(
        min_length=1,
        max_length=120,
        description="Id of the person; a node's own persons are known elsewhere as `<node>/<id>` (人员编号).",
    )
    unit: UnitAddress = Field(description="The unit that the person acts for; of a node, one inside it (所在单位).")
    roles: tuple[ActorRole, ...] = Field(description="By which rights; of a node `unit_clerk`, `unit_head` (角色).")
    on_behalf_of: Name | None = Field(default=None, description="Office a leader or deputy acts for (代表单位).")
    basis: Name | None = Field(default=None, description="By what: a post, a written instruction (依据).")

    def may(self, *roles: ActorRole) -> bool:
        """Holds one of these roles."""
        return any(role in self.roles for role in roles)


class Command(BaseModel):
    """Something asked for; the same id twice has one effect and the same answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    type: ClassVar[str] = ""

    id: UUID = Field(default_factory=uuid4, description="Chosen by the sender; again, it changes nothing (命令编号).")
    actor: Actor
    expected_version: int | None = Field(
        default=None, ge=1, description="Another version by then: refused as stale (预期版本)."
    )

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
    """Done (已办成)."""

    model_config = ConfigDict(frozen=True)

    ok: Literal[True] = Field(default=True, description="Done (已办成).")
    aggregate: str = Field(description="What was changed, `<entity>/<id>` (聚合).")
    version: Version
    detail: Mapping[str, object] = Field(default={}, description="The answer's own content, by command (详情).")


Answer = Annotated[Done | Refused, Field(discriminator="ok")]


class CommandAnswered(Event):
    """The answer to a durable command (命令回执), at the unit that asked, else at its node's government.

    The aggregate is what one node sent under one id; its version grows with each sending that is answered.
    """

    type = "command.answered"
    command: UUID = Field(description="The id of the command (命令编号).")
    answer: Answer = Field(description="`ok` says whether it was done (办理结果).")


class AuditAnchored(Event):
    """The head of a unit's audit chain at one moment (审计存证): who keeps it can prove a later change."""

    type = "audit.anchored"
    service: str = Field(description="The service whose chain it is, such as `tasks` (服务).")
    unit: str = Field(description="The unit whose chain it is (单位地址).")
    entries: int = Field(description="How many entries the chain has (记录数).")
    algorithm: str = Field(default="sha256", description="Of the hashes (算法).")
    head: str = Field(description="Hash of the last entry, which holds that of the one before (链头摘要).")
