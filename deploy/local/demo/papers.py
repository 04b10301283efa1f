"""What the office of the demo province did with the documents that the lights drafted: some it signed."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import NAMESPACE_URL, uuid5

from nats.aio.client import Client

from contracts.commands.notice import DraftNotice, ReceiveNotice, SignNotice
from contracts.envelope import ActorRole, Event
from contracts.events.delivery import DeliverySent
from contracts.events.notice import NoticeDrafted
from contracts.terms import NoticeCause, NoticeKind
from deploy.local.demo.bus import ask, events_of
from deploy.local.demo.people import OFFICE, chance, person

E = TypeVar("E", bound=Event)
SIGNED, RAISED = 8, 2
"""Of the urgings of what is overdue: so many are signed, and so many of these followed by a red-head document."""
SIGNER = person(OFFICE, ActorRole.SUPERVISOR).actor
PATIENCE = 180.0
"""Seconds that lights may take to turn and to be drafted about, and documents to go out, on a busy machine."""
PAUSE = 1.0


class Missing(RuntimeError):
    """What the demo shows has not come: it is not loaded, and says so."""


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
    """Everything drafted, once there are urgings enough to sign and nothing more is drafted for a while."""
    return await settled(bus, NoticeDrafted, lambda drafted: len(overdue_of_different_units(drafted)) >= SIGNED)


async def sent(bus: Client, count: int) -> list[DeliverySent]:
    """What the units were sent, once so many documents went out."""
    return await settled(bus, DeliverySent, lambda deliveries: len({d.delivery.notice_id for d in deliveries}) >= count)


async def settled(bus: Client, kind: type[E], enough: Callable[[list[E]], bool]) -> list[E]:
    """All events of this kind, once they are enough and no more came between two looks. Raises Missing."""
    before: list[E] = []
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while loop.time() < end:
        await asyncio.sleep(PAUSE)
        now = [kind.model_validate_json(body) for body in await events_of(bus, kind.filters())]
        if len(now) == len(before) and enough(now):
            return now
        before = now
    raise Missing(f"{PATIENCE:.0f} 秒内没有等到示例省的公文：{kind.type} 只有 {len(before)} 个")
