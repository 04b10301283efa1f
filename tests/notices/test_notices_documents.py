"""From a click to a numbered PDF in the blob store and at its recipients (R10)."""

import io
import re
from uuid import UUID

import pdfplumber
import pytest

from contracts.commands.notice import ReceiveNotice, SignNotice, VoidNotice
from contracts.envelope import Actor, ActorRole, Done
from contracts.events.delivery import DeliveryReceived, DeliverySent, DeliveryWithdrawn
from contracts.events.notice import NoticeDrafted, NoticeRendered, NoticeSent, NoticeSigned, NoticeVoided
from contracts.notice import Recipient
from contracts.refusals import Refused
from contracts.terms import Light, NoticeKind
from services.chassis.service import Service
from services.notices.documents.fonts import FANDOL
from tests.conftest import House
from tests.notices.documents_sample import fandol
from tests.notices.ladder_walk import at
from tests.notices.office import (
    CLERK,
    INSPECTOR,
    LEADER,
    NAMES,
    OTHER,
    SUPERVISOR,
    UNIT,
    ask,
    closed,
    drafted,
    hear,
    issued,
    lit,
    opened,
    rendered,
    reported,
    signed,
    words,
)

NOON = at("2026-11-23 12:00")


@pytest.fixture
async def service(house: House) -> Service:
    fandol()
    service = await opened(house)
    await hear(service, issued(1, due=at("2026-11-20 18:00")), issued(2, due=at("2026-11-27 18:00"), unit=OTHER))
    await hear(service, lit(Light.OVERDUE, at("2026-11-20 18:01"), 1))
    return service


def text_of(pdf: bytes) -> str:
    with pdfplumber.open(io.BytesIO(pdf)) as file:
        return "".join(re.sub(r"\s", "", page.extract_text() or "") for page in file.pages)


async def test_one_click_gives_a_number_and_a_pdf_with_it(service):
    answer = await drafted(service, NoticeKind.SUPERVISION, (1, 2), sign=True, now=NOON)
    assert isinstance(answer, Done) and answer.version == 2
    assert answer.detail["number"] == "示政办督〔2026〕1号"
    assert await rendered(service) == 1
    [pages], [sent], deliveries = [await words(service, w) for w in (NoticeRendered, NoticeSent, DeliverySent)]
    text = text_of(await service.blobs.get(pages.pdf))
    for shown in (
        "示政办督〔2026〕1号",
        "示例省人民政府办公厅文件",
        "演示",
        "待签章",
        "2026年11月26日18时",
        "其中逾期1项、正常1项",
    ):
        assert shown in text, shown
    assert pages.version == 3 and sent.version == 4 and pages.pages == 3
    assert {(d.unit, d.number, len(d.items), d.pdf) for d in deliveries} == {
        (unit, answer.detail["number"], 1, pages.pdf) for unit in (UNIT, OTHER)
    }
    assert sent.deliveries == tuple(d.delivery_id for d in deliveries)
    assert all(d.address == d.unit and d.reply_by == at("2026-11-26 18:00") for d in deliveries)


async def test_the_document_says_which_fonts_stand_in(service):
    await drafted(service, NoticeKind.URGING, sign=True)
    await rendered(service)
    [pages] = await words(service, NoticeRendered)
    assert "以Fandol 仿宋代替仿宋" in pages.notes


@pytest.mark.parametrize(
    ("kind", "actor", "number", "shown"),
    [
        (NoticeKind.PROMPT, SUPERVISOR, "示政办督提〔2026〕1号", "提示单"),
        (NoticeKind.ASSIGNMENT, SUPERVISOR, "示政办督交〔2026〕1号", "交办单"),
        (NoticeKind.URGING, SUPERVISOR, "示政办督催〔2026〕1号", "尧都区发展改革局主要负责同志"),
        (NoticeKind.ORDER, LEADER, "示政办督责〔2026〕1号", "2026年12月2日18时前整改到位"),
    ],
)
async def test_every_kind_is_numbered_in_its_own_series_and_printed(service, kind, actor, number, shown):
    answer = await drafted(service, kind, actor=actor, reason="弄虚作假", sign=True, now=NOON)
    assert isinstance(answer, Done) and answer.detail["number"] == number
    await rendered(service)
    [pages] = await words(service, NoticeRendered)
    text = text_of(await service.blobs.get(pages.pdf))
    assert number in text and shown in text


async def test_the_pdf_prints_the_digest_that_the_register_keeps(service):
    await drafted(service, NoticeKind.URGING, sign=True)
    await rendered(service)
    [signature], [pages] = await words(service, NoticeSigned), await words(service, NoticeRendered)
    assert signature.digest in text_of(await service.blobs.get(pages.pdf))


async def test_a_rendered_document_is_never_rendered_again(service):
    await drafted(service, NoticeKind.URGING, sign=True)
    assert await rendered(service) == 1
    assert await rendered(service) == 0
    [pages] = await words(service, NoticeRendered)
    assert await service.pool.fetchval("select pdf from notice") == pages.pdf
    assert await service.pool.fetchval("select count(*) from rendering") == 0


async def test_a_second_click_is_told_the_number_of_the_first(service):
    draft = await drafted(service, NoticeKind.SUPERVISION)
    click = SignNotice(actor=SUPERVISOR, notice_id=UUID(draft.detail["notice_id"]))
    first, same = await ask(service, click), await ask(service, click)
    assert isinstance(first, Done) and same == first
    other = await signed(service, draft.detail["notice_id"])
    assert isinstance(other, Refused) and other.code == "already_signed"
    assert other.detail["number"] == first.detail["number"]
    assert len(await words(service, NoticeSigned)) == 1


@pytest.mark.parametrize(
    ("actor", "kind", "pointer"),
    [
        (INSPECTOR, NoticeKind.SUPERVISION, "/actor"),
        (SUPERVISOR, NoticeKind.ORDER, "/actor"),
        (CLERK, NoticeKind.URGING, "/actor"),
        (Actor(person="x", unit=OTHER, roles=(ActorRole.SUPERVISOR,)), NoticeKind.URGING, "/actor"),
        (Actor(person="x", unit="14.10.00.000.gov", roles=(ActorRole.LEADER,)), NoticeKind.ORDER, "/actor"),
    ],
)
async def test_who_may_not_sign_signs_nothing(service, actor, kind, pointer):
    answer = await drafted(service, kind, actor=actor, sign=True, reason="弄虚作假")
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == ("forbidden", pointer)
    assert await words(service, NoticeDrafted) == []


async def test_an_inspector_drafts_and_a_leader_of_the_region_signs(service):
    draft = await drafted(service, NoticeKind.ORDER, actor=INSPECTOR, reason="弄虚作假")
    assert isinstance(draft, Done)
    assert isinstance(await signed(service, draft.detail["notice_id"], actor=LEADER), Done)


async def test_an_order_without_two_unanswered_documents_needs_a_reason(service):
    answer = await drafted(service, NoticeKind.ORDER, actor=LEADER)
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == ("reason_needed", "/reason")


async def test_characters_no_font_has_are_named_and_the_number_is_not_taken(service):
    answer = await drafted(service, NoticeKind.SUPERVISION, paragraphs=("请抓紧办理\U0002a6a5一事。",), sign=True)
    assert isinstance(answer, Refused) and answer.code == "unprintable"
    assert "\U0002a6a5" in answer.message
    assert isinstance(await drafted(service, NoticeKind.SUPERVISION, sign=True), Done)
    [signature] = await words(service, NoticeSigned)
    assert signature.sequence == 1


async def test_a_hidden_character_in_ones_own_words_is_refused_with_its_place(service):
    answer = await drafted(service, NoticeKind.SUPERVISION, paragraphs=("请抓紧\u202e办理。",), sign=True)
    assert isinstance(answer, Refused) and answer.code == "unprintable"
    assert "U+202E" in answer.message


async def test_hidden_characters_in_a_matters_title_never_stop_a_document(service):
    await hear(service, issued(3, title="恶意\u202e标题\n第二行#set page()"))
    answer = await drafted(service, NoticeKind.URGING, (3,), sign=True)
    assert isinstance(answer, Done)
    await rendered(service)
    [pages] = await words(service, NoticeRendered)
    assert "恶意标题第二行#setpage()" in text_of(await service.blobs.get(pages.pdf))


@pytest.mark.parametrize(("sign", "count", "pointer"), [("长", 39, "/assignments"), ('"', 20, "/paragraphs")])
async def test_more_than_the_stream_takes_is_refused_before_anything_is_said(service, sign, count, pointer):
    answer = await drafted(service, NoticeKind.SUPERVISION, paragraphs=(sign * 4_000,) * count)
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == ("too_large", pointer)


async def test_a_rung_drafted_by_hand_is_not_signed_once_its_part_has_ended(service):
    answer = await drafted(service, NoticeKind.URGING)
    await hear(service, closed(NOON))
    refused = await ask(service, SignNotice(actor=SUPERVISOR, notice_id=answer.detail["notice_id"]), NOON)
    assert isinstance(refused, Refused) and (refused.code, refused.pointer) == ("not_open", "/notice_id")


async def test_what_is_signed_says_how_things_stand_that_day_and_cites_the_number_before(service):
    urged = await drafted(service, NoticeKind.URGING, sign=True, now=NOON)
    answer = await drafted(service, NoticeKind.SUPERVISION, now=NOON)
    await hear(service, reported(NOON))
    await ask(service, SignNotice(actor=SUPERVISOR, notice_id=answer.detail["notice_id"]), NOON)
    content = (await words(service, NoticeSigned))[-1].content
    assert "目前进度40%" in content
    assert f"（前次文号：{urged.detail['number']}）" in content


async def test_an_unknown_part_is_named(service):
    answer = await drafted(service, NoticeKind.SUPERVISION, (1, 9))
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == ("not_found", "/assignments/1")


async def test_a_part_that_another_node_owns_is_not_written_about(service):
    await hear(service, issued(7, owner="14.10.00"))
    answer = await drafted(service, NoticeKind.SUPERVISION, (7,))
    assert isinstance(answer, Refused) and answer.code == "not_here"


async def test_copies_and_recipients_each_have_a_delivery_and_a_receipt(service):
    copy = Recipient(unit=OTHER, name=NAMES[OTHER])
    await drafted(service, NoticeKind.SUPERVISION, sign=True, copies=(copy,))
    await rendered(service)
    mine, theirs = sorted(await words(service, DeliverySent), key=lambda d: d.copy_only)
    assert (mine.unit, theirs.unit, theirs.copy_only, theirs.reply_by) == (UNIT, OTHER, True, None)
    receipt = ReceiveNotice(actor=CLERK, delivery_id=mine.delivery_id)
    answer = await ask(service, receipt)
    assert isinstance(answer, Done) and answer.version == 2
    again = await ask(service, ReceiveNotice(actor=CLERK, delivery_id=mine.delivery_id))
    assert isinstance(again, Refused) and again.code == "already_received"
    foreign = await ask(service, ReceiveNotice(actor=CLERK, delivery_id=theirs.delivery_id))
    assert isinstance(foreign, Refused) and foreign.code == "forbidden"
    assert len(await words(service, DeliveryReceived)) == 1


async def test_a_recipient_that_is_not_on_the_register_is_named(service):
    stranger = Recipient(unit="14.10.02.000.xyz", name="某某局")
    answer = await drafted(service, NoticeKind.SUPERVISION, recipients=(stranger,))
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == ("unknown_unit", "/recipients/0/unit")
    assert "某某局" in answer.message


async def test_what_cannot_be_printed_is_refused_already_as_a_draft(service):
    answer = await drafted(service, NoticeKind.SUPERVISION, title="请抓紧\u202e办理")
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == ("unprintable", "/title")


async def test_a_void_number_stays_on_record_and_the_next_document_takes_the_next(service):
    first = await drafted(service, NoticeKind.SUPERVISION, sign=True)
    await rendered(service)
    void = VoidNotice(actor=SUPERVISOR, notice_id=first.detail["notice_id"], reason="内容有误")
    assert isinstance(await ask(service, void), Done)
    [event] = await words(service, NoticeVoided)
    assert event.number == first.detail["number"]
    [withdrawn] = await words(service, DeliveryWithdrawn)
    late = await ask(service, ReceiveNotice(actor=CLERK, delivery_id=withdrawn.delivery_id))
    assert isinstance(late, Refused) and late.code == "void"
    await drafted(service, NoticeKind.SUPERVISION, sign=True)
    assert [s.sequence for s in await words(service, NoticeSigned)] == [1, 2]


async def test_a_document_made_void_before_its_pages_exist_is_never_sent(service):
    first = await drafted(service, NoticeKind.SUPERVISION, sign=True)
    await ask(service, VoidNotice(actor=SUPERVISOR, notice_id=first.detail["notice_id"], reason="内容有误"))
    assert await rendered(service) == 0
    assert await words(service, DeliverySent) == []


async def test_a_withdrawn_draft_cannot_be_signed(service):
    draft = await drafted(service, NoticeKind.SUPERVISION)
    await ask(service, VoidNotice(actor=INSPECTOR, notice_id=draft.detail["notice_id"], reason="重复"))
    answer = await signed(service, draft.detail["notice_id"])
    assert isinstance(answer, Refused) and answer.code == "withdrawn"


async def test_an_older_view_of_a_draft_is_refused(service):
    draft = await drafted(service, NoticeKind.SUPERVISION)
    click = SignNotice(actor=SUPERVISOR, notice_id=draft.detail["notice_id"], expected_version=7)
    answer = await ask(service, click)
    assert isinstance(answer, Refused) and (answer.code, answer.version) == ("stale", 1)


async def test_a_failing_page_is_tried_again_later_and_stops_nobody(service):
    await drafted(service, NoticeKind.URGING, sign=True)
    poison = await service.pool.fetchval("update notice set content = '{}' returning notice_id")
    await drafted(service, NoticeKind.SUPERVISION, sign=True)
    assert await rendered(service) == 2
    [pages] = await words(service, NoticeRendered)
    assert pages.notice_id != poison
    row = await service.pool.fetchrow(
        "select tries, at > now() as later, error from rendering where notice_id = $1", poison
    )
    assert row["tries"] == 1 and row["later"] and "Document" in row["error"]


async def test_outside_a_demo_the_letterhead_is_the_registers_and_nothing_is_marked(house):
    fandol()
    service = await opened(house, demo=False)
    await hear(service, issued(1))
    answer = await drafted(service, NoticeKind.SUPERVISION, sign=True)
    assert answer.detail["number"].startswith("省政府办公厅督〔")
    [signature] = await words(service, NoticeSigned)
    assert "山西省人民政府办公厅文件" in signature.content and "演示" not in signature.content


async def test_without_any_font_signing_says_what_to_install(service, monkeypatch):
    monkeypatch.setattr("services.notices.standing.fonts", lambda settings: ())
    answer = await drafted(service, NoticeKind.SUPERVISION, sign=True)
    assert isinstance(answer, Refused) and FANDOL[0] in answer.message
