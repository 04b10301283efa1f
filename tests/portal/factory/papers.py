"""Documents: drafted, signed, rendered, sent, received."""

import json
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from contracts import events as said
from contracts.terms import Light, NoticeCause, NoticeKind
from tests.portal.factory.province import OFFICE, OFFICE_NAME, Province

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def notice(
    province: Province,
    task_id: UUID,
    kind: NoticeKind,
    *,
    signed: bool = True,
    sequence: int = 1,
    received: bool = False,
) -> UUID:
    """A document about the lead part of a task: a draft, or signed, rendered, sent and perhaps received."""
    issued = next(e for e in province.events if isinstance(e, said.AssignmentIssued) and e.task_id == task_id)
    notice_id, aggregate = (
        province.id("notice", kind, task_id, sequence),
        f"notice/{province.id('notice', kind, task_id, sequence)}",
    )
    item = said.NoticeItem(
        assignment_id=issued.assignment_id,
        task_id=task_id,
        title=issued.title,
        unit=issued.unit,
        unit_name=issued.unit_name,
        light=Light.OVERDUE,
        reason="超过办结时限",
        due=issued.due,
        percent=30,
    )
    title = f"关于抓紧办理“{issued.title}”的{'督办通知' if kind is NoticeKind.SUPERVISION else '催办单'}"
    to = said.Recipient(unit=issued.unit, name=issued.unit_name)
    drafted = province.now - timedelta(hours=6)
    cause = NoticeCause.BY_HAND if kind is NoticeKind.SUPERVISION else NoticeCause.OVERDUE
    paragraphs = (f"你单位承办的“{issued.title}”已超过办结时限，请抓紧办理，并于收到本件后3个工作日内书面回复。",)
    reply_by = province.now + timedelta(days=3)
    province.say(
        said.NoticeDrafted,
        aggregate,
        OFFICE,
        drafted,
        audience=(OFFICE,),
        notice_id=notice_id,
        kind=kind,
        issuer=OFFICE,
        issuer_name=OFFICE_NAME,
        recipients=(to,),
        title=title,
        items=(item,),
        paragraphs=paragraphs,
        cause=cause,
        reply_by=reply_by,
        actor="督查员 赵倩",
    )
    if signed:
        _signed(province, aggregate, notice_id, kind, title, paragraphs, item, to, sequence, received)
    return notice_id


def _signed(
    province: Province,
    aggregate: str,
    notice_id: UUID,
    kind: NoticeKind,
    title: str,
    paragraphs: tuple[str, ...],
    item: said.NoticeItem,
    to: said.Recipient,
    sequence: int,
    received: bool,
) -> None:
    series = "示督" if kind is NoticeKind.SUPERVISION else "示催"
    number, at = f"{series}〔{province.now.year}〕{sequence}号", province.now - timedelta(hours=5)
    content = json.dumps({"title": title, "paragraphs": paragraphs}, ensure_ascii=False)
    digest, delivery = sha256(content.encode()).hexdigest(), province.id("delivery", notice_id, to.unit)
    base = {"notice_id": notice_id, "audience": (OFFICE, to.unit)}
    province.say(
        said.NoticeSigned,
        aggregate,
        OFFICE,
        at,
        kind=kind,
        number=number,
        series=series,
        year=province.now.year,
        sequence=sequence,
        title=title,
        content=content,
        digest=digest,
        actor="督查室 王敏",
        **base,
    )
    pdf = sha256(PDF).hexdigest()
    province.say(said.NoticeRendered, aggregate, OFFICE, at, number=number, pdf=pdf, pages=1, **base)
    province.say(said.NoticeSent, aggregate, OFFICE, at, number=number, deliveries=(delivery,), **base)
    province.say(
        said.DeliverySent,
        f"delivery/{delivery}",
        to.unit,
        at,
        delivery_id=delivery,
        kind=kind,
        number=number,
        title=title,
        issuer=OFFICE,
        issuer_name=OFFICE_NAME,
        unit=to.unit,
        unit_name=to.name,
        items=(item,),
        pdf=pdf,
        **base,
    )
    if received:
        province.say(
            said.DeliveryReceived,
            f"delivery/{delivery}",
            to.unit,
            province.now - timedelta(hours=2),
            delivery_id=delivery,
            unit=to.unit,
            actor=f"{to.name} 刘芳",
            **base,
        )
