"""The ladder on a real database and calendar: a month of one assignment, the lists of a day, what is taken back."""

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
from services.notices.documents import store
from services.notices.documents.domain.notice import FullNotice
from services.notices.ladder.domain.policy import LadderPolicy
from services.notices.ladder.store import policies
from tests.conftest import House
from tests.notices.documents.sample import fandol
from tests.notices.ladder.walk import at
from tests.notices.office import CLERK, LEADER, OTHER, SUPERVISOR, UNIT, Office, opened

DUE = at("2026-11-26 18:00")


@pytest.fixture
async def office(house: House) -> Office:
    fandol()
    return await opened(house)


async def latest(office: Office, kind: NoticeKind) -> NoticeDrafted:
    """The last document of a kind that was drafted."""
    return [event for event in await office.emitted(NoticeDrafted) if event.notice.kind is kind][-1]


async def contents(office: Office) -> list[str]:
    return [event.content for event in await office.emitted(NoticeSigned)]


async def test_a_month_on_the_ladder_from_the_first_prompt_to_the_leaders_order(office):
    await office.handle(office.issue(due=DUE), office.turn(Light.LAGGING, at("2026-11-16 18:01")))
    await office.tick(at("2026-11-16 18:01"))
    await office.tick(at("2026-11-16 18:02"))
    [prompt] = await office.emitted(NoticeSigned)
    assert (prompt.notice.kind, prompt.notice.number, prompt.actor) == (NoticeKind.PROMPT, "示政办督提〔2026〕1号", "")
    assert prompt.notice.reply_by == at("2026-11-17 18:00")
    assert await office.tick(at("2026-11-19 17:59")) == []
    await office.tick(at("2026-11-19 18:00"))
    slip = await latest(office, NoticeKind.ASSIGNMENT)
    assert slip.notice.cites == prompt.notice.number and slip.notice.cause is NoticeCause.UNANSWERED
    await office.sign(slip.notice.notice_id, now=at("2026-11-20 09:00"))

    await office.handle(office.turn(Light.OVERDUE, DUE + timedelta(minutes=1)))
    await office.tick(DUE + timedelta(minutes=1))
    clicks = [("2026-11-27 09:00", "2026-12-02 18:00"), ("2026-12-02 18:05", "2026-12-03 09:00")]
    for n, (when, then) in enumerate(clicks):
        urging = await latest(office, NoticeKind.URGING)
        assert urging.notice.occurrence == n + 1
        assert isinstance(await office.sign(urging.notice.notice_id, now=at(when)), Done)
        assert await office.tick(at(then) - timedelta(minutes=1)) == []
        await office.tick(at(then))

    order = await latest(office, NoticeKind.ORDER)
    assert order.time == at("2026-12-03 09:00") and order.notice.cause is NoticeCause.OVERDUE
    refusal = await office.sign(order.notice.notice_id)
    assert isinstance(refusal, Refused) and refusal.code == "forbidden"
    assert isinstance(await office.sign(order.notice.notice_id, LEADER, now=at("2026-12-04 09:00")), Done)
    numbers = [event.notice.number for event in await office.emitted(NoticeSigned)]
    cites = [event.notice.cites for event in await office.emitted(NoticeDrafted)]
    assert cites == ["", *numbers[:-1]]
    assert all(number in content for number, content in zip(numbers, (await contents(office))[1:], strict=False))

    await office.handle(office.close(at("2026-12-10 10:00")))
    assert await office.tick(at("2027-03-01 10:00")) == []
    assert await office.render() == 5


async def test_prompts_of_one_day_to_one_unit_are_one_list_signed_at_half_past_five(office):
    await office.handle(*(office.issue(n, due=DUE) for n in (1, 2, 3)), office.issue(4, due=DUE, unit=OTHER))
    await office.handle(office.turn(Light.LAGGING, at("2026-11-23 09:00"), 1), office.warn(at("2026-11-23 09:00"), 2))
    await office.tick(at("2026-11-23 09:00"))
    await office.handle(office.turn(Light.LAGGING, at("2026-11-23 11:00"), 3))
    await office.handle(office.turn(Light.LAGGING, at("2026-11-23 11:00"), 4))
    await office.tick(at("2026-11-23 11:00"))
    assert await office.emitted(NoticeSigned) == []
    assert await office.tick(at("2026-11-23 17:29")) == []
    await office.tick(at("2026-11-23 17:30"))
    await office.render()
    sent = {event.delivery.unit: event for event in await office.emitted(DeliverySent)}
    assert {unit: len(event.items) for unit, event in sent.items()} == {UNIT: 3, OTHER: 1}
    causes = {item.title[-1]: item.cause for item in sent[UNIT].items}
    assert causes == {"1": NoticeCause.LAGGING, "2": NoticeCause.DUE_SOON, "3": NoticeCause.LAGGING}
    first = sent[UNIT].items[0].title
    assert sent[UNIT].delivery.title == f"关于“{first}”等3项事项的提示单"


async def test_a_prompt_after_the_days_list_went_out_stands_on_the_next_working_days(office):
    await office.handle(
        office.issue(1, due=DUE), office.issue(2, due=DUE), office.turn(Light.LAGGING, at("2026-11-27 10:00"), 1)
    )
    await office.tick(at("2026-11-27 10:00"))
    await office.tick(at("2026-11-27 17:30"))
    await office.handle(office.turn(Light.LAGGING, at("2026-11-27 18:01"), 2))
    await office.tick(at("2026-11-27 18:01"))
    assert len(await office.emitted(NoticeSigned)) == 1
    assert (await latest(office, NoticeKind.PROMPT)).notice.send_at == at("2026-11-30 17:30")
    await office.tick(at("2026-11-30 17:30"))
    assert len(await office.emitted(NoticeSigned)) == 2


async def test_a_prompt_raised_on_a_rest_day_waits_for_the_next_working_day(office):
    await office.handle(office.issue(1, due=DUE), office.turn(Light.LAGGING, at("2026-10-01 10:00"), 1))
    await office.tick(at("2026-10-01 10:00"))
    assert (await latest(office, NoticeKind.PROMPT)).notice.send_at == at("2026-10-08 17:30")


async def test_a_list_waits_until_it_has_been_quiet_for_a_moment(office):
    await office.handle(
        office.issue(1, due=DUE), office.issue(2, due=DUE), office.turn(Light.LAGGING, at("2026-11-23 18:00"), 1)
    )
    await office.tick(at("2026-11-23 18:00"))
    await office.handle(office.turn(Light.LAGGING, at("2026-11-23 18:00"), 2))
    await office.tick(at("2026-11-23 18:00") + timedelta(seconds=5))
    await office.tick(at("2026-11-23 18:00") + timedelta(seconds=14))
    assert await office.emitted(NoticeSigned) == []
    await office.tick(at("2026-11-23 18:00") + timedelta(seconds=15))
    [signature] = await office.emitted(NoticeSigned)
    assert "等2项" in signature.notice.title


async def test_what_recovers_before_the_list_goes_out_is_taken_off_it_and_an_empty_list_is_withdrawn(office):
    morning, noon = at("2026-11-23 09:00"), at("2026-11-23 12:00")
    await office.handle(
        office.issue(1), office.issue(2), office.turn(Light.LAGGING, morning, 1), office.turn(Light.LAGGING, morning, 2)
    )
    await office.tick(morning)
    await office.handle(office.turn(Light.NORMAL, noon, 1))
    await office.tick(noon)
    [amended] = await office.emitted(NoticeAmended)
    assert len(amended.items) == 1
    await office.handle(office.close(noon, 2))
    await office.tick(noon)
    [voided] = await office.emitted(NoticeVoided)
    assert voided.notice.number == "" and voided.actor == "" and "销号" in voided.notice.void_reason
    assert await office.tick(at("2026-11-23 17:30")) == []


async def test_what_was_taken_off_a_list_is_prompted_again_when_it_lags_again(office):
    morning, noon, later = at("2026-11-23 09:00"), at("2026-11-23 12:00"), at("2026-11-23 15:00")
    await office.handle(
        office.issue(1), office.issue(2), office.turn(Light.LAGGING, morning, 1), office.turn(Light.LAGGING, morning, 2)
    )
    await office.tick(morning)
    await office.handle(office.turn(Light.NORMAL, noon, 1))
    await office.tick(noon)
    await office.handle(office.turn(Light.LAGGING, later, 1))
    await office.tick(later)
    items = (await office.emitted(NoticeAmended))[-1].items
    assert [(item.title[-1], item.occurrence) for item in items] == [("2", 1), ("1", 2)]


async def test_ten_people_who_urge_the_same_assignment_at_once_make_one_document(office):
    await office.handle(office.issue(1))
    answers = await asyncio.gather(*(office.draft(NoticeKind.URGING, sign=True) for _ in range(10)))
    refusals = {answer.code for answer in answers if isinstance(answer, Refused)}
    assert sum(isinstance(answer, Done) for answer in answers) == 1 and refusals == {"rung_live"}


async def test_a_full_list_goes_on_in_a_second_document(office):
    count = 120
    parts = range(1, count + 1)
    await office.handle(*(office.issue(n) for n in parts))
    await office.handle(*(office.turn(Light.LAGGING, at("2026-11-23 09:00"), n) for n in parts))
    await office.tick(at("2026-11-23 09:00"))
    assert [len(event.items) for event in await office.emitted(NoticeDrafted)] == [100, 20]
    await office.tick(at("2026-11-23 17:30"))
    assert [event.notice.number for event in await office.emitted(NoticeSigned)] == [
        "示政办督提〔2026〕1号",
        "示政办督提〔2026〕2号",
    ]


async def test_a_receipt_answers_a_prompt(office):
    await office.handle(office.issue(1), office.turn(Light.LAGGING, at("2026-11-23 09:00"), 1))
    await office.tick(at("2026-11-23 09:00"))
    await office.tick(at("2026-11-23 17:30"))
    await office.render()
    [delivery] = await office.emitted(DeliverySent)
    receipt = ReceiveNotice(actor=CLERK, delivery_id=delivery.delivery.delivery_id)
    assert isinstance(await office.ask(receipt, at("2026-11-24 10:00")), Done)
    assert await office.tick(at("2026-12-24 10:00")) == []


async def test_an_import_puts_what_was_overdue_on_one_draft_list_and_sends_nothing(office):
    imported = at("2026-11-23 10:00")
    for n in (1, 2):
        await office.handle(office.issue(n, due=at("2026-10-01 18:00"), historical_before=imported))
        await office.handle(office.turn(Light.OVERDUE, imported, n, historical=True))
        await office.tick(imported)
    await office.handle(office.issue(3, due=at("2026-10-01 18:00"), unit=OTHER, historical_before=imported))
    await office.handle(office.turn(Light.OVERDUE, imported, 3, historical=True))
    await office.tick(imported)
    [draft], amended = await office.emitted(NoticeDrafted), await office.emitted(NoticeAmended)
    assert (draft.notice.kind, draft.notice.cause) == (NoticeKind.SUPERVISION, NoticeCause.HISTORICAL)
    assert len(amended[-1].items) == 3
    assert {recipient.unit for recipient in amended[-1].recipients} == {UNIT, OTHER}
    assert await office.tick(at("2027-02-01 10:00")) == []
    assert await office.emitted(NoticeSigned) == []
    assert isinstance(await office.sign(draft.notice.notice_id), Done)
    await office.render()
    assert {event.delivery.unit for event in await office.emitted(DeliverySent)} == {UNIT, OTHER}


async def test_a_large_import_goes_on_many_lists_and_the_full_ones_are_not_read_again(office, monkeypatch):
    async def small(_: object) -> LadderPolicy:
        return LadderPolicy(list_limit=2)

    async def counted(*arguments: object) -> dict[UUID, FullNotice]:
        each = await notices(*arguments)
        read.append(len(each))
        return each

    imported, read, notices = at("2026-11-23 10:00"), list[int](), store.notices
    monkeypatch.setattr(policies, "ladder", small)
    monkeypatch.setattr(store, "notices", counted)
    for n in range(1, 8):
        await office.handle(office.issue(n, due=at("2026-10-01 18:00"), historical_before=imported))
        await office.handle(office.turn(Light.OVERDUE, imported, n, historical=True))
        await office.tick(imported)
    drafts = await office.emitted(NoticeDrafted)
    assert len({draft.notice.notice_id for draft in drafts}) == 4
    last = {event.notice.notice_id: len(event.items) for event in [*drafts, *await office.emitted(NoticeAmended)]}
    assert sorted(last.values()) == [1, 2, 2, 2] and max(read) == 1


@pytest.mark.parametrize(("historical", "causes"), [(True, []), (False, [NoticeCause.FEEDBACK_MISSED])])
async def test_of_clocks_missed_before_the_entry_the_feedback_clock_urges_unless_it_is_history(
    office, historical, causes
):
    entered = at("2026-11-23 10:00")
    await office.handle(office.issue(1, historical_before=entered), office.miss(entered, historical=historical))
    await office.tick(entered)
    assert [event.notice.cause for event in await office.emitted(NoticeDrafted)] == causes


async def test_what_another_node_owns_raises_nothing_here(office):
    await office.handle(office.issue(1, owner="14.10.00"), office.turn(Light.STALLED, at("2026-11-23 10:00"), 1))
    assert await office.tick(at("2026-11-23 10:00")) == []


async def test_an_unprintable_list_stays_a_draft_for_a_person_and_stops_no_other(office):
    await office.handle(office.issue(1, title="\U0002a6a5事项之1"), office.issue(2, unit=OTHER))
    await office.handle(office.turn(Light.LAGGING, at("2026-11-23 09:00"), 1))
    await office.handle(office.turn(Light.LAGGING, at("2026-11-23 09:00"), 2))
    await office.tick(at("2026-11-23 17:30"))
    await office.tick(at("2026-11-23 17:31"))
    [signature] = await office.emitted(NoticeSigned)
    assert "之2" in signature.notice.title
    assert "\U0002a6a5" in await office.value("select reason from held")
    answer = await office.sign((await office.emitted(NoticeDrafted))[0].notice.notice_id)
    assert isinstance(answer, Refused) and answer.code == "unprintable"


async def test_a_person_is_pointed_to_the_draft_that_already_waits(office):
    await office.handle(office.issue(1), office.turn(Light.STALLED, at("2026-11-23 10:00"), 1))
    await office.tick(at("2026-11-23 10:00"))
    answer = await office.draft(NoticeKind.URGING, now=at("2026-11-23 11:00"))
    assert isinstance(answer, Refused) and answer.code == "draft_waits"
    assert UUID(str(answer.detail["notice_id"])) == (await latest(office, NoticeKind.URGING)).notice.notice_id


async def test_a_persons_urging_counts_and_stops_the_ladder_from_urging_too(office):
    await office.handle(office.issue(1))
    await office.draft(NoticeKind.URGING, sign=True, now=at("2026-11-23 10:00"))
    await office.handle(office.turn(Light.STALLED, at("2026-11-23 11:00"), 1))
    assert await office.tick(at("2026-11-23 11:00")) == []
    too_soon = await office.draft(NoticeKind.URGING, now=at("2026-11-24 10:00"))
    assert isinstance(too_soon, Refused) and too_soon.code == "rung_live"
    lower = await office.draft(NoticeKind.PROMPT, now=at("2026-11-24 10:00"))
    assert isinstance(lower, Refused) and lower.code == "rung_live"


async def test_an_answered_urging_may_be_repeated_by_hand_only_after_its_gap(office):
    await office.handle(office.issue(1))
    await office.draft(NoticeKind.URGING, sign=True, now=at("2026-11-23 10:00"))
    await office.handle(office.report(at("2026-11-23 15:00")))
    answer = await office.draft(NoticeKind.URGING, now=at("2026-11-24 10:00"))
    assert isinstance(answer, Refused) and answer.code == "urging_gap"
    assert isinstance(await office.draft(NoticeKind.URGING, sign=True, now=at("2026-11-27 10:00")), Done)
    third = await office.draft(NoticeKind.URGING, now=at("2026-12-27 10:00"))
    assert isinstance(third, Refused) and third.code == "urging_limit"


async def test_a_persons_higher_rung_takes_the_ladders_draft_back(office):
    await office.handle(office.issue(1), office.turn(Light.LAGGING, at("2026-11-23 09:00"), 1))
    await office.tick(at("2026-11-23 09:00"))
    await office.draft(NoticeKind.URGING, sign=True, now=at("2026-11-23 10:00"))
    await office.tick(at("2026-11-23 10:01"))
    [voided] = await office.emitted(NoticeVoided)
    assert "更高一级" in voided.notice.void_reason


async def test_a_closed_matter_gets_no_more_rungs_by_hand(office):
    await office.handle(office.issue(1), office.close(at("2026-11-23 10:00")))
    answer = await office.draft(NoticeKind.URGING)
    assert isinstance(answer, Refused) and answer.code == "not_open"
    assert isinstance(await office.draft(NoticeKind.SUPERVISION), Done)


async def test_a_withdrawn_prompt_by_hand_is_not_drafted_again_for_the_same_cause(office):
    await office.handle(office.issue(1), office.turn(Light.LAGGING, at("2026-11-23 09:00"), 1))
    await office.tick(at("2026-11-23 09:00"))
    draft = await latest(office, NoticeKind.PROMPT)
    void = VoidNotice(actor=SUPERVISOR, notice_id=draft.notice.notice_id, reason="情况特殊")
    await office.ask(void, at("2026-11-23 10:00"))
    assert await office.tick(at("2026-11-30 10:00")) == []


async def test_the_policies_are_published_once(office):
    assert await office.tick(at("2026-01-02 09:00"), "found") == []
    published = {event.name: event for event in await office.emitted(PolicyPublished)}
    assert published["ladder"].values["urging_max"] == 2
    assert published["numbering"].values["series"]["order"] == "督责"
    assert {event.address for event in published.values()} == {"14.00.00.000.all"}
