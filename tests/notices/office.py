"""The notices service on a real database, and the story whose events it handles."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from contracts.commands.notice import DraftNotice, SignNotice
from contracts.envelope import Actor, Command, Done, Event
from contracts.events.assignment import AssignmentEvent, AssignmentIssued
from contracts.events.light import ClockDueSoon, ClockMissed
from contracts.refusals import Refused
from contracts.terms import Light, NoticeKind
from contracts.workdays import ClockKind
from services.chassis import commands, outbox
from services.chassis.bus import Message
from services.chassis.inbox import Inbox
from services.chassis.service import Service
from services.notices import handlers, settings, ticks
from services.notices.documents import configuration, renderer
from tests.conftest import House
from tests.notices.documents.sample import VAR
from tests.story import Matter, Story, moment
from tests.story.lights import miss, turn, warn
from tests.story.province import LINFEN_EDUCATION, OFFICE, YAODU_REFORM, clerk, inspector, leader, name_of, supervisor

UNIT, OTHER = YAODU_REFORM, LINFEN_EDUCATION
NAMES = {unit: name_of(unit) for unit in (UNIT, OTHER)}
SUPERVISOR, INSPECTOR, LEADER, CLERK = supervisor(), inspector(), leader(), clerk(UNIT)
TITLE = "创新政府配置资源方式的指导意见对接方案"
T0 = moment("2026-01-01 09:00")


class Office:
    """What a test does with the service; `on_bus`: events handled are also kept by the stream, for a rebuild."""

    def __init__(self, service: Service[settings.Settings], on_bus: bool) -> None:
        self.service, self.inbox, self.on_bus = service, Inbox(service), on_bus
        self.story, self.matters = Story(T0), dict[int, Matter]()

    async def handle(self, *batches: Iterable[Event] | Event) -> None:
        """These events come in one batch."""
        events = [e for batch in batches for e in ([batch] if isinstance(batch, Event) else batch)]
        messages = [Message(str(e.id), e.type, e.aggregate, e.subject(), e.model_dump_json().encode()) for e in events]
        async with self.service.pool.acquire() as db:
            await self.inbox.take(db, messages)
        for event in events if self.on_bus else ():
            body = event.model_dump_json().encode()
            await self.service.nc.jetstream().publish(event.subject(), body, headers=event.headers())

    def issue(
        self,
        n: int = 1,
        due: datetime | None = None,
        unit: str = UNIT,
        historical_before: datetime | None = None,
        by: Actor = SUPERVISOR,
        **state: Any,
    ) -> list[Event]:
        """Matter `n` is issued to a unit; without `due` it has no end. `state`: what tasks itself would not write."""
        deadline = f"{due:%Y-%m-%d}" if due else "持续推进"
        imported = {"t0": T0, "historical_before": historical_before} if historical_before else {}
        self.story.at(historical_before or T0)
        self.matters[n] = self.story.register(f"{TITLE}之{n}", lead=unit, deadline=deadline, by=by, **imported)
        issued = [event for event in self.story.events[-2:] if isinstance(event, AssignmentIssued)]
        return [e.model_copy(update={"assignment": e.assignment.model_copy(update=state)}) for e in issued]

    def id(self, n: int = 1) -> UUID:
        """The assignment of matter `n`; of one that was never issued, an id that nobody has."""
        return self.matters[n].part().assignment_id if n in self.matters else uuid4()

    def turn(self, light: Light, time: datetime, n: int = 1, **more: Any) -> Event:
        """The light of matter `n` turns."""
        return turn(self.story.at(time), self.matters[n], light, **more)

    def miss(self, time: datetime, n: int = 1, historical: bool = False) -> ClockMissed:
        """Both first clocks of matter `n` had run out before it was entered."""
        first = (ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D)
        return miss(self.story.at(time), self.matters[n], *first, historical=historical)

    def warn(self, time: datetime, n: int = 1) -> ClockDueSoon:
        """Matter `n` is due in three working days."""
        return warn(self.story.at(time), self.matters[n], ClockKind.CUSTOM, 3)

    def report(self, time: datetime, n: int = 1) -> list[Event]:
        """Matter `n` is acknowledged and reported on, 40 per cent."""
        self.story.at(time)
        events = [*self.matters[n].acknowledge(), *self.matters[n].report(40)]
        return [event for event in events if isinstance(event, AssignmentEvent)]

    def close(self, time: datetime, n: int = 1) -> list[Event]:
        """Matter `n` is done, verified and written off."""
        self.story.at(time)
        return [event for event in self.matters[n].finish() if isinstance(event, AssignmentEvent)]

    async def tick(self, now: datetime, *names: str) -> list[Event]:
        """What the ticks emit at `now`, each again until it is silent."""
        emitted: list[Event] = []
        for handler in self.service.handlers.ticks:
            while not names or handler.call.__name__ in names:
                async with self.service.pool.acquire() as db, db.transaction():
                    events = await handler.call(db, now, **handler.arguments(self.service))
                    await outbox.emit(db, self.service.handlers, events)
                emitted += events
                if not events:
                    break
        return emitted

    async def ask(self, command: Command, now: datetime | None = None) -> Done | Refused:
        """The answer to a command, at a claimed time where one is given."""
        claimed = now.isoformat() if now else None
        return (await commands.answer(self.service, type(command), command.model_dump_json().encode(), claimed))[0]

    async def draft(
        self, kind: NoticeKind, matters: Sequence[int] = (1,), now: datetime | None = None, **more: Any
    ) -> Any:
        """A document by hand."""
        body = {"actor": SUPERVISOR} | more
        return await self.ask(DraftNotice(kind=kind, assignments=[self.id(n) for n in matters], **body), now)

    async def sign(self, notice_id: object, actor: Actor = SUPERVISOR, now: datetime | None = None) -> Any:
        """A signature."""
        return await self.ask(SignNotice(notice_id=UUID(str(notice_id)), actor=actor), now)

    async def render(self) -> int:
        """Everything that waits gets its pages; how many."""
        count = 0
        while await renderer.render_next(self.service, configuration.fonts(self.service.settings)):
            count += 1
        return count

    async def emitted(self, kind: type[Any]) -> list[Any]:
        """What was emitted of a kind, in order."""
        rows = await self.service.pool.fetch("select body from outbox where type = $1 order by seq", kind.type)
        return [kind.model_validate_json(row["body"]) for row in rows]

    async def fetch(self, sql: str, *args: object) -> Sequence[Any]:
        """Rows of the service's own schema."""
        return await self.service.pool.fetch(sql, *args)

    async def value(self, sql: str, *args: object) -> Any:
        """One value of the service's own schema."""
        return await self.service.pool.fetchval(sql, *args)


async def opened(house: House, demo: bool = True, on_bus: bool = False, **more: Any) -> Office:
    """The service that knows the calendar and the register; its fonts are those of the project."""
    own = settings.Settings(**house.settings.model_dump(), font_dir=VAR / "fonts", **more)
    office = Office(await house.service("notices", handlers, ticks, settings=own), on_bus)
    if demo:
        await office.service.pool.execute("insert into mark (name) values ('demo')")
    await office.handle(office.story.opening())
    await office.tick(T0, "publish_ladder", "publish_numbering")
    return office


__all__ = [
    "CLERK",
    "INSPECTOR",
    "LEADER",
    "NAMES",
    "OFFICE",
    "OTHER",
    "SUPERVISOR",
    "TITLE",
    "UNIT",
    "Office",
    "opened",
]
