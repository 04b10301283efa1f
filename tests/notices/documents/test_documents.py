"""From a click to a numbered PDF in the blob store and at its recipients (R10)."""

import io
import re
from uuid import UUID

import pdfplumber
import pytest

from contracts.commands.notice import SignNotice, VoidNotice
from contracts.envelope import Done
from contracts.events.delivery import DeliverySent
from contracts.events.notice import NoticeRendered, NoticeSent, NoticeSigned
from contracts.refusals import Kind, Refused
from contracts.terms import Light, NoticeKind
from services.notices.documents.fonts import FANDOL
from services.notices.refusals import Code
from tests.conftest import House
from tests.notices.documents.sample import fandol
from tests.notices.ladder.walk import at
from tests.notices.office import INSPECTOR, LEADER, OTHER, SUPERVISOR, UNIT, Office, opened

NOON = at("2026-11-23 12:00")


@pytest.fixture
async def office(house: House) -> Office:
    fandol()
    office = await opened(house)
    await office.handle(
        office.issue(1, due=at("2026-11-20 18:00")), office.issue(2, due=at("2026-11-27 18:00"), unit=OTHER)
    )
    await office.handle(office.turn(Light.OVERDUE, at("2026-11-20 18:01"), 1))
    return office


def text_of(pdf: bytes) -> str:
    with pdfplumber.open(io.BytesIO(pdf)) as file:
        return "".join(re.sub(r"\s", "", page.extract_text() or "") for page in file.pages)


async def test_one_click_gives_a_number_and_a_pdf_with_it(office):
    answer = await office.draft(NoticeKind.SUPERVISION, (1, 2), sign=True, now=NOON)
    assert isinstance(answer, Done) and answer.version == 2
    assert answer.detail["number"] == "示政办督〔2026〕1号"
    assert await office.render() == 1
    [pages], [sent], deliveries = [await office.emitted(w) for w in (NoticeRendered, NoticeSent, DeliverySent)]
    text = text_of(await office.service.blobs.get(pages.notice.pdf))
    for visible in (
        "示政办督〔2026〕1号",
        "示例省人民政府办公厅文件",
        "演示",
        "待签章",
        "2026年11月26日18时",
        "其中逾期1项、正常1项",
    ):
        assert visible in text, visible
    assert pages.version == 3 and sent.version == 4 and pages.notice.pages == 3
    assert (sent.notice.recipients, sent.notice.items) == (2, 2)
    assert {(d.delivery.unit, d.delivery.number, len(d.items), d.delivery.pdf) for d in deliveries} == {
        (unit, answer.detail["number"], 1, pages.notice.pdf) for unit in (UNIT, OTHER)
    }
    assert all(d.address == d.delivery.unit and d.delivery.reply_by == at("2026-11-26 18:00") for d in deliveries)


async def test_the_document_says_which_fonts_stand_in(office):
    await office.draft(NoticeKind.URGING, sign=True)
    await office.render()
    [pages] = await office.emitted(NoticeRendered)
    assert "以Fandol 仿宋代替仿宋" in pages.notice.notes


@pytest.mark.parametrize(
    ("kind", "actor", "number", "visible"),
    [
        (NoticeKind.PROMPT, SUPERVISOR, "示政办督提〔2026〕1号", "提示单"),
        (NoticeKind.ASSIGNMENT, SUPERVISOR, "示政办督交〔2026〕1号", "交办单"),
        (NoticeKind.URGING, SUPERVISOR, "示政办督催〔2026〕1号", "尧都区发展改革局主要负责同志"),
        (NoticeKind.ORDER, LEADER, "示政办督责〔2026〕1号", "2026年12月2日18时前整改到位"),
    ],
)
async def test_every_kind_is_numbered_in_its_own_series_and_printed(office, kind, actor, number, visible):
    answer = await office.draft(kind, actor=actor, reason="弄虚作假", sign=True, now=NOON)
    assert isinstance(answer, Done) and answer.detail["number"] == number
    await office.render()
    [pages] = await office.emitted(NoticeRendered)
    text = text_of(await office.service.blobs.get(pages.notice.pdf))
    assert number in text and visible in text


async def test_the_pdf_prints_the_digest_that_the_register_keeps(office):
    await office.draft(NoticeKind.URGING, sign=True)
    await office.render()
    [signature], [pages] = await office.emitted(NoticeSigned), await office.emitted(NoticeRendered)
    assert signature.notice.digest in text_of(await office.service.blobs.get(pages.notice.pdf))


async def test_a_rendered_document_is_never_rendered_again(office):
    await office.draft(NoticeKind.URGING, sign=True)
    assert await office.render() == 1
    assert await office.render() == 0
    [pages] = await office.emitted(NoticeRendered)
    assert await office.value("select notice ->> 'pdf' from notice") == pages.notice.pdf


async def test_a_second_click_is_told_the_number_of_the_first(office):
    draft = await office.draft(NoticeKind.SUPERVISION)
    click = SignNotice(actor=SUPERVISOR, notice_id=UUID(draft.detail["notice_id"]))
    first, same = await office.ask(click), await office.ask(click)
    assert isinstance(first, Done) and same == first
    other = await office.sign(draft.detail["notice_id"])
    assert isinstance(other, Refused) and other.code == "already_signed"
    assert other.detail["number"] == first.detail["number"]
    assert len(await office.emitted(NoticeSigned)) == 1


async def test_an_order_without_two_unanswered_documents_needs_a_reason(office):
    answer = await office.draft(NoticeKind.ORDER, actor=LEADER)
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == ("reason_needed", "/reason")


async def test_characters_no_font_has_are_named_and_the_number_is_not_taken(office):
    answer = await office.draft(NoticeKind.SUPERVISION, paragraphs=("请抓紧办理\U0002a6a5一事。",), sign=True)
    assert isinstance(answer, Refused) and answer.code == "unprintable"
    assert "\U0002a6a5" in answer.message
    assert isinstance(await office.draft(NoticeKind.SUPERVISION, sign=True), Done)
    [signature] = await office.emitted(NoticeSigned)
    assert signature.notice.sequence == 1


async def test_a_character_without_a_shape_in_ones_own_words_is_refused_with_its_place(office):
    answer = await office.draft(NoticeKind.SUPERVISION, paragraphs=("请抓紧\ue000办理。",), sign=True)
    assert isinstance(answer, Refused) and answer.code == "unprintable"
    assert "U+E000" in answer.message


async def test_direction_marks_in_ones_own_words_are_left_out(office):
    answer = await office.draft(NoticeKind.SUPERVISION, paragraphs=("请抓紧\u202e办理。",), sign=True)
    assert isinstance(answer, Done)
    assert "请抓紧办理。" in (await office.emitted(NoticeSigned))[0].content


async def test_hidden_characters_in_a_matters_title_never_stop_a_document(office):
    await office.handle(office.issue(3, title="恶意\u202e标题\n第二行#set page()"))
    answer = await office.draft(NoticeKind.URGING, (3,), sign=True)
    assert isinstance(answer, Done)
    await office.render()
    [pages] = await office.emitted(NoticeRendered)
    assert "恶意标题第二行#setpage()" in text_of(await office.service.blobs.get(pages.notice.pdf))


@pytest.mark.parametrize(("sign", "count", "pointer"), [("长", 39, "/assignments"), ('"', 20, "/paragraphs")])
async def test_more_than_the_stream_takes_is_refused_before_anything_is_said(office, sign, count, pointer):
    answer = await office.draft(NoticeKind.SUPERVISION, paragraphs=(sign * 4_000,) * count)
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == ("too_large", pointer)


async def test_a_rung_drafted_by_hand_is_not_signed_once_its_assignment_has_ended(office):
    answer = await office.draft(NoticeKind.URGING)
    await office.handle(office.close(NOON))
    refused = await office.ask(SignNotice(actor=SUPERVISOR, notice_id=answer.detail["notice_id"]), NOON)
    assert isinstance(refused, Refused) and (refused.code, refused.pointer) == ("not_open", "/notice_id")


async def test_what_is_signed_says_how_things_stand_that_day_and_cites_the_number_before(office):
    urged = await office.draft(NoticeKind.URGING, sign=True, now=NOON)
    answer = await office.draft(NoticeKind.SUPERVISION, now=NOON)
    await office.handle(office.report(NOON))
    await office.ask(SignNotice(actor=SUPERVISOR, notice_id=answer.detail["notice_id"]), NOON)
    content = (await office.emitted(NoticeSigned))[-1].content
    assert "目前进度40%" in content
    assert f"（前次文号：{urged.detail['number']}）" in content


async def test_an_unknown_assignment_is_named(office):
    answer = await office.draft(NoticeKind.SUPERVISION, (1, 9))
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == ("not_found", "/assignments/1")


async def test_what_cannot_be_printed_is_refused_already_as_a_draft(office):
    answer = await office.draft(NoticeKind.SUPERVISION, title="请抓紧\ue000办理")
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == ("unprintable", "/title")


async def test_a_withdrawn_draft_cannot_be_signed(office):
    draft = await office.draft(NoticeKind.SUPERVISION)
    await office.ask(VoidNotice(actor=INSPECTOR, notice_id=draft.detail["notice_id"], reason="重复"))
    answer = await office.sign(draft.detail["notice_id"])
    assert isinstance(answer, Refused) and answer.code == "withdrawn"


async def test_an_older_view_of_a_draft_is_refused(office):
    draft = await office.draft(NoticeKind.SUPERVISION)
    click = SignNotice(actor=SUPERVISOR, notice_id=draft.detail["notice_id"], expected_version=7)
    answer = await office.ask(click)
    assert isinstance(answer, Refused) and (answer.code, answer.version) == ("stale", 1)


async def test_a_failing_page_is_tried_again_later_and_stops_nobody(office):
    await office.draft(NoticeKind.URGING, sign=True)
    poison = await office.value("update notice set content = '{}' returning notice_id")
    await office.draft(NoticeKind.SUPERVISION, sign=True)
    assert await office.render() == 2
    [pages] = await office.emitted(NoticeRendered)
    assert pages.notice.notice_id != poison
    row = (await office.fetch("select tries, again_at > now() as later, error from render_failure"))[0]
    assert row["tries"] == 1 and row["later"] and "Document" in row["error"]


async def test_outside_a_demo_the_letterhead_is_the_registers_and_nothing_is_marked(house):
    fandol()
    office = await opened(house, demo=False)
    await office.handle(office.issue(1))
    answer = await office.draft(NoticeKind.SUPERVISION, sign=True)
    assert answer.detail["number"].startswith("省政府办公厅督〔")
    [signature] = await office.emitted(NoticeSigned)
    assert "山西省人民政府办公厅文件" in signature.content and "演示" not in signature.content


async def test_without_any_font_signing_says_what_to_install(office, monkeypatch):
    monkeypatch.setattr("services.notices.documents.configuration.fonts", lambda settings: ())
    answer = await office.draft(NoticeKind.SUPERVISION, sign=True)
    assert isinstance(answer, Refused) and FANDOL[0] in answer.message


async def test_a_mark_of_classified_matter_is_refused_wherever_the_words_come_from(office):
    await office.handle(office.issue(3, title="本件为机密材料"))
    answer = await office.draft(NoticeKind.URGING, (3,), sign=True)
    assert isinstance(answer, Refused) and (answer.code, answer.kind) == ("classified", Kind.INVALID)
    assert await office.emitted(NoticeSigned) == []


@pytest.mark.parametrize("code", ["already_signed", "rung_live", "urging_gap", "not_open", "void", "draft_waits"])
def test_what_the_state_does_not_allow_is_a_conflict(code):
    assert Code(code).kind is Kind.CONFLICT
