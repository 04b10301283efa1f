"""What alerts and notices emit about the assignments of a story, at the story's time."""

from uuid import UUID, uuid5

from contracts.assignment import Assignment
from contracts.delivery import Delivery
from contracts.envelope import Event
from contracts.events.delivery import DeliverySent, DeliveryWithdrawn
from contracts.events.light import ClockMissed, LightChanged
from contracts.light import Alarm, AlarmedClock, PublishedLight
from contracts.terms import DeliveryState, Light, NoticeKind, Role
from contracts.workdays import ClockKind
from tests.story import Story
from tests.story.province import GOVERNMENT, OFFICE, name_of


class Others:
    """The other services of a story; every aggregate counts its versions 1, 2, 3, …"""

    def __init__(self, story: Story) -> None:
        self.story, self.last = story, dict[str, Event]()

    def light(self, part: Assignment, light: Light, role: Role | None = None, historical: bool = False) -> None:
        """The light of an assignment turned."""
        shared = part.model_dump(include={"task_id", "assignment_id", "title", "unit", "unit_name", "issuer"})
        shared |= {"issuer_name": part.issuer_name, "leadership": part.leadership, "owner": part.owner}
        aggregate = f"light/{part.assignment_id}"
        version, now = self._version(aggregate), self.story.now
        state = PublishedLight(
            **shared,
            version=version,
            role=role or part.role,
            light=light,
            reasons=(),
            since=now,
            historical=historical,
            policy_version=1,
        )
        previous = Light.NORMAL
        if isinstance(before := self.last.get(aggregate), LightChanged):
            previous = before.light.light
        self._emit(LightChanged, aggregate, part.unit, light=state, previous=previous)

    def miss(self, part: Assignment) -> None:
        """A clock of an assignment ran out."""
        alarm = Alarm(
            **part.model_dump(include=(set(Alarm.model_fields) & set(type(part).model_fields)) - {"clocks"}),
            clocks=(AlarmedClock(kind=ClockKind.DEPLOY_1D, due=self.story.now),),
        )
        self._emit(ClockMissed, f"clock/{part.assignment_id}", part.unit, alarm=alarm)

    def deliver(
        self, unit: str, kind: NoticeKind = NoticeKind.URGING, copy_only: bool = False, issuer: str = OFFICE
    ) -> Delivery:
        """A document reaches a unit."""
        id = self.story.id()
        delivery = Delivery(
            issuer=issuer,
            issuer_name=name_of(issuer),
            leadership=GOVERNMENT,
            delivery_id=id,
            version=1,
            owner=self.story.node,
            notice_id=uuid5(id, "notice"),
            kind=kind,
            number="督催〔2026〕1号",
            title="催办单",
            unit=unit,
            unit_name=unit,
            copy_only=copy_only,
            pdf="0" * 64,
            sent_at=self.story.now,
        )
        self._emit(DeliverySent, f"delivery/{id}", unit, delivery=delivery)
        return delivery

    def withdraw(self, delivery: Delivery) -> None:
        """The document is void."""
        changes = {"version": 2, "state": DeliveryState.WITHDRAWN, "withdrawn_at": self.story.now}
        after = delivery.model_copy(update=changes)
        self._emit(DeliveryWithdrawn, f"delivery/{delivery.delivery_id}", delivery.unit, delivery=after)

    def _version(self, aggregate: str) -> int:
        return self.last[aggregate].version + 1 if aggregate in self.last else 1

    def _emit(self, kind: type[Event], aggregate: str, address: str, **state: object) -> None:
        version, story = self._version(aggregate), self.story
        self.last[aggregate] = kind(
            id=uuid5(UUID(int=0), f"{story.node} {aggregate} {version}"),
            time=story.now,
            aggregate=aggregate,
            version=version,
            owner=story.node,
            address=address,
            **state,
        )
        story.tell([self.last[aggregate]])
