"""Chinese text into words: one fold and one dictionary, so that what is indexed and what is asked meet."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import opencc
import rjieba

RECIPE = 2
TERMS = Path(__file__).parent / "data" / "terms.txt"

HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
BREAKS = r",;!?:|。、\n\r"
"""After folding: what ends a phrase. All other punctuation is passed over (“放管服”改革 reads 放管服改革)."""

_SOFT = rf"(?:[^\w{BREAKS}{HAN}]|_)"  # a Han character younger than Python's own tables is no letter to it
_HAN = re.compile(f"[{HAN}]")
_PASSED_OVER = re.compile(_SOFT)
_RUN = re.compile(rf"(?P<han>[{HAN}](?:{_SOFT}*+[{HAN}])*+)|(?P<other>[^\W_{HAN}]+)|[{BREAKS}]")


class Word(NamedTuple):
    """A word and the position of its first character; words that follow each other without a gap are a phrase."""

    text: str
    at: int


class Letters(NamedTuple):
    """The characters of a text that count, folded.

    `text` has a line feed for a break; `places[n]` is where its character n stands in the original; `others` are the
    spans of words that are no Han: each is whole or not at all.
    """

    text: str
    places: list[int]
    han: list[tuple[int, int]]
    others: set[tuple[int, int]]


@cache
def dictionary_version(terms: Path = TERMS) -> str:
    """Changes with the official terms, the cutter, the folding or the recipe; then everything is indexed anew."""
    parts = (RECIPE, version("rjieba"), version("opencc"), unicodedata.unidata_version, *official_terms(terms))
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]


def official_terms(path: Path = TERMS) -> tuple[str, ...]:
    """The words that are never cut apart, one a line; `#` begins a comment."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(filter(None, lines))


def fold(text: str) -> str:
    """Traditional to simplified, full width to half, capitals to small: character by character, length unchanged."""
    return text.translate(_folding())


def is_han(word: str) -> bool:
    """Whether a word is made of Han characters."""
    return bool(_HAN.match(word))


def letters(text: str) -> Letters:
    """What of a text is read; its length bounds that of every list in it."""
    read = Letters("", [], [], set())
    kept = []
    for match in _RUN.finditer(fold(text)):
        run, start, end, at = match.group(), *match.span(), len(read.places)
        if match.lastgroup is None:
            places: Sequence[int] = range(start, end)
            run = "\n"
        elif match.lastgroup == "other" or not _PASSED_OVER.search(run):
            places = range(start, end)
        else:
            places = [start + n for n, letter in enumerate(run) if not _PASSED_OVER.match(letter)]
            run = _PASSED_OVER.sub("", run)
        kept.append(run)
        read.places.extend(places)
        if match.lastgroup == "han":
            read.han.append((at, len(read.places)))
        elif match.lastgroup == "other":
            read.others.add((at, len(read.places)))
    return read._replace(text="".join(kept))


def scan(text: str) -> list[tuple[str, int]]:
    """Every dictionary word and every single character of a text to be indexed, with its position.

    A word cut out of context may differ from the same word cut within a sentence (省市场 → 省市 | 场); with all of
    them at their character positions, every part of a text is matched by a phrase.
    """
    read = letters(text)
    words = [(read.text[start:end], start) for start, end in sorted(read.others)]
    for start, end in read.han:
        words += _every_word(read.text[start:end], start)
    return words


def cut(text: str) -> list[Word]:
    """The fewest words that cover a text to be asked for, in order."""
    read = letters(text)
    words = [Word(read.text[start:end], start) for start, end in read.others]
    for start, end in read.han:
        for word in _jieba().cut(read.text[start:end], False):
            words.append(Word(word, start))
            start += len(word)
    return sorted(words, key=lambda word: word.at)


def _every_word(run: str, at: int) -> list[tuple[str, int]]:
    """Single characters, and dictionary words, which come by growing start and at one start by growing length."""
    words = list(zip(run, range(at, at + len(run)), strict=True))
    start = length = 0
    for word in _jieba().cut_all(run):
        if len(word) <= length or not run.startswith(word, start):
            start = run.index(word, start + 1)
        length = len(word)
        if length > 1:
            words.append((word, at + start))
    return words


@cache
def _jieba() -> rjieba.Jieba:
    jieba = rjieba.Jieba()
    for term in official_terms():
        jieba.add_word(fold(term), None, None)
    return jieba


@cache
def _folding() -> dict[int, str]:
    codes = [code for code in range(0x41, 0x30000) if not 0xD800 <= code <= 0xDFFF]
    folded = [chr(code) for code in codes]
    for form in (partial(unicodedata.normalize, "NFKC"), str.lower, opencc.OpenCC("t2s").convert):
        formed = form("\n".join(folded)).split("\n")
        folded = [new if len(new) == 1 else old for old, new in zip(folded, formed, strict=True)]
    table = {code: new for code, new in zip(codes, folded, strict=True) if chr(code) != new}
    return table | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
