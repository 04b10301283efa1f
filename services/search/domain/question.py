"""What a reader typed, as words to match; and how to ask again for less when nothing matches. R11."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.search import words
from services.search.words import Word

LONGEST = 200
"""Characters of a question that are read."""

Phrase = tuple[Word, ...]

_CHUNK = re.compile(rf"[^\s{words.BREAKS}]+")
_NUMBER = re.compile(
    r"(?:文号:?)?\s*(?P<series>[^\W\d_]{1,16})\s*[〔\[(【〈<{「]\s*(?P<year>\d{4})\s*[〕\])】〉>}」]"
    r"\s*第?\s*0*(?P<sequence>\d{1,8})\s*号?"
)


@dataclass(frozen=True, slots=True)
class Question:
    """`phrases`: one for each chunk without a space, its words standing together;
    `number`: the whole, as the number it may be."""

    phrases: tuple[Phrase, ...] = ()
    number: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to ask: all the phrases (`every`) or any of them; `number` stands on top where it is met."""

    phrases: tuple[Phrase, ...]
    every: bool = True
    number: str = ""


def parse(text: str) -> Question:
    """Any text at all: operators, quotes and control characters mean nothing; no words → an empty question."""
    text = text[:LONGEST]
    phrases = (tuple(words.cut(chunk)) for chunk in _CHUNK.findall(words.fold(text)))
    return Question(tuple(dict.fromkeys(filter(None, phrases))), number_key(text))


def number_key(text: str) -> str:
    """A document number in its one spelling: `示督〔2026〕3号` for `示督[2026]第03号` and the like; others folded."""
    folded = words.fold(text).strip()
    number = _NUMBER.fullmatch(folded)
    return "{series}〔{year}〕{sequence}号".format(**number.groupdict()) if number else folded


def plans(question: Question) -> Iterator[Plan]:
    """From strict to relaxed: the phrases as typed; all their words, apart; any of the words."""
    yield Plan(question.phrases, number=question.number)
    single = tuple(dict.fromkeys((word._replace(at=0),) for phrase in question.phrases for word in phrase))
    if len(single) < 2:
        return
    if len(single) > len(question.phrases):
        yield Plan(single)
    yield Plan(tuple(phrase for phrase in single if len(phrase[0].text) > 1) or single, every=False)
