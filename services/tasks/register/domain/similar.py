"""Which names of the register a misspelt one is near to."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from contracts.units import UnitAddress

_CANDIDATES = 20
_NEAR = 0.5


@dataclass(frozen=True)
class Names:
    """Names by their pairs of neighbouring characters, so that only likely ones are compared in full."""

    names: list[tuple[str, UnitAddress]] = field(default_factory=list)
    pairs: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, names: Iterable[tuple[str, UnitAddress]]) -> "Names":
        """Take the names in order of preference: the earlier wins a tie."""
        table = cls()
        for name, address in names:
            for pair in _pairs(name):
                table.pairs[pair].append(len(table.names))
            table.names.append((name, address))
        return table

    def near(self, text: str, limit: int) -> list[UnitAddress]:
        """Return up to `limit` units by decreasing likeness (difflib ratio, at least 0.5)."""
        shared = Counter(index for pair in _pairs(text) for index in self.pairs.get(pair, ()))
        likely = sorted(shared, key=lambda index: (-shared[index] / (len(self.names[index][0]) + len(text)), index))
        matcher = SequenceMatcher(None, "", text, autojunk=False)
        ranked = []
        for index in likely[:_CANDIDATES]:
            matcher.set_seq1(self.names[index][0])
            if matcher.ratio() >= _NEAR:
                ranked.append((-matcher.ratio(), index))
        return list(dict.fromkeys(self.names[index][1] for _, index in sorted(ranked)))[:limit]


def _pairs(text: str) -> set[str]:
    return {text[start : start + 2] for start in range(len(text) - 1)}
