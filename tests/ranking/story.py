"""What the other services would say, one event after another; every aggregate counts its versions 1, 2, 3, …"""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from contracts import events as said
from contracts.envelope import Event
from contracts.terms import AssignmentState, Board, Grade, Light, NoticeKind, ReportKind, Role
from contracts.units import everyone
from contracts.workdays import Calendar, CalendarDay, ClockKind, Deadline, Weight, clocks_of, closing, due_on
from services.tasks.register.calendar_seed import calendar_days

NODE = "14.00.00"
OFFICE = "14.00.00.000.bgt"
EVERYONE = "14.00.00.000.all"
CITIES = [f"14.{city:02}" for city in range(1, 12)]
COUNTIES = [f"{city}.{county:02}" for city in CITIES for county in range(1, 12)][:117]
NAMESPACE = UUID("b3c9ad2e-6c0c-4a49-8b35-0d8c1d3d5a01")
YEAR = tuple(calendar_days(2026, 2026))
CALENDAR = Calendar.of(YEAR)
DAY, HOUR, INSTANT = timedelta(days=1), timedelta(hours=1), timedelta(microseconds=1)


def at(month: int, day: int, hour: int = 10, minute: int = 0, year: int = 2026) -> datetime:
    """A moment in 2026 by the clock of Beijing."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


class Story:
    """Tells events of one node; `told` holds them in order."""

    def __init__(self, node: str = NODE) -> None:
        self.node, self.told, self.versions = node, list[Event](), dict[str, int]()
        self.parts: dict[UUID, dict[str, Any]] = {}

    def say(self, word: type[Event], aggregate: str, address: str, time: datetime, **fields: Any) -> Any:
        """One event more."""
        version = self.versions[aggregate] = self.versions.get(aggregate, 0) + 1
        event = word(
            id=uuid5(NAMESPACE, f"{aggregate} {version}"),
            time=time,
            aggregate=aggregate,
            version=version,
            owner=self.node,
            address=address,
            **fields,
        )
        self.told.append(event)
        return event

    def register(self, unit: str, name: str, kind: str = "government") -> None:
        """A unit is on the register."""
        self.say(
            said.UnitRegistered,
            f"unit/{unit}",
            everyone(self.node),
            at(1, 1),
            unit=unit,
            name=name,
            short=name,
            level="county",
            kind=kind,
        )

    def calendar(self, days: Sequence[CalendarDay] = YEAR) -> None:
        """The working days of 2026."""
        self.say(said.CalendarRevised, "calendar/2026", everyone(self.node), at(1, 1), year=2026, days=tuple(days))

    def issue(self, unit: str, t0: datetime, due: date | None = None, role: Role = Role.LEAD, **more: Any) -> UUID:
        """A part is issued; without a due date it is open for ever."""
        assignment = uuid5(NAMESPACE, f"{self.node} {len(self.parts)}")
        last = due_on(due) if due else Deadline(kind=ClockKind.ZERO, review=date(2026, 12, 31))
        self.parts[assignment] = {
            "assignment_id": assignment,
            "task_id": uuid5(assignment, "task"),
            "title": "排污口整治",
            "unit": unit,
            "unit_name": f"单位{unit}",
            "role": role,
            "actor": "somebody",
        }
        fields = {
            "state": AssignmentState.ISSUED,
            "number": str(len(self.parts)),
            "board": Board.KEY_WORK,
            "weight": Weight.ORDINARY,
            "lead": unit,
            "issuer": OFFICE,
            "issuer_name": "省政府办公厅",
            "t0": t0,
            "clocks": clocks_of(last, t0, CALENDAR),
            "due": last.due,
        }
        self.of(said.AssignmentIssued, assignment, more.pop("time", t0), **fields | more)
        return assignment

    def of(self, word: type[Event], assignment: UUID, time: datetime, **fields: Any) -> Any:
        """Something happened to a part."""
        part = self.parts[assignment]
        fields = {"state": AssignmentState.WORKING, **part, **fields}
        return self.say(word, f"assignment/{assignment}", part["unit"], time, **fields)

    def acknowledge(self, assignment: UUID, time: datetime) -> None:
        """The unit has it."""
        self.of(said.AssignmentAcknowledged, assignment, time)

    def report(self, assignment: UUID, time: datetime, kind: ReportKind = ReportKind.PROGRESS, **more: Any) -> None:
        """The unit reports."""
        fields = {"report_id": uuid5(assignment, str(time)), "submitted_at": time, "increased": True} | more
        self.of(said.AssignmentReported, assignment, time, kind=kind, **fields)

    def submit(self, assignment: UUID, time: datetime) -> None:
        """The unit says it is done."""
        due = self._due(assignment)
        on_time = time <= due if due else None
        self.parts[assignment] |= {"submitted_at": time, "on_time": on_time, "on_time_original": on_time}
        self.of(said.AssignmentSubmitted, assignment, time)

    def rework(self, assignment: UUID, time: datetime) -> None:
        """It is not."""
        self.of(said.AssignmentReworked, assignment, time, reason="佐证不全")

    def close(self, assignment: UUID, time: datetime) -> None:
        """It is."""
        self.of(said.AssignmentClosed, assignment, time, grade=Grade.GOOD)

    def suspend(self, assignment: UUID, time: datetime) -> None:
        """It stands still."""
        self.of(said.AssignmentSuspended, assignment, time, reason="汛期停工")

    def resume(self, assignment: UUID, time: datetime) -> None:
        """It goes on."""
        self.of(said.AssignmentResumed, assignment, time)

    def cancel(self, assignment: UUID, time: datetime) -> None:
        """It is not to be done."""
        self.of(said.AssignmentCancelled, assignment, time, state=AssignmentState.CANCELLED, reason="任务调整")

    def extend(self, assignment: UUID, time: datetime, due: date, cause: str = "extension") -> None:
        """The due date moves."""
        self.of(
            said.AssignmentDueChanged,
            assignment,
            time,
            cause=cause,
            clock=ClockKind.CUSTOM,
            previous=self._due(assignment),
            due=closing(due),
            original=self._due(assignment),
            policy_version=1,
        )

    def light(
        self, assignment: UUID, time: datetime, light: Light, previous: Light = Light.NORMAL, **more: Any
    ) -> None:
        """The light of a part turned."""
        part = self.parts[assignment]
        fields = {"previous": previous, "light": light, "reasons": (), "since": time, "issuer": OFFICE}
        self.say(
            said.LightChanged, f"light/{assignment}", part["unit"], time, **part | fields | {"policy_version": 1} | more
        )

    def urge(self, unit: str, time: datetime, kind: NoticeKind = NoticeKind.URGING, **more: Any) -> UUID:
        """A document reaches a unit; its notice."""
        delivery = uuid5(NAMESPACE, f"delivery {unit} {time} {kind}")
        notice = uuid5(delivery, "notice")
        self.say(
            said.DeliverySent,
            f"delivery/{delivery}",
            unit,
            time,
            delivery_id=delivery,
            notice_id=notice,
            kind=kind,
            number="督催〔2026〕1号",
            title="催办单",
            issuer=OFFICE,
            issuer_name="省政府办公厅",
            unit=unit,
            unit_name=unit,
            pdf="0" * 64,
            **more,
        )
        return notice

    def void(self, notice: UUID, time: datetime) -> None:
        """A document is withdrawn."""
        self.say(said.NoticeVoided, f"notice/{notice}", OFFICE, time, notice_id=notice, reason="有误", actor="somebody")

    def miss(self, assignment: UUID, time: datetime) -> None:
        """A clock ran out."""
        self.say(
            said.ClockMissed,
            f"clock/{assignment}",
            self.parts[assignment]["unit"],
            time,
            clock=ClockKind.DEPLOY_1D,
            due=time,
            issuer=OFFICE,
            **self.parts[assignment],
        )

    def _due(self, assignment: UUID) -> datetime | None:
        issued = next(e for e in self.told if isinstance(e, said.AssignmentIssued) and e.assignment_id == assignment)
        return issued.due


def adventure(seed: int, parts: int = 80) -> Story:
    """A month of anything that may happen, in the order it happens; often just at a boundary."""
    dice, story = random.Random(seed), Story()
    story.calendar()
    units = [f"{county}.000.gov" for county in COUNTIES[:5]] + [f"{COUNTIES[0]}.000.fgw", f"{COUNTIES[1]}.003.gov"]
    units += [f"{city}.00.000.{code}" for city in CITIES[:3] for code in ("gov", "jyt")]
    units += [f"14.00.00.000.{code}" for code in ("fgw", "czt", "bgt", "gov", "zx01")] + ["14.01.71.000.gov"]
    for unit in units:
        story.register(unit, f"名{unit}", "zone" if ".71." in unit else "government")
    for _ in range(parts):
        _lived(story, dice, units)
    for _ in range(parts // 3):
        _urged(story, dice, units)
    order = {id(event): n for n, event in enumerate(story.told)}
    story.told.sort(key=lambda event: (event.time, order[id(event)]))
    return story


def _urged(story: Story, dice: random.Random, units: Sequence[str]) -> None:
    time = _moment(dice, at(8, 20), at(11, 5))
    kind = dice.choice([NoticeKind.URGING, NoticeKind.ORDER, NoticeKind.PROMPT])
    notice = story.urge(dice.choice(units), time, kind, copy_only=dice.random() < 0.2)
    if dice.random() < 0.3 and f"notice/{notice}" not in story.versions:
        story.void(notice, _moment(dice, time, at(11, 8)))


def _moment(dice: random.Random, first: datetime, last: datetime) -> datetime:
    """Any moment of a span, to the microsecond; every third the turn of a month, or a close of business."""
    starts = [at(month, 1, 0) for month in (9, 10, 11)]
    turns = [t for start in starts for t in (start, start - INSTANT) if first <= t <= last]
    if turns and dice.random() < 0.3:
        return dice.choice(turns)
    moment = first + max(last - first, timedelta(0)) * dice.random()
    evening = closing(moment.date())
    return evening if dice.random() < 0.2 and first <= evening <= last else moment


def _lived(story: Story, dice: random.Random, units: Sequence[str]) -> None:
    """The life of one part, told in order."""
    t0 = _moment(dice, at(8, 15), at(10, 28))
    due = dice.choice([None, *[(t0 + n * DAY).date() for n in (1, 5, 12, 20, 40)]])
    more: dict[str, Any] = {"historical_before": t0 + dice.randint(0, 9) * DAY} if dice.random() < 0.15 else {}
    part = story.issue(dice.choice(units), t0, due, dice.choice(list(Role)), **more)
    now = t0
    steps = ["acknowledge", "report", "report", "extend", "submit", "rework", "report", "submit", "close"]
    for step in steps[: dice.randint(0, len(steps))]:
        now = _moment(dice, now, min(now + 15 * DAY, at(11, 9)))
        if step == "submit" and due and dice.random() < 0.3:
            now = max(now, closing(due))
        if step == "extend" and (due is None or dice.random() < 0.6):
            continue
        if step == "report" and dice.random() < 0.3:
            continue
        if step == "extend":
            story.extend(part, now, (now + 30 * DAY).date())
        elif step == "report":
            story.report(part, now, dice.choice([ReportKind.DEPLOYMENT, ReportKind.PROGRESS]))
        else:
            getattr(story, step)(part, now)
    own = random.Random(str(part))
    fate = own.random()
    if fate < 0.1:
        (story.suspend if fate < 0.05 else story.cancel)(part, now)
    elif fate < 0.4:
        story.suspend(part, now)
        story.resume(part, _moment(own, now, min(now + 20 * DAY, at(11, 9))))
    _reddened(story, dice, part, t0)


def _reddened(story: Story, dice: random.Random, part: UUID, t0: datetime) -> None:
    now, red = t0, False
    for _ in range(dice.choice([0, 0, 1, 2, 3, 4])):
        now = _moment(dice, now + HOUR, min(now + 30 * DAY, at(11, 9)))
        before, light = (Light.OVERDUE, Light.NORMAL) if red else (Light.NORMAL, Light.OVERDUE)
        story.light(part, now, light, before, historical=dice.random() < 0.15)
        red = not red
