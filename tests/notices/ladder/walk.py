"""One assignment that walks through time: what happens to it, what the ladder then proposes, what people sign."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid5

from contracts.assignment import Assignment
from contracts.terms import AssignmentState, Light, NoticeKind
from contracts.workdays import ClockKind
from services.notices.ladder.domain.escalation import ActivityKind, End, Escalation, Rung, UnitActivity, cited
from services.notices.ladder.domain.evaluation import Proposal, Raise, Reason, Withdraw, decide
from services.notices.ladder.domain.policy import LadderPolicy
from tests.story import Story, moment
from tests.story.province import YAODU_REFORM, calendar

CALENDAR, POLICY, at = calendar(), LadderPolicy(), moment
PART = (
    Story("2026-01-01 09:00")
    .register("创新政府配置资源方式的指导意见对接方案", lead=YAODU_REFORM, deadline="持续推进")
    .part()
    .model_copy(update={"state": AssignmentState.WORKING})
)


def changed(part: Assignment, **facts: Any) -> Assignment:
    """The assignment with other facts; `due` is that of its resolving clock, `feedback_at` when feedback came."""
    clocks = {clock.kind: clock for clock in part.clocks[:-1]}
    last = part.resolving
    if "due" in facts:
        due = facts.pop("due")
        last = last.model_copy(update={"due": due, "kind": ClockKind.CUSTOM if due else ClockKind.ZERO})
    if "feedback_at" in facts:
        feedback = clocks[ClockKind.FEEDBACK_3D].model_copy(update={"met_at": facts.pop("feedback_at")})
        clocks[ClockKind.FEEDBACK_3D] = feedback
    return part.model_copy(update={"clocks": (*clocks.values(), last), **facts})


class Walk:
    """The escalation so far; every step is evaluated at its own moment."""

    def __init__(self, **facts: Any) -> None:
        self.escalation = Escalation(PART)
        self.change(**facts)
        self.history: list[tuple[datetime, Proposal]] = []
        self.cites: list[str] = []
        self.signed: list[str] = []
        self.next_at: datetime | None = None

    @property
    def part(self) -> Assignment:
        return self.escalation.assignment

    @property
    def rungs(self) -> tuple[Rung, ...]:
        return self.escalation.rungs

    def evaluate(self, now: datetime) -> list[Proposal]:
        """What the ladder proposes now, done; a second evaluation proposes nothing more."""
        decision = decide(self.escalation, now, POLICY, CALENDAR)
        for proposal in decision.proposals:
            self.history.append((now, proposal))
            self._follow(proposal, now)
        again = decide(self.escalation, now, POLICY, CALENDAR)
        assert again.proposals == ()
        self.next_at = again.next_at
        return list(decision.proposals)

    def raised(self, now: datetime) -> list[tuple[NoticeKind, Reason]]:
        """The documents it proposes to draft now."""
        return [(proposal.kind, proposal.reason) for proposal in self.evaluate(now) if isinstance(proposal, Raise)]

    def turn(self, light: Light, now: datetime, historical: bool = False) -> None:
        self.change(light=light, light_since=now, light_historical=historical)

    def change(self, **facts: Any) -> None:
        """Other facts, of the escalation itself or of its assignment."""
        own = {name: facts.pop(name) for name in list(facts) if name in Escalation.__dataclass_fields__}
        self.escalation = replace(self.escalation, assignment=changed(self.part, **facts), **own)

    def act(self, kind: ActivityKind, now: datetime) -> None:
        """Something stops or restarts reply clocks."""
        self.change(activities=(*self.escalation.activities, UnitActivity(now, kind)))

    def report(self, now: datetime) -> None:
        self.act(ActivityKind.REPORTED, now)
        feedback = next(clock for clock in self.part.clocks if clock.kind is ClockKind.FEEDBACK_3D)
        self.change(feedback_at=feedback.met_at or now)

    def receive(self, now: datetime) -> None:
        self._change_rungs(lambda r: r.signed_at is not None and r.ended is None, received_at=now)

    def sign(self, now: datetime, kind: NoticeKind | None = None) -> None:
        """Everybody who may sign does, or for one kind alone."""
        for rung in self.rungs:
            if rung.draft and kind in (None, rung.kind) and rung.kind in POLICY.reply:
                self.cites.append(cited(self.escalation.ladder))
                number = f"示督〔{now.year}〕{len(self.signed) + 1}号"
                self.signed.append(number)
                reply_by = POLICY.reply_by(rung.kind, now, CALENDAR)
                self._change_rungs(lambda r, it=rung: r is it, number=number, signed_at=now, reply_by=reply_by)

    def void(self, kind: NoticeKind) -> None:
        self._change_rungs(lambda r: r.kind is kind and r.ended is None, ended=End.VOID)

    def _change_rungs(self, which: Callable[[Rung], bool], **facts: Any) -> None:
        self.change(rungs=tuple(replace(rung, **facts) if which(rung) else rung for rung in self.rungs))

    def _follow(self, proposal: Proposal, now: datetime) -> None:
        if isinstance(proposal, Withdraw):
            self._change_rungs(lambda r: r.notice_id == proposal.notice_id and r.draft, ended=End.WITHDRAWN)
            return
        key = f"{proposal.kind}/{proposal.cause}/{proposal.occurrence}"
        notice_id = uuid5(self.part.assignment_id, key)
        rung = Rung(notice_id, proposal.kind, proposal.cause, proposal.occurrence, now)
        self.change(rungs=(*self.rungs, rung))
