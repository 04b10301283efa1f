"""What the fonts at hand can print: which family sets which typeface, and which characters none of them has."""

from collections.abc import Mapping
from functools import cache

import typst
from fontTools.ttLib import TTFont

from services.notices.documents.domain.content import Document, characters
from services.notices.documents.fonts import FAMILIES, Fonts

STANDING = frozenset(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-—．：。，（）〔〕年月日"
    "附件抄送印发签发人待签章待编号扫码或登录核验文号预览稿未编号未签发不作凭据"
)
"""What the templates print of themselves."""


@cache
def loaded(fonts: Fonts) -> typst.Fonts:
    """The font directories read once; all threads share it. The system's and the engine's own fonts stay out."""
    paths = [str(directory) for directory in fonts]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)


@cache
def typefaces(fonts: Fonts) -> Mapping[str, tuple[str, ...]]:
    """Typeface of the standard -> the families present that set it, in order; then any other for rare characters."""
    present = set(loaded(fonts).families())
    standard = [family for families in FAMILIES.values() for family in families]
    installed = tuple(dict.fromkeys(family for family in standard if family in present))
    return {
        typeface: tuple(dict.fromkeys([family for family in families if family in present] + list(installed)))
        for typeface, families in FAMILIES.items()
    }


def set_in(fonts: Fonts) -> dict[str, str | None]:
    """Typeface of the standard -> the family it is really set in, None when nothing at hand will do."""
    return {
        typeface: next((family for family in FAMILIES[typeface] if family in families), None)
        for typeface, families in typefaces(fonts).items()
    }


def missing_characters(document: Document, fonts: Fonts) -> str:
    """The characters of a document that no font at hand has, in code order; empty when it can be signed."""
    return "".join(sorted((characters(document) | STANDING) - _covered(fonts)))


@cache
def _covered(fonts: Fonts) -> frozenset[str]:
    """The union of the character maps of every family in use."""
    used = {family for families in typefaces(fonts).values() for family in families}
    files = {(face.path, face.index) for face in loaded(fonts).fonts() if face.family in used and face.path}
    return frozenset().union(*(_characters_of(path, index) for path, index in files))


@cache
def _characters_of(path: str, index: int) -> frozenset[str]:
    with TTFont(path, fontNumber=index, lazy=True) as font:
        font.setGlyphOrder(range(font["maxp"].numGlyphs))  # numbers will do: their names would cost all outlines
        return frozenset(map(chr, font.getBestCmap()))
