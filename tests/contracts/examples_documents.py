"""An urging about a county's overdue matter, from its draft to its receipt, and one that is void."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid5

from contracts.assignment import Assignment
from contracts.envelope import Event
from contracts.notice import Notice
from contracts.terms import Light, NoticeCause, NoticeKind
from services.notices.deliveries import domain as deliveries
from services.notices.documents import configuration
from services.notices.documents.domain import notice as documents
from services.notices.documents.domain.composition import Terms, composed
from services.notices.documents.domain.content import numbered
from services.notices.documents.domain.lists import item_of
from services.notices.ladder.domain.escalation import Escalation
from services.notices.numbers import letterheads
from services.notices.numbers.domain import DocNumber
from services.notices.settings import Settings
from tests.story import Story
from tests.story.documents import PDF
from tests.story.province import YAODU, clerk, register, supervisor
from tests.story.story import NAMESPACE

OWN = Settings()
WORDS = configuration.wording(OWN)
KIND, CAUSE = NoticeKind.URGING, NoticeCause.OVERDUE


def happening(story: Story, part: Assignment) -> Iterator[Event]:
    """Drafted, amended, signed, rendered, sent, received; then void."""
    full, now = draft(story, part), story.now
    yield full.drafted()
    amended = full.amended(now)
    yield amended
    signed = sign(full, amended.notice, story)
    rendered = documents.rendered(signed.notice, PDF, 1, (), now)
    sent = documents.sent(rendered.notice, now)
    yield from (signed, rendered, sent)
    over = {YAODU: register().offices_over(YAODU)}
    (delivery,) = deliveries.send(sent.notice, full.recipients, (), full.items, over)
    yield delivery
    received = deliveries.receive(delivery.delivery, over, clerk(YAODU).person, now + timedelta(hours=1))
    yield received
    person = supervisor().person
    voided = documents.voided(sent.notice, "文号有误", person, now + timedelta(hours=2))
    yield voided
    yield deliveries.withdraw(received.delivery, over, "文号有误", person, voided.time)


def draft(story: Story, part: Assignment) -> documents.FullNotice:
    """About one assignment."""
    items = (item_of(Escalation(part, light=Light.OVERDUE), KIND, CAUSE, WORDS.reasons[CAUSE]),)
    notice = Notice(
        notice_id=uuid5(NAMESPACE, "example notice"), version=1, owner=part.owner, kind=KIND, issuer=part.issuer,
        issuer_name=part.issuer_name, leadership=part.leadership, title=WORDS.title(KIND, items), cause=CAUSE,
        drafted_at=story.now,
    )  # fmt: skip
    return documents.FullNotice(notice, items, documents.recipients_of(items))


def sign(full: documents.FullNotice, notice: Notice, story: Story) -> documents.NoticeSigned:
    """By the office's supervisor, with the first number of the year."""
    heads = letterheads.letterheads(OWN)
    head = heads.of(notice.issuer, "山西省人民政府办公厅", notice.issuer_name, demo=True)
    number = DocNumber(heads.series_of(head, notice.kind), story.now.year, 1)
    reply_by = story.now + timedelta(days=3)
    document = composed(full, head, WORDS, Terms(story.now, reply_by, reply_by, demo=True))
    return documents.signed(
        notice,
        number,
        numbered(document, str(number), document.date),
        supervisor().person,
        story.now,
        reply_by=reply_by,
    )
