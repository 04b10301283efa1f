"""Random lives of one assignment, decided by tasks."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st

from contracts.events.assignment import AssignmentEvent
from contracts.terms import AssignmentState, Board
from contracts.workdays import Weight
from tests.alerts.judge import begin
from tests.story import Matter, Story, moment

STEPS = ("acknowledge", "deploy", "report", "evidence", "complete", "rework", "verify", "close", "extend", "suspend")
ALLOWED = {
    AssignmentState.ISSUED: ("acknowledge", "extend", "suspend"),
    AssignmentState.ACKNOWLEDGED: ("deploy", "report", "evidence", "complete", "extend", "suspend"),
    AssignmentState.WORKING: ("deploy", "report", "evidence", "complete", "extend", "suspend"),
    AssignmentState.SUBMITTED: ("rework", "verify", "suspend"),
    AssignmentState.VERIFIED: ("rework", "close", "suspend"),
}
GAPS = st.timedeltas(timedelta(0), timedelta(days=12))
PERCENT = st.decimals(0, 100, places=2)
DEADLINES = ("", "年底前", "长期坚持", "15天内", "3个月内", "2个工作日")


def step(story: Story, matter: Matter, what: str, percent: Decimal) -> None:
    """One step, where the state allows it; a suspended task only goes on."""
    part = matter.part()
    if part.paused_at:
        matter.resume()
    elif what in ALLOWED.get(part.state, ()):
        match what:
            case "report":
                matter.report(max(percent, part.percent or Decimal(0)))
            case "evidence":
                matter.report(evidence=("a" * 64,))
            case "extend":
                if part.due and story.now < part.due and not part.extensions:
                    matter.change_due(part.due + timedelta(days=1))
            case _:
                getattr(matter, what)()


@st.composite
def lives(draw: st.DrawFn):
    """The events of one task with one unit, in order, and a moment after the last."""
    story, matter = begin(
        moment("2026-01-01 00:00") + draw(st.timedeltas(timedelta(0), timedelta(days=500))),
        draw(st.sampled_from(DEADLINES)),
        weight=draw(st.sampled_from(Weight)),
        board=draw(st.sampled_from([Board.DAILY, Board.REFORM])),
    )
    if draw(st.booleans()):
        matter.acknowledge()
    for what, gap, percent in draw(st.lists(st.tuples(st.sampled_from(STEPS), GAPS, PERCENT), max_size=8)):
        story.now += gap
        step(story, matter, what, percent)
    return story.events, story.now + draw(st.timedeltas(timedelta(0), timedelta(days=200)))


def last(events) -> object:
    """The assignment as it stands in the end."""
    return [event for event in events if isinstance(event, AssignmentEvent)][-1].assignment
