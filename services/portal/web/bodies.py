"""The bodies of the API: what a command asks for, without what its envelope and the address hold; pages of lists."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from contracts.envelope import Command, Done

ENVELOPE = frozenset(Command.model_fields)
TEXTS = {
    "number": "The office's own number (编号); empty: the next of the ledger.",
    "lead_official": "The leader in charge, as written (牵头领导).",
    "target": "What shall be reached, measurable (量化目标).",
    "verification_form": "By what it is verified (成果检验形式).",
    "deadline_text": "Such as “11月底前” or “7个工作日” (完成时限); empty: by the kind of task.",
    "milestones": "Dated steps (时间节点); in a report: the names of those reached by it.",
    "evidence": "SHA-256 of files that the unit uploaded before by POST /v1/evidence (佐证材料).",
    "percent": "Progress so far, in per cent (累计进度).",
    "recipients": "Units it goes to (主送); empty: the units concerned.",
    "sign": "Sign and number it in the same step (同时签发并编号).",
}
"""What the documentation says of a field here."""

Limit = Annotated[int, Query(ge=1, le=200, description="How many on one page, 200 at most (每页条数).")]
Cursor = Annotated[
    str, Query(description="`next_cursor` of the page before (游标); opaque. Empty: from the first page.")
]
NEXT = Field(default=None, description="The cursor of the page that follows; null on the last.")


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

    aggregate: str = Field(description="What it was done to, `<entity>/<id>`.")
    version: int = Field(description="The version of that after it.")
    settled: bool = Field(
        default=True,
        description="Reads show it already. False: read again later; until then new things answer 503 behind.",
    )
    detail: dict[str, Any] = Field(default={}, description="What the answer of this command says besides.")


def granted(answer: Done) -> Granted:
    """The answer as the API gives it."""
    detail = dict(answer.detail)
    settled = bool(detail.pop("settled", True))
    return Granted(aggregate=answer.aggregate, version=answer.version, settled=settled, detail=detail)


def id_of(answer: Done) -> str:
    """The id of what was done: `task/<id>` → `<id>`."""
    return answer.aggregate.partition("/")[2]
