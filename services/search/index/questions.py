"""Questions to the index: the audience comes first, so no total, facet or hit tells more than the reader may see."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar, cast

import tantivy
from pydantic import TypeAdapter
from tantivy import DocAddress, Occur, Order, Query, Searcher

from contracts.queries.search import Hit, SearchFor, SearchResult
from services.search.domain.highlight import highlight, snippet
from services.search.domain.question import Phrase, Plan, parse, plans
from services.search.domain.record import Record, merged
from services.search.index.faults import Unreadable
from services.search.index.schema import FACETS, HEAD, HEAD_RECORD, RECORD, SCHEMA, SEARCHED, Head, text_of

ON_TOP = 1000.0
"""The weight of a whole number that is met: more than words can have."""

BUCKETS = 1000
"""Facet values counted at most: far more than boards, kinds and lights there are."""

T = TypeVar("T")


def search(searcher: Searcher, asked: SearchFor) -> SearchResult:
    """Total, facets and hits; without words the newest; `relaxed` where only fewer words match. R11.

    Picking a kind, board or light never relaxes the words: the facets show where the others are.
    """
    question, picked = parse(asked.text), _picked(asked)
    seen = _any_of("audience", asked.reader.places)
    strict, *looser = plans(question)
    plan = strict
    page = _page(searcher, _all([seen, _matching(plan), *picked.values()]), asked, newest_first=not question.phrases)
    if not _total(page) and not _matches(searcher, seen, strict):
        plan = next((less for less in looser if _matches(searcher, seen, less)), strict)
        page = _page(searcher, _all([seen, _matching(plan), *picked.values()]), asked, newest_first=False)
    return SearchResult(
        total=_total(page),
        hits=tuple(_hit(_stored(searcher, address, RECORD), plan) for _, address in page.hits),
        facets=_facets(searcher, [seen, _matching(plan)], picked),
        relaxed=plan is not strict,
    )


def record(searcher: Searcher, id: str) -> Record | None:
    """A record, whoever may see it."""
    return _by_id(searcher, id, RECORD)


def head(searcher: Searcher) -> Head | None:
    """What the index says of itself; None in a new one."""
    return _by_id(searcher, HEAD, HEAD_RECORD)


def with_units(searcher: Searcher, addresses: Iterable[str]) -> Iterator[str]:
    """The ids of the records with one of these units."""
    hits = searcher.search(_any_of("unit", addresses), max(searcher.num_docs, 1), count=False).hits
    return (_stored(searcher, address, RECORD).id for _, address in hits)


def _by_id(searcher: Searcher, id: str, adapter: TypeAdapter[T]) -> T | None:
    hits = searcher.search(Query.term_query(SCHEMA, "id", id, "basic"), 1, count=False).hits
    return _stored(searcher, hits[0][1], adapter) if hits else None


def _stored(searcher: Searcher, address: DocAddress, adapter: TypeAdapter[T]) -> T:
    """Raises Unreadable."""
    try:
        return adapter.validate_json(searcher.doc(address)["record"][0])
    except Exception as error:
        raise Unreadable from error


def _matching(plan: Plan) -> Query:
    """Phrases in any of the fields; a whole number on top of all. Signs without a word match nothing, no text all."""
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


def _matches(searcher: Searcher, seen: Query, plan: Plan) -> bool:
    return bool(searcher.search(_all([seen, _matching(plan)]), 1, count=False).hits)


def _total(page: tantivy.SearchResult) -> int:
    return cast("Any", page).count or 0


def _page(searcher: Searcher, query: Query, asked: SearchFor, *, newest_first: bool) -> tantivy.SearchResult:
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


def _hit(record: Record, plan: Plan) -> Hit:
    facts = merged(record)
    return Hit(
        id=record.id,
        kind=facts.kind,
        url=facts.url,
        number=facts.number,
        title=highlight(facts.title, plan.phrases),
        snippet=snippet(text_of(record), plan.phrases),
        units=tuple(unit.name for unit in facts.units),
        light=facts.light,
        board=facts.board,
        status=facts.status,
        time=facts.time,
    )
