"""Where the phrases stand in a text: marked pieces, never HTML."""

from collections.abc import Iterable, Iterator

from contracts.queries.search import Segment
from services.search import words
from services.search.domain.question import Phrase

LEAD = 12
"""Characters of a snippet before its first mark."""

Span = tuple[int, int]


def highlight(text: str, phrases: Iterable[Phrase]) -> tuple[Segment, ...]:
    """The whole text in pieces; joined they are the text."""
    return _segments(text, _marks(text, tuple(phrases)))


def snippet(text: str, phrases: Iterable[Phrase], width: int = 100) -> tuple[Segment, ...]:
    """About `width` characters around the most marks, white space made single, an ellipsis where the text goes on."""
    text = " ".join(text.split())
    spans = _marks(text, tuple(phrases))
    start = _densest(spans, len(text), width)
    end = min(len(text), start + width)
    within = [(max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start]
    pieces = _segments(text[start:end], within)
    before = (Segment(text="…"),) if start else ()
    after = (Segment(text="…"),) if end < len(text) else ()
    return before + pieces + after


def _marks(text: str, phrases: tuple[Phrase, ...]) -> list[Span]:
    """Spans of all phrases, where the index finds them too; those that touch are joined."""
    read = words.letters(text)
    joined: list[Span] = []
    for start, end in sorted(span for phrase in phrases for span in _spans(phrase, read)):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _spans(phrase: Phrase, read: words.Letters) -> Iterator[Span]:
    """The words of a phrase leave no gap between them; a word that is no Han is met only whole."""
    sought = "".join(word.text for word in phrase)
    whole = [(word.at, word.at + len(word.text)) for word in phrase if not words.is_han(word.text)]
    at = read.text.find(sought)
    while at >= 0:
        if all((at + start, at + end) in read.others for start, end in whole):
            yield read.places[at], read.places[at + len(sought) - 1] + 1
        at = read.text.find(sought, at + 1)


def _densest(spans: list[Span], length: int, width: int) -> int:
    """Where a window of `width` begins that holds the most marked characters, a little before the first."""

    def marked(begin: int) -> int:
        return sum(max(0, min(b, begin + width) - max(a, begin)) for a, b in spans)

    begins = (max(0, min(start - LEAD, length - width)) for start, _ in spans)
    return max(begins, key=marked, default=0)


def _segments(text: str, spans: list[Span]) -> tuple[Segment, ...]:
    pieces, at = [], 0
    for start, end in spans:
        pieces += [Segment(text=text[at:start]), Segment(text=text[start:end], hit=True)]
        at = end
    pieces.append(Segment(text=text[at:]))
    return tuple(piece for piece in pieces if piece.text)
