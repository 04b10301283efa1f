"""The template of all catalogues: `python -m services.portal.site.catalogue` writes it."""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from contracts.labels import NOTICE_KIND_NAMES

PORTAL = Path(__file__).parents[1]
TEMPLATE = PORTAL / "locale/portal.pot"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}


def messages() -> Iterator[tuple[str, int, str]]:
    """Every string that is shown, with its file and line."""
    extracted = extract_from_dir(str(PORTAL), METHODS, keywords=KEYWORDS)
    for file, line, text, _, _ in sorted(extracted, key=lambda each: (each[0], each[1])):
        yield file, line, text[0] if isinstance(text, tuple) else text
    for name in NOTICE_KIND_NAMES.values():
        yield "web/labels.py", 0, name


def template() -> bytes:
    """Every msgid with the files it stands in."""
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
