"""The portal's language: Chinese is the source, every string a msgid; a catalogue of another language comes beside."""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po
from babel.support import NullTranslations

HERE = Path(__file__).parent
TEMPLATE = HERE / "locale/portal.pot"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}

translations = NullTranslations()


def gettext(text: str) -> str:
    """A string in the reader's language."""
    return translations.gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """A string that counts something, in the reader's language."""
    return translations.ngettext(one, many, count)


def N_(text: str) -> str:  # noqa: N802
    """Mark a string that is translated later, where it is shown."""
    return text


def messages() -> Iterator[tuple[str, int, str]]:
    """Every string that is shown, with its file and line."""
    found = extract_from_dir(str(HERE), METHODS, keywords=KEYWORDS)
    for file, line, text, _, _ in sorted(found, key=lambda each: (each[0], each[1])):
        yield file, line, text[0] if isinstance(text, tuple) else text


def template() -> bytes:
    """The template of all catalogues: every msgid with the files it stands in."""
    catalog = Catalog(project="duban", charset="utf-8")
    for file, _, text in messages():
        catalog.add(text, locations=[(file, 0)])
    written = BytesIO()
    write_po(written, catalog, omit_header=True, include_lineno=False, width=0, sort_output=True)
    return written.getvalue()


def untranslatable(source: str) -> list[str]:
    """Chinese in a template that no catalogue could replace."""
    bare = re.sub(r"\{#.*?#\}|_\((\"[^\"]*\"|'[^']*')|\{%\s*trans.*?endtrans\s*%\}", "", source, flags=re.S)
    return re.findall(r"[^\n<>]*[\u4e00-\u9fff][^\n<>]*", bare)


if __name__ == "__main__":
    TEMPLATE.write_bytes(template())
    sys.stdout.write(f"{TEMPLATE}\n")
