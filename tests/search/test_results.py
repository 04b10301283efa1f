"""What a search returns: every part of a title, numbers on top, nothing the reader may not see. R11, P14."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.offices import Reader
from contracts.queries.search import SearchFor, SearchResult
from services.search import words
from services.search.domain.record import Change
from services.search.index import Index
from tests.search.builders import at, put
from tests.story.province import OFFICE

SEES = at(OFFICE)
DAY = datetime(2026, 11, 23, tzinfo=UTC)


def ask(index: Index, text: str = "", reader: Reader = SEES, **more: object) -> SearchResult:
    return index.search(SearchFor.model_validate({"text": text, "reader": reader, "limit": 100, **more}))


def ids(result: SearchResult) -> list[str]:
    return [hit.id for hit in result.hits]


def test_every_part_of_a_title_finds_it_and_marks_it(sample: Index, ledger: list[Change]):
    for change in ledger:
        for run in re.findall(f"[{words.HAN}]{{2,}}", change.facts.title):
            for start in range(len(run) - 1):
                for end in range(start + 2, min(len(run), start + 6) + 1):
                    result = ask(sample, run[start:end])
                    assert change.id in ids(result), run[start:end]
                    assert not result.relaxed
                    hit = next(hit for hit in result.hits if hit.id == change.id)
                    assert "".join(piece.text for piece in hit.title) == change.facts.title
                    assert any(piece.hit for piece in hit.title)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("高铁沿线", {"5", "6", "7", "8"}),
        ("危树", {"6"}),
        ("放管服改革", {"9"}),
        ("“放管服”", {"9"}),
        ("增減掛鉤", {"11"}),
        ("減挂钩", {"11"}),
        ("高铁 危树", {"6"}),
        ("太忻大道", {"16"}),
        ("4.3米焦炉", {"19"}),
        ("空壳村", {"14"}),
        ("用地指标 襄汾", {"2"}),
        ("省能源局", {"4"}),
        ("１３０６株", {"6"}),
    ],
)
def test_the_sample_ledger_answers(sample: Index, asked: str, expected: set[str]):
    result = ask(sample, asked)
    assert {id.removeprefix("task/") for id in ids(result)} == expected
    assert result.total == len(expected)


@pytest.mark.parametrize("asked", ["示督〔2026〕3号", "示督[2026]3号", "示督（2026）第03號"])
def test_a_document_number_stands_on_top(index: Index, ledger: list[Change], asked: str):
    index.apply(ledger)
    index.apply(
        [
            put(f"notice/{n}", 1, kind="notice", title="示督〔2026〕3号 示督〔2026〕3号", audience=(OFFICE,))
            for n in range(1, 4)
        ]
    )
    assert ids(ask(index, asked))[0] == "task/3"


def test_nothing_found_relaxes_to_fewer_words_and_says_so(sample: Index):
    result = ask(sample, "危树清理 光伏")
    assert result.relaxed
    assert ids(result)[0] == "task/6"
    assert any(piece.hit for piece in result.hits[0].title)


def test_words_in_another_order_are_found_by_relaxing(sample: Index):
    result = ask(sample, "整治沿线高铁")
    assert result.relaxed
    assert set(ids(result)) == {"task/5", "task/6", "task/7", "task/8"}


def test_what_is_nowhere_is_not_found_and_not_called_relaxed(sample: Index):
    result = ask(sample, "𠀀䶮")
    assert (result.total, result.hits, result.relaxed) == (0, (), False)


def test_an_empty_question_shows_the_newest_first(sample: Index):
    assert ids(ask(sample, limit=3)) == ["task/22", "task/21", "task/20"]
    assert ids(ask(sample, " ", limit=2, offset=3)) == ["task/19", "task/18"]


def test_signs_without_a_word_find_nothing(sample: Index):
    assert ids(ask(sample, "？！")) == ids(ask(sample, "🚀")) == []


def test_picking_a_value_keeps_the_other_values_in_sight(index: Index, ledger: list[Change]):
    index.apply(ledger)
    lights = {"task/5": "overdue", "task/6": "normal", "task/7": "normal"}
    index.apply([put(id, 1, "light", light=light) for id, light in lights.items()])
    result = ask(index, "高铁沿线", light="normal")
    assert set(ids(result)) == {"task/6", "task/7"}
    assert result.facets == {"kind": {"task": 2}, "board": {"重点工作": 2}, "light": {"overdue": 1, "normal": 2}}
    assert ask(index, "高铁沿线", light="stalled").relaxed is False
    assert ask(index, "高铁沿线", kinds=["notice"]).total == 0
    assert ask(index, "高铁沿线", kinds=["notice", "task"], board="重点工作").total == 4


SECRET = "关于某单位的未公开督办事项"
FACETS = {"kind": {"task": 1}, "board": {"daily": 1}, "light": {"overdue": 1}}
NO_FACETS: dict[str, dict[str, int]] = {"kind": {}, "board": {}, "light": {}}
AUDIENCE = ("14.10.02.000.fgw", OFFICE, "14.05.00.000.all")
READERS = {
    "the unit itself": ("14.10.02.000.fgw", True),
    "the office": (OFFICE, True),
    "one who also sees what is for all below his city": ("14.05.00.000.all", True),
    "a sister unit": ("14.10.02.000.jyt", False),
    "the same department next door": ("14.10.03.000.fgw", False),
    "the government of the county": ("14.10.02.000.gov", False),
    "a place that is the beginning of one of the audience": ("14.10.02", False),
    "a place of which one of the audience is the beginning": ("14.10.02.000.fgwx", False),
    "another province": ("51.10.02.000.fgw", False),
    "one who types a star": ("*", False),
    "one who types nothing": ("", False),
}


@pytest.mark.parametrize("who", READERS)
def test_hits_totals_and_facets_show_only_what_the_reader_may_see(index: Index, who: str):
    place, may = READERS[who]
    reader = at(place, "14.99.99.000.gov")
    secret = put("task/1", 1, kind="task", title=SECRET, number="密督〔2026〕1号", board="daily", audience=AUDIENCE)
    index.apply([secret, put("task/1", 1, "light", light="overdue")])
    assert reader.sees(AUDIENCE) is may
    for text in ("", "督办", SECRET, "密督〔2026〕1号", "未公开 别的词"):
        result = ask(index, text, reader)
        assert (result.total, len(result.hits), result.facets) == (int(may), int(may), FACETS if may else NO_FACETS)
        assert may or not result.relaxed
    assert ask(index, "督办", reader, light="overdue").total == int(may)
    assert ask(index, "督办", reader, light="normal").facets["light"] == ({"overdue": 1} if may else {})


def test_a_reader_without_places_sees_nothing(index: Index):
    index.apply([put("task/1", 1, title="题", audience=AUDIENCE), put("task/2", 1, title="题", audience=())])
    assert ask(index, "题", Reader()).total == ask(index, "", Reader()).total == 0


def test_a_narrowed_audience_hides_at_once(index: Index):
    reader = at("14.10.02.000.fgw")
    index.apply([put("task/1", 1, title="题", audience=AUDIENCE)])
    assert ask(index, "题", reader).total == 1
    index.apply([put("task/1", 2, title="题", audience=(OFFICE,))])
    assert ask(index, "题", reader).total == 0


places = st.sampled_from(["14.10.02.000.fgw", "14.10.02.000.bgt", "14.10.00.000.bgt", "14.10.00.000.all"])
audiences = st.lists(st.tuples(st.sets(places, max_size=2), st.sampled_from(["task", "notice"])), max_size=8)


@settings(max_examples=25)
@given(audiences, st.frozensets(places, max_size=2))
def test_totals_facets_and_pages_agree_for_any_audience(
    tmp_path_factory: pytest.TempPathFactory, things: list[tuple[set[str], str]], own: frozenset[str]
):
    index, reader = Index.open(tmp_path_factory.mktemp("audiences")), Reader(places=own)
    index.apply(
        [
            put(f"task/{n}", 1, kind=kind, title=f"督办{n}", time=DAY + timedelta(hours=n), audience=tuple(seen_by))
            for n, (seen_by, kind) in enumerate(things)
        ]
    )
    seen = [n for n, (audience, _) in enumerate(things) if reader.sees(tuple(audience))]
    result = ask(index, "督办", reader)
    pages = [ids(ask(index, "督办", reader, limit=2, offset=offset)) for offset in range(0, len(seen), 2)]
    index.close()
    assert result.total == sum(result.facets["kind"].values()) == len(seen)
    assert {f"task/{n}" for n in seen} == set(ids(result))
    assert sorted(id for page in pages for id in page) == sorted(ids(result))


HOSTILE = [
    'title:督办 AND (text:* OR "',
    "+督办 -办结 ^5 ~2 /.*/ [a TO z} {!lucene}",
    '"""',
    "((((((((((",
    "督" * 400,
    "督办 " * 133,
    "a" * 400,
    "\x00\x01\x02督办\x7f",
    "\u202e\u200b督\ufeff办",
    "\ud800督办",
    "'; drop table task; --",
    "<script>alert(1)</script>",
    "%_\\",
    "😀🇨🇳",
    "。。。、、、",
    "e\u0301" * 100,
    "head",
    "*",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_questions_are_only_words(sample: Index, text: str):
    asked = SearchFor.model_construct(
        text=text, reader=SEES, kinds=(text,), board=text, light=text, limit=100, offset=10_000
    )
    assert sample.search(asked).total == 0
    asked = SearchFor.model_construct(text=text, reader=Reader.model_construct(places=frozenset({text})))
    assert sample.search(asked).total == 0


@given(st.text(st.characters(), max_size=400))
def test_any_text_is_answered(sample: Index, text: str):
    result = sample.search(SearchFor.model_construct(text=text, reader=SEES))
    assert 0 <= len(result.hits) <= max(result.total, 0)
