"""Events, commands, ticks and the renderer at once: nobody waits in a circle, nothing is raised twice."""

import asyncio
import random
from datetime import UTC, datetime

from contracts.commands.notice import VoidNotice
from contracts.events.notice import NoticeSigned
from contracts.refusals import Refused
from contracts.terms import Light, NoticeKind
from tests.conftest import House
from tests.notices.documents.sample import fandol
from tests.notices.ladder.walk import at
from tests.notices.office import SUPERVISOR, Office, opened

MATTERS = range(1, 25)
LIGHTS = (Light.NORMAL, Light.LAGGING, Light.STALLED, Light.OVERDUE)
EXPECTED = {"draft_waits", "rung_live", "urging_gap", "urging_limit", "already_signed", "withdrawn", "void", "stale"}


async def events(office: Office, dice: random.Random) -> None:
    """Batches in which assignments stand in any order, as they come from the bus."""
    for _ in range(12):
        matters = dice.sample(MATTERS, 8)
        await office.handle(*(office.turn(dice.choice(LIGHTS), at("2026-11-02 09:00"), n) for n in matters))


async def ticks(office: Office) -> None:
    for _ in range(12):
        await office.tick(datetime.now(UTC))
        await office.render()


async def people(office: Office, dice: random.Random) -> list[str]:
    """Drafts, signatures and voids; every refusal is one of those that may be."""
    codes = []
    for _ in range(12):
        answers = [
            await office.draft(dice.choice((NoticeKind.URGING, NoticeKind.SUPERVISION)), dice.sample(MATTERS, 3))
        ]
        rows = await office.fetch("select notice_id from notice where state in ('draft', 'signed')")
        for row in dice.sample(rows, min(2, len(rows))):
            answers.append(await office.sign(row["notice_id"]))
        if rows:
            void = VoidNotice(actor=SUPERVISOR, notice_id=dice.choice(rows)["notice_id"], reason="内容有误")
            answers.append(await office.ask(void))
        codes += [answer.code for answer in answers if isinstance(answer, Refused)]
    return codes


async def test_all_at_once_for_a_while(house: House):
    fandol()
    office = await opened(house)
    await office.handle(*(office.issue(n, due=at("2026-11-01 18:00")) for n in MATTERS))
    dice = random.Random(20261123)
    _, _, *codes = await asyncio.gather(events(office, dice), ticks(office), *(people(office, dice) for _ in range(3)))
    assert {code for some in codes for code in some} - {"forbidden"} <= EXPECTED
    sequences: dict[str, list[int]] = {}
    for event in await office.emitted(NoticeSigned):
        sequences.setdefault(event.notice.series, []).append(event.notice.sequence)
    assert sequences and all(sorted(s) == list(range(1, len(s) + 1)) for s in sequences.values())
    await office.tick(datetime.now(UTC))
    waiting = """
    select count(*) from rung join notice using (notice_id)
    where state = 'draft' and ended is null and rung.cause <> 'by_hand' and rung.kind <> 'supervision'
    group by assignment_id order by 1 desc limit 1
    """
    assert (await office.value(waiting) or 0) <= 1
