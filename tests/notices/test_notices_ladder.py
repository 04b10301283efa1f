"""The ladder on a real database and a real calendar: a month of one part, the lists of a day, what is taken back."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from contracts.commands.notice import ReceiveNotice, VoidNotice
from contracts.envelope import Done
from contracts.events.delivery import DeliverySent
from contracts.events.notice import NoticeAmended, NoticeDrafted, NoticeSigned, NoticeVoided
from contracts.events.register import PolicyPublished
from contracts.refusals import Refused
from contracts.terms import Light, NoticeCause, NoticeKind
from services.chassis.service import Service
from tests.conftest import House
from tests.notices.documents_sample import fandol
from tests.notices.ladder_walk import at
from tests.notices.office import (
    CLERK,
    LEADER,
    OTHER,
    SUPERVISOR,
    UNIT,
    ask,
    badge,
    closed,
    drafted,
    hear,
    issued,
    lit,
    opened,
    rendered,
    reported,
    signed,
    tick,
    words,
)

DUE = at("2026-11-26 18:00")


@pytest.fixture
async def service(house: House) -> Service:
    fandol()
    return await opened(house)


async def latest(service: Service, kind: NoticeKind) -> NoticeDrafted:
    """The last document of a kind that was drafted."""
    return [event for event in await words(service, NoticeDrafted) if event.kind is kind][-1]


async def contents(service: Service) -> list[str]:
    return [event.content for event in await words(service, NoticeSigned)]


async def test_a_month_on_the_ladder_from_the_first_prompt_to_the_leaders_order(service):
    await hear(service, issued(due=DUE), lit(Light.LAGGING, at("2026-11-16 18:01")))
    await tick(service, at("2026-11-16 18:01"))
    await tick(service, at("2026-11-16 18:02"))
    [prompt] = await words(service, NoticeSigned)
    assert (prompt.kind, prompt.number, prompt.actor) == (NoticeKind.PROMPT, "示政办督提〔2026〕1号", "system")
    assert prompt.reply_by == at("2026-11-17 18:00")
    assert await tick(service, at("2026-11-19 17:59")) == []
    await tick(service, at("2026-11-19 18:00"))
    slip = await latest(service, NoticeKind.ASSIGNMENT)
    assert slip.cites == prompt.number and slip.cause is NoticeCause.UNANSWERED
    await signed(service, slip.notice_id, now=at("2026-11-20 09:00"))

    await hear(service, lit(Light.OVERDUE, DUE + timedelta(minutes=1), version=2, previous=Light.LAGGING))
    await tick(service, DUE + timedelta(minutes=1))
    clicks = [("2026-11-27 09:00", "2026-12-02 18:00"), ("2026-12-02 18:05", "2026-12-03 09:00")]
    for n, (when, then) in enumerate(clicks):
        urging = await latest(service, NoticeKind.URGING)
        assert urging.occurrence == n + 1
        assert isinstance(await signed(service, urging.notice_id, now=at(when)), Done)
        assert await tick(service, at(then) - timedelta(minutes=1)) == []
        await tick(service, at(then))

    order = await latest(service, NoticeKind.ORDER)
    assert order.time == at("2026-12-03 09:00") and order.cause is NoticeCause.OVERDUE
    refusal = await signed(service, order.notice_id)
    assert isinstance(refusal, Refused) and refusal.code == "forbidden"
    assert isinstance(await signed(service, order.notice_id, LEADER, now=at("2026-12-04 09:00")), Done)
    numbers = [event.number for event in await words(service, NoticeSigned)]
    cites = [event.cites for event in await words(service, NoticeDrafted)]
    assert cites == ["", *numbers[:-1]]
    assert all(number in content for number, content in zip(numbers, (await contents(service))[1:], strict=False))

    await hear(service, closed(at("2026-12-10 10:00")))
    assert await tick(service, at("2027-03-01 10:00")) == []
    assert await rendered(service) == 5


async def test_prompts_of_one_day_to_one_unit_are_one_list_signed_at_half_past_five(service):
    await hear(service, *(issued(n, due=DUE) for n in (1, 2, 3)), issued(4, due=DUE, unit=OTHER))
    await hear(service, lit(Light.LAGGING, at("2026-11-23 09:00"), 1), badge(DUE, at("2026-11-23 09:00"), 2))
    await tick(service, at("2026-11-23 09:00"))
    await hear(service, lit(Light.LAGGING, at("2026-11-23 11:00"), 3))
    await hear(service, lit(Light.LAGGING, at("2026-11-23 11:00"), 4, unit=OTHER))
    await tick(service, at("2026-11-23 11:00"))
    assert await words(service, NoticeSigned) == []
    assert await tick(service, at("2026-11-23 17:29")) == []
    await tick(service, at("2026-11-23 17:30"))
    await rendered(service)
    sent = {event.unit: event for event in await words(service, DeliverySent)}
    assert {unit: len(event.items) for unit, event in sent.items()} == {UNIT: 3, OTHER: 1}
    assert [item.cause for item in sent[UNIT].items] == [NoticeCause.LAGGING, NoticeCause.DUE_SOON, NoticeCause.LAGGING]
    assert sent[UNIT].title == "关于“创新政府配置资源方式的指导意见对接方案之1”等3项事项的提示单"


async def test_a_prompt_after_the_days_list_went_out_stands_on_the_next_working_days(service):
    await hear(service, issued(1, due=DUE), issued(2, due=DUE), lit(Light.LAGGING, at("2026-11-27 10:00"), 1))
    await tick(service, at("2026-11-27 10:00"))
    await tick(service, at("2026-11-27 17:30"))
    await hear(service, lit(Light.LAGGING, at("2026-11-27 18:01"), 2))
    await tick(service, at("2026-11-27 18:01"))
    assert len(await words(service, NoticeSigned)) == 1
    assert (await latest(service, NoticeKind.PROMPT)).send_at == at("2026-11-30 17:30")
    await tick(service, at("2026-11-30 17:30"))
    assert len(await words(service, NoticeSigned)) == 2


async def test_a_prompt_raised_on_a_rest_day_waits_for_the_next_working_day(service):
    await hear(service, issued(1, due=DUE), lit(Light.LAGGING, at("2026-10-01 10:00"), 1))
    await tick(service, at("2026-10-01 10:00"))
    assert (await latest(service, NoticeKind.PROMPT)).send_at == at("2026-10-08 17:30")


async def test_a_list_waits_until_it_has_been_quiet_for_a_moment(service):
    await hear(service, issued(1, due=DUE), issued(2, due=DUE), lit(Light.LAGGING, at("2026-11-23 18:00"), 1))
    await tick(service, at("2026-11-23 18:00"))
    await hear(service, lit(Light.LAGGING, at("2026-11-23 18:00"), 2))
    await tick(service, at("2026-11-23 18:00") + timedelta(seconds=5))
    await tick(service, at("2026-11-23 18:00") + timedelta(seconds=14))
    assert await words(service, NoticeSigned) == []
    await tick(service, at("2026-11-23 18:00") + timedelta(seconds=15))
    [signature] = await words(service, NoticeSigned)
    assert "等2项" in signature.title


async def test_what_recovers_before_the_list_goes_out_is_taken_off_it_and_an_empty_list_is_withdrawn(service):
    morning, noon = at("2026-11-23 09:00"), at("2026-11-23 12:00")
    await hear(service, issued(1), issued(2), lit(Light.LAGGING, morning, 1), lit(Light.LAGGING, morning, 2))
    await tick(service, morning)
    await hear(service, lit(Light.NORMAL, noon, 1, version=2, previous=Light.LAGGING))
    await tick(service, noon)
    [amended] = await words(service, NoticeAmended)
    assert len(amended.items) == 1
    await hear(service, closed(noon, 2))
    await tick(service, noon)
    [voided] = await words(service, NoticeVoided)
    assert voided.number == "" and voided.actor == "system" and "销号" in voided.reason
    assert await tick(service, at("2026-11-23 17:30")) == []


async def test_what_was_taken_off_a_list_is_prompted_again_when_it_lags_again(service):
    morning, noon, later = at("2026-11-23 09:00"), at("2026-11-23 12:00"), at("2026-11-23 15:00")
    await hear(service, issued(1), issued(2), lit(Light.LAGGING, morning, 1), lit(Light.LAGGING, morning, 2))
    await tick(service, morning)
    await hear(service, lit(Light.NORMAL, noon, 1, version=2, previous=Light.LAGGING))
    await tick(service, noon)
    await hear(service, lit(Light.LAGGING, later, 1, version=3))
    await tick(service, later)
    items = (await words(service, NoticeAmended))[-1].items
    assert [(item.title[-1], item.occurrence) for item in items] == [("2", 1), ("1", 2)]


async def test_ten_people_who_urge_the_same_part_at_once_make_one_document(service):
    await hear(service, issued(1))
    answers = await asyncio.gather(*(drafted(service, NoticeKind.URGING, sign=True) for _ in range(10)))
    refusals = {answer.code for answer in answers if isinstance(answer, Refused)}
    assert sum(isinstance(answer, Done) for answer in answers) == 1 and refusals == {"rung_live"}


async def test_a_full_list_goes_on_in_a_second_document(service):
    count = 120
    parts = range(1, count + 1)
    await hear(service, *(issued(n) for n in parts))
    await hear(service, *(lit(Light.LAGGING, at("2026-11-23 09:00"), n) for n in parts))
    await tick(service, at("2026-11-23 09:00"))
    assert [len(event.items) for event in await words(service, NoticeDrafted)] == [100, 20]
    await tick(service, at("2026-11-23 17:30"))
    assert [event.number for event in await words(service, NoticeSigned)] == [
        "示政办督提〔2026〕1号",
        "示政办督提〔2026〕2号",
    ]


async def test_a_receipt_answers_a_prompt(service):
    await hear(service, issued(1), lit(Light.LAGGING, at("2026-11-23 09:00"), 1))
    await tick(service, at("2026-11-23 09:00"))
    await tick(service, at("2026-11-23 17:30"))
    await rendered(service)
    [delivery] = await words(service, DeliverySent)
    receipt = ReceiveNotice(actor=CLERK, delivery_id=delivery.delivery_id)
    assert isinstance(await ask(service, receipt, at("2026-11-24 10:00")), Done)
    assert await tick(service, at("2026-12-24 10:00")) == []


async def test_an_import_puts_what_was_overdue_on_one_draft_list_and_sends_nothing(service):
    imported = at("2026-11-23 10:00")
    for n in (1, 2):
        await hear(service, issued(n, due=at("2026-10-01 18:00"), historical_before=imported))
        await hear(service, lit(Light.OVERDUE, imported, n, historical=True))
        await tick(service, imported)
    await hear(service, issued(3, due=at("2026-10-01 18:00"), unit=OTHER, historical_before=imported))
    await hear(service, lit(Light.OVERDUE, imported, 3, historical=True, unit=OTHER))
    await tick(service, imported)
    [draft], amended = await words(service, NoticeDrafted), await words(service, NoticeAmended)
    assert (draft.kind, draft.cause) == (NoticeKind.SUPERVISION, NoticeCause.HISTORICAL)
    assert len(amended[-1].items) == 3
    assert {recipient.unit for recipient in amended[-1].recipients} == {UNIT, OTHER}
    assert await tick(service, at("2027-02-01 10:00")) == []
    assert await words(service, NoticeSigned) == []
    assert isinstance(await signed(service, draft.notice_id), Done)
    await rendered(service)
    assert {event.unit for event in await words(service, DeliverySent)} == {UNIT, OTHER}


async def test_a_part_that_another_node_owns_raises_nothing_here(service):
    await hear(service, issued(1, owner="14.10.00"), lit(Light.STALLED, at("2026-11-23 10:00"), 1))
    assert await tick(service, at("2026-11-23 10:00")) == []


async def test_an_unprintable_list_stays_a_draft_for_a_person_and_stops_no_other(service):
    await hear(service, issued(1, title="\U0002a6a5事项"), issued(2, unit=OTHER))
    await hear(service, lit(Light.LAGGING, at("2026-11-23 09:00"), 1))
    await hear(service, lit(Light.LAGGING, at("2026-11-23 09:00"), 2, unit=OTHER))
    await tick(service, at("2026-11-23 17:30"))
    await tick(service, at("2026-11-23 17:31"))
    [signature] = await words(service, NoticeSigned)
    assert "之2" in signature.title
    assert "\U0002a6a5" in await service.pool.fetchval("select reason from held")
    answer = await signed(service, (await words(service, NoticeDrafted))[0].notice_id)
    assert isinstance(answer, Refused) and answer.code == "unprintable"


async def test_a_person_is_pointed_to_the_draft_that_already_waits(service):
    await hear(service, issued(1), lit(Light.STALLED, at("2026-11-23 10:00"), 1))
    await tick(service, at("2026-11-23 10:00"))
    answer = await drafted(service, NoticeKind.URGING, now=at("2026-11-23 11:00"))
    assert isinstance(answer, Refused) and answer.code == "draft_waits"
    assert UUID(str(answer.detail["notice_id"])) == (await latest(service, NoticeKind.URGING)).notice_id


async def test_a_persons_urging_counts_and_stops_the_ladder_from_urging_too(service):
    await hear(service, issued(1))
    await drafted(service, NoticeKind.URGING, sign=True, now=at("2026-11-23 10:00"))
    await hear(service, lit(Light.STALLED, at("2026-11-23 11:00"), 1))
    assert await tick(service, at("2026-11-23 11:00")) == []
    too_soon = await drafted(service, NoticeKind.URGING, now=at("2026-11-24 10:00"))
    assert isinstance(too_soon, Refused) and too_soon.code == "rung_live"
    lower = await drafted(service, NoticeKind.PROMPT, now=at("2026-11-24 10:00"))
    assert isinstance(lower, Refused) and lower.code == "rung_live"


async def test_an_answered_urging_may_be_repeated_by_hand_only_after_its_gap(service):
    await hear(service, issued(1))
    await drafted(service, NoticeKind.URGING, sign=True, now=at("2026-11-23 10:00"))
    await hear(service, reported(at("2026-11-23 15:00")))
    answer = await drafted(service, NoticeKind.URGING, now=at("2026-11-24 10:00"))
    assert isinstance(answer, Refused) and answer.code == "urging_gap"
    assert isinstance(await drafted(service, NoticeKind.URGING, sign=True, now=at("2026-11-27 10:00")), Done)
    third = await drafted(service, NoticeKind.URGING, now=at("2026-12-27 10:00"))
    assert isinstance(third, Refused) and third.code == "urging_limit"


async def test_a_persons_higher_rung_takes_the_ladders_draft_back(service):
    await hear(service, issued(1), lit(Light.LAGGING, at("2026-11-23 09:00"), 1))
    await tick(service, at("2026-11-23 09:00"))
    await drafted(service, NoticeKind.URGING, sign=True, now=at("2026-11-23 10:00"))
    await tick(service, at("2026-11-23 10:01"))
    [voided] = await words(service, NoticeVoided)
    assert "更高一级" in voided.reason


async def test_a_closed_matter_gets_no_more_rungs_by_hand(service):
    await hear(service, issued(1), closed(at("2026-11-23 10:00")))
    answer = await drafted(service, NoticeKind.URGING)
    assert isinstance(answer, Refused) and answer.code == "not_open"
    assert isinstance(await drafted(service, NoticeKind.SUPERVISION), Done)


async def test_a_withdrawn_prompt_by_hand_is_not_drafted_again_for_the_same_cause(service):
    await hear(service, issued(1), lit(Light.LAGGING, at("2026-11-23 09:00"), 1))
    await tick(service, at("2026-11-23 09:00"))
    draft = await latest(service, NoticeKind.PROMPT)
    void = VoidNotice(actor=SUPERVISOR, notice_id=draft.notice_id, reason="情况特殊")
    await ask(service, void, at("2026-11-23 10:00"))
    assert await tick(service, at("2026-11-30 10:00")) == []


async def test_the_policies_are_published_once(service):
    assert await tick(service, at("2026-01-02 09:00"), "found") == []
    published = {event.name: event for event in await words(service, PolicyPublished)}
    assert published["ladder"].values["urging_max"] == 2
    assert published["numbering"].values["series"]["order"] == "督责"
    assert {event.address for event in published.values()} == {"14.00.00.000.all"}
