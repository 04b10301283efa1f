"""A document to every county stays far below what the stream takes, event by event."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid5

import pytest

from contracts.commands.notice import DraftNotice
from contracts.envelope import Event
from contracts.events.delivery import DeliveryEvent
from contracts.terms import Light, NoticeKind
from contracts.units import Level, UnitKind
from services.notices.deliveries.domain import send
from services.notices.documents import configuration
from services.notices.documents.domain.composition import Terms, composed
from services.notices.documents.domain.content import numbered
from services.notices.documents.domain.notice import FullNotice, rendered, sent, signed, voided
from services.notices.documents.domain.writing import written
from services.notices.ladder.domain.escalation import Escalation
from services.notices.numbers.domain import DocNumber
from services.notices.numbers.letterheads import letterheads
from services.notices.settings import Settings
from services.tasks.register.seed import units
from tests.notices.ladder.walk import PART, at, changed
from tests.notices.office import LEADER

COUNTIES = [u for u in units("14") if u.level is Level.COUNTY and u.kind is UnitKind.GOVERNMENT]
NOW, LIMIT = at("2026-11-23 10:00"), 64 * 1024
WORDS = configuration.wording(Settings())


def escalations(title: str) -> list[Escalation]:
    """One overdue assignment for each county."""
    late = changed(PART, due=at("2026-11-20 18:00"), percent=Decimal("45.50"), title=title)
    return [
        Escalation(
            changed(
                late, assignment_id=uuid5(PART.assignment_id, c.address), task_id=uuid5(PART.task_id, c.address),
                unit=c.address, unit_name=c.short,
            ),
            light=Light.OVERDUE,
        )
        for c in COUNTIES
    ]  # fmt: skip


def life(full: FullNotice) -> list[Event]:
    """Every event of a document, from its draft to its void number."""
    head = letterheads(Settings()).of(PART.issuer, "山西省人民政府办公厅", "省政府办公厅", demo=True)
    number = DocNumber("示政办督", 2026, 12)
    document = numbered(composed(full, head, WORDS, Terms(NOW, NOW, NOW)), str(number), NOW.date())
    events: list[Event] = [full.drafted(), full.amended(NOW)]
    events.append(signed(full.notice, number, document, "zhao", NOW, reply_by=NOW, cites="", policy_version=1))
    events.append(rendered(events[-1].notice, "f" * 64, 9, ("以Fandol 仿宋代替仿宋",), NOW))
    events.append(sent(events[-1].notice, NOW))
    copies = (full.recipients[0].model_copy(update={"unit": "14.00.00.000.jyt"}),)
    deliveries = send(events[-1].notice, full.recipients, copies, full.items, {})
    return [*events, *deliveries, voided(events[-1].notice, "内容有误", "zhao", NOW)]


@pytest.mark.parametrize("title", ["创新政府配置资源方式的指导意见对接方案", "长" * 60])
def test_117_matters_for_117_counties_take_less_than_64_kib_an_event(title):
    command = DraftNotice(kind=NoticeKind.SUPERVISION, actor=LEADER, assignments=[PART.assignment_id])
    full = written(command, escalations(title), (), (), WORDS, 1, NOW)
    assert len(full.items) == len(full.recipients) == 117
    sizes: dict[str, int] = {}
    for event in life(full):
        kind = event.type + (" copy" if isinstance(event, DeliveryEvent) and event.delivery.copy_only else "")
        sizes[kind] = max(sizes.get(kind, 0), len(event.model_dump_json().encode()))
    print(sizes)
    assert {kind: size for kind, size in sizes.items() if size >= LIMIT} == {}
    assert sizes["delivery.sent"] < 2_000
    assert replace(full, items=full.items[:1]).drafted().notice.items == 1
