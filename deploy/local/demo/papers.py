"""What the office of the demo province did with the documents that the lights drafted: some it signed."""

import asyncio
from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

from nats.aio.client import Client

from contracts.commands.notice import DraftNotice, ReceiveNotice, SignNotice
from contracts.envelope import ActorRole
from contracts.events.delivery import DeliverySent
from contracts.events.notice import NoticeDrafted
from contracts.terms import NoticeCause, NoticeKind
from deploy.local.demo.bus import ask, events_of
from deploy.local.demo.people import OFFICE, chance, person

SIGNED, RAISED = 8, 2
"""Of the urgings of what is overdue: so many are signed, and so many of these followed by a red-head document."""
SIGNER = person(OFFICE, ActorRole.SUPERVISOR).actor
PATIENCE = 30.0
"""Seconds that lights may take to turn and to be drafted about."""


async def signed(bus: Client) -> None:
    """Sign some urgings, raise a few to the red-head document, and let most of their units receive them."""
    chosen = overdue_of_different_units(await drafts(bus))
    for n, draft in enumerate(chosen):
        answer = await ask(bus, SignNotice(actor=SIGNER, notice_id=draft.notice.notice_id), None)
        if answer["ok"] and n < RAISED:
            await ask(bus, raised(draft, str(answer["detail"]["number"])), None)
    deliveries = await sent(bus, len(chosen) + RAISED)
    for delivery in (event.delivery for event in deliveries):
        if chance(delivery.unit, "receives") < 0.7:
            clerk = person(delivery.unit, ActorRole.UNIT_CLERK).actor
            await ask(bus, ReceiveNotice(actor=clerk, delivery_id=delivery.delivery_id), None)
    print(f"签发文书：{len(chosen) + RAISED} 份，送达 {len(deliveries)} 家", flush=True)


def overdue_of_different_units(drafted: Sequence[NoticeDrafted]) -> list[NoticeDrafted]:
    """The same few every time, each of another unit, so that most wait for whoever tries the demo."""

    def place(notice: NoticeDrafted) -> tuple[str, str]:
        return notice.notice.title, notice.recipients[0].unit

    late = [n for n in drafted if n.notice.kind is NoticeKind.URGING and n.notice.cause is NoticeCause.OVERDUE]
    first = {notice.recipients[0].unit: notice for notice in sorted(late, key=place, reverse=True)}
    return sorted(first.values(), key=place)[:SIGNED]


def raised(urging: NoticeDrafted, number: str) -> DraftNotice:
    """The red-head document about the same matters."""
    return DraftNotice(
        id=uuid5(NAMESPACE_URL, f"raised {urging.notice.notice_id}"),
        actor=SIGNER,
        kind=NoticeKind.SUPERVISION,
        assignments=tuple(item.assignment_id for item in urging.items),
        cites=number,
        sign=True,
    )


async def drafts(bus: Client) -> list[NoticeDrafted]:
    """Everything drafted, once the lights have turned and nothing more is drafted for a second."""
    return [NoticeDrafted.model_validate_json(body) for body in await settled_events(bus, NoticeDrafted.filters(), 1)]


async def sent(bus: Client, count: int) -> list[DeliverySent]:
    """What the units were sent, once so many documents went out."""
    return [DeliverySent.model_validate_json(body) for body in await settled_events(bus, DeliverySent.filters(), count)]


async def settled_events(bus: Client, subject: str, count: int) -> list[bytes]:
    """All events under `subject`: at least `count`, and no more for a second; what there is after PATIENCE."""
    before: list[bytes] = []
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while loop.time() < end:
        await asyncio.sleep(1)
        now = await events_of(bus, subject)
        if len(now) >= count and len(now) == len(before):
            break
        before = now
    return before
