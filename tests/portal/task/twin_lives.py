"""Whole lives of tasks: decided by tasks' own domain, judged by alerts' own, in the order of one stream."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from contracts.assignment import Assignment
from contracts.envelope import Event
from contracts.events.light import LightChanged
from contracts.light import PublishedLight
from contracts.terms import AssignmentState, Board, ReportKind, Role
from contracts.workdays import Weight, day_of
from tests.alerts.judge import judge
from tests.story import Matter, Story
from tests.story.province import GAOPING, supervisor

OFFICE = "14.05.00.000.bgt"
UNITS = (GAOPING, *(f"14.05.00.000.{code}" for code in ("gat", "slt", "jyt", "fgw", "czt")))
DEADLINES = ("", "", "2个工作日", "10个工作日", "15天内", "1个月内", "3个月内", "长期坚持")
STEPS = (
    "acknowledge", "acknowledge", "deploy", "report", "report", "report", "reach", "complete", "complete", "verify",
    "close", "rework", "correct", "extend", "extend", "suspend", "cancel",
)  # fmt: skip
NEXT = {
    AssignmentState.ISSUED: "acknowledge",
    AssignmentState.ACKNOWLEDGED: "report",
    AssignmentState.WORKING: "complete",
    AssignmentState.SUBMITTED: "verify",
    AssignmentState.VERIFIED: "close",
}


@dataclass(frozen=True)
class Life:
    """One task as it was published, with its lights; `events` are those of tasks and of alerts."""

    matter: Matter
    events: Sequence[Event]

    @property
    def lights(self) -> dict[UUID, PublishedLight]:
        """The last light of each assignment and of the task."""
        lights = [event.light for event in self.events if isinstance(event, LightChanged)]
        return {light.assignment_id or light.task_id: light for light in lights}

    @property
    def accountable(self) -> list[Assignment]:
        """The lead and the responsible units."""
        return [part for part in self.matter.assignments if part.role is not Role.SUPPORTING]


def life(dice: Random, name: str, now: datetime) -> Life:
    """A task of one to four units that began up to three months ago; the steps are whatever may be done."""
    start = now - timedelta(days=dice.choice((1, 5, 20, 45, 90)) * dice.uniform(0.2, 1))
    matter = begin(dice, Story(start, name=name), name)
    story = matter.story
    gap = (now - start).total_seconds() / 3600 / dice.randint(3, 24)
    diligent, rests = dice.random() < 0.5, dice.random() < 0.2
    while True:
        story.later(hours=gap * dice.uniform(0.1, 1.9))
        if story.now >= now - timedelta(minutes=1):
            break
        if rests and story.now > start + (now - start) / 2:
            with suppress(AssertionError):
                matter.suspend()
            break
        unit = dice.choice(matter.assignments).unit
        what = NEXT.get(matter.part(unit).state, "") if diligent and dice.random() < 0.8 else dice.choice(STEPS)
        with suppress(AssertionError):  # what tasks refuses does not happen
            step(dice, matter, what, unit)
    _, emitted = judge(story.events, now)
    return Life(matter, sorted([*story.events, *emitted], key=lambda event: event.time))


def begin(dice: Random, story: Story, name: str) -> Matter:
    """Issued just now, or found in an office's ledger with dates and a figure of its own."""
    lead, *others = dice.sample(UNITS, dice.randint(1, 4))
    responsible = others[: dice.randint(0, len(others))]
    deadline, more = dice.choice(DEADLINES), {}
    if dice.random() < 0.3:
        deadline, more = "3个月内", {"milestones": milestones(dice, story)}
    elif dice.random() < 0.25:
        begun = story.now - timedelta(days=dice.randint(1, 60))
        more = {"t0": begun, "historical_before": story.now, "percent": dice.randint(0, 90), "as_of": story.now}
    return story.register(
        f"晋城生成事项{name}", lead, responsible, others[len(responsible) :], deadline, by=supervisor(OFFICE),
        number=f"T{name}", board=dice.choice(list(Board)), weight=dice.choice(list(Weight)), **more,
    )  # fmt: skip


def milestones(dice: Random, story: Story) -> list[tuple[str, object, int]]:
    """Two or three of them, a hundred points together."""
    weights = dice.choice(((40, 60), (20, 30, 50)))
    return [(f"节点{n}", day_of(story.now + timedelta(days=n * 14)), weight) for n, weight in enumerate(weights, 1)]


def step(dice: Random, matter: Matter, what: str, unit: str) -> None:
    """One step of one unit; a suspended task only goes on, or stays as it is."""
    part = matter.part(unit)
    if part.paused_at:
        if dice.random() < 0.15:
            matter.resume()
        return
    match what:
        case "report":
            kind = dice.choice((ReportKind.PROGRESS, ReportKind.DEPLOYMENT))
            figure = Decimal(part.percent or 0) + Decimal(dice.randint(0, 3000)) / 100
            matter.report(min(figure, Decimal(100)), unit, kind)
        case "reach":
            matter.report(unit=unit, milestones=[each.name for each in part.milestones if not each.reached_at][:1])
        case "correct":
            matter.correct(dice.randint(0, 100), unit)
        case "extend":
            matter.change_due((part.due or matter.story.now) + timedelta(days=dice.randint(1, 9)), unit)
        case "suspend" | "cancel":
            if dice.random() < 0.4:
                getattr(matter, what)()
        case "":
            return
        case _:
            getattr(matter, what)(unit)


def stream(dice: Random, lives: Sequence[Life]) -> list[list[Event]]:
    """All of them as one stream, in batches; some batches come twice."""
    events = sorted((event for each in lives for event in each.events), key=lambda event: event.time)
    batches = []
    while events:
        size = dice.randint(1, 80)
        batches += [events[:size]] * dice.choice((1, 1, 1, 2))
        events = events[size:]
    return batches
