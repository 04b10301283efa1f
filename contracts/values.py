"""Kinds of value that events and commands share: moments, percentages, digests, and what a person writes."""

import re
import unicodedata
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from .secrecy import refuse_classified

Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2, description="Per cent, 0 to 100 (百分比).")]
"""Progress in per cent, two places at the most; in JSON a string, such as `"62.50"`."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the bytes, in hexadecimal (摘要).")]

Version = Annotated[int, Field(description="Version of the aggregate: grows by one with each of its events (版本号).")]
UnitName = Annotated[str, Field(description="Name of the unit at the time of the event (单位名称).")]
Title = Annotated[str, Field(description="What the matter is called (事项名称).")]
TaskId = Annotated[UUID, Field(description="Id of the task, for life (事项编号).")]
AssignmentId = Annotated[UUID, Field(description="Id of the assignment, for life (交办件编号).")]
TaskNumber = Annotated[str, Field(description="The office's own number, unique within its ledger (事项序号).")]
DeadlineText = Annotated[str, Field(description="The deadline as the office wrote it; empty where none (完成时限).")]
PolicyVersion = Annotated[int, Field(description="Version of the policy by which it was decided (规则版本).")]
Evidence = Annotated[
    tuple[Sha256, ...], Field(description="SHA-256 of each file, uploaded before by this unit (佐证).")
]
PersonId = Annotated[
    str, Field(description="Id of a person, `<node>/<id>` where a node vouches for them; empty: nobody (人员编号).")
]
"""Fields that mean the same in every event; where one means more, the field has a description of its own."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Frozen(BaseModel):
    """A value inside an event or an answer: never changed, unknown fields ignored."""

    model_config = ConfigDict(frozen=True)


def without_format_characters(text: str) -> str:
    """The text without invisible and direction characters (Unicode Cf), which only disguise what is read."""
    if text.isascii():
        return text
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


def clean(text: str) -> str:
    """Trimmed, without format characters. Raises ValueError on control characters and on classified matter."""
    if _CONTROL.search(text):
        raise ValueError("含有不能保存的控制字符，请删除后重试")
    return refuse_classified(without_format_characters(text).strip())


def _text(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


def _line(value: object) -> object:
    return " ".join(clean(value).split()) if isinstance(value, str) else value


def _name(value: object) -> object:
    return _line(unicodedata.normalize("NFKC", clean(value))) if isinstance(value, str) else value


TEXT, ONE_LINE, NAME = BeforeValidator(_text), BeforeValidator(_line), BeforeValidator(_name)
"""What cleans a value before its length is counted: `Annotated[str, Field(max_length=60), ONE_LINE]`."""

Text = Annotated[str, TEXT]
"""What a person writes: trimmed, no control or format characters, nothing marked as classified."""

OneLine = Annotated[str, ONE_LINE]
"""A text of one line, such as a title."""

Name = Annotated[str, NAME]
"""What is compared: a number, a person's id, a unit's name; NFKC, so that wide and narrow digits are one."""

RequestedUnit = Annotated[
    str, Field(min_length=1, max_length=200, description="Address, or any name the register resolves (单位)."), NAME
]
"""How a command names a unit."""
