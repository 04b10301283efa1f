"""Document numbers are gapless and unique per issuer, series and year, whoever signs at the same moment (P8)."""

import asyncio
import random
from dataclasses import replace
from uuid import UUID

import pytest

from contracts.commands.notice import SignNotice, VoidNotice
from contracts.envelope import Done
from contracts.events.delivery import DeliverySent
from contracts.events.notice import NoticeSigned
from contracts.refusals import Refused
from contracts.terms import Light, NoticeKind
from services.chassis.app import jobs_of
from services.chassis.leading import campaign
from services.notices.documents import renderer
from tests.chassis.conftest import until
from tests.conftest import House
from tests.notices.documents.sample import fandol
from tests.notices.ladder.walk import at
from tests.notices.office import SUPERVISOR, Office, opened

MANY = 50


@pytest.fixture
async def office(house: House) -> Office:
    fandol()
    office = await opened(house)
    await office.handle(*(office.issue(n) for n in range(1, MANY + 1)))
    return office


async def drafts(office: Office, kind: NoticeKind = NoticeKind.SUPERVISION) -> list[str]:
    answers = [await office.draft(kind, (n,)) for n in range(1, MANY + 1)]
    return [str(answer.detail["notice_id"]) for answer in answers]


def gapless(sequences: list[int]) -> bool:
    return sorted(sequences) == list(range(1, len(sequences) + 1))


async def test_fifty_signatures_at_once_leave_no_gap_and_no_double(office):
    answers = await asyncio.gather(*(office.sign(id) for id in await drafts(office)))
    assert all(isinstance(answer, Done) for answer in answers)
    signatures = await office.emitted(NoticeSigned)
    assert len(signatures) == MANY and gapless([s.notice.sequence for s in signatures])
    assert len({answer.detail["number"] for answer in answers}) == MANY


async def test_transactions_that_roll_back_after_taking_a_number_leave_no_gap(office):
    ids, dice, failed = await drafts(office), random.Random(7), 0
    handler = office.service.handlers.commands[SignNotice]

    async def unlucky(command, db, now, service):
        nonlocal failed
        answer = await handler.call(command, db, now, service)
        if dice.random() < 0.3:
            failed += 1
            raise ConnectionError("the power went out right before the commit")
        return answer

    office.service.handlers.commands[SignNotice] = replace(handler, call=unlucky)
    answers = await asyncio.gather(*(office.sign(id) for id in ids))
    done = [answer for answer in answers if isinstance(answer, Done)]
    assert failed and len(done) == MANY - failed
    assert await office.value("select last from series") == len(done)
    assert gapless([s.notice.sequence for s in await office.emitted(NoticeSigned)])


async def test_fifty_clicks_on_one_draft_take_one_number(office):
    draft = await office.draft(NoticeKind.SUPERVISION)
    answers = await asyncio.gather(*(office.sign(draft.detail["notice_id"]) for _ in range(MANY)))
    done = [answer for answer in answers if isinstance(answer, Done)]
    numbers = {answer.detail["number"] for answer in answers if isinstance(answer, Refused)}
    assert len(done) == 1 and numbers == {done[0].detail["number"]}


async def test_drafts_signed_at_once_and_voids_between_them_share_one_series_without_a_gap(office):
    async def both(n: int) -> Done:
        answer = await office.draft(NoticeKind.SUPERVISION, (n,), sign=True)
        if n % 5 == 0:
            id = UUID(str(answer.detail["notice_id"]))
            await office.ask(VoidNotice(actor=SUPERVISOR, notice_id=id, reason="内容有误"))
        return answer

    await asyncio.gather(*(both(n) for n in range(1, MANY + 1)))
    assert gapless([s.notice.sequence for s in await office.emitted(NoticeSigned)])
    assert await office.value("select count(*) from notice where state = 'void' and number <> ''") == MANY // 5


async def test_kinds_are_counted_apart_and_a_new_year_begins_at_one(office):
    old = await office.draft(NoticeKind.SUPERVISION, (1,), sign=True, now=at("2026-12-31 23:59"))
    new = await office.draft(NoticeKind.SUPERVISION, (1,), sign=True, now=at("2027-01-01 00:00"))
    slip = await office.draft(NoticeKind.URGING, (1,), sign=True, now=at("2027-01-01 00:00"))
    numbers = [answer.detail["number"] for answer in (old, new, slip)]
    assert numbers == ["示政办督〔2026〕1号", "示政办督〔2027〕1号", "示政办督催〔2027〕1号"]


async def test_two_renderers_share_the_work_and_every_document_goes_out_once_within_seconds(office):
    ids = await drafts(office)
    jobs = [asyncio.ensure_future(renderer.render(office.service)) for _ in range(2)]
    began = asyncio.get_running_loop().time()
    try:
        await asyncio.gather(*(office.sign(id) for id in ids))

        async def all_sent() -> bool:
            return await office.value("select count(*) from delivery") == MANY

        await until(all_sent, seconds=30)
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
    sent = await office.emitted(DeliverySent)
    assert len({delivery.delivery.notice_id for delivery in sent}) == len(sent) == MANY
    print(f"{MANY} documents signed, rendered and sent in {asyncio.get_running_loop().time() - began:.1f} s")


async def test_a_light_on_the_bus_becomes_a_draft_and_one_click_a_delivered_document(office):
    jobs = [asyncio.ensure_future(campaign(office.service, jobs_of(office.service)))]
    jobs.append(asyncio.ensure_future(renderer.render(office.service)))
    try:
        event = office.turn(Light.STALLED, at("2026-11-23 10:00"))
        await office.service.nc.jetstream().publish(
            event.subject(), event.model_dump_json().encode(), headers=event.headers()
        )

        async def delivered() -> bool:
            sql = "select count(*) from outbox where type = 'delivery.sent' and seq not in (select seq from pending)"
            return await office.value(sql) == 1

        async def waiting() -> bool:
            return (
                await office.value("select count(*) from notice where notice ->> 'kind' = 'urging' and state = 'draft'")
                == 1
            )

        await until(waiting)
        assert isinstance(await office.sign(await office.value("select notice_id from notice")), Done)
        await until(delivered, seconds=5)
    finally:
        while jobs:
            for job in jobs:
                job.cancel()
            jobs = list((await asyncio.wait(jobs, timeout=1))[1])
