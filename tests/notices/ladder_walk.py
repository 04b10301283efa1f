"""One part that walks through time: what is said of it, what the ladder then does, and what people sign."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from contracts.terms import AssignmentState, Light, NoticeKind, Role
from contracts.workdays import ZONE, Calendar
from services.notices.domain.climb import Climb, End, Rung, Stir, StirKind, cited
from services.notices.domain.ladder import Raise, Reason, Wish, Withdraw, decide
from services.notices.domain.policy import LadderPolicy
from services.tasks.register.calendar_seed import calendar_days

CALENDAR = Calendar.of(calendar_days(2025, 2027))
POLICY = LadderPolicy()
PART = Climb(
    assignment_id=UUID(int=1),
    task_id=UUID(int=2),
    title="创新政府配置资源方式的指导意见对接方案",
    unit="14.10.02.000.fgw",
    unit_name="尧都区发展改革局",
    role=Role.RESPONSIBLE,
    issuer="14.00.00.000.bgt",
    issuer_name="省政府办公厅",
    owner="14.00.00",
    state=AssignmentState.WORKING,
    light=Light.NORMAL,
)


def at(text: str) -> datetime:
    """A moment as people say it: `2026-11-23 10:00` in Shanghai."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


class Walk:
    """The part so far; every step tells the ladder the time."""

    def __init__(self, **facts: object) -> None:
        self.part = replace(PART, **facts)
        self.history: list[tuple[datetime, Wish]] = []
        self.cites: list[str] = []
        self.signed: list[str] = []
        self.next_at: datetime | None = None

    def look(self, now: datetime) -> list[Wish]:
        """What the ladder wants now, done; a second look wants nothing more."""
        wanted = decide(self.part, now, POLICY, CALENDAR)
        for wish in wanted.wishes:
            self.history.append((now, wish))
            self._follow(wish, now)
        again = decide(self.part, now, POLICY, CALENDAR)
        assert again.wishes == ()
        self.next_at = again.next_at
        return list(wanted.wishes)

    def raised(self, now: datetime) -> list[tuple[NoticeKind, Reason]]:
        """The documents it wants drafted now."""
        return [(wish.kind, wish.reason) for wish in self.look(now) if isinstance(wish, Raise)]

    def turn(self, light: Light, now: datetime, historical: bool = False) -> None:
        self.part = replace(self.part, light=light, light_since=now, light_historical=historical)

    def says(self, **facts: object) -> None:
        self.part = replace(self.part, **facts)

    def stir(self, kind: StirKind, now: datetime) -> None:
        self.part = replace(self.part, stirs=(*self.part.stirs, Stir(now, kind)))

    def report(self, now: datetime) -> None:
        self.stir(StirKind.REPORTED, now)
        self.says(progress_at=self.part.progress_at or now)

    def receive(self, now: datetime) -> None:
        self._change(lambda r: r.signed_at is not None and r.ended is None, received_at=now)

    def sign(self, now: datetime, kind: NoticeKind | None = None) -> None:
        """Everybody who may sign does, or for one kind alone."""
        for rung in self.part.rungs:
            if rung.draft and kind in (None, rung.kind) and rung.kind in POLICY.reply:
                self.cites.append(cited(self.part.ladder))
                number = f"示督〔{now.year}〕{len(self.signed) + 1}号"
                self.signed.append(number)
                reply_by = POLICY.reply_by(rung.kind, now, CALENDAR)
                self._change(lambda r, it=rung: r is it, number=number, signed_at=now, reply_by=reply_by)

    def void(self, kind: NoticeKind) -> None:
        self._change(lambda r: r.kind is kind and r.ended is None, ended=End.VOID)

    @property
    def rungs(self) -> tuple[Rung, ...]:
        return self.part.rungs

    def _change(self, which: object, **facts: object) -> None:
        changed = tuple(replace(r, **facts) if which(r) else r for r in self.part.rungs)  # type: ignore[operator]
        self.part = replace(self.part, rungs=changed)

    def _follow(self, wish: Wish, now: datetime) -> None:
        if isinstance(wish, Withdraw):
            self._change(lambda r: r.notice_id == wish.notice_id and r.draft, ended=End.WITHDRAWN)
            return
        key = f"{wish.kind}/{wish.cause}/{wish.occurrence}"
        rung = Rung(uuid5(self.part.assignment_id, key), wish.kind, wish.cause, wish.occurrence, now)
        self.part = replace(self.part, rungs=(*self.part.rungs, rung))
