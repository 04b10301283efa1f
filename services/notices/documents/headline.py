"""Breaking a title into centred lines: whole words, and the shape of a trapezoid or a rhombus (GB/T 9704 7.3.1)."""

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from math import ceil

import rjieba

WIDEST = 21
"""二号 characters in the 156 mm of the type area."""
ONE_LINE = 20
SHORTEST = 4
STEP = 3
CLOSES = frozenset("的、，。；：！？）》〉”’】〕％%+")
OPENS = frozenset("（《〈“‘【〔")
PAIRS = (("“", "”"), ("（", "）"), ("《", "》"))

Lines = tuple[str, ...]


def headline(title: str) -> Lines:
    """The lines of a title, each at most 21 二号 characters wide, no word cut and no two neighbours equally long.

    Pure: the same title always breaks alike. Titles broken by hand (`title_lines`) do not come here.
    """
    if _width(title) <= ONE_LINE:
        return (title,)
    pieces = _pieces(title)
    for count in range(max(2, ceil(_width(title) / WIDEST)), len(pieces) + 1):
        broken = list(_ways(pieces, count))
        if broken:
            return min(broken + list(_ways(pieces, count + 1)), key=_ugliness)
    return tuple(pieces)


@lru_cache(16_384)
def _width(text: str) -> float:
    return sum(1.0 if unicodedata.east_asian_width(character) in "WFA" else 0.5 for character in text)


def _pieces(title: str) -> list[str]:
    """Words that stay whole: particles and closing marks cling to the left, opening marks to the right."""
    pieces: list[str] = []
    for word in _dictionary().cut(title):
        clings = pieces and (word[0] in CLOSES or pieces[-1][-1] in OPENS or _one_run(pieces[-1], word))
        if clings and _width(pieces[-1] + word) <= WIDEST:
            pieces[-1] += word
        else:
            pieces.extend(_slices(word))
    return pieces


@cache
def _dictionary() -> rjieba.Jieba:
    return rjieba.Jieba()


def _one_run(left: str, right: str) -> bool:
    """A number with its measure (2026年), or Latin letters that touch."""
    return left[-1].isascii() and left[-1].isalnum() and (right[0].isascii() or len(right) == 1)


def _slices(word: str) -> Iterator[str]:
    while _width(word) > WIDEST:
        yield word[:WIDEST]
        word = word[WIDEST:]
    yield word


def _ways(pieces: list[str], count: int) -> Iterator[Lines]:
    """Every way to set the pieces in exactly this many lines that fit."""
    if count == 1:
        if pieces and _width("".join(pieces)) <= WIDEST:
            yield ("".join(pieces),)
        return
    line = ""
    for index, piece in enumerate(pieces[: len(pieces) - count + 1], 1):
        line += piece
        if _width(line) > WIDEST:
            return
        if _width("".join(pieces[index:])) <= WIDEST * (count - 1):
            for rest in _ways(pieces[index:], count - 1):
                yield (line, *rest)


def _ugliness(lines: Lines) -> float:
    """Rectangles and hourglasses worst, then stubs, an extra line, a torn quotation, uneven steps."""
    widths = [_width(line) for line in lines]
    steps = [right - left for left, right in pairwise(widths)]
    rises = [step > 0 for step in steps]
    hourglass = any(not first and second for first, second in pairwise(rises))
    rectangle = any(step == 0 for step in steps)
    stubs = sum(width < SHORTEST for width in widths)
    torn = sum(any(line.count(opens) > line.count(closes) for opens, closes in PAIRS) for line in lines)
    names_first = any(line.startswith("关于") for line in lines[1:])
    uneven = sum(abs(abs(step) - STEP) for step in steps)
    return 100 * (hourglass or rectangle) + 30 * stubs + 12 * len(lines) + 8 * torn - 6 * names_first + uneven
