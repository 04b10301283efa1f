"""The pages of `docs/` as HTML: CommonMark with tables, anchors on headings, links that lead within the portal."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from posixpath import join, normpath
from typing import Any
from urllib.parse import quote, urlsplit

from babel import negotiate_locale
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from contracts.glossary import Language
from services.portal.web.i18n import gettext as _

ROOT = Path(__file__).parents[3]
INDEX = "README"
SUFFIXES = {Language.CHINESE: ".zh-CN.md", Language.ENGLISH: ".md"}
RENDERED = {"contracts/openapi.json": "/docs/api", "contracts/schemas/events": "/docs/events"}
"""What a page links to in the repository, and the portal shows as a page of its own."""
FOLDERS = ("contracts", "examples")
TEXTS = {".json": "application/json", ".md": "text/plain", ".mjs": "text/plain", ".py": "text/plain"}
"""The files that are handed out as they are, by their suffix, and as what."""


@dataclass(frozen=True)
class Heading:
    """An entry of a table of contents."""

    level: int
    anchor: str
    text: str


@dataclass(frozen=True)
class Page:
    """One page in one language; `headings`: those of the second and third level."""

    name: str
    language: Language
    title: str
    html: Markup
    headings: tuple[Heading, ...]

    @property
    def address(self) -> str:
        """Where the portal shows it."""
        return address_of(self.name, self.language)


def page(name: str, language: Language) -> Page | None:
    """The page of that name; None where there is none."""
    return _page(name, language) if (name, language) in sources() else None


@cache
def sources() -> dict[tuple[str, Language], Path]:
    """The file of every page."""
    every = ((path, language) for language, suffix in SUFFIXES.items() for path in (ROOT / "docs").glob(f"*{suffix}"))
    names = ((path.name.removesuffix(SUFFIXES[language]), language, path) for path, language in every)
    return {(name, language): path for name, language, path in names if "." not in name}


@cache
def _page(name: str, language: Language) -> Page:
    return rendered(name, language, sources()[name, language].read_text("utf-8"))


def rendered(name: str, language: Language, text: str) -> Page:
    """A page from its text; the line under the title that leads to the other language is left to the portal."""
    tokens = parser().parse(text)
    title, body = (
        tokens[1].content,
        tokens[6:] if leads_to(tokens[4], f"{name}{SUFFIXES[language.other]}") else tokens[3:],
    )
    headings = tuple(each for each in anchored(body) if each.level in (2, 3))
    for link in links(body):
        link.attrSet("href", within_portal(str(link.attrGet("href")), language))
    html = parser().renderer.render(body, parser().options, {"language": language})
    return Page(name, language, title, Markup(html), headings)


def links(tokens: Iterable[Token]) -> Iterator[Token]:
    """Every link, in its order."""
    for token in tokens:
        yield from (child for child in token.children or () if child.type == "link_open")


def leads_to(paragraph: Token, file: str) -> bool:
    """Whether it links that file alone."""
    return [link.attrGet("href") for link in links([paragraph])] == [file]


@cache
def menu(language: Language) -> tuple[tuple[str, Page], ...]:
    """The pages that the index links, in its order, each under the name it has there."""
    index = page(INDEX, language)
    linked = re.findall(r'href="/docs/([a-z-]+)\?[^"]*">([^<]+)<', index.html) if index else []
    labels: dict[str, str] = {}
    for name, label in linked:
        labels.setdefault(name, label)
    every = ((label, page(name, language)) for name, label in labels.items())
    return tuple((label, each) for label, each in every if each)


@cache
def parser() -> MarkdownIt:
    """CommonMark with tables; HTML in a page is text."""
    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    made.add_render_rule("fence", fence)
    made.add_render_rule("table_open", table_open)
    made.add_render_rule("table_close", table_close)
    return made


def fence(renderer: object, tokens: Sequence[Token], at: int, options: object, env: object) -> str:
    """A block of code, which the keyboard scrolls."""
    return f'<pre tabindex="0"><code>{escape(tokens[at].content)}</code></pre>\n'


def table_open(renderer: object, tokens: object, at: int, options: object, env: Mapping[str, Any]) -> str:
    """A table in a region of its own, which the keyboard scrolls."""
    name = env["language"].pick("Table", _("表格"))
    return f'<div class="tw" tabindex="0" role="group" aria-label="{escape(name)}"><table>\n'


def table_close(*_: object) -> str:
    """The end of the table and of its region."""
    return "</table></div>\n"


def anchored(tokens: Sequence[Token]) -> Iterator[Heading]:
    """Give every heading its anchor, as the forges make them; a second one of the same text has a number."""
    taken: Counter[str] = Counter()
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            text = plain(tokens[at + 1])
            anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            taken[anchor] += 1
            anchor += f"-{taken[anchor] - 1}" if taken[anchor] > 1 else ""
            token.attrSet("id", anchor)
            yield Heading(int(token.tag[1]), anchor, text)


def plain(inline: Token) -> str:
    """The text of a heading without its marks."""
    return "".join(child.content for child in inline.children or ())


def within_portal(href: str, language: Language) -> str:
    """Where the portal shows what a page of `docs/` links to; another site and another heading stay what they are."""
    parts = urlsplit(href)
    if parts.scheme or not parts.path:
        return href
    path = normpath(join("docs", parts.path))
    fragment = f"#{quote(parts.fragment)}" if parts.fragment else ""
    if match := re.fullmatch(r"docs/([^/]+?)(\.zh-CN)?\.md", path):
        return address_of(match[1], Language.CHINESE if match[2] else Language.ENGLISH) + fragment
    folder, _, name = path.rpartition("/")
    if folder in RENDERED:
        return f"{RENDERED[folder]}/{name.removesuffix('.json')}{fragment}"
    return RENDERED.get(path, f"/docs/files/{quote(path)}") + fragment


def address_of(name: str, language: Language) -> str:
    """Where the portal shows a page."""
    return f"/docs{'' if name == INDEX else f'/{name}'}?lang={language}"


@cache
def files() -> dict[str, Path]:
    """The files that pages may link to and anybody may read, by their path in the repository."""
    inside = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in TEXTS)
    return {path.relative_to(ROOT).as_posix(): path for path in (*inside, *ROOT.glob("*.md"))}


def language_of(chosen: str, accepted: str) -> Language:
    """The language a reader chose, or else the first one that the browser accepts; Chinese where it says nothing."""
    if chosen in tuple(Language):
        return Language(chosen)
    preferred = [part.partition(";")[0].strip() for part in accepted.split(",")]
    return Language.ENGLISH if negotiate_locale(preferred, ("zh", "en"), sep="-") == "en" else Language.CHINESE
