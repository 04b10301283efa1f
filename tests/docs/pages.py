"""The pages for readers as a test takes them apart: headings, code, links."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
CHINESE = ".zh-CN.md"
PARSER = MarkdownIt("commonmark").enable("table")


class Pair(NamedTuple):
    """One page in both languages."""

    english: Path
    chinese: Path

    @property
    def title(self) -> str:
        return str(self.english.relative_to(ROOT))


def written() -> list[Path]:
    """Every page there is."""
    return sorted([*(ROOT / "docs").glob("*.md"), *ROOT.glob("README*.md")])


def pairs() -> list[Pair]:
    """Every page in both languages; one of the two may be missing."""
    stems = sorted({str(path).removesuffix(CHINESE).removesuffix(".md") for path in written()})
    return [Pair(Path(f"{stem}.md"), Path(stem + CHINESE)) for stem in stems]


def blocks(path: Path) -> list[tuple[str, str]]:
    """Each block of code with the language it names."""
    return [(token.info, token.content) for token in tokens(path) if token.type in ("fence", "code_block")]


def levels(path: Path) -> list[str]:
    """The headings, by their level alone."""
    return [token.tag for token in tokens(path) if token.type == "heading_open"]


def codes(path: Path) -> set[str]:
    """Everything that is written as code inside a sentence."""
    return {token.content for token in inlines(path) if token.type == "code_inline"}


def targets(path: Path) -> list[str]:
    """What is linked or pictured, with its fragment."""
    kinds = {"link_open": "href", "image": "src"}
    return [str(token.attrGet(kinds[token.type])) for token in inlines(path) if token.type in kinds]


def rows(path: Path) -> list[list[str]]:
    """The rows of all tables."""
    lines = [line for line in path.read_text("utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def commands(path: Path) -> Iterator[str]:
    """Every command line that begins with `duban`, in blocks and in sentences."""
    texts = [line for _, block in blocks(path) for line in block.splitlines()]
    for text in [*texts, *codes(path)]:
        if match := re.match(r"(?:\.venv/bin/|TOKEN=\$\(\.venv/bin/)?duban (.+?)\)?$", text.strip()):
            yield match[1]


def inlines(path: Path) -> Iterator[Token]:
    for token in tokens(path):
        yield from token.children or ()


def tokens(path: Path) -> list[Token]:
    return PARSER.parse(path.read_text("utf-8"))
