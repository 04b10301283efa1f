"""The bodies of the API: what a command asks for, without what its envelope and the address hold."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from contracts.envelope import Command, Done

ENVELOPE = frozenset(Command.model_fields)
TEXTS = {
    "number": "空：本台账的下一号",
    "lead_official": "牵头领导",
    "target": "可量化的目标",
    "verification_form": "成果检验形式",
    "deadline_text": "如“11月底前”“7个工作日”；空则按类别",
    "milestones": "时间节点；报送时写这次达到的节点名称",
    "evidence": "先经 POST /v1/evidence 上传，只能引用本单位上传的文件",
    "percent": "累计完成，百分比",
    "recipients": "空：所涉单位",
    "sign": "同时签发并编号",
}
"""What the documentation says of a field, in Chinese."""


class Body(BaseModel):
    """What a command asks for, with its limits: its fields without the envelope, and without what the address names.

    `class Closure(Body, of=Close, address=("assignment_id",))`
    """

    model_config = ConfigDict(extra="forbid")

    def __init_subclass__(cls, of: type[Command], address: tuple[str, ...] = (), **options: Any) -> None:
        """Before pydantic collects the fields."""
        super().__init_subclass__(**options)
        for key, field in of.model_fields.items():
            if key not in ENVELOPE and key not in address:
                cls.__annotations__[key] = _type(field)
                setattr(cls, key, _documented(key, field))

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        """Takes the options of the class, which pydantic offers a second time."""

    def fields(self) -> dict[str, Any]:
        """What was sent, as the command takes it."""
        return self.model_dump(exclude_unset=True)


def _type(field: FieldInfo) -> Any:
    return Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation


def _documented(key: str, field: FieldInfo) -> Any:
    description = TEXTS.get(key, field.description)
    if field.is_required():
        return Field(description=description)
    return Field(default=field.default, description=description)


class Granted(BaseModel):
    """What was done, and to what."""

    aggregate: str
    version: int
    settled: bool = Field(default=True, description="本平台的台账已反映；为假时稍后再读，这之前新事项答 503（behind）")
    detail: dict[str, Any] = {}


def granted(answer: Done) -> Granted:
    """The answer as the API gives it."""
    detail = dict(answer.detail)
    settled = bool(detail.pop("settled", True))
    return Granted(aggregate=answer.aggregate, version=answer.version, settled=settled, detail=detail)


def id_of(answer: Done) -> str:
    """The id of what was done: `task/<id>` → `<id>`."""
    return answer.aggregate.partition("/")[2]
