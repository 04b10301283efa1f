"""Examples for whoever reads the contracts: `python -m tests.contracts.examples` writes `contracts/examples/`.

A county's matter as tests/story tells it, decided by the services' own domains: one body of every event, and of every
command that a node may send.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from uuid import uuid5

import contracts
from contracts.assignment import Assignment
from contracts.catalogue import DURABLE
from contracts.commands.assignment import (
    Acknowledge,
    Complete,
    CorrectReport,
    ProposePlan,
    Report,
    RequestExtension,
    RequestReclassification,
    RequestReturn,
    Rework,
    Verify,
    WithdrawRequest,
)
from contracts.commands.notice import ReceiveNotice
from contracts.commands.register import FillPost
from contracts.envelope import AuditAnchored, Command, CommandAnswered, Done, Event
from contracts.events.register import CalendarRevised, PersonRegistered, PostFilled
from contracts.terms import Light, ReportKind
from contracts.units import everyone
from contracts.workdays import ClockKind
from services.alerts.domain.policy import LightPolicy, policy_published
from services.tasks.register.domain.post import fill_post
from tests.contracts import examples_documents, examples_ranking
from tests.story import Matter, Story, lights
from tests.story.province import NODE, QUWO, XIAODIAN, YAODU, clerk, head, register, supervisor
from tests.story.story import EVIDENCE, NAMESPACE

HERE = Path(contracts.__file__).parent / "examples"
NATIONAL_DAY = date(2026, 9, 30), date(2026, 10, 10)
"""Of a year of working days, those that show what the calendar is for."""
PLAN = "汛期过后复工，10月10日前封闭其余154眼"


def events() -> list[Event]:
    """One of every type, the first of the story; its id follows from its aggregate and version."""
    first: dict[str, Event] = {}
    for event in happening():
        first.setdefault(event.type, event)
    return [first[kind].model_copy(update={"id": name(first[kind])}) for kind in sorted(first)]


def name(event: Event) -> object:
    return uuid5(NAMESPACE, f"{event.aggregate} {event.version}")


def happening() -> Iterator[Event]:
    """Everything that happens, in order."""
    story = Story("2026-09-18 10:00", name="example ")
    yield from on_the_register(story)
    matter = story.register("汾河沿岸取水井封闭整治", lead=YAODU, deadline="7个工作日")
    late = worked_on(story, matter)
    stopped(story, story.register("市州改革信息统计", lead=YAODU, deadline="持续推进"))
    given_to_others(story, story.register("涵洞积水治理", lead=YAODU, responsible=(XIAODIAN,)))
    yield from story.events
    yield from examples_documents.happening(story, late)
    yield from examples_ranking.happening(story, matter)
    yield from answered(story, matter)


def on_the_register(story: Story) -> Iterator[Event]:
    """Units, persons, posts, working days and a policy."""
    for event in story.opening([YAODU]):
        if not isinstance(event, CalendarRevised):
            yield event
        elif event.year == NATIONAL_DAY[0].year:
            yield short(event)
    persons = {
        actor.person: story.person(actor, called) for actor, called in ((clerk(YAODU), "张某"), (head(YAODU), "李某"))
    }
    yield policy_published(LightPolicy(), story.now, NODE, everyone(NODE))
    yield post(story, persons)


def short(event: CalendarRevised) -> CalendarRevised:
    """The same year with the days around National Day alone."""
    first, last = NATIONAL_DAY
    return event.model_copy(update={"days": tuple(day for day in event.days if first <= day.date <= last)})


def post(story: Story, persons: dict[str, PersonRegistered]) -> PostFilled:
    """The unit's head takes office."""
    command = FillPost(
        id=story.id(), actor=supervisor(), unit=YAODU, title="区长", person=head(YAODU).person,
        deputy=clerk(YAODU).person,
    )  # fmt: skip
    entries = {id: event.person for id, event in persons.items()}
    filled = fill_post(command, register().units[YAODU], entries, 0, register(), NODE, story.now)
    assert isinstance(filled, PostFilled)
    return filled


def worked_on(story: Story, matter: Matter) -> Assignment:
    """From issue to closure, with everything that may happen on the way; returns the lead's part when it was late."""
    story.later(hours=2)
    matter.acknowledge()
    story.later(hours=3)
    matter.report(kind=ReportKind.DEPLOYMENT, text="已召开专题会议研究部署，明确责任人和时间节点")
    story.at("2026-09-22 16:00")
    matter.report(62.5, text="已封闭取水井258眼，其余正在协调", evidence=(EVIDENCE,))
    matter.correct(60)
    lights.warn(story, matter, ClockKind.RESOLVE_7D, days_left=3)
    matter.change_due("2026-09-30 18:00")
    story.at("2026-09-24 09:00")
    matter.suspend()
    story.at("2026-10-12 09:00")
    matter.resume()
    story.at("2026-11-02 18:00")
    lights.miss(story, matter, ClockKind.RESOLVE_7D)
    lights.turn(story, matter, Light.OVERDUE, previous=Light.NORMAL)
    late = matter.part()
    matter.complete()
    matter.rework()
    matter.finish()
    return late


def stopped(story: Story, matter: Matter) -> None:
    """Not to be done any more."""
    story.later(days=1)
    matter.cancel()


def given_to_others(story: Story, matter: Matter) -> None:
    """It is not the unit's: the office refuses to give one part to others, and grants the lead's."""
    matter.request_return(XIAODIAN)
    matter.withdraw(XIAODIAN)
    matter.propose_reassignment(QUWO, XIAODIAN)
    matter.granted(XIAODIAN, approved=False, reason="积水路段在小店区境内，请继续办理")
    matter.request_return(YAODU, QUWO)
    matter.granted(YAODU)


def answered(story: Story, matter: Matter) -> Iterator[Event]:
    """What a county hears of its command, and the audit chain it may keep."""
    part, command, node = matter.part(), story.id(), "14.10.02"
    common = {"time": story.now, "version": 1, "owner": NODE, "address": YAODU}
    answer = Done(aggregate=f"assignment/{part.assignment_id}", version=part.version)
    yield CommandAnswered(
        aggregate=f"command/tasks.{node}.{command}", audience=(YAODU,), command=command, answer=answer, **common
    )
    yield AuditAnchored(
        aggregate=f"audit/tasks.{YAODU}", service="tasks", unit=YAODU, entries=part.version, head="a" * 64, **common
    )


def commands() -> list[Command]:
    """Every command that a node may send, about the same matter."""
    story = Story("2026-09-18 10:00", name="example command ")
    part = story.register("汾河沿岸取水井封闭整治", lead=YAODU, deadline="7个工作日").part()
    own = {"assignment_id": part.assignment_id}
    made: Iterable[tuple[type[Command], dict[str, object]]] = (
        (Acknowledge, own | {"actor": clerk(YAODU), "responsible_person": "张某"}),
        (Report, own | {"actor": clerk(YAODU), "percent": "62.50", "text": "已封闭取水井258眼，其余正在协调"}),
        (CorrectReport, own | {"actor": head(YAODU), "percent": "60.00", "reason": "填报笔误"}),
        (Complete, own | {"actor": head(YAODU), "text": "412眼取水井全部封闭", "evidence": [EVIDENCE]}),
        (Verify, own | {"actor": head(YAODU)}),
        (Rework, own | {"actor": head(YAODU), "reason": "佐证不足，请补充现场照片"}),
        (RequestReturn, own | {"actor": head(YAODU), "reason": "路段不在我区境内", "unit": "曲沃县政府"}),
        (RequestExtension, own | {"actor": head(YAODU), "due": "2026-10-14", "reason": "汛期停工", "plan": PLAN}),
        (ProposePlan, own | {"actor": head(YAODU), "due": "2026-12-18", "reason": "涉及产权诉讼", "plan": PLAN}),
        (RequestReclassification, own | {"actor": head(YAODU), "reason": "涉及四个部门和一处产权争议"}),
        (WithdrawRequest, own | {"actor": head(YAODU)}),
        (ReceiveNotice, {"actor": clerk(YAODU), "delivery_id": story.id()}),
    )
    assert {model for model, _ in made} == set(DURABLE)
    return [model.model_validate({"id": story.id(), **body}) for model, body in made]


def files() -> dict[Path, str]:
    """Every example and the file that holds it; a command leaves out what it does not say."""
    made = {HERE / "events" / f"{each.type}.json": each.model_dump(mode="json") for each in events()}
    made |= {
        HERE / "commands" / f"{each.type}.json": each.model_dump(mode="json", exclude_unset=True) for each in commands()
    }
    return {path: json.dumps(body, ensure_ascii=False, indent=1) + "\n" for path, body in made.items()}


if __name__ == "__main__":
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
