"""The words of supervision in Chinese and English; `python -m contracts.glossary` writes docs/glossary*.md."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"


class Language(StrEnum):
    """What a page of the documentation is written in; the value is what HTML calls it."""

    CHINESE = "zh-CN"
    ENGLISH = "en"

    @property
    def other(self) -> "Language":
        """The one that this is not."""
        return Language.ENGLISH if self is Language.CHINESE else Language.CHINESE

    def pick(self, english: str, chinese: str) -> str:
        """One of two texts that mean the same."""
        return chinese if self is Language.CHINESE else english


class Word(NamedTuple):
    """A word of the trade; `identifier`: what the contracts call it, empty where they do not."""

    chinese: str
    identifier: str
    english: str
    meaning: str
    chinese_meaning: str


class State(NamedTuple):
    """The words for a published state."""

    chinese: str
    english: str
    meaning: str
    chinese_meaning: str


class Term(NamedTuple):
    """The words for a value of a closed set, for an event or for a command."""

    chinese: str
    meaning: str
    chinese_meaning: str


class Section(BaseModel):
    """Words of the trade that belong together."""

    model_config = ConfigDict(frozen=True)
    english: str
    chinese: str
    words: tuple[Word, ...]


class ClosedSet(BaseModel):
    """The words for a closed set; `meaning`: in English and in Chinese."""

    model_config = ConfigDict(frozen=True)
    chinese: str
    english: str
    meaning: tuple[str, str]
    values: Mapping[str, Term]


class Glossary(BaseModel):
    """All words: of states and sets by the name of their class, of events and commands by their type."""

    model_config = ConfigDict(frozen=True)
    section: tuple[Section, ...]
    published: Mapping[str, State]
    closed: Mapping[str, ClosedSet]
    event: Mapping[str, Term]
    command: Mapping[str, Term]


@cache
def glossary() -> Glossary:
    """The words as glossary.toml has them."""
    return Glossary.model_validate(tomllib.loads((HERE / "glossary.toml").read_text("utf-8")))


def page(language: Language) -> str:
    """The glossary as a page of the documentation."""
    words, pick = glossary(), language.pick
    other = pick("[中文](glossary.zh-CN.md)", "[English](glossary.md)")
    intro = pick(
        "What the pages, the documents and the interfaces call a thing: one word, one thing. In code and in JSON the "
        "identifier stands. This page is made from `contracts/glossary.toml`.",
        "页面、公文和接口对同一事物只用一个名称；代码和 JSON 中使用“标识”一栏。本页由 `contracts/glossary.toml` 生成。",
    )
    parts = [f"# {pick('Glossary', '术语表')}", other, intro]
    for section in words.section:
        parts += [f"## {pick(section.english, section.chinese)}", table(language, of_trade(language, section.words))]
    states = ((s.chinese, s.english, f"`{name}`", pick(s[2], s[3])) for name, s in words.published.items())
    parts += [f"## {pick('Published states', '公布的状态')}", table(language, states)]
    parts.append(f"## {pick('Closed sets', '固定取值')}")
    for name, each in words.closed.items():
        parts += [f"### {pick(f'{each.english} · {each.chinese}', f'{each.chinese} · {each.english}')}"]
        parts += [f"`{name}` · {pick(*each.meaning)}", table(language, valued(language, each.values), value=True)]
    parts += [f"## {pick('Events', '事件')}", table(language, typed(language, words.event, "events"), value=True)]
    parts += [f"## {pick('Commands', '指令')}", table(language, typed(language, words.command, "commands"), value=True)]
    return "\n\n".join(parts) + "\n"


def of_trade(language: Language, words: Iterable[Word]) -> Iterator[Sequence[str]]:
    """Rows of words of the trade."""
    for word in words:
        identifier = f"`{word.identifier}`" if word.identifier else ""
        yield word.chinese, word.english, identifier, language.pick(word.meaning, word.chinese_meaning)


def valued(language: Language, values: Mapping[str, Term]) -> Iterator[Sequence[str]]:
    """Rows of the values of a closed set."""
    for value, term in values.items():
        yield f"`{value}`", term.chinese, language.pick(term.meaning, term.chinese_meaning)


def typed(language: Language, terms: Mapping[str, Term], folder: str) -> Iterator[Sequence[str]]:
    """Rows of events or commands, each with the link to its schema."""
    for kind, term in terms.items():
        schema = f"../contracts/schemas/{folder}/{kind}.json"
        yield f"[`{kind}`]({schema})", term.chinese, language.pick(term.meaning, term.chinese_meaning)


def table(language: Language, rows: Iterable[Sequence[str]], value: bool = False) -> str:
    """A table; `value`: its first column is what stands in JSON."""
    pick = language.pick
    named = (pick("Chinese", "中文"), pick("English", "英文"), pick("Identifier", "标识"))
    heads = (pick("Value", "取值"), pick("Chinese", "中文")) if value else named
    lines = ((*heads, pick("Meaning", "含义")), ("-",) * (len(heads) + 1), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def files() -> dict[Path, str]:
    """Both pages and what belongs in them."""
    suffixes = {Language.ENGLISH: ".md", Language.CHINESE: ".zh-CN.md"}
    return {DOCS / f"glossary{suffix}": page(language) for language, suffix in suffixes.items()}


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, "utf-8")
