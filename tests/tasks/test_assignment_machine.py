"""Whatever people try on a task, in whatever order: the invariants of a task hold (§2)."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from services.tasks.domain import due, review, suspension, work

from contracts.commands.assignment import Acknowledge, ChangeDue, Close, Complete, Report, Rework, Verify
from contracts.commands.task import Cancel, Resume, Suspend
from contracts.envelope import Actor, ActorRole, Command, Event
from contracts.events.assignment import (
    AssignmentCancelled,
    AssignmentDueChanged,
    AssignmentEvent,
    AssignmentResumed,
    AssignmentReworked,
)
from contracts.refusals import Refused
from contracts.terms import AssignmentState, DueChangeCause, Role, TaskState
from contracts.workdays import Calendar
from services.tasks.assignments.domain.draft import registered
from services.tasks.assignments.domain.task import Task, state_of
from services.tasks.register.calendar_seed import calendar_days
from services.tasks.register.domain import Unit
from services.tasks.register.domain.timetable import Timetable
from tests.tasks.parts import BGT, HELPER, LEAD, NOW, SUPPORT, actor, draft, id_of, task_after

CALENDAR = Calendar.of(calendar_days(2026, 2027))
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
    """Commands at random, most of them from somebody who may give them; the model is the list of what was said."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[Event] = registered(draft(), "supervisor", "14.00.00", NOW)
        self.task: Task = task_after(self.said)
        self.now = NOW

    def asked(self, decide, command: Command) -> None:
        before, decision = self.task, decide(self.task, command, self.now)
        if isinstance(decision, Refused):
            assert decision.code and decision.message and decision.pointer
            return
        events = [*decision, *before.after(decision).advanced(self.now)]
        self.said += events
        self.task = task_after(events, before)
        self.moved(before, decision)

    def moved(self, before: Task, decision: tuple[AssignmentEvent, ...]) -> None:
        """What one granted command may have changed."""
        for event in decision:
            old = before.part(event.assignment_id)
            new = self.task.part(event.assignment_id)
            assert old.state in due.OPEN, "closed and cancelled are final"
            moving = isinstance(event, AssignmentResumed | AssignmentDueChanged | AssignmentCancelled)
            assert moving or not old.paused_at, "nothing is done on what stands still"
            if not isinstance(event, AssignmentReworked):
                assert (new.percent or 0) >= (old.percent or 0), "accepted progress is monotone"
            if not isinstance(event, AssignmentDueChanged | AssignmentResumed):
                assert new.clocks == old.clocks, "a due date moves only by a DueChange"
            assert new.original_due == old.original_due, "the original due date stays on record"

    def past_verification(self, unit: Unit) -> bool:
        return unit is LEAD or self.task.part(id_of(self.task, unit)).state is AssignmentState.VERIFIED

    @rule(unit=at, name=person)
    def goes_on(self, unit: Unit, name: str) -> None:
        """The next step of a part, by somebody of the right office: it gets far enough for the rest to matter."""
        part = self.task.part(id_of(self.task, unit))
        inside = {"actor": actor(name, unit, ActorRole.UNIT_HEAD), "assignment_id": part.assignment_id}
        reviewer = BGT if unit is LEAD else LEAD
        outside = actor(name, reviewer, ActorRole.UNIT_HEAD, ActorRole.INSPECTOR)
        above = actor(name, BGT, ActorRole.SUPERVISOR)
        text = "已按要求办理"
        steps = {
            AssignmentState.ISSUED: (work.acknowledge, Acknowledge(**inside)),
            AssignmentState.ACKNOWLEDGED: (work.report, Report(**inside, text=text, responsible_person="张三")),
            AssignmentState.WORKING: (work.complete, Complete(**inside, text=text, evidence=("a" * 64,))),
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
        moment = (self.task.part(id_of(self.task, unit)).due or self.now) + timedelta(days=days)
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
            self.asked(step[0], step[1](actor=somebody(data, SEATS), task_id=self.task.task_id, reason="汛期停工"))

    @rule(data=st.data())
    def resume(self, data) -> None:
        command = Resume(actor=somebody(data, SEATS), task_id=self.task.task_id)
        self.asked(partial(suspension.resume, timetable=Timetable(CALENDAR, ())), command)

    @invariant()
    def a_task_stands_still_or_runs_as_a_whole(self) -> None:
        open_parts = [part for part in self.task.parts if part.state in due.OPEN]
        assert len({bool(part.paused_at) for part in open_parts}) <= 1
        assert self.task.paused == any(part.paused_at for part in open_parts)

    @invariant()
    def there_is_exactly_one_lead(self) -> None:
        assert [part.role for part in self.task.parts].count(Role.LEAD) == 1

    @invariant()
    def submitter_verifier_and_closer_are_three_persons(self) -> None:
        for part in self.task.parts:
            closers = [
                event.actor
                for event in self.said
                if isinstance(event, AssignmentEvent)
                and event.assignment_id == part.assignment_id
                and event.state is AssignmentState.CLOSED
            ][:1]
            persons = [name for name in (part.submitter, part.verifier, *closers) if name]
            assert len(set(persons)) == len(persons)

    @invariant()
    def the_task_follows_from_its_parts(self) -> None:
        assert self.task.state is state_of(self.task.parts)
        assert self.task.percent == self.task.lead.percent

    @invariant()
    def the_lead_is_never_ahead_of_the_others(self) -> None:
        """A closed lead means that every part is verified or closed."""
        if self.task.lead.state is AssignmentState.CLOSED:
            assert self.task.state in (TaskState.VERIFIED, TaskState.CLOSED)

    @invariant()
    def the_state_is_the_fold_of_what_was_said(self) -> None:
        again = task_after(self.said)
        assert again == self.task

    @invariant()
    def versions_grow_by_one(self) -> None:
        last: dict[str, int] = {}
        for event in self.said:
            assert event.version == last.get(event.aggregate, 0) + 1
            last[event.aggregate] = event.version


Supervision.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestWhateverPeopleTry = Supervision.TestCase
