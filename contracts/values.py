"""Kinds of value that events and commands share: moments, percentages, digests, and what a person writes."""

import re
import unicodedata
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from .secrecy import refuse_classified

Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
"""Progress in per cent, 0 to 100, two places."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

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
