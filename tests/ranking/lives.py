"""Months of anything that may happen to assignments, often just at a boundary: random, and the same for a seed."""

import random
from contextlib import suppress
from datetime import datetime, timedelta

from contracts.assignment import OPEN
from contracts.terms import AssignmentState, Light, NoticeKind, Role
from contracts.workdays import closing, day_of
from services.ranking.facts.domain.period import INSTANT
from tests.ranking.others import Others
from tests.story import Matter, Story, moment
from tests.story.province import (
    EDUCATION,
    GAOPING,
    JINCHENG,
    LINFEN,
    LINFEN_EDUCATION,
    OFFICE,
    POLICE,
    QUWO,
    REFORM,
    XIAODIAN,
    YAODU,
    YAODU_OFFICE,
    YAODU_REFORM,
    supervisor,
)

UNITS = (YAODU, YAODU_REFORM, QUWO, GAOPING, XIAODIAN, LINFEN, LINFEN_EDUCATION, JINCHENG, POLICE, EDUCATION, OFFICE)
GROUP = "14.00.00.000.zx01"
FIRST, LAST = moment("2026-08-15 10:00"), moment("2026-11-09 10:00")
MONTHS = [moment(f"2026-{month:02}-01 00:00") for month in (9, 10, 11)]
DAY = timedelta(days=1)


def lives(seed: int, count: int = 80) -> Story:
    """The events of `count` tasks in the order in which they happen."""
    dice, story = random.Random(seed), Story(FIRST)
    others = Others(story)
    story.opening([*UNITS, GROUP, REFORM, YAODU_OFFICE, "14.00.00.000.gov"])
    for _ in range(count):
        _live(story, others, dice)
    for _ in range(count // 3):
        _urge(story, others, dice)
    order = {id(event): n for n, event in enumerate(story.events)}
    story.events.sort(key=lambda event: (event.time, order[id(event)]))
    return story


def some_moment(dice: random.Random, first: datetime, last: datetime) -> datetime:
    """To the microsecond; every third the turn of a month, or a close of business."""
    turns = [t for start in MONTHS for t in (start, start - INSTANT) if first <= t <= last]
    if turns and dice.random() < 0.3:
        return dice.choice(turns)
    chosen = first + max(last - first, timedelta(0)) * dice.random()
    evening = closing(day_of(chosen))
    return evening if dice.random() < 0.2 and first <= evening <= last else chosen


def _live(story: Story, others: Others, dice: random.Random) -> None:
    """One task: issued by the office or by a county, to one unit in a role of its own, now or from a ledger."""
    story.now = some_moment(dice, FIRST, moment("2026-10-28 10:00"))
    matter = _registered(story, dice)
    unit = matter.assignments[-1].unit
    for _ in range(dice.randint(0, 10)):
        story.now = some_moment(dice, story.now, min(story.now + 15 * DAY, LAST))
        with suppress(AssertionError):  # what tasks refuses does not happen
            _step(matter, unit, dice)
    story.now = matter.part(unit).t0
    _redden(story, others, dice, matter, unit)


def _registered(story: Story, dice: random.Random) -> Matter:
    unit, role = dice.choice(UNITS), dice.choice([Role.LEAD, Role.LEAD, Role.RESPONSIBLE, Role.SUPPORTING])
    deadline = dice.choice(["持续推进", *(f"{(story.now + n * DAY):%Y-%m-%d}" for n in (2, 5, 12, 20, 40))])
    fields: dict = {"deadline": deadline}
    if role is Role.LEAD:
        fields["lead"] = unit
    else:
        fields |= {"lead": REFORM, role.value: [unit]}
    if unit == YAODU_REFORM and role is Role.LEAD and dice.random() < 0.5:
        fields["by"] = supervisor(YAODU_OFFICE)
    if dice.random() < 0.15:
        fields |= {"t0": story.now - dice.randint(0, 9) * DAY, "historical_before": story.now, "percent": 30}
    return story.register(**fields)


def _step(matter: Matter, unit: str, dice: random.Random) -> None:
    part, whole = matter.part(unit), dice.random()
    if part.state in OPEN and whole < 0.1:
        matter.resume() if part.paused_at else dice.choice([*[matter.suspend] * 3, matter.cancel])()
        return
    match part.state:
        case AssignmentState.ISSUED:
            matter.acknowledge(unit)
        case AssignmentState.ACKNOWLEDGED | AssignmentState.WORKING:
            dice.choice([_extend, _report, Matter.deploy, Matter.complete, Matter.complete])(matter, unit=unit)
        case AssignmentState.SUBMITTED:
            dice.choice([matter.verify, matter.verify, matter.rework])(unit)
        case AssignmentState.VERIFIED:
            dice.choice([matter.close, matter.close, matter.rework])(unit)


def _report(matter: Matter, unit: str) -> None:
    matter.report(matter.part(unit).percent or 10, unit=unit)


def _extend(matter: Matter, unit: str) -> None:
    part = matter.part(unit)
    assert part.due
    matter.change_due(part.due + DAY, unit)


def _redden(story: Story, others: Others, dice: random.Random, matter: Matter, unit: str) -> None:
    """Whatever clocks say: a light that turns at random moments."""
    part, overdue = matter.part(unit), False
    for _ in range(dice.choice([0, 0, 1, 2, 3, 4])):
        story.now = some_moment(dice, story.now + timedelta(hours=1), min(story.now + 30 * DAY, LAST))
        overdue = not overdue
        light = Light.OVERDUE if overdue else dice.choice([Light.NORMAL, Light.NONE])
        others.light(part, light, historical=dice.random() < 0.15)


def _urge(story: Story, others: Others, dice: random.Random) -> None:
    story.now = some_moment(dice, moment("2026-08-20 10:00"), moment("2026-11-05 10:00"))
    kind = dice.choice([NoticeKind.URGING, NoticeKind.ORDER, NoticeKind.PROMPT])
    issuer = dice.choice([OFFICE, OFFICE, OFFICE, YAODU_OFFICE])
    delivery = others.deliver(dice.choice([*UNITS, GROUP]), kind, dice.random() < 0.2, issuer)
    if dice.random() < 0.3:
        story.now = some_moment(dice, story.now, moment("2026-11-08 10:00"))
        others.withdraw(delivery)
