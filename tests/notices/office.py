"""An office at work: what it hears, what it is asked, and what its clocks do at a told time."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from contracts.commands.notice import DraftNotice, SignNotice
from contracts.envelope import Actor, ActorRole, Command, Done, Event
from contracts.events.assignment import AssignmentClosed, AssignmentIssued, AssignmentReported
from contracts.events.light import ClockDueSoon, LightChanged
from contracts.events.register import CalendarRevised, UnitRegistered
from contracts.refusals import Refused
from contracts.terms import AssignmentState, Board, Grade, Light, NoticeKind, ReportKind, Role
from contracts.workdays import ClockKind, Weight
from services.chassis import commands, outbox
from services.chassis.service import Service
from services.notices import handlers, rendering, settings, standing, ticks
from services.tasks.register.calendar_seed import calendar_days
from tests.conftest import House
from tests.notices.documents_sample import VAR

Hear = Callable[..., Awaitable[None]]
OFFICE, UNIT, OTHER = "14.00.00.000.bgt", "14.10.02.000.fgw", "14.10.00.000.jyt"
NAMES = {UNIT: "尧都区发展改革局", OTHER: "临汾市教育局"}
SUPERVISOR = Actor(person="wang", unit=OFFICE, roles=(ActorRole.SUPERVISOR,))
INSPECTOR = Actor(person="li", unit=OFFICE, roles=(ActorRole.INSPECTOR,))
LEADER = Actor(person="zhao", unit="14.00.00.000.gov", roles=(ActorRole.LEADER,))
CLERK = Actor(person="qian", unit=UNIT, roles=(ActorRole.UNIT_CLERK,))
TITLE = "创新政府配置资源方式的指导意见对接方案"


async def opened(house: House, demo: bool = True, hear_by: Hear | None = None) -> Service:
    """The service on an empty database that knows the calendar; its fonts are those of the project."""
    own = settings.Settings(**house.settings.model_dump(), font_dir=VAR / "fonts")
    house.settings = own
    service = await house.service("notices", handlers, ticks)
    if demo:
        await service.pool.execute("insert into mark (name) values ('demo')")
    await (hear_by or hear)(service, *known_from_the_start())
    await tick(service, datetime.fromisoformat("2026-01-01T09:00:00+08:00"), "found")
    return service


def known_from_the_start() -> list[Event]:
    """The calendar, and the office on the register."""
    years = [
        CalendarRevised(**said(f"calendar/{year}"), year=year, days=tuple(calendar_days(year, year)))
        for year in (2025, 2026, 2027)
    ]
    names = {OFFICE: ("山西省人民政府办公厅", "省政府办公厅")} | {unit: (name, name) for unit, name in NAMES.items()}
    register = [
        UnitRegistered(**said(f"unit/{unit}"), unit=unit, name=name, short=short, level="province", kind="department")
        for unit, (name, short) in names.items()
    ]
    return [*years, *register]


def said(aggregate: str, time: datetime | None = None, version: int = 1, owner: str = "14.00.00") -> dict:
    """What every event carries."""
    moment = time or datetime.fromisoformat("2026-01-01T09:00:00+08:00")
    return {"aggregate": aggregate, "time": moment, "version": version, "owner": owner, "address": OFFICE}


def about(n: int = 1, unit: str = UNIT, title: str = TITLE, state: AssignmentState = AssignmentState.WORKING) -> dict:
    """What every event of a part says of it."""
    return {
        "assignment_id": part_id(n),
        "task_id": uuid5(part_id(n), "task"),
        "title": f"{title}之{n}",
        "unit": unit,
        "unit_name": NAMES[unit],
        "role": Role.RESPONSIBLE,
        "state": state,
        "actor": "wang",
    }


def part_id(n: int = 1) -> UUID:
    return uuid5(UUID(int=0), f"part {n}")


def issued(n: int = 1, due: datetime | None = None, owner: str = "14.00.00", **more: object) -> AssignmentIssued:
    historical = more.pop("historical_before", None)
    facts = about(n, **more) | {"state": AssignmentState.ISSUED}  # type: ignore[arg-type]
    return AssignmentIssued(
        **said(f"assignment/{part_id(n)}", owner=owner),
        **facts,
        number=f"{n}",
        board=Board.KEY_WORK,
        weight=Weight.ORDINARY,
        lead=UNIT,
        issuer=OFFICE,
        issuer_name="省政府办公厅",
        t0=datetime.fromisoformat("2026-01-01T09:00:00+08:00"),
        clocks=(),
        due=due,
        historical_before=historical,
    )


def lit(
    light: Light, time: datetime, n: int = 1, version: int = 1, historical: bool = False, unit: str = UNIT,
    previous: Light = Light.NORMAL,
) -> LightChanged:  # fmt: skip
    facts = about(n, unit)
    return LightChanged(
        **said(f"light/{part_id(n)}", time, version),
        **{k: facts[k] for k in ("assignment_id", "task_id", "title", "unit", "unit_name", "role")},
        previous=previous,
        light=light,
        reasons=(),
        since=time,
        issuer=OFFICE,
        historical=historical,
        policy_version=1,
    )


def badge(due: datetime, time: datetime, n: int = 1) -> ClockDueSoon:
    facts = {k: v for k, v in about(n).items() if k not in ("state", "actor")}
    clock = {"clock": ClockKind.CUSTOM, "due": due, "days_left": 3, "issuer": OFFICE}
    return ClockDueSoon(**said(f"clock/{part_id(n)}", time), **facts, **clock)


def reported(
    time: datetime, n: int = 1, version: int = 2, kind: ReportKind = ReportKind.PROGRESS
) -> AssignmentReported:
    words = {"report_id": uuid4(), "kind": kind, "percent": 40, "submitted_at": time, "increased": True}
    return AssignmentReported(**said(f"assignment/{part_id(n)}", time, version), **about(n), **words)


def closed(time: datetime, n: int = 1, version: int = 3) -> AssignmentClosed:
    words = {"grade": Grade.GOOD, "submitted_at": time, "on_time": True}
    facts = about(n, state=AssignmentState.CLOSED)
    return AssignmentClosed(**said(f"assignment/{part_id(n)}", time, version), **facts, **words)


async def heard_on_the_bus(service: Service, *events: Event) -> None:
    """Heard, and kept by the stream for whoever asks again."""
    await hear(service, *events)
    for event in events:
        await service.nc.jetstream().publish(event.subject(), event.model_dump_json().encode(), headers=event.headers())


async def hear(service: Service, *events: Event) -> None:
    """As the mailbox hands them over, in one transaction."""
    async with room.pool.acquire() as db, db.transaction():
        for event in events:
            marked = service.handlers.ears[type(event)]
            answer = await marked.call([event] if marked.together else event, db, **marked.given(service))
            await outbox.emit(db, service.handlers, answer or ())


async def tick(service: Service, now: datetime, *names: str) -> list[Event]:
    """What the clocks say at `now`, each again until it is silent."""
    words: list[Event] = []
    for marked in service.handlers.clocks:
        while not names or marked.call.__name__ in names:
            async with room.pool.acquire() as db, db.transaction():
                events = await marked.call(db, now, **marked.given(service))
                await outbox.emit(db, service.handlers, events)
            words += events
            if not events:
                break
    return words


async def ask(service: Service, command: Command, now: datetime | None = None) -> Done | Refused:
    """The desk's answer, at a told time where one is given."""
    desk = service.handlers.desks[type(command)]
    told = now.isoformat() if now else None
    return (await commands.answered(service, desk, command.model_dump_json().encode(), told))[0]


async def drafted(service: Service, kind: NoticeKind, parts: Sequence[int] = (1,), **more: object) -> Done | Refused:
    """A document by hand."""
    words = {"actor": SUPERVISOR} | more
    now = words.pop("now", None)
    return await ask(service, DraftNotice(kind=kind, assignments=[part_id(n) for n in parts], **words), now)  # type: ignore


async def signed(
    service: Service, notice_id: object, actor: Actor = SUPERVISOR, now: datetime | None = None
) -> Done | Refused:
    """A signature."""
    return await ask(service, SignNotice(notice_id=UUID(str(notice_id)), actor=actor), now)


async def rendered(service: Service) -> int:
    """Everything that waits gets its pages; how many."""
    count = 0
    while await rendering.next_one(service, standing.fonts(settings.of(service))):
        count += 1
    return count


async def words(service: Service, kind: type[Event]) -> list[Event]:
    """What was said, in order."""
    rows = await service.pool.fetch("select body from outbox where type = $1 order by seq", kind.type)
    return [kind.model_validate_json(row["body"]) for row in rows]
