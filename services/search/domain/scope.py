"""Who may see what, as tokens: an entry is seen when its audience and the reader's scope share one. R11, P14."""

from collections.abc import Iterable

from contracts.queries import Scope

EVERYTHING = "*"
AT, WITHIN = "at:", "in:"


def audience_tokens(audience: Iterable[str]) -> set[str]:
    """The tokens an entry carries: each place as it is, and every region it lies within."""
    tokens = {EVERYTHING}
    for place in audience:
        tokens.add(AT + place)
        tokens.update(WITHIN + prefix for prefix in _prefixes(place))
    return tokens


def scope_tokens(scope: Scope) -> set[str]:
    """The tokens a reader sees: what is addressed to a unit, or to a region around it, or to all below one of its
    superiors (`14.00.00.000.all`); for a region all of this, and whatever is addressed within it.

    Prefixes are literal: `14.10` covers `14.10.02.000.gov`, `14.10.00` does not."""
    if scope.all:
        return {EVERYTHING}
    tokens = {WITHIN + region for region in scope.regions}
    for place in (*scope.units, *scope.regions):
        tokens.update(AT + seen for seen in _prefixes(place) | _everyone_above(place))
    return tokens


def _prefixes(place: str) -> set[str]:
    parts = place.split(".")
    return {".".join(parts[:n]) for n in range(1, len(parts) + 1)}


def _everyone_above(place: str) -> set[str]:
    regions = place.split(".")[:4]
    empty = ("00", "00", "00", "000")
    return {".".join((*regions[:n], *empty[n:], "all")) for n in range(1, len(regions) + 1)}
