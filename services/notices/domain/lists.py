"""From wishes to documents: what is wanted of many parts at once, gathered into as few drafts as R3 asks for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from contracts.events.notice import NoticeAmended, NoticeDrafted, NoticeVoided
from contracts.notice import NoticeItem
from contracts.terms import NoticeCause, NoticeKind
from contracts.workdays import ZONE, Calendar, day_of
from services.notices.domain.climb import Climb, cited
from services.notices.domain.ladder import Decision, Raise, Reason, Withdraw
from services.notices.domain.notice import BY_ITSELF, Notice, notice_id_of
from services.notices.domain.policy import LadderPolicy
from services.notices.domain.wording import Wording

DAYS_AHEAD = 3
"""Days whose list may be gone already, having been signed by hand, before a prompt looks no further."""
WITHDRAWN = {
    Reason.CLOSED: "事项已经销号，草稿自动撤回",
    Reason.CANCELLED: "事项已经撤销，草稿自动撤回",
    Reason.SUSPENDED: "事项已经暂停办理，草稿自动撤回",
    Reason.SUBMITTED: "承办单位已经报送办结，草稿自动撤回",
    Reason.CAUSE_GONE: "事由已经消除，草稿自动撤回",
    Reason.OVERTAKEN: "已转为更高一级的文书，草稿自动撤回",
}

Drawn = NoticeDrafted | NoticeAmended | NoticeVoided


def item_of(climb: Climb, kind: NoticeKind, cause: NoticeCause, reason: str) -> NoticeItem:
    """A part as a document speaks of it, with its key."""
    return NoticeItem(
        assignment_id=climb.assignment_id,
        task_id=climb.task_id,
        title=climb.title,
        unit=climb.unit,
        unit_name=climb.unit_name,
        light=climb.light,
        reason=reason,
        due=climb.due,
        percent=climb.percent,
        cause=cause,
        occurrence=climb.occurrence(kind, cause),
    )


def list_days(now: datetime, calendar: Calendar) -> tuple[date, ...]:
    """The working days on whose list a prompt of now may stand, today's first."""
    first = calendar.next_workday(day_of(now))
    return tuple(calendar.add_workdays(first, ahead) for ahead in range(DAYS_AHEAD))


def list_key(climb: Climb, day: date) -> str:
    """All prompts of one issuer to one unit on one day (R3)."""
    return f"prompt/{climb.issuer}/{climb.unit}/{day}"


def history_key(climb: Climb) -> str:
    """What one import found overdue, for the office (§2 History)."""
    moment = climb.historical_before
    return f"history/{climb.issuer}/{moment.isoformat() if moment else ''}"


def keys_of(climb: Climb, decision: Decision, now: datetime, calendar: Calendar) -> list[str]:
    """The lists that a decision may touch."""
    kinds = {wish.kind for wish in decision.wishes if isinstance(wish, Raise)}
    prompts = [list_key(climb, day) for day in list_days(now, calendar)] if NoticeKind.PROMPT in kinds else []
    return [*prompts, *([history_key(climb)] if NoticeKind.SUPERVISION in kinds else [])]


@dataclass
class Drafts:
    """The drafts in hand, as they were and as they become; `known` are locked, and hold every list that is touched."""

    known: Mapping[UUID, Notice]
    policy: LadderPolicy
    calendar: Calendar
    wording: Wording
    now: datetime
    become: dict[UUID, Notice] = field(default_factory=dict)
    why: dict[UUID, Reason] = field(default_factory=dict)
    lists: dict[str, list[UUID]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for notice in self.known.values():
            self.lists.setdefault(notice.list_key, []).append(notice.notice_id)

    def take(self, climb: Climb, decision: Decision) -> None:
        """Let the drafts follow what is wanted of one part."""
        for wish in decision.wishes:
            if isinstance(wish, Withdraw):
                self._withdraw(climb, wish)
            else:
                self._raise(climb, wish)

    def said(self) -> list[Drawn]:
        """What there is to say, once per draft."""
        return [event for notice in self.become.values() for event in self._told(notice)]

    def _withdraw(self, climb: Climb, wish: Withdraw) -> None:
        notice = self._current(wish.notice_id)
        if notice and notice.draft:
            self.why[notice.notice_id] = wish.reason
            self._put(notice, [item for item in notice.items if item.assignment_id != climb.assignment_id])

    def _raise(self, climb: Climb, wish: Raise) -> None:
        item = item_of(climb, wish.kind, wish.cause, self.wording.reasons[wish.cause])
        notice = self._place(climb, wish)
        self._put(notice, [*notice.items, item])

    def _place(self, climb: Climb, wish: Raise) -> Notice:
        """The draft a wish belongs into: the open list with room, or a new document."""
        if wish.kind is NoticeKind.PROMPT:
            return self._prompts(climb, wish)
        if wish.cause is NoticeCause.HISTORICAL:
            key = history_key(climb)
            return self._open(key) or self._listed(climb, wish, key, None)
        notice_id = notice_id_of(climb.assignment_id, wish.kind, wish.cause, wish.occurrence)
        send_at = self.now if wish.kind in self.policy.automatic else None
        return replace(self._new(climb, wish, notice_id), cites=cited(climb.ladder), send_at=send_at)

    def _prompts(self, climb: Climb, wish: Raise) -> Notice:
        """Today's list; where that is out already, the next working day's."""
        days = list_days(self.now, self.calendar)
        day = next((day for day in days if not self._gone(list_key(climb, day))), days[-1])
        automatic = NoticeKind.PROMPT in self.policy.automatic
        send_at = datetime.combine(day, self.policy.prompt_at, ZONE) if automatic else None
        key = list_key(climb, day)
        return self._open(key) or self._listed(climb, wish, key, send_at)

    def _listed(self, climb: Climb, wish: Raise, key: str, send_at: datetime | None) -> Notice:
        notice_id = notice_id_of(key, len(self._of(key)) + 1)
        return replace(self._new(climb, wish, notice_id), list_key=key, send_at=send_at)

    def _new(self, climb: Climb, wish: Raise, notice_id: UUID) -> Notice:
        return Notice(
            notice_id=notice_id,
            kind=wish.kind,
            issuer=climb.issuer,
            issuer_name=climb.issuer_name,
            owner=climb.owner,
            title="",
            items=(),
            recipients=(),
            cause=wish.cause,
            occurrence=wish.occurrence,
            policy_version=self.policy.version,
        )

    def _current(self, notice_id: UUID) -> Notice | None:
        return self.become.get(notice_id) or self.known.get(notice_id)

    def _of(self, key: str) -> list[Notice]:
        return [self.become.get(id) or self.known[id] for id in self.lists.get(key, ())]

    def _open(self, key: str) -> Notice | None:
        limit = self.policy.list_limit
        return next((n for n in self._of(key) if n.draft and 0 < len(n.items) < limit), None)

    def _gone(self, key: str) -> bool:
        return any(notice.number for notice in self._of(key))

    def _put(self, notice: Notice, items: Iterable[NoticeItem]) -> None:
        kept = tuple(items)
        title = self.wording.title(notice.kind, kept) if kept else notice.title
        if notice.notice_id not in self.become and notice.notice_id not in self.known:
            self.lists.setdefault(notice.list_key, []).append(notice.notice_id)
        self.become[notice.notice_id] = notice.with_items(kept, title)

    def _told(self, notice: Notice) -> tuple[Drawn, ...]:
        before = self.known.get(notice.notice_id)
        if before is None:
            return (notice.drafted(BY_ITSELF, self.now),) if notice.items else ()
        if not notice.items:
            return (notice.voided(WITHDRAWN[self.why[notice.notice_id]], BY_ITSELF, self.now),)
        return (notice.amended(self.now),) if notice.items != before.items else ()
