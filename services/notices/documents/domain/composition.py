"""From a document's matter to its pages' words: what is printed, numbered and hashed at signing (R10)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.labels import NOTICE_KIND_NAMES
from contracts.notice import NoticeItem
from contracts.terms import NoticeKind
from contracts.workdays import ZONE, day_of
from services.notices.documents.domain.content import (
    Attachment,
    Block,
    Column,
    Document,
    Entry,
    Form,
    Format,
    Paragraph,
    Table,
    date_text,
)
from services.notices.documents.domain.notice import FullNotice, recipients_of
from services.notices.documents.domain.wording import KindWords, Wording, plain
from services.notices.numbers.domain import Letterhead

LISTED = NoticeKind.PROMPT
"""Prompts are lists even of one: all of one day go to a unit in one document (R3)."""
COLUMNS = (
    Column(title="序号", width=8),
    Column(title="事项", width=33, align="left"),
    Column(title="承办单位", width=18),
    Column(title="办结时限", width=24),
    Column(title="情况", width=17),
)
WATERMARK = "演示"


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds at the moment of signing: when to answer and to mend by, the number cited, how it can be verified."""

    now: datetime
    reply_by: datetime
    mend_by: datetime
    cites: str = ""
    demo: bool = False
    verify_at: str | None = None


def composed(full: FullNotice, head: Letterhead, wording: Wording, terms: Terms) -> Document:
    """The document, still without its number; ValidationError where somebody's own words cannot be printed."""
    kind, words = full.notice.kind, wording.kinds[full.notice.kind]
    values = _values(full, wording, terms)
    file = words.format is Format.FILE
    single = len(full.items) == 1
    addressed = single and not file and kind is not LISTED and full.recipients == recipients_of(full.items)
    return Document(
        format=words.format,
        mark=f"{head.name}文件" if file else head.name,
        title=full.notice.title,
        to=None if addressed else "，".join(plain(recipient.name) for recipient in full.recipients),
        body=_file(full, words, values) if file else _slip(full, words, values, terms),
        attachments=(_attached(full),) if file and not single else (),
        issuer=head.name,
        date=day_of(terms.now),
        seal=words.seal,
        cc=_copies(full, words) if file else None,
        printer=head.name if file else None,
        print_date=day_of(terms.now) if file else None,
        watermark=WATERMARK if terms.demo else None,
        verify_at=terms.verify_at,
    )


def _values(full: FullNotice, wording: Wording, terms: Terms) -> Mapping[str, str]:
    return {
        "count": str(len(full.items)),
        "matters": _matters(full.items, wording),
        "today": _day(terms.now),
        "reply_by": _moment(terms.reply_by),
        "mend_by": _moment(terms.mend_by),
        "cited": f"（前次文号：{terms.cites}）" if terms.cites else "",
        "unit": plain(full.recipients[0].name) if len(full.recipients) == 1 else "有关单位",
    }


def _matters(items: Sequence[NoticeItem], wording: Wording) -> str:
    """One matter in a sentence; several counted by their lights, the list being attached."""
    if len(items) == 1:
        item = items[0]
        done = f"，目前进度{_percent(item)}" if item.percent is not None else ""
        return (
            f"“{plain(item.title)}”，由{plain(item.unit_name)}承办，办结时限{_due(item)}{done}，{plain(item.reason)}。"
        )
    lights = Counter(wording.lights[item.light] for item in items)
    counted = "、".join(f"{name}{count}项" for name, count in lights.items() if name)
    return f"共{len(items)}项" + (f"，其中{counted}" if counted else "") + "，详见附件。"


def _file(full: FullNotice, words: KindWords, values: Mapping[str, str]) -> tuple[Block, ...]:
    if full.paragraphs:
        listed = () if len(full.items) == 1 else ("有关事项见附件。",)
        return tuple(Paragraph(kind="p", text=text) for text in (*full.paragraphs, *listed))
    return (Paragraph(kind="p", text=words.opening.format_map(values)), *(_filled(p, values) for p in words.body))


def _filled(paragraph: Paragraph, values: Mapping[str, str]) -> Paragraph:
    run_on = paragraph.run_on.format_map(values) if paragraph.run_on else None
    return Paragraph(kind=paragraph.kind, text=paragraph.text.format_map(values), run_on=run_on)


def _slip(full: FullNotice, words: KindWords, values: Mapping[str, str], terms: Terms) -> tuple[Block, ...]:
    demands = full.paragraphs or (words.demand.format_map(values),)
    copies = _copies(full, words)
    if len(full.items) == 1 and full.notice.kind is not LISTED:
        return (_form(full.items[0], demands, copies, terms),)
    opening = Paragraph(kind="p", text=words.opening.format_map(values))
    closing = (*demands, f"抄送：{copies}。") if copies else demands
    return (opening, _table(full.items), *(Paragraph(kind="p", text=text) for text in closing))


def _form(item: NoticeItem, demands: tuple[str, ...], copies: str | None, terms: Terms) -> Form:
    rows = (
        (Entry(label="承办单位", text=plain(item.unit_name)), Entry(label="办结时限", text=_due(item))),
        (Entry(label="事项", text=plain(item.title)),),
        (Entry(label="存在问题", text=plain(item.reason)), Entry(label="目前进度", text=_percent(item))),
        (Entry(label="办理要求", text="\n".join(demands), lines=2),),
        (Entry(label="反馈时限", text=_moment(terms.reply_by)), Entry(label="前次文号", text=terms.cites or "无")),
        (Entry(label="办理情况", lines=2),),
        *(((Entry(label="抄送", text=copies),),) if copies else ()),
    )
    return Form(kind="form", rows=rows)


def _table(items: Sequence[NoticeItem]) -> Table:
    rows = tuple(
        (str(n), plain(item.title), plain(item.unit_name), _due(item), plain(item.reason))
        for n, item in enumerate(items, 1)
    )
    return Table(kind="table", columns=COLUMNS, rows=rows)


def _attached(full: FullNotice) -> Attachment:
    return Attachment(title=f"{NOTICE_KIND_NAMES[full.notice.kind]}事项清单", body=(_table(full.items),))


def _copies(full: FullNotice, words: KindWords) -> str | None:
    """抄送; an urging and an order also go to the head of the unit (R3). A slip has no colophon and says it above."""
    one = len(full.recipients) == 1
    heads = [f"{plain(full.recipients[0].name) if one else '各承办单位'}主要负责同志"] if words.principal else []
    return "，".join((*heads, *(plain(copy.name) for copy in full.copies))) or None


def _due(item: NoticeItem) -> str:
    return _day(item.due) if item.due else "持续推进"


def _percent(item: NoticeItem) -> str:
    return "未报送" if item.percent is None else f"{item.percent.normalize():f}%"


def _day(moment: datetime) -> str:
    return date_text(day_of(moment))


def _moment(moment: datetime) -> str:
    local = moment.astimezone(ZONE)
    return f"{_day(moment)}{local.hour}时" + (f"{local.minute}分" if local.minute else "")
