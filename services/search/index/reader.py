"""Questions to the index: the scope comes first, so that no total, facet or hit tells more than the reader may see."""

from collections.abc import Iterable
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter
from tantivy import DocAddress, Occur, Order, Query, Searcher, SearchResult

from contracts.queries.search import Hit, SearchFor, SearchResult
from services.search.domain import Entry, Known, Plan, highlight, plans, read, scope_tokens, snippet
from services.search.domain.question import Phrase
from services.search.index.schema import FACETS, HEAD, HEAD_RECORD, KNOWN, SCHEMA, SEARCHED, Head

ON_TOP = 1000.0
"""The weight of a whole number that is met: more than words can have."""

BUCKETS = 1000
"""Facet values counted at most: far more than boards, kinds and lights there are."""

Record = TypeVar("Record")


def search(searcher: Searcher, asked: SearchFor) -> SearchResult:
    """Total, facets and hits; without words the newest; `relaxed` where only fewer words find something. R11.

    Picking a kind, board or light never relaxes the words: the facets show where the others are."""
    question, picked = read(asked.text), _picked(asked)
    seen = _any_of("audience", scope_tokens(asked.scope))
    strict, *looser = plans(question)
    plan = strict
    result = _page(searcher, _all([seen, _matching(plan), *picked.values()]), asked, newest_first=not question.phrases)
    if not _total(result) and not _finds(searcher, seen, strict):
        plan = next((less for less in looser if _finds(searcher, seen, less)), strict)
        result = _page(searcher, _all([seen, _matching(plan), *picked.values()]), asked, newest_first=False)
    return SearchResult(
        total=_total(result),
        hits=tuple(_hit(_record(searcher, address, KNOWN).entry, plan) for _, address in result.hits),
        facets=_facets(searcher, [seen, _matching(plan)], picked),
        relaxed=plan is not strict,
    )


def known(searcher: Searcher, id: str) -> Known | None:
    """What the index knows of an entry, whoever may see it."""
    return _by_id(searcher, id, KNOWN)


def head(searcher: Searcher) -> Head | None:
    """What the index says of itself; none in a new one."""
    return _by_id(searcher, HEAD, HEAD_RECORD)


def _by_id(searcher: Searcher, id: str, record: TypeAdapter[Record]) -> Record | None:
    hits = searcher.search(Query.term_query(SCHEMA, "id", id, "basic"), 1, count=False).hits
    return _record(searcher, hits[0][1], record) if hits else None


def _record(searcher: Searcher, address: DocAddress, record: TypeAdapter[Record]) -> Record:
    return record.validate_json(searcher.doc(address)["record"][0])


def _matching(plan: Plan) -> Query:
    """Phrases in any of the fields; a whole number on top of all. Signs without a word find nothing, no text all."""
    if not plan.phrases and plan.number:
        return Query.boolean_query([])
    if not plan.phrases:
        return Query.const_score_query(Query.all_query(), 0.0)
    occur = Occur.Must if plan.every else Occur.Should
    words = Query.boolean_query([(occur, _phrase_anywhere(phrase)) for phrase in plan.phrases])
    if not plan.number:
        return words
    exact = Query.const_score_query(Query.term_query(SCHEMA, "exact_number", plan.number, "basic"), ON_TOP)
    return Query.boolean_query([(Occur.Should, exact), (Occur.Should, words)])


def _phrase_anywhere(phrase: Phrase) -> Query:
    return Query.boolean_query(
        [(Occur.Should, Query.boost_query(_phrase(field, phrase), weight)) for field, weight in SEARCHED.items()]
    )


def _phrase(field: str, phrase: Phrase) -> Query:
    if len(phrase) == 1:
        return Query.term_query(SCHEMA, field, phrase[0].text)
    return Query.phrase_query(SCHEMA, field, [(word.at, word.text) for word in phrase])


def _picked(asked: SearchFor) -> dict[str, Query]:
    """The filters the reader chose, by facet."""
    chosen = {"kind": asked.kinds, "board": (asked.board,), "light": (asked.light,)}
    return {facet: _any_of(facet, values) for facet, values in chosen.items() if any(values)}


def _any_of(field: str, values: Iterable[str]) -> Query:
    """Documents with one of these values; none for no values, or for what is no text. Adds nothing to the score."""
    clean = sorted({value.encode(errors="replace").decode() for value in values})
    terms = [(Occur.Should, Query.term_query(SCHEMA, field, value, "basic")) for value in clean]
    return Query.const_score_query(Query.boolean_query(terms), 0.0)


def _all(queries: list[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _finds(searcher: Searcher, seen: Query, plan: Plan) -> bool:
    return bool(searcher.search(_all([seen, _matching(plan)]), 1, count=False).hits)


def _total(result: SearchResult) -> int:
    return cast("Any", result).count or 0


def _page(searcher: Searcher, query: Query, asked: SearchFor, *, newest_first: bool) -> SearchResult:
    order = "time" if newest_first else None
    return searcher.search(query, asked.limit, offset=asked.offset, order_by_field=order, order=Order.Desc)


def _facets(searcher: Searcher, base: list[Query], picked: dict[str, Query]) -> dict[str, dict[str, int]]:
    """Counts by facet; one that was picked is counted as if it were not, so that its other values can be chosen."""
    unpicked = [facet for facet in FACETS if facet not in picked]
    facets = _counts(searcher, _all([*base, *picked.values()]), unpicked) if unpicked else {}
    for facet in picked:
        others = [query for name, query in picked.items() if name != facet]
        facets |= _counts(searcher, _all([*base, *others]), [facet])
    return {facet: facets[facet] for facet in FACETS}


def _counts(searcher: Searcher, query: Query, facets: list[str]) -> dict[str, dict[str, int]]:
    counted = searcher.aggregate(query, {facet: {"terms": {"field": facet, "size": BUCKETS}} for facet in facets})
    return {facet: {each["key"]: each["doc_count"] for each in counted[facet]["buckets"]} for facet in facets}


def _hit(entry: Entry, plan: Plan) -> Hit:
    return Hit(
        id=entry.id,
        kind=entry.kind,
        url=entry.url,
        number=entry.number,
        title=highlight(entry.title, plan.phrases),
        snippet=snippet(entry.text, plan.phrases),
        units=entry.units,
        light=entry.light,
        board=entry.board,
        status=entry.status,
        time=entry.time,
    )
