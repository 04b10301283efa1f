"""The ladder 提示 → 交办 → 催办 → 责令 (R3): what is drafted and withdrawn by itself, with a named reason."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.terms import AssignmentState, NoticeCause, NoticeKind, Role
from contracts.workdays import Calendar
from services.notices.domain.climb import OPEN, Climb, End, Rung, runs_out
from services.notices.domain.policy import LEVEL, LadderPolicy


class Reason(StrEnum):
    """Why the ladder wants something."""

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
    SUSPENDED = "suspended"
    SUBMITTED = "submitted"
    CAUSE_GONE = "cause_gone"
    OVERTAKEN = "overtaken"


ENDS = {AssignmentState.CLOSED: Reason.CLOSED, AssignmentState.CANCELLED: Reason.CANCELLED}


@dataclass(frozen=True, slots=True)
class Raise:
    """Draft a document; with the part, `kind`, `cause` and `occurrence` are its key."""

    kind: NoticeKind
    cause: NoticeCause
    occurrence: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take the part back out of a draft that the ladder itself made."""

    notice_id: UUID
    reason: Reason


Wish = Raise | Withdraw


@dataclass(frozen=True, slots=True)
class Decision:
    """What is wanted now, and when time alone may want something more."""

    wishes: tuple[Wish, ...] = ()
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """One part, looked at in one moment by one policy and calendar."""

    climb: Climb
    now: datetime
    policy: LadderPolicy
    calendar: Calendar

    def since(self, cause: NoticeCause) -> datetime | None:
        """Since when a cause holds."""
        return self.climb.since(cause, self.now)

    def runs_out(self, rung: Rung) -> datetime | None:
        """When its reply clock ends, if it runs or ran out."""
        return runs_out(rung, self.climb.stirs, self.calendar, self.policy)

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
        """A supporting unit climbs only so far."""
        return self.climb.role is not Role.SUPPORTING or kind in self.policy.supporting

    def wish(self, kind: NoticeKind, cause: NoticeCause, reason: Reason) -> Raise:
        """A document with its key."""
        return Raise(kind, cause, self.climb.occurrence(kind, cause), reason)

    def fresh(self, kind: NoticeKind, cause: NoticeCause) -> bool:
        """The cause holds, and since then nothing of this kind was drafted for it, but what was withdrawn again."""
        since = self.since(cause)
        return since is not None and not any(
            rung.kind is kind and rung.cause is cause and rung.raised_at >= since and rung.ended is not End.WITHDRAWN
            for rung in self.climb.ladder
        )


def decide(climb: Climb, now: datetime, policy: LadderPolicy, calendar: Calendar) -> Decision:
    """What the ladder wants of one part at one moment; with nothing new said, the same a second time wants nothing.

    A suspension freezes it, and takes back what waits for a signature. What has ended leaves an import's list too.
    """
    look = Look(climb, now, policy, calendar)
    if climb.paused:
        return _taken_back(climb.ladder, Reason.SUSPENDED)
    if climb.state in ENDS:
        return _taken_back(climb.rungs, ENDS[climb.state])
    if climb.state not in OPEN:
        return _taken_back(climb.ladder, Reason.SUBMITTED)
    gone = [rung for rung in _own_drafts(climb.ladder) if not _still_wanted(look, rung)]
    rungs = tuple(replace(rung, ended=End.WITHDRAWN) if rung in gone else rung for rung in climb.rungs)
    look = replace(look, climb=replace(climb, rungs=rungs))
    standing = tuple(rung for rung in look.climb.ladder if rung.ended is None)
    wishes: list[Wish] = [Withdraw(rung.notice_id, Reason.CAUSE_GONE) for rung in gone]
    if step := _step(look, standing):
        wishes.append(step)
    top = step or (standing[-1] if standing else None)
    wishes += [Withdraw(rung.notice_id, Reason.OVERTAKEN) for rung in _own_drafts(standing) if _below(rung, top)]
    return Decision((*wishes, *_past_at_import(look)), _next_at(look, standing))


def _taken_back(rungs: tuple[Rung, ...], reason: Reason) -> Decision:
    return Decision(tuple(Withdraw(rung.notice_id, reason) for rung in _own_drafts(rungs)))


def _own_drafts(rungs: tuple[Rung, ...]) -> list[Rung]:
    return [rung for rung in rungs if rung.draft and rung.by_itself]


def _below(rung: Rung, top: Rung | Raise | None) -> bool:
    return top is not None and LEVEL[rung.kind] < LEVEL[top.kind]


def _past_at_import(look: Look) -> tuple[Raise, ...]:
    """What was overdue before an import goes into the office's one draft list, and raises no rung (§2 History)."""
    climb, cause = look.climb, NoticeCause.HISTORICAL
    overdue = climb.light == NoticeCause.OVERDUE.value and climb.light_historical and climb.state in OPEN
    if not overdue or climb.historical_before is None or climb.occurrence(NoticeKind.SUPERVISION, cause) > 1:
        return ()
    return (look.wish(NoticeKind.SUPERVISION, cause, Reason.PAST_AT_IMPORT),)


def _still_wanted(look: Look, draft: Rung) -> bool:
    """A draft that waits for its signature still has its cause."""
    if draft.cause is not NoticeCause.UNANSWERED:
        return look.since(draft.cause) is not None
    if draft.kind is NoticeKind.ORDER:
        return _urgings_unanswered(look)
    return any(rung.kind is NoticeKind.PROMPT and look.unanswered(rung) for rung in look.climb.ladder)


def _step(look: Look, standing: tuple[Rung, ...]) -> Raise | None:
    """The highest rung that is due, if it outranks the live one; a second urging may follow an unanswered one."""
    live = next((rung for rung in reversed(standing) if look.live(rung)), None)
    for wanted in (_order(look), _urging(look, standing), _assignment(look, standing), _prompt(look)):
        if wanted is None or not look.may_have(wanted.kind):
            continue
        again = live is not None and wanted.kind is live.kind is NoticeKind.URGING and look.unanswered(live)
        if live is None or again or LEVEL[wanted.kind] > LEVEL[live.kind]:
            return wanted
    return None


def _order(look: Look) -> Raise | None:
    """A 责令书 awaits its leader once: long overdue after a document had its time, or every urging unanswered."""
    climb, kind = look.climb, NoticeKind.ORDER
    if any(rung.kind is kind and rung.ended is not End.WITHDRAWN for rung in climb.ladder):
        return None
    overdue = climb.due is not None and look.since(NoticeCause.OVERDUE) is not None
    entered = any(rung.signed_at and not rung.ended and not look.running(rung) for rung in climb.ladder)
    if overdue and entered and climb.due and look.now >= look.policy.order_at(climb.due, look.calendar):
        return look.wish(kind, NoticeCause.OVERDUE, Reason.LONG_OVERDUE)
    if _urgings_unanswered(look):
        return look.wish(kind, NoticeCause.UNANSWERED, Reason.URGINGS_UNANSWERED)
    return None


def _urgings_unanswered(look: Look) -> bool:
    unanswered = [rung for rung in look.climb.ladder if rung.kind is NoticeKind.URGING and look.unanswered(rung)]
    return len(unanswered) >= look.policy.urging_max


URGENT = (
    (NoticeCause.OVERDUE, Reason.OVERDUE),
    (NoticeCause.STALLED, Reason.STALLED),
    (NoticeCause.FEEDBACK_MISSED, Reason.FEEDBACK_MISSED),
)
"""What urges, gravest first."""


def _urging(look: Look, standing: tuple[Rung, ...]) -> Raise | None:
    """A 催办单: anew for each cause, again while the last one is unanswered; never too soon, never too many."""
    urgings = [rung for rung in look.climb.ladder if rung.kind is NoticeKind.URGING and rung.ended is not End.WITHDRAWN]
    sent = [rung for rung in standing if rung.kind is NoticeKind.URGING]
    if len(sent) >= look.policy.urging_max or any(look.now < look.gap_ends(rung) for rung in urgings):
        return None
    for cause, reason in URGENT:
        if look.fresh(NoticeKind.URGING, cause):
            return look.wish(NoticeKind.URGING, cause, reason)
    held = next((cause for cause, _ in URGENT if look.since(cause)), None)
    if held and sent and look.unanswered(sent[-1]):
        return look.wish(NoticeKind.URGING, held, Reason.URGING_UNANSWERED)
    return None


def _assignment(look: Look, standing: tuple[Rung, ...]) -> Raise | None:
    """A 交办单 for the office to sign: the last document is a prompt, unanswered for days, and its cause holds."""
    kind, last = NoticeKind.ASSIGNMENT, standing[-1] if standing else None
    if last is None or last.kind is not NoticeKind.PROMPT or not look.unanswered(last):
        return None
    if look.now < look.patience_ends(last) or (last.by_itself and not look.since(last.cause)):
        return None
    if any(r.kind is kind and r.ended is End.VOID and r.raised_at > last.raised_at for r in look.climb.ladder):
        return None
    return look.wish(kind, NoticeCause.UNANSWERED, Reason.PROMPT_UNANSWERED)


def _prompt(look: Look) -> Raise | None:
    """A 提示单 at the first LAGGING, and before each due date; to whom may not be urged, also instead of an urging."""
    kind, lagging = NoticeKind.PROMPT, NoticeCause.LAGGING
    prompted = any(r.kind is kind and r.cause is lagging and r.ended is not End.WITHDRAWN for r in look.climb.ladder)
    if look.since(lagging) and not prompted:
        return look.wish(kind, lagging, Reason.FIRST_LAGGING)
    if look.fresh(kind, NoticeCause.DUE_SOON):
        return look.wish(kind, NoticeCause.DUE_SOON, Reason.DUE_SOON)
    if not look.may_have(NoticeKind.URGING):
        return next((look.wish(kind, cause, reason) for cause, reason in URGENT if look.fresh(kind, cause)), None)
    return None


def _next_at(look: Look, standing: tuple[Rung, ...]) -> datetime | None:
    """The next moment at which time alone may raise a rung, or end the cause of a draft."""
    moments = [look.runs_out(rung) for rung in standing]
    moments += [look.patience_ends(rung) for rung in standing if rung.kind is NoticeKind.PROMPT and rung.signed_at]
    moments += [look.gap_ends(rung) for rung in look.climb.ladder if rung.kind is NoticeKind.URGING]
    if look.climb.due and look.since(NoticeCause.DUE_SOON):
        moments.append(look.climb.due)
    if look.climb.due and look.since(NoticeCause.OVERDUE):
        moments.append(look.policy.order_at(look.climb.due, look.calendar))
    return min((moment for moment in moments if moment and moment > look.now), default=None)
