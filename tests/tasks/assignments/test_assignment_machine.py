"""Whatever people try on a task, in whatever order: the invariants of a task hold (§2)."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.assignment import OPEN
from contracts.commands.assignment import Acknowledge, ChangeDue, Close, Complete, CorrectReport, Report, Rework, Verify
from contracts.commands.task import Cancel, Resume, Suspend
from contracts.envelope import Actor, ActorRole, Command, Event
from contracts.events.assignment import (
    AssignmentCancelled,
    AssignmentClosed,
    AssignmentCorrected,
    AssignmentDueChanged,
    AssignmentEvent,
    AssignmentResumed,
    AssignmentReworked,
)
from contracts.refusals import Refused
from contracts.register import Unit
from contracts.terms import AssignmentState, DueChangeCause, Role, TaskState
from services.tasks.assignments.domain import correction, due, review, suspension, work
from services.tasks.assignments.domain.draft import aggregate_of
from services.tasks.assignments.domain.task import TaskAggregate, percent_of, state_of
from tests.story.province import NODE
from tests.tasks.assignments.builders import (
    BGT,
    HELPER,
    LEAD,
    NOW,
    REGISTER,
    SUPPORT,
    TIMETABLE,
    actor,
    at_unit,
    draft,
    events_of,
    id_of,
)

UNITS = (LEAD, HELPER, SUPPORT)
at = st.sampled_from(UNITS)
person = st.sampled_from(["甲", "乙", "丙", "丁"])
by = st.builds(actor, person, st.sampled_from((*UNITS, BGT)), *(st.sampled_from(list(ActorRole)),) * 2)
HEADS = {unit: st.builds(actor, person, st.just(unit), st.just(ActorRole.UNIT_HEAD)) for unit in (*UNITS, BGT)}
SEATS = st.builds(actor, person, st.just(BGT), st.just(ActorRole.SUPERVISOR), st.sampled_from(list(ActorRole)))
percents = st.none() | st.integers(0, 100).map(Decimal)


def somebody(data: st.DataObject, right: st.SearchStrategy[Actor]) -> Actor:
    """Mostly of the right office, sometimes anybody."""
    return data.draw(right if data.draw(st.integers(0, 3)) else by)


class Supervision(RuleBasedStateMachine):
    """Commands at random, most of them from somebody who may give them; the model is the list of events."""

    def __init__(self) -> None:
        super().__init__()
        new = draft()
        self.events: list[Event] = events_of(new)
        self.task: TaskAggregate = aggregate_of(new, NODE, NOW, REGISTER)
        self.now = NOW

    def asked(self, decide, command: Command) -> None:
        before, decision = self.task, decide(self.task, command, self.now)
        if isinstance(decision, Refused):
            assert decision.code and decision.message and decision.pointer
            return
        self.task, advanced = before.evolve(decision, self.now)
        self.events += [*decision, *advanced]
        self.moved(before, decision)

    def moved(self, before: TaskAggregate, decision: tuple[AssignmentEvent, ...]) -> None:
        """What one granted command may have changed."""
        for event in decision:
            old = before.assignment(event.assignment.assignment_id)
            new = self.task.assignment(event.assignment.assignment_id)
            assert old.state in OPEN, "closed and cancelled are final"
            moving = isinstance(event, AssignmentResumed | AssignmentDueChanged | AssignmentCancelled)
            assert moving or not old.paused_at, "nothing is done on what stands still"
            if not isinstance(event, AssignmentReworked | AssignmentCorrected):
                assert (new.percent or 0) >= (old.percent or 0), "accepted progress is monotone"
            if not isinstance(event, AssignmentDueChanged | AssignmentResumed):
                dates = [[clock.due for clock in each.clocks] for each in (old, new)]
                assert dates[0] == dates[1], "a due date moves only by a DueChange"
            assert new.original_due == old.original_due, "the original due date stays on record"

    def past_verification(self, unit: Unit) -> bool:
        return unit is LEAD or at_unit(self.task, unit).state is AssignmentState.VERIFIED

    @rule(unit=at, name=person)
    def goes_on(self, unit: Unit, name: str) -> None:
        """The next step of a part, by somebody of the right office: it gets far enough for the rest to matter."""
        part = at_unit(self.task, unit)
        inside = {"actor": actor(name, unit, ActorRole.UNIT_HEAD), "assignment_id": part.assignment_id}
        reviewer = BGT if unit is LEAD else LEAD
        outside = actor(name, reviewer, ActorRole.UNIT_HEAD, ActorRole.INSPECTOR)
        above = actor(name, BGT, ActorRole.SUPERVISOR)
        text = "已按要求办理"
        steps = {
            AssignmentState.ISSUED: (work.acknowledge, Acknowledge(**inside)),
            AssignmentState.ACKNOWLEDGED: (work.report, Report(**inside, text=text, responsible_person="张三")),
            AssignmentState.WORKING: (work.report, Report(**inside, text=text, percent=100))
            if part.percent != 100
            else (work.complete, Complete(**inside, text=text, evidence=("a" * 64,))),
            AssignmentState.SUBMITTED: (review.verify, Verify(actor=outside, assignment_id=part.assignment_id)),
            AssignmentState.VERIFIED: (review.close, Close(actor=above, assignment_id=part.assignment_id)),
        }
        if part.state in steps:
            self.asked(*steps[part.state])

    @rule(data=st.data())
    def all_go_on(self, data) -> None:
        """One round of everybody's next step."""
        for unit in data.draw(st.permutations(UNITS)):
            self.goes_on(unit, data.draw(person))

    @rule(hours=st.integers(1, 100))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(data=st.data(), unit=at)
    def acknowledge(self, data, unit: Unit) -> None:
        actor = somebody(data, HEADS[unit])
        named = data.draw(st.sampled_from(["", "张三"]))
        self.asked(
            work.acknowledge,
            Acknowledge(actor=actor, assignment_id=id_of(self.task, unit), responsible_person=named),
        )

    @rule(data=st.data(), unit=at, percent=percents)
    def report(self, data, unit: Unit, percent: Decimal | None) -> None:
        actor = somebody(data, HEADS[unit])
        self.asked(
            work.report,
            Report(
                actor=actor,
                assignment_id=id_of(self.task, unit),
                percent=percent,
                text="已按要求办理",
                responsible_person="张三",
            ),
        )

    @rule(data=st.data(), unit=at, percent=st.integers(0, 100).map(Decimal))
    def correct(self, data, unit: Unit, percent: Decimal) -> None:
        by = somebody(data, HEADS[unit] | SEATS)
        command = CorrectReport(actor=by, assignment_id=id_of(self.task, unit), percent=percent, reason="填报笔误")
        self.asked(partial(correction.correct_report, timetable=TIMETABLE), command)

    @rule(data=st.data(), unit=at)
    def complete(self, data, unit: Unit) -> None:
        actor = somebody(data, HEADS[unit])
        command = Complete(actor=actor, assignment_id=id_of(self.task, unit), text="已全部办结", evidence=("a" * 64,))
        self.asked(work.complete, command)

    @rule(data=st.data(), unit=at)
    def verify(self, data, unit: Unit) -> None:
        actor = somebody(data, SEATS if unit is LEAD else HEADS[LEAD])
        self.asked(review.verify, Verify(actor=actor, assignment_id=id_of(self.task, unit)))

    @rule(data=st.data(), unit=at)
    def rework(self, data, unit: Unit) -> None:
        actor = somebody(data, SEATS if self.past_verification(unit) else HEADS[LEAD])
        self.asked(review.rework, Rework(actor=actor, assignment_id=id_of(self.task, unit), reason="佐证不足"))

    @rule(data=st.data(), unit=at)
    def close(self, data, unit: Unit) -> None:
        self.asked(review.close, Close(actor=somebody(data, SEATS), assignment_id=id_of(self.task, unit)))

    @rule(data=st.data(), unit=at, days=st.integers(-3, 20), cause=st.sampled_from(list(DueChangeCause)))
    def change_due(self, data, unit: Unit, days: int, cause: DueChangeCause) -> None:
        moment = (at_unit(self.task, unit).due or self.now) + timedelta(days=days)
        self.asked(
            due.change_due,
            ChangeDue(
                actor=somebody(data, SEATS),
                assignment_id=id_of(self.task, unit),
                cause=cause,
                due=moment,
                reason="汛期停工",
            ),
        )

    @rule(data=st.data(), step=st.sampled_from([(suspension.suspend, Suspend), (suspension.cancel, Cancel)]))
    def stop(self, data, step) -> None:
        if data.draw(st.integers(0, 5)) == 0:
            self.asked(step[0], step[1](actor=somebody(data, SEATS), task_id=self.task.task.task_id, reason="汛期停工"))

    @rule(data=st.data())
    def resume(self, data) -> None:
        command = Resume(actor=somebody(data, SEATS), task_id=self.task.task.task_id)
        self.asked(partial(suspension.resume, timetable=TIMETABLE), command)

    @invariant()
    def a_task_stands_still_or_runs_as_a_whole(self) -> None:
        running = [each for each in self.task.assignments if each.state in OPEN]
        assert len({bool(each.paused_at) for each in running}) <= 1
        assert bool(self.task.task.paused_at) == any(each.paused_at for each in running)

    @invariant()
    def there_is_exactly_one_lead(self) -> None:
        assert [each.role for each in self.task.assignments].count(Role.LEAD) == 1

    @invariant()
    def submitter_verifier_and_closer_are_three_persons(self) -> None:
        for each in self.task.assignments:
            closers = [
                event.actor
                for event in self.events
                if isinstance(event, AssignmentClosed) and event.assignment.assignment_id == each.assignment_id
            ]
            persons = [name for name in (each.submitted_by, each.verified_by, *closers) if name]
            assert len(set(persons)) == len(persons)

    @invariant()
    def the_task_follows_from_its_assignments(self) -> None:
        task = self.task.task
        assert task.state is state_of(self.task.assignments)
        assert task.percent == percent_of(self.task.assignments)
        assert task.deadline.due == self.task.lead.due
        assert bool(task.closed_at) == (not task.open)

    @invariant()
    def the_lead_is_never_ahead_of_the_others(self) -> None:
        """A closed lead means that every other is verified or closed."""
        if self.task.lead.state is AssignmentState.CLOSED:
            assert self.task.task.state in (TaskState.VERIFIED, TaskState.CLOSED)

    @invariant()
    def the_last_event_of_each_carries_its_whole_state(self) -> None:
        last = {event.aggregate: event for event in self.events}
        states = {event.assignment for event in last.values() if isinstance(event, AssignmentEvent)}
        assert states == set(self.task.assignments)
        assert last[f"task/{self.task.task.task_id}"].task == self.task.task
        assert all(
            event.assignment.version == event.version for event in last.values() if isinstance(event, AssignmentEvent)
        )

    @invariant()
    def versions_grow_by_one(self) -> None:
        last: dict[str, int] = {}
        for event in self.events:
            assert event.version == last.get(event.aggregate, 0) + 1
            last[event.aggregate] = event.version


Supervision.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestWhateverPeopleTry = Supervision.TestCase
