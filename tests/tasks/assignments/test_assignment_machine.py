"""Whatever people try on a task, in whatever order: the invariants of a task hold (§2)."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.assignment import IN_HAND, MOST_EXTENSIONS, OPEN
from contracts.commands.assignment import (
    Acknowledge,
    Close,
    Complete,
    CorrectReport,
    DecideRequest,
    ProposePlan,
    ProposeReassignment,
    Report,
    RequestExtension,
    RequestReclassification,
    RequestReturn,
    Rework,
    Verify,
    WithdrawRequest,
)
from contracts.commands.task import Cancel, Resume, Suspend
from contracts.envelope import Actor, ActorRole, Command, Event
from contracts.events.assignment import (
    AssignmentCancelled,
    AssignmentClosed,
    AssignmentCorrected,
    AssignmentDueChanged,
    AssignmentEvent,
    AssignmentIssued,
    AssignmentLeadChanged,
    AssignmentRequestRefused,
    AssignmentResumed,
    AssignmentReturned,
    AssignmentReworked,
)
from contracts.refusals import Refused
from contracts.register import Unit
from contracts.terms import AssignmentState, DueChangeCause, RequestKind, Role, TaskState
from contracts.workdays import day_of
from services.tasks.assignments.domain import correction, decisions, requests, review, suspension, work
from services.tasks.assignments.domain.draft import aggregate_of
from services.tasks.assignments.domain.successor import Reference
from services.tasks.assignments.domain.task import TaskAggregate, percent_of, state_of
from tests.story.province import GOVERNMENT, NODE
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
    confirm,
    draft,
    events_of,
    id_of,
    submit,
)

UNITS = (LEAD, HELPER, SUPPORT)
SPARE = [REGISTER.units[address] for address in ("14.00.00.000.jtt", "14.05.00.000.gov", "14.00.00.000.czt")]
TEXTS = {"target": "封闭水井412眼", "verification_form": "销号台账", "instruction": ""}
at = st.sampled_from(range(len(UNITS)))
"""The lead's part, a responsible unit's, a supporting one's: whoever has it now."""
person = st.sampled_from(["甲", "乙", "丙", "丁"])
by = st.builds(actor, person, st.sampled_from((*UNITS, *SPARE, BGT)), *(st.sampled_from(list(ActorRole)),) * 2)
HEADS = {
    unit.address: st.builds(actor, person, st.just(unit), st.just(ActorRole.UNIT_HEAD))
    for unit in (*UNITS, *SPARE, BGT)
}
LEADERS = st.builds(actor, person, st.just(REGISTER.units[GOVERNMENT]), st.just(ActorRole.LEADER))
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
        self.units = list(UNITS)

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
            if isinstance(event, AssignmentIssued):
                self.units[list(Role).index(event.assignment.role)] = REGISTER.units[event.assignment.unit]
                assert event.assignment.t0 == self.now, "every clock of a successor is built anew"
                assert all(clock.due is None or clock.due > self.now for clock in event.assignment.clocks)
                continue
            old = before.assignment(event.assignment.assignment_id)
            new = self.task.assignment(event.assignment.assignment_id)
            assert old.state in OPEN, "what has ended stays so"
            moving = isinstance(
                event, AssignmentResumed | AssignmentDueChanged | AssignmentCancelled | AssignmentLeadChanged
            )
            decided = isinstance(event, AssignmentReturned | AssignmentRequestRefused)
            if isinstance(event, AssignmentDueChanged) and event.cause is not DueChangeCause.SUSPENSION:
                decided = True
            if decided:
                assert old.request and event.actor != old.request.asked_by, "who asked does not decide"
            if isinstance(event, AssignmentDueChanged) and event.cause is DueChangeCause.EXTENSION:
                assert event.due <= old.extend_to and new.extensions <= MOST_EXTENSIONS, "within the bounds"
                assert event.due > max(old.due, self.now), "later only"
            if isinstance(event, AssignmentDueChanged) and event.cause is DueChangeCause.RESOLUTION_PLAN:
                assert (old.due or self.now) < event.due <= old.plan_to, "within six months, never earlier"
            assert moving or not old.paused_at, "nothing is done on what stands still"
            if not isinstance(event, AssignmentReworked | AssignmentCorrected):
                assert (new.percent or 0) >= (old.percent or 0), "accepted progress is monotone"
            if not isinstance(event, AssignmentDueChanged | AssignmentResumed):
                dates = [[clock.due for clock in each.clocks] for each in (old, new)]
                assert dates[0] == dates[1], "a due date moves only by a DueChange"
            assert new.original_due == old.original_due, "the original due date stays on record"

    def past_verification(self, slot: int) -> bool:
        return not slot or at_unit(self.task, self.units[slot]).state is AssignmentState.VERIFIED

    @rule(slot=at, name=person)
    def goes_on(self, slot: int, name: str) -> None:
        """The next step of a part, by somebody of the right office: it gets far enough for the rest to matter."""
        unit = self.units[slot]
        part = at_unit(self.task, unit)
        inside = {"actor": actor(name, unit, ActorRole.UNIT_HEAD), "assignment_id": part.assignment_id}
        reviewer = self.units[0] if slot else BGT
        outside = actor(name, reviewer, ActorRole.UNIT_HEAD, ActorRole.INSPECTOR)
        above = actor(name, BGT, ActorRole.SUPERVISOR)
        text = "已按要求办理"
        steps = {
            AssignmentState.ISSUED: (work.acknowledge, Acknowledge(**inside)),
            AssignmentState.ACKNOWLEDGED: (work.report, Report(**inside, text=text, responsible_person="张三")),
            AssignmentState.WORKING: (work.report, Report(**inside, text=text, percent=100))
            if part.percent != 100
            else (submit, Complete(**inside, text=text, evidence=("a" * 64,))),
            AssignmentState.SUBMITTED: (confirm, Verify(actor=outside, assignment_id=part.assignment_id)),
            AssignmentState.VERIFIED: (review.close, Close(actor=above, assignment_id=part.assignment_id)),
        }
        if part.state in steps:
            self.asked(*steps[part.state])

    @rule(data=st.data())
    def all_go_on(self, data) -> None:
        """One round of everybody's next step."""
        for slot in data.draw(st.permutations(range(len(UNITS)))):
            self.goes_on(slot, data.draw(person))

    @rule(hours=st.integers(1, 100))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(data=st.data(), slot=at)
    def acknowledge(self, data, slot: int) -> None:
        unit = self.units[slot]
        actor = somebody(data, HEADS[unit.address])
        named = data.draw(st.sampled_from(["", "张三"]))
        self.asked(
            work.acknowledge,
            Acknowledge(actor=actor, assignment_id=id_of(self.task, unit), responsible_person=named),
        )

    @rule(data=st.data(), slot=at, percent=percents)
    def report(self, data, slot: int, percent: Decimal | None) -> None:
        unit = self.units[slot]
        actor = somebody(data, HEADS[unit.address])
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

    @rule(data=st.data(), slot=at, percent=st.integers(0, 100).map(Decimal))
    def correct(self, data, slot: int, percent: Decimal) -> None:
        unit = self.units[slot]
        by = somebody(data, HEADS[unit.address] | SEATS)
        command = CorrectReport(actor=by, assignment_id=id_of(self.task, unit), percent=percent, reason="填报笔误")
        self.asked(partial(correction.correct_report, timetable=TIMETABLE), command)

    @rule(data=st.data(), slot=at)
    def complete(self, data, slot: int) -> None:
        unit = self.units[slot]
        actor = somebody(data, HEADS[unit.address])
        command = Complete(actor=actor, assignment_id=id_of(self.task, unit), text="已全部办结", evidence=("a" * 64,))
        self.asked(submit, command)

    @rule(data=st.data(), slot=at)
    def verify(self, data, slot: int) -> None:
        unit = self.units[slot]
        actor = somebody(data, HEADS[self.units[0].address] if slot else SEATS)
        self.asked(confirm, Verify(actor=actor, assignment_id=id_of(self.task, unit)))

    @rule(data=st.data(), slot=at)
    def rework(self, data, slot: int) -> None:
        unit = self.units[slot]
        actor = somebody(data, SEATS if self.past_verification(slot) else HEADS[self.units[0].address])
        self.asked(review.rework, Rework(actor=actor, assignment_id=id_of(self.task, unit), reason="佐证不足"))

    @rule(data=st.data(), slot=at)
    def close(self, data, slot: int) -> None:
        unit = self.units[slot]
        self.asked(review.close, Close(actor=somebody(data, SEATS), assignment_id=id_of(self.task, unit)))

    @rule(data=st.data(), slot=at, days=st.integers(-3, 20), months=st.integers(0, 8), plans=st.booleans())
    def ask_for_a_date(self, data, slot: int, days: int, months: int, plans: bool) -> None:
        unit = self.units[slot]
        start = at_unit(self.task, unit).due or self.now
        by = somebody(data, HEADS[unit.address] | SEATS)
        body = {"actor": by, "assignment_id": id_of(self.task, unit), "reason": "汛期停工", "plan": "汛期过后分段推进"}
        due = day_of(start + timedelta(days=days + 30 * months * plans))
        decide, command = (
            (requests.propose_plan, ProposePlan) if plans else (requests.request_extension, RequestExtension)
        )
        self.asked(partial(decide, timetable=TIMETABLE), command(**body, due=due))

    @rule(slot=at, days=st.integers(1, 6), one=person, other=person, office=st.booleans())
    def one_asks_and_another_decides(self, slot: int, days: int, one: str, other: str, office: bool) -> None:
        """The usual way, at once; the two may be one person."""
        unit = self.units[slot]
        start = at_unit(self.task, unit).due or self.now
        by = actor(one, BGT, ActorRole.SUPERVISOR) if office else actor(one, unit, ActorRole.UNIT_HEAD)
        own = {"assignment_id": id_of(self.task, unit), "reason": "汛期停工"}
        command = RequestExtension(actor=by, due=day_of(start + timedelta(days=days)), plan="汛期过后分段推进", **own)
        self.asked(partial(requests.request_extension, timetable=TIMETABLE), command)
        decide = partial(decisions.decide_request, by=Reference(TIMETABLE, REGISTER, TEXTS))
        self.asked(decide, DecideRequest(actor=actor(other, BGT, ActorRole.SUPERVISOR), approved=True, **own))

    @rule(data=st.data(), slot=at)
    def ask_to_be_major(self, data, slot: int) -> None:
        unit = self.units[slot]
        by = somebody(data, HEADS[unit.address])
        command = RequestReclassification(actor=by, assignment_id=id_of(self.task, unit), reason="涉及多个部门")
        self.asked(partial(requests.request_reclassification, timetable=TIMETABLE), command)

    @rule(data=st.data(), slot=at, to=st.sampled_from([*SPARE, *UNITS, BGT]), named=st.booleans())
    def ask_for_its_return(self, data, slot: int, to: Unit, named: bool) -> None:
        unit = self.units[slot]
        by = somebody(data, HEADS[unit.address])
        fields = {"assignment_id": id_of(self.task, unit), "unit": to.address if named else "", "reason": "职责不符"}
        decide = partial(requests.request_return, timetable=TIMETABLE, register=REGISTER)
        self.asked(decide, RequestReturn(actor=by, **fields))

    @rule(data=st.data(), slot=at, to=st.sampled_from([*SPARE, *UNITS, BGT]))
    def propose_another_unit(self, data, slot: int, to: Unit) -> None:
        unit = self.units[slot]
        fields = {"assignment_id": id_of(self.task, unit), "unit": to.address, "reason": "职责不符"}
        decide = partial(requests.propose_reassignment, timetable=TIMETABLE, register=REGISTER)
        self.asked(decide, ProposeReassignment(actor=somebody(data, SEATS), **fields))

    @rule(data=st.data(), slot=at)
    def take_it_back(self, data, slot: int) -> None:
        unit = self.units[slot]
        by = somebody(data, HEADS[unit.address] | SEATS)
        self.asked(requests.withdraw_request, WithdrawRequest(actor=by, assignment_id=id_of(self.task, unit)))

    @rule(data=st.data(), slot=at, approved=st.booleans(), to=st.sampled_from(["", *(each.address for each in SPARE)]))
    def decide_what_was_asked(self, data, slot: int, approved: bool, to: str) -> None:
        unit = self.units[slot]
        by, request = somebody(data, SEATS | LEADERS), at_unit(self.task, unit).request
        to = to if request and request.kind in decisions.HANDING_OVER else ""
        fields = {"assignment_id": id_of(self.task, unit), "approved": approved, "unit": to, "reason": "已研究"}
        decide = partial(decisions.decide_request, by=Reference(TIMETABLE, REGISTER, TEXTS))
        self.asked(decide, DecideRequest(actor=by, **fields))

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
        live = [each for each in self.task.assignments if each.state is not AssignmentState.RETURNED]
        assert [each.role for each in live].count(Role.LEAD) == 1
        assert len({each.unit for each in live}) == len(live) == len(UNITS) == self.task.task.assignments
        assert {each.lead for each in live} == {self.task.lead.unit} == {self.task.task.lead}

    @invariant()
    def only_what_is_in_hand_waits_for_a_decision(self) -> None:
        for each in self.task.assignments:
            assert each.request is None or each.state in IN_HAND
            asked = each.request is not None and each.request.kind is RequestKind.RETURN
            assert (each.state is AssignmentState.RETURN_REQUESTED) == asked

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


class LongSupervision(Supervision):
    """The same, for long campaigns."""


Supervision.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
LongSupervision.TestCase.settings = settings(max_examples=2_000, stateful_step_count=50, deadline=None)
TestWhateverPeopleTry = Supervision.TestCase
TestWhateverPeopleTryAtLength = pytest.mark.full(LongSupervision.TestCase)
