"""From proposals to documents: many assignments gathered into as few drafts as R3 asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from contracts.assignment import Assignment
from contracts.events.notice import NoticeAmended, NoticeDrafted, NoticeVoided
from contracts.notice import Notice, NoticeItem
from contracts.terms import NoticeCause, NoticeKind
from contracts.workdays import ZONE, Calendar, day_of
from services.notices.documents.domain.notice import BY_ITSELF, FullNotice, draft, notice_id_of, voided
from services.notices.documents.domain.wording import Wording
from services.notices.ladder.domain.escalation import Escalation, cited
from services.notices.ladder.domain.evaluation import Decision, Raise, Reason, Withdraw
from services.notices.ladder.domain.policy import LadderPolicy

DAYS_AHEAD = 3
"""Days whose list may be gone already, having been signed by hand, before a prompt looks no further."""
WITHDRAWN = {
    Reason.CLOSED: "事项已经销号，草稿自动撤回",
    Reason.CANCELLED: "事项已经撤销，草稿自动撤回",
    Reason.RETURNED: "事项已经改由其他单位承办，草稿自动撤回",
    Reason.SUSPENDED: "事项已经暂停办理，草稿自动撤回",
    Reason.SUBMITTED: "承办单位已经报送办结，草稿自动撤回",
    Reason.CAUSE_GONE: "事由已经消除，草稿自动撤回",
    Reason.OVERTAKEN: "已转为更高一级的文书，草稿自动撤回",
}

Drawn = NoticeDrafted | NoticeAmended | NoticeVoided


def item_of(escalation: Escalation, kind: NoticeKind, cause: NoticeCause, reason: str) -> NoticeItem:
    """An assignment as a document speaks of it, with its key."""
    assignment = escalation.assignment
    return NoticeItem(
        assignment_id=assignment.assignment_id,
        task_id=assignment.task_id,
        title=assignment.title,
        unit=assignment.unit,
        unit_name=assignment.unit_name,
        light=escalation.light,
        reason=reason,
        due=assignment.due,
        percent=assignment.percent,
        cause=cause,
        occurrence=escalation.occurrence(kind, cause),
    )


def list_days(now: datetime, calendar: Calendar) -> tuple[date, ...]:
    """The working days on whose list a prompt of now may stand, today's first."""
    first = calendar.next_workday(day_of(now))
    return tuple(calendar.add_workdays(first, ahead) for ahead in range(DAYS_AHEAD))


def list_key(assignment: Assignment, day: date) -> str:
    """All prompts of one issuer to one unit on one day (R3)."""
    return f"prompt/{assignment.issuer}/{assignment.unit}/{day}"


def history_key(assignment: Assignment) -> str:
    """What was overdue at one import, for the office (§2 History)."""
    moment = assignment.historical_before
    return f"history/{assignment.issuer}/{moment.isoformat() if moment else ''}"


def keys_of(assignment: Assignment, decision: Decision, now: datetime, calendar: Calendar) -> list[str]:
    """The lists that a decision may touch."""
    kinds = {proposal.kind for proposal in decision.proposals if isinstance(proposal, Raise)}
    prompts = [list_key(assignment, day) for day in list_days(now, calendar)] if NoticeKind.PROMPT in kinds else []
    return [*prompts, *([history_key(assignment)] if NoticeKind.SUPERVISION in kinds else [])]


class ListStanding(NamedTuple):
    """How many documents a list has, and whether one of them is out under a number."""

    documents: int = 0
    numbered: bool = False


@dataclass
class Drafts:
    """The drafts in hand, as they were and as they become.

    stored: locked; of every list that is touched those with room, for the full ones of a large import are thousands.
    standing: of each list that is touched and there.
    """

    stored: Mapping[UUID, FullNotice]
    standing: Mapping[str, ListStanding]
    policy: LadderPolicy
    calendar: Calendar
    wording: Wording
    now: datetime
    changed: dict[UUID, FullNotice] = field(default_factory=dict)
    reasons: dict[UUID, Reason] = field(default_factory=dict)
    lists: dict[str, list[UUID]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for id, full in self.stored.items():
            self.lists.setdefault(full.notice.list_key, []).append(id)

    def follow(self, escalation: Escalation, decision: Decision) -> None:
        """Let the drafts follow what is proposed for one assignment."""
        for proposal in decision.proposals:
            if isinstance(proposal, Withdraw):
                self._withdraw(escalation, proposal)
            else:
                self._raise(escalation, proposal)

    def events(self) -> list[Drawn]:
        """What happened, at most once per draft."""
        return [event for id in self.changed for event in self._events(id)]

    def _withdraw(self, escalation: Escalation, proposal: Withdraw) -> None:
        full = self._current(proposal.notice_id)
        if full and draft(full.notice):
            self.reasons[proposal.notice_id] = proposal.reason
            gone = escalation.assignment.assignment_id
            self._put(full, [item for item in full.items if item.assignment_id != gone])

    def _raise(self, escalation: Escalation, proposal: Raise) -> None:
        item = item_of(escalation, proposal.kind, proposal.cause, self.wording.reasons[proposal.cause])
        full = self._place(escalation, proposal)
        self._put(full, [*full.items, item])

    def _place(self, escalation: Escalation, proposal: Raise) -> FullNotice:
        """The draft a proposal belongs into: the open list with room, or a new document."""
        assignment = escalation.assignment
        if proposal.kind is NoticeKind.PROMPT:
            return self._prompts(assignment, proposal)
        if proposal.cause is NoticeCause.HISTORICAL:
            key = history_key(assignment)
            return self._open(key) or self._listed(assignment, proposal, key, None)
        id = notice_id_of(assignment.assignment_id, proposal.kind, proposal.cause, proposal.occurrence)
        send_at = self.now if proposal.kind in self.policy.automatic else None
        return self._new(assignment, proposal, id, cites=cited(escalation.ladder), send_at=send_at)

    def _prompts(self, assignment: Assignment, proposal: Raise) -> FullNotice:
        """Today's list; where that is out already, the next working day's."""
        days = list_days(self.now, self.calendar)
        day = next((day for day in days if not self._gone(list_key(assignment, day))), days[-1])
        automatic = NoticeKind.PROMPT in self.policy.automatic
        send_at = datetime.combine(day, self.policy.prompt_at, ZONE) if automatic else None
        key = list_key(assignment, day)
        return self._open(key) or self._listed(assignment, proposal, key, send_at)

    def _listed(self, assignment: Assignment, proposal: Raise, key: str, send_at: datetime | None) -> FullNotice:
        before = self.standing.get(key, ListStanding()).documents
        new = sum(id not in self.stored for id in self.lists.get(key, ()))
        return self._new(assignment, proposal, notice_id_of(key, before + new + 1), list_key=key, send_at=send_at)

    def _new(self, assignment: Assignment, proposal: Raise, notice_id: UUID, **more: object) -> FullNotice:
        notice = Notice(
            notice_id=notice_id,
            version=1,
            kind=proposal.kind,
            owner=assignment.owner,
            issuer=assignment.issuer,
            issuer_name=assignment.issuer_name,
            leadership=assignment.leadership,
            title="",
            cause=proposal.cause,
            occurrence=proposal.occurrence,
            policy_version=self.policy.version,
            drafted_at=self.now,
            drafted_by=BY_ITSELF,
        )
        return FullNotice(notice.model_copy(update=more), items=(), recipients=())

    def _current(self, notice_id: UUID) -> FullNotice | None:
        return self.changed.get(notice_id) or self.stored.get(notice_id)

    def _of(self, key: str) -> list[FullNotice]:
        return [self.changed.get(id) or self.stored[id] for id in self.lists.get(key, ())]

    def _open(self, key: str) -> FullNotice | None:
        limit = self.policy.list_limit
        return next((full for full in self._of(key) if draft(full.notice) and 0 < len(full.items) < limit), None)

    def _gone(self, key: str) -> bool:
        return self.standing.get(key, ListStanding()).numbered

    def _put(self, full: FullNotice, items: Sequence[NoticeItem]) -> None:
        id, notice = full.notice.notice_id, full.notice
        title = self.wording.title(notice.kind, items) if items else notice.title
        if id not in self.changed and id not in self.stored:
            self.lists.setdefault(notice.list_key, []).append(id)
        self.changed[id] = full.with_items(items, title)

    def _events(self, notice_id: UUID) -> tuple[Drawn, ...]:
        before, after = self.stored.get(notice_id), self.changed[notice_id]
        if before is None:
            return (after.drafted(),) if after.items else ()
        if not after.items:
            return (voided(before.notice, WITHDRAWN[self.reasons[notice_id]], BY_ITSELF, self.now),)
        return (after.amended(self.now),) if after.items != before.items else ()
