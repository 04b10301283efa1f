"""How officials write one name in several ways, reduced to one."""

import re
import unicodedata

PARTY = ("中国共产党", "中共")
SEATS = ("人民政府", "政府", "管理委员会", "管委会", "办事处")
"""What follows the name of a place in the name of its government (longer forms first)."""

_SHORTER = (("委员会", "委"), ("办公室", "办"), ("人民政府", "政府"), ("监督管理", "监管"), ("和", ""))


def clean(text: str) -> str:
    """Return one name in half-width form, without spaces and without the party's prefix."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    for prefix in PARTY:
        plain = plain.removeprefix(prefix)
    return plain


def canonical(tail: str) -> str:
    """Reduce the part after the place: 发展和改革委员会, 发展改革委员会 and 发展改革委 are one."""
    for long, short in _SHORTER:
        tail = tail.replace(long, short)
    return tail


def place_of(form: str) -> str:
    """Return the place in the name of its government: 太原市人民政府 → 太原市."""
    for seat in SEATS:
        if form.endswith(seat) and len(form) > len(seat) + 1:
            return form.removesuffix(seat)
    return form
