"""What recipients get, sign for, and need not answer any more (R10)."""

import pytest

from contracts.commands.notice import ReceiveNotice, RequestedRecipient, VoidNotice
from contracts.envelope import Done
from contracts.events.delivery import DeliveryReceived, DeliverySent, DeliveryWithdrawn
from contracts.events.notice import NoticeSigned, NoticeVoided
from contracts.refusals import Refused
from contracts.terms import NoticeKind
from tests.conftest import House
from tests.notices.documents.sample import fandol
from tests.notices.office import CLERK, OTHER, SUPERVISOR, UNIT, Office, opened
from tests.story.province import register


@pytest.fixture
async def office(house: House) -> Office:
    fandol()
    office = await opened(house)
    await office.handle(office.issue(1), office.issue(2, unit=OTHER))
    return office


async def test_copies_and_recipients_each_have_a_delivery_and_a_receipt(office):
    copy = RequestedRecipient(unit=OTHER)
    await office.draft(NoticeKind.SUPERVISION, sign=True, copies=(copy,))
    await office.render()
    mine, theirs = sorted(await office.emitted(DeliverySent), key=lambda d: d.delivery.copy_only)
    assert (mine.delivery.unit, theirs.delivery.unit, theirs.delivery.copy_only, theirs.delivery.reply_by) == (
        UNIT,
        OTHER,
        True,
        None,
    )
    receipt = ReceiveNotice(actor=CLERK, delivery_id=mine.delivery.delivery_id)
    answer = await office.ask(receipt)
    assert isinstance(answer, Done) and answer.version == 2
    again = await office.ask(ReceiveNotice(actor=CLERK, delivery_id=mine.delivery.delivery_id))
    assert isinstance(again, Refused) and again.code == "already_received"
    foreign = await office.ask(ReceiveNotice(actor=CLERK, delivery_id=theirs.delivery.delivery_id))
    assert isinstance(foreign, Refused) and foreign.code == "forbidden"
    assert len(await office.emitted(DeliveryReceived)) == 1


async def test_a_document_made_void_before_its_pages_exist_is_never_sent(office):
    first = await office.draft(NoticeKind.SUPERVISION, sign=True)
    await office.ask(VoidNotice(actor=SUPERVISOR, notice_id=first.detail["notice_id"], reason="内容有误"))
    assert await office.render() == 0
    assert await office.emitted(DeliverySent) == []


async def test_a_void_number_stays_on_record_and_the_next_document_takes_the_next(office):
    first = await office.draft(NoticeKind.SUPERVISION, sign=True)
    await office.render()
    void = VoidNotice(actor=SUPERVISOR, notice_id=first.detail["notice_id"], reason="内容有误")
    assert isinstance(await office.ask(void), Done)
    [event] = await office.emitted(NoticeVoided)
    assert event.notice.number == first.detail["number"]
    [withdrawn] = await office.emitted(DeliveryWithdrawn)
    late = await office.ask(ReceiveNotice(actor=CLERK, delivery_id=withdrawn.delivery.delivery_id))
    assert isinstance(late, Refused) and late.code == "void"
    await office.draft(NoticeKind.SUPERVISION, sign=True)
    assert [s.notice.sequence for s in await office.emitted(NoticeSigned)] == [1, 2]


async def test_the_offices_over_a_recipient_see_what_it_gets_and_what_becomes_of_it(office):
    first = await office.draft(NoticeKind.SUPERVISION, sign=True, copies=(RequestedRecipient(unit=OTHER),))
    await office.render()
    for sent in await office.emitted(DeliverySent):
        if sent.delivery.unit == UNIT:
            await office.ask(ReceiveNotice(actor=CLERK, delivery_id=sent.delivery.delivery_id))
    await office.ask(VoidNotice(actor=SUPERVISOR, notice_id=first.detail["notice_id"], reason="内容有误"))
    seen = [e for kind in (DeliverySent, DeliveryReceived, DeliveryWithdrawn) for e in await office.emitted(kind)]
    assert len(seen) == 5
    for event in seen:
        unit = event.delivery.unit
        assert set(event.audience) == {unit, event.delivery.issuer, *register().offices_over(unit)}
        assert f"{unit.rpartition('.')[0]}.bgt" in event.audience
