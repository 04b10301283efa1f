"""The standing words of documents, which an office may change: titles, paragraphs, reasons."""

import unicodedata
from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ConfigDict

from contracts.notice import NoticeItem
from contracts.terms import Light, NoticeCause, NoticeKind
from services.notices.documents.domain.content import INVISIBLE, Format, Paragraph, Seal

TITLE = 30
"""Characters of a matter's own title that a document's title quotes."""


class KindWords(BaseModel):
    """What one kind of document says. In `{braces}`: count, matters, today, reply_by, mend_by, cited, unit.

    one, many: titles; `{title}` is the first matter's. opening and body make a file; opening and demand a slip.
    principal: a copy goes to the unit's head. sealed: a seal is awaited.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Format
    one: str
    many: str
    opening: str
    body: tuple[Paragraph, ...] = ()
    demand: str = ""
    principal: bool = False
    sealed: bool = False

    @property
    def seal(self) -> Seal:
        """The page keeps a place for the seal, or has none."""
        return Seal.PENDING if self.sealed else Seal.NONE


class Wording(BaseModel):
    """All standing words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: Mapping[NoticeKind, KindWords]
    reasons: Mapping[NoticeCause, str]
    lights: Mapping[Light, str]

    def title(self, kind: NoticeKind, items: Iterable[NoticeItem]) -> str:
        """The title of a document about some matters; it says 关于 once."""
        titles = [item.title for item in items]
        words, first = self.kinds[kind], plain(titles[0]).replace("“", "‘").replace("”", "’")
        first = first.removeprefix("关于") or first
        short = first if len(first) <= TITLE else f"{first[: TITLE - 1]}…"
        return (words.one if len(titles) == 1 else words.many).format(title=short, count=len(titles))


def plain(text: str) -> str:
    """One printable line: what cannot be seen is left out, so that a hostile title never stops a document."""
    spaced = "".join(" " if character in "\n\r\t" else character for character in text)
    return "".join(c for c in spaced if unicodedata.category(c) not in INVISIBLE).strip() or "（无题）"
