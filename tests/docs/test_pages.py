"""Readers are Chinese and English: both read the same headings, links and code, and every link leads somewhere."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from contracts.glossary import Language
from services.portal.site import handbook
from tests.docs.pages import CHINESE, ROOT, Pair, blocks, codes, levels, pairs, targets, written

PAIRS = pytest.mark.parametrize("pair", pairs(), ids=lambda pair: pair.title)


def twin(target: str) -> str:
    """A target without what only tells the language."""
    return target.partition("#")[0].replace(CHINESE, ".md")


@PAIRS
def test_every_page_exists_in_both_languages_and_each_leads_to_the_other(pair: Pair):
    for here, there in (pair, reversed(pair)):
        first = here.read_text("utf-8").splitlines()[:4]
        assert any(f"]({there.name})" in line for line in first), f"{here.name} does not link {there.name} at its top"


@PAIRS
def test_both_languages_have_the_same_headings(pair: Pair):
    assert levels(pair.english) == levels(pair.chinese)


@PAIRS
def test_both_languages_have_the_same_blocks_of_code(pair: Pair):
    assert blocks(pair.english) == blocks(pair.chinese)


@PAIRS
def test_both_languages_have_the_same_code_in_their_sentences(pair: Pair):
    assert codes(pair.english) == codes(pair.chinese)


@PAIRS
def test_both_languages_link_the_same(pair: Pair):
    assert sorted(map(twin, targets(pair.english))) == sorted(map(twin, targets(pair.chinese)))


@pytest.mark.parametrize("path", written(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path):
    for target in targets(path):
        parts = urlsplit(target)
        there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        assert parts.scheme or there.exists(), target
        if parts.fragment and not parts.scheme:
            assert unquote(parts.fragment) in anchors(there), target


@pytest.mark.parametrize("path", written(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_is_in_its_language_and_leads_to_pages_in_it(path: Path):
    chinese = path.name.endswith(CHINESE)
    prose = re.sub(r"```.*?```|`[^`]*`|\([^)]*\)", "", path.read_text("utf-8"), flags=re.S)
    assert (len(re.findall("[\u4e00-\u9fff]", prose)) > len(re.findall(r"\b[A-Za-z]{2,}", prose))) == chinese
    for target in targets(path):
        page = path.parent / twin(target)
        if page.suffix == ".md" and page.resolve() != path.parent / twin(path.name):
            assert not page.with_name(page.stem + CHINESE).exists() or (CHINESE in target) == chinese, target


@pytest.mark.parametrize("language", Language)
def test_the_index_leads_to_every_page(language: Language):
    linked = [page.name for _, page in handbook.menu(language)]
    assert linked[:1] == ["county"] and len(linked) == len(set(linked)), "newcomers first, each once"
    assert set(linked) == {pair.english.stem for pair in pairs() if pair.english.parent.name == "docs"} - {
        handbook.INDEX
    }


def anchors(path: Path) -> set[str]:
    """The anchors of a page, as the portal and the forges make them."""
    return {each.anchor for each in handbook.anchored(handbook.parser().parse(path.read_text("utf-8")))}
