"""The ladder 提示 → 交办 → 催办 → 责令 (R3): which drafts and withdrawals it proposes, each with a named reason."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.assignment import IN_HAND
from contracts.terms import AssignmentState, NoticeCause, NoticeKind, Role
from contracts.workdays import Calendar
from services.notices.ladder.domain.escalation import End, Escalation, Rung, runs_out
from services.notices.ladder.domain.policy import LEVEL, LadderPolicy


class Reason(StrEnum):
    """Why the ladder proposes something."""

    FIRST_LAGGING = "first_lagging"
    DUE_SOON = "due_soon"
    PROMPT_UNANSWERED = "prompt_unanswered"
    STALLED = "stalled"
    OVERDUE = "overdue"
    FEEDBACK_MISSED = "feedback_missed"
    URGING_UNANSWERED = "urging_unanswered"
    LONG_OVERDUE = "long_overdue"
    URGINGS_UNANSWERED = "urgings_unanswered"
    PAST_AT_IMPORT = "past_at_import"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    SUSPENDED = "suspended"
    SUBMITTED = "submitted"
    CAUSE_GONE = "cause_gone"
    OVERTAKEN = "overtaken"


ENDS = {
    AssignmentState.CLOSED: Reason.CLOSED,
    AssignmentState.CANCELLED: Reason.CANCELLED,
    AssignmentState.RETURNED: Reason.RETURNED,
}


@dataclass(frozen=True, slots=True)
class Raise:
    """Draft a document; with the assignment, `kind`, `cause` and `occurrence` are its key."""

    kind: NoticeKind
    cause: NoticeCause
    occurrence: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take the assignment back out of a draft that the ladder itself made."""

    notice_id: UUID
    reason: Reason


Proposal = Raise | Withdraw


@dataclass(frozen=True, slots=True)
class Decision:
    """What is proposed now, and the next moment at which time alone may change that."""

    proposals: tuple[Proposal, ...] = ()
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One escalation at one moment, by one policy and calendar."""

    escalation: Escalation
    now: datetime
    policy: LadderPolicy
    calendar: Calendar

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """The rungs of the assignment; a 督办通知 is none."""
        return self.escalation.ladder

    @property
    def due(self) -> datetime | None:
        """When the assignment is due."""
        return self.escalation.assignment.due

    def since(self, cause: NoticeCause) -> datetime | None:
        """Since when a cause holds."""
        return self.escalation.since(cause, self.now)

    def runs_out(self, rung: Rung) -> datetime | None:
        """When its reply clock ends, if it runs or ran out."""
        return runs_out(rung, self.escalation.activities, self.calendar, self.policy)

    def unanswered(self, rung: Rung) -> bool:
        """Its reply clock ran out."""
        end = self.runs_out(rung)
        return end is not None and end <= self.now

    def running(self, rung: Rung) -> bool:
        """Its reply clock runs."""
        end = self.runs_out(rung)
        return end is not None and end > self.now

    def live(self, rung: Rung) -> bool:
        """A draft, or signed and not answered."""
        return rung.draft or self.runs_out(rung) is not None

    def patience_ends(self, prompt: Rung) -> datetime:
        """When an unanswered prompt becomes a 交办单."""
        return self.policy.days_after(self.policy.prompt_patience, prompt.signed_at or self.now, self.calendar)

    def gap_ends(self, urging: Rung) -> datetime:
        """When the next urging may follow."""
        return self.policy.days_after(self.policy.urging_gap, urging.signed_at or urging.raised_at, self.calendar)

    def may_have(self, kind: NoticeKind) -> bool:
        """A supporting unit gets only the lower rungs."""
        return self.escalation.assignment.role is not Role.SUPPORTING or kind in self.policy.supporting

    def propose(self, kind: NoticeKind, cause: NoticeCause, reason: Reason) -> Raise:
        """A document with its key."""
        return Raise(kind, cause, self.escalation.occurrence(kind, cause), reason)

    def fresh(self, kind: NoticeKind, cause: NoticeCause) -> bool:
        """The cause holds, and since then nothing of this kind was drafted for it, but what was withdrawn again."""
        since = self.since(cause)
        return since is not None and not any(
            rung.kind is kind and rung.cause is cause and rung.raised_at >= since and rung.ended is not End.WITHDRAWN
            for rung in self.ladder
        )


def decide(escalation: Escalation, now: datetime, policy: LadderPolicy, calendar: Calendar) -> Decision:
    """What the ladder proposes for one assignment at one moment; done, it proposes nothing a second time.

    A suspension freezes it, and takes back what waits for a signature. What has ended leaves an import's list too.
    """
    assignment, ladder = escalation.assignment, escalation.ladder
    if assignment.state in ENDS:
        return _taken_back(escalation.rungs, ENDS[assignment.state])
    if assignment.paused_at:
        return _taken_back(ladder, Reason.SUSPENDED)
    if assignment.state not in IN_HAND:
        return _taken_back(ladder, Reason.SUBMITTED)
    evaluation = Evaluation(escalation, now, policy, calendar)
    gone = [rung for rung in _own_drafts(ladder) if not _still_wanted(evaluation, rung)]
    rungs = tuple(replace(rung, ended=End.WITHDRAWN) if rung in gone else rung for rung in escalation.rungs)
    evaluation = replace(evaluation, escalation=replace(escalation, rungs=rungs))
    current = tuple(rung for rung in evaluation.ladder if rung.ended is None)
    proposals: list[Proposal] = [Withdraw(rung.notice_id, Reason.CAUSE_GONE) for rung in gone]
    if step := _step(evaluation, current):
        proposals.append(step)
    top = step or (current[-1] if current else None)
    proposals += [Withdraw(rung.notice_id, Reason.OVERTAKEN) for rung in _own_drafts(current) if _below(rung, top)]
    return Decision((*proposals, *_past_at_import(evaluation)), _next_at(evaluation, current))


def _taken_back(rungs: tuple[Rung, ...], reason: Reason) -> Decision:
    return Decision(tuple(Withdraw(rung.notice_id, reason) for rung in _own_drafts(rungs)))


def _own_drafts(rungs: tuple[Rung, ...]) -> list[Rung]:
    return [rung for rung in rungs if rung.draft and rung.by_itself]


def _below(rung: Rung, top: Rung | Raise | None) -> bool:
    return top is not None and LEVEL[rung.kind] < LEVEL[top.kind]


def _past_at_import(evaluation: Evaluation) -> tuple[Raise, ...]:
    """What was overdue before an import goes into the office's one draft list, and raises no rung (§2 History)."""
    escalation, cause = evaluation.escalation, NoticeCause.HISTORICAL
    overdue = escalation.light == NoticeCause.OVERDUE.value and escalation.light_historical
    imported = escalation.assignment.historical_before is not None
    if not (overdue and imported) or escalation.occurrence(NoticeKind.SUPERVISION, cause) > 1:
        return ()
    return (evaluation.propose(NoticeKind.SUPERVISION, cause, Reason.PAST_AT_IMPORT),)


def _still_wanted(evaluation: Evaluation, draft: Rung) -> bool:
    """A draft that waits for its signature still has its cause."""
    if draft.cause is not NoticeCause.UNANSWERED:
        return evaluation.since(draft.cause) is not None
    if draft.kind is NoticeKind.ORDER:
        return _urgings_unanswered(evaluation)
    return any(rung.kind is NoticeKind.PROMPT and evaluation.unanswered(rung) for rung in evaluation.ladder)


def _step(evaluation: Evaluation, current: tuple[Rung, ...]) -> Raise | None:
    """The highest rung that is due, if it outranks the live one; a second urging may follow an unanswered one."""
    live = next((rung for rung in reversed(current) if evaluation.live(rung)), None)
    for wanted in (
        _order(evaluation),
        _urging(evaluation, current),
        _assignment(evaluation, current),
        _prompt(evaluation),
    ):
        if wanted is None or not evaluation.may_have(wanted.kind):
            continue
        again = live is not None and wanted.kind is live.kind is NoticeKind.URGING and evaluation.unanswered(live)
        if live is None or again or LEVEL[wanted.kind] > LEVEL[live.kind]:
            return wanted
    return None


def _order(evaluation: Evaluation) -> Raise | None:
    """A 责令书 awaits its leader once: long overdue after a document had its time, or every urging unanswered."""
    kind, due = NoticeKind.ORDER, evaluation.due
    if any(rung.kind is kind and rung.ended is not End.WITHDRAWN for rung in evaluation.ladder):
        return None
    overdue = evaluation.since(NoticeCause.OVERDUE) is not None
    entered = any(rung.signed_at and not rung.ended and not evaluation.running(rung) for rung in evaluation.ladder)
    if overdue and entered and due and evaluation.now >= evaluation.policy.order_at(due, evaluation.calendar):
        return evaluation.propose(kind, NoticeCause.OVERDUE, Reason.LONG_OVERDUE)
    if _urgings_unanswered(evaluation):
        return evaluation.propose(kind, NoticeCause.UNANSWERED, Reason.URGINGS_UNANSWERED)
    return None


def _urgings_unanswered(evaluation: Evaluation) -> bool:
    unanswered = [rung for rung in evaluation.ladder if rung.kind is NoticeKind.URGING and evaluation.unanswered(rung)]
    return len(unanswered) >= evaluation.policy.urging_max


URGENT = (
    (NoticeCause.OVERDUE, Reason.OVERDUE),
    (NoticeCause.STALLED, Reason.STALLED),
    (NoticeCause.FEEDBACK_MISSED, Reason.FEEDBACK_MISSED),
)
"""What urges, gravest first."""


def _urging(evaluation: Evaluation, current: tuple[Rung, ...]) -> Raise | None:
    """A 催办单: anew for each cause, again while the last one is unanswered; never too soon, never too many."""
    urgings = [rung for rung in evaluation.ladder if rung.kind is NoticeKind.URGING and rung.ended is not End.WITHDRAWN]
    sent = [rung for rung in current if rung.kind is NoticeKind.URGING]
    if len(sent) >= evaluation.policy.urging_max or any(evaluation.now < evaluation.gap_ends(rung) for rung in urgings):
        return None
    for cause, reason in URGENT:
        if evaluation.fresh(NoticeKind.URGING, cause):
            return evaluation.propose(NoticeKind.URGING, cause, reason)
    held = next((cause for cause, _ in URGENT if evaluation.since(cause)), None)
    if held and sent and evaluation.unanswered(sent[-1]):
        return evaluation.propose(NoticeKind.URGING, held, Reason.URGING_UNANSWERED)
    return None


def _assignment(evaluation: Evaluation, current: tuple[Rung, ...]) -> Raise | None:
    """A 交办单 for the office to sign: the last document is a prompt, unanswered for days, and its cause holds."""
    kind, last = NoticeKind.ASSIGNMENT, current[-1] if current else None
    if last is None or last.kind is not NoticeKind.PROMPT or not evaluation.unanswered(last):
        return None
    if evaluation.now < evaluation.patience_ends(last) or (last.by_itself and not evaluation.since(last.cause)):
        return None
    if any(r.kind is kind and r.ended is End.VOID and r.raised_at > last.raised_at for r in evaluation.ladder):
        return None
    return evaluation.propose(kind, NoticeCause.UNANSWERED, Reason.PROMPT_UNANSWERED)


def _prompt(evaluation: Evaluation) -> Raise | None:
    """A 提示单 at the first LAGGING, and before each due date; to whom may not be urged, also instead of an urging."""
    kind, lagging = NoticeKind.PROMPT, NoticeCause.LAGGING
    prompted = any(r.kind is kind and r.cause is lagging and r.ended is not End.WITHDRAWN for r in evaluation.ladder)
    if evaluation.since(lagging) and not prompted:
        return evaluation.propose(kind, lagging, Reason.FIRST_LAGGING)
    if evaluation.fresh(kind, NoticeCause.DUE_SOON):
        return evaluation.propose(kind, NoticeCause.DUE_SOON, Reason.DUE_SOON)
    if not evaluation.may_have(NoticeKind.URGING):
        return next(
            (evaluation.propose(kind, cause, reason) for cause, reason in URGENT if evaluation.fresh(kind, cause)), None
        )
    return None


def _next_at(evaluation: Evaluation, current: tuple[Rung, ...]) -> datetime | None:
    """The next moment at which time alone may raise a rung, or end the cause of a draft."""
    moments = [evaluation.runs_out(rung) for rung in current]
    moments += [evaluation.patience_ends(rung) for rung in current if rung.kind is NoticeKind.PROMPT and rung.signed_at]
    moments += [evaluation.gap_ends(rung) for rung in evaluation.ladder if rung.kind is NoticeKind.URGING]
    if evaluation.due and evaluation.since(NoticeCause.DUE_SOON):
        moments.append(evaluation.due)
    if evaluation.due and evaluation.since(NoticeCause.OVERDUE):
        moments.append(evaluation.policy.order_at(evaluation.due, evaluation.calendar))
    return min((moment for moment in moments if moment and moment > evaluation.now), default=None)
