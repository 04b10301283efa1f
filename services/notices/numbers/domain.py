"""Whose document it is: the organ's name, its letters in document numbers, and the number itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from contracts.region import Level
from contracts.terms import NoticeKind
from contracts.units import level

Code = Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[^\s〔〕]+$")]


class Letterhead(BaseModel):
    """版头 of one organ: its name, and its letters (机关代字). `{name}` and `{short}` stand for the register's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "{name}"
    code: Code = "{short}"


class Letterheads(BaseModel):
    """The letterheads of a node: by issuer, else the default; in a demo one that no organ has, by level.

    series: what follows the organ's letters, by kind; each is a number series of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    series: Mapping[NoticeKind, Code]
    default: Letterhead = Letterhead()
    issuers: Mapping[str, Letterhead] = {}
    demo: Mapping[Level, Letterhead]

    def of(self, issuer: str, name: str, short: str, demo: bool) -> Letterhead:
        """The letterhead of an issuer that the register calls `name`, in short `short`."""
        head = self.demo[level(issuer)] if demo else self.issuers.get(issuer, self.default)
        called = {"name": name, "short": short}
        return Letterhead(name=head.name.format_map(called), code=head.code.format_map(called))

    def series_of(self, head: Letterhead, kind: NoticeKind) -> str:
        """The series (代字) in which documents of this kind are counted."""
        return f"{head.code}{self.series[kind]}"


@dataclass(frozen=True, slots=True)
class DocNumber:
    """发文字号, as in `示政办督〔2026〕12号`: per issuer, series and year without a gap (R10)."""

    series: str
    year: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.series}〔{self.year}〕{self.sequence}号"
