"""Two months of what units plausibly did with the sample ledger: pure, the same every time."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from contracts.assignment import Assignment
from contracts.commands.assignment import Acknowledge, Close, Complete, Report, Verify
from contracts.envelope import ActorRole, Command
from contracts.terms import Grade, ReportKind, Role
from contracts.workdays import ZONE, Calendar, day_of
from deploy.local.demo.people import OFFICE, DemoPerson, chance, person

STEPS = [
    "已召开专题会议研究部署，明确责任人和时间节点",
    "已完成现场核查，问题台账逐项建立",
    "主体工作按计划推进，本期完成量已经第三方核实",
    "协调解决用地、资金等制约问题两项，进度加快",
    "已完成阶段性任务，正在组织验收材料",
    "针对滞后环节增派力量，实行日调度",
]


DONE = Decimal(100)


@dataclass(frozen=True)
class Step:
    """One command, and the moment at which somebody gave it."""

    now: datetime
    command: Command


def plan(issued: Sequence[Assignment], start: datetime, today: datetime, calendar: Calendar) -> list[Step]:
    """Every step from `start` to `today`, in the order it was taken.

    Most tasks go well; in the others a unit works as is its way: diligently, slowly, or not at all.
    """
    steps = [step for part in issued for step in part_steps(part, start, today, calendar)]
    return sorted((step for step in steps if start <= step.now < today), key=lambda step: step.now)


def part_steps(part: Assignment, start: datetime, today: datetime, calendar: Calendar) -> Iterator[Step]:
    """What one unit did with its part: received it, deployed it, reported on it, perhaps finished it."""
    diligence = chance(part.unit)
    if diligence < 0.06 and not goes_well(part):
        return
    begun = max(part.t0, start)
    received = at_work(begun, 0 if diligence > 0.3 else int(1 + 3 * chance(part.unit, "late")), part, calendar)
    clerk = person(part.unit, ActorRole.UNIT_CLERK)
    yield step(received, Acknowledge, part, clerk, responsible_person=clerk.name)
    deployed = at_work(received, 0 if diligence > 0.15 else 3, part, calendar) + timedelta(hours=2)
    yield step(deployed, Report, part, clerk, kind=ReportKind.DEPLOYMENT, text=STEPS[0])
    yield from progress_steps(part, deployed, today, calendar, diligence)


def progress_steps(
    part: Assignment, since: datetime, today: datetime, calendar: Calendar, diligence: float
) -> Iterator[Step]:
    """Reports every week or so, each with a little more done; the lead's progress is what its ledger says."""
    clerk = person(part.unit, ActorRole.UNIT_CLERK)
    last, when, number = Decimal(0), at_work(since, 2, part, calendar), 0
    while when < today and (goes_well(part) or diligence > 0.25 or number < 2):
        number += 1
        percent = None if part.role is Role.LEAD else max(last, reached(part, when, today, diligence))
        if percent is not None and finishes(part, diligence) and when > finish_from(part, today):
            yield from finish(part, when, calendar)
            return
        last = percent or last
        text = STEPS[1 + int(chance(part.assignment_id, number) * (len(STEPS) - 1))]
        evidence = (hashlib.sha256(EVIDENCE).hexdigest(),) if goes_well(part) else ()
        yield step(when, Report, part, clerk, percent=percent, text=text, evidence=evidence)
        when = at_work(when, 7 + int(3 * chance(part.unit, number)), part, calendar)


def reached(part: Assignment, when: datetime, today: datetime, diligence: float) -> Decimal:
    """Per cent done at `when`: ahead of the straight line for the diligent, behind it for the slow."""
    end = part.due or today + timedelta(days=120)
    share = (when - part.t0) / max(end - part.t0, timedelta(days=1))
    pace = 0.97 if goes_well(part) else 0.5 + 0.5 * diligence
    return Decimal(str(round(min(0.95, max(0.02, share * pace)) * 100, 0)))


def goes_well(part: Assignment) -> bool:
    """Nothing holds up this task."""
    return chance(part.task_id, "calm") < 0.7


def finishes(part: Assignment, diligence: float) -> bool:
    """Some finish their part ahead of the lead."""
    return diligence > 0.55 and chance(part.assignment_id, "finishes") < 0.45


def finish_from(part: Assignment, today: datetime) -> datetime:
    """The moment from which a part can be finished: two weeks before its due date, or three before today."""
    return min((part.due or today) - timedelta(days=14), today - timedelta(days=21))


def finish(part: Assignment, when: datetime, calendar: Calendar) -> Iterator[Step]:
    """Submitted by the head, verified by the lead unit, written off by the supervisor: three persons."""
    head = person(part.unit, ActorRole.UNIT_HEAD)
    lead = person(part.lead, ActorRole.UNIT_HEAD)
    supervisor = person(OFFICE, ActorRole.SUPERVISOR)
    evidence = (hashlib.sha256(EVIDENCE).hexdigest(),)
    yield step(when - timedelta(minutes=15), Report, part, head, percent=DONE, text=STEPS[4])
    yield step(when, Complete, part, head, text="本单位承担的任务已全部完成，佐证材料随附", evidence=evidence)
    verified = at_work(when, 1, part, calendar)
    yield step(verified, Verify, part, lead)
    if chance(part.assignment_id, "closed") < 0.8:
        grade = (Grade.EXCELLENT, Grade.GOOD, Grade.PASS)[int(chance(part.assignment_id, "grade") * 3)]
        yield step(at_work(verified, 1, part, calendar), Close, part, supervisor, grade=grade)


EVIDENCE = "佐证材料（演示）：现场照片、会议纪要、验收单各一份。\n".encode()


def lead_finish(parts: Iterable[Assignment], when: datetime, calendar: Calendar) -> list[Step]:
    """A whole task done to its end: every part, then the lead, each by three persons."""
    ordered = sorted(parts, key=lambda part: part.role is Role.LEAD)
    steps: list[Step] = []
    for part in ordered:
        clerk = person(part.unit, ActorRole.UNIT_CLERK)
        head = person(part.unit, ActorRole.UNIT_HEAD)
        inspector = person(OFFICE, ActorRole.INSPECTOR)
        verifier = inspector if part.role is Role.LEAD else person(part.lead, ActorRole.UNIT_HEAD)
        supervisor = person(OFFICE, ActorRole.SUPERVISOR)
        evidence = (hashlib.sha256(EVIDENCE).hexdigest(),)
        moment = when + (timedelta(days=1) if part.role is Role.LEAD else timedelta())
        steps += [
            step(moment, Acknowledge, part, clerk, responsible_person=clerk.name),
            step(moment + timedelta(hours=1), Report, part, clerk, percent=DONE, text=STEPS[4]),
            step(moment + timedelta(hours=2), Complete, part, head, text="任务全部完成，申请销号", evidence=evidence),
            step(moment + timedelta(hours=3), Verify, part, verifier),
            step(moment + timedelta(hours=30), Close, part, supervisor, grade=Grade.EXCELLENT),
        ]
    return sorted(steps, key=lambda s: s.now)


def at_work(since: datetime, workdays: int, part: Assignment, calendar: Calendar) -> datetime:
    """That many working days on, at some hour of the day's work; never before `since`."""
    day = calendar.add_workdays(day_of(since), workdays) if workdays else calendar.next_workday(day_of(since))
    minute = int(9 * 60 + 10 + chance(part.assignment_id, day) * 8 * 60)
    moment = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=ZONE)
    return max(moment, since + timedelta(minutes=20))


def step(now: datetime, command: type[Command], part: Assignment, person: DemoPerson, **body: object) -> Step:
    """A command on that part, with an id of its own that is the same at every loading."""
    id: UUID = uuid5(part.assignment_id, f"{command.type} {now.isoformat()}")
    asked = {"id": id, "actor": person.actor, "assignment_id": part.assignment_id, **body}
    return Step(now, command.model_validate(asked))
