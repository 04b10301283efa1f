"""The documentation in the portal: pages in the reader's language, references, files, and nothing else."""

import re

import pytest

from contracts.catalogue import event_classes
from contracts.glossary import Language
from services.portal.site import handbook
from services.portal.site.event_reference import event_pages

ENGLISH, CHINESE = {"Accept-Language": "en-GB,en;q=0.9"}, {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}


async def test_a_page_comes_in_the_language_of_the_browser_unless_the_reader_chose_one(visit):
    someone = await visit("ducha")
    heading = {"zh-CN": '<h1 lang="zh-CN">数据契约</h1>', "en": '<h1 lang="en">Contracts</h1>'}
    for query, headers, language in (
        ("", {}, "zh-CN"), ("", CHINESE, "zh-CN"), ("", ENGLISH, "en"), ("", {"Accept-Language": "fr"}, "zh-CN"),
        ("?lang=en", CHINESE, "en"), ("?lang=zh-CN", ENGLISH, "zh-CN"), ("?lang=xx", ENGLISH, "en"),
    ):  # fmt: skip
        answer = await someone.get(f"/docs/contracts{query}", headers=headers)
        assert heading[language] in answer.text and answer.headers["vary"] == "Accept-Language", (query, headers)


async def test_every_link_of_every_page_opens(visit):
    someone = await visit("ducha")
    waiting, opened = {"/docs?lang=zh-CN", "/docs?lang=en"}, dict[str, str]()
    while waiting:
        address = waiting.pop()
        answer = await someone.get(address)
        assert answer.status_code == 200, address
        opened[address] = answer.text
        links = re.findall(r'href="(/docs[^"#]*)', answer.text) if "text/html" in answer.headers["content-type"] else []
        once = {link.partition("?")[0] if link.startswith("/docs/events/") else link for link in links}
        waiting |= once - opened.keys()
    for language in Language:
        assert {page.address for _, page in handbook.menu(language)} <= opened.keys()
    assert {f"/docs/events/{kind}" for kind in event_classes()} <= opened.keys()
    assert "/docs/files/contracts/asyncapi.json" in opened


async def test_the_contents_lead_to_headings_that_are_there(visit):
    page = (await (await visit("ducha")).get("/docs/operators?lang=zh-CN")).text
    contents = re.search(r'<nav class="toc".*?</nav>', page, re.S)[0]
    anchors = re.findall(r'href="#([^"]+)"', contents)
    assert len(anchors) > 10 and all(f'id="{anchor}"' in page for anchor in anchors)


async def test_the_line_that_links_the_other_language_is_the_portals_own(visit):
    page = (await (await visit("ducha")).get("/docs/http?lang=zh-CN")).text
    assert len(re.findall(r'href="/docs/http\?lang=en"', page)) == 1


async def test_an_event_says_what_it_holds(visit):
    page = (await (await visit("ducha")).get("/docs/events/assignment.issued")).text
    assert "duban.evt.v1.assignment.issued.&lt;address&gt;" in page and "cn.duban.assignment.issued.v1" in page
    own, envelope = re.findall(
        r"<section class=\"card\">\s*<h2>(?:本事件|每个事件都有)的字段</h2>.*?</section>", page, re.S
    )
    assert ">assignment</code>" in own and ">audience</code>" in envelope
    assert 'href="#Assignment"' in own and 'id="Assignment"' in page
    state = re.search(r'id="AssignmentState">.*?</section>', page, re.S)[0]
    assert "待签收" in state and "<code>issued</code>" in state


def test_every_field_of_every_event_is_listed():
    for kind, event in event_classes().items():
        page = event_pages()[kind]
        assert {row.name for row in page.own + page.envelope} >= set(event.model_fields), kind
        assert all(row.description for row in page.own for each in row.types if each.shape), kind
        links = {each.shape for shape in page.shapes for row in shape.fields for each in row.types if each.shape}
        assert links <= {shape.name for shape in page.shapes}, kind


@pytest.mark.parametrize(
    "address",
    ["/docs/nothing", "/docs/..%2fREADME", "/docs/README.zh-CN", "/docs/events/no.such", "/docs/files/pyproject.toml",
     "/docs/files/contracts/..%2fservices/portal/settings.py", "/docs/files/%2fetc/passwd", "/docs/files/contracts",
     "/docs/files/contracts/../var/keys/operator.nk", "/docs/files/dev", "/docs/files/%00.md",
     "/docs/files/services/portal/settings.py",
     "/docs/%00", f"/docs/{'a' * 300}", f"/docs/files/contracts/{'a' * 300}.py"],
)  # fmt: skip
async def test_what_is_not_there_is_a_page_in_words(visit, address):
    answer = await (await visit("ducha")).get(address)
    assert answer.status_code == 404 and "没有" in answer.text and "duban_" not in answer.text


async def test_a_stranger_signs_in_first(visit):
    stranger = await visit()
    for path in ("/docs", "/docs/http", "/docs/events/task.registered", "/docs/files/contracts/asyncapi.json"):
        assert (await stranger.get(path)).headers["location"].startswith("/login?next="), path


async def test_whoever_runs_the_platform_reads_it_too(visit):
    assert "运行维护" in (await (await visit("yunxing")).get("/docs/operators")).text


def test_html_in_a_page_is_text():
    text = "# T\n\n[中文](evil.zh-CN.md)\n\n<script>alert(1)</script> [x](javascript:alert(1))\n"
    page = handbook.rendered("evil", Language.ENGLISH, text)
    assert page.html.startswith("<p>&lt;script&gt;") and "href" not in page.html
