"""From a document's matter to its pages' words: what is printed, numbered and hashed at signing (R10)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.notice import NoticeItem
from contracts.terms import NoticeKind
from contracts.workdays import ZONE, day_of
from services.notices.documents.content import (
    Attachment,
    Block,
    Column,
    Document,
    Entry,
    Form,
    Format,
    Paragraph,
    Table,
)
from services.notices.domain.letterhead import Letterhead
from services.notices.domain.notice import Notice, recipients_of
from services.notices.domain.wording import KindWords, Wording, plain

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


def composed(notice: Notice, head: Letterhead, wording: Wording, terms: Terms) -> Document:
    """The document, still without its number; ValidationError where somebody's own words cannot be printed."""
    words = wording.kinds[notice.kind]
    values = _values(notice, wording, terms)
    file = words.format is Format.FILE
    single = len(notice.items) == 1
    shown = single and not file and notice.kind is not LISTED and notice.recipients == recipients_of(notice.items)
    return Document(
        format=words.format,
        mark=f"{head.name}文件" if file else head.name,
        title=notice.title,
        to=None if shown else "，".join(plain(recipient.name) for recipient in notice.recipients),
        body=_file(notice, words, values) if file else _slip(notice, words, values, terms),
        attachments=(_attached(notice, wording),) if file and not single else (),
        issuer=head.name,
        date=day_of(terms.now),
        seal=words.seal,
        cc=_copies(notice, words) if file else None,
        printer=head.name if file else None,
        print_date=day_of(terms.now) if file else None,
        watermark=WATERMARK if terms.demo else None,
        verify_at=terms.verify_at,
    )


def _values(notice: Notice, wording: Wording, terms: Terms) -> Mapping[str, str]:
    return {
        "count": str(len(notice.items)),
        "matters": _matters(notice, wording),
        "today": _day(terms.now),
        "reply_by": _moment(terms.reply_by),
        "mend_by": _moment(terms.mend_by),
        "cited": f"（前次文号：{terms.cites}）" if terms.cites else "",
        "unit": plain(notice.recipients[0].name) if len(notice.recipients) == 1 else "有关单位",
    }


def _matters(notice: Notice, wording: Wording) -> str:
    """One matter told in a sentence; several counted by their lights, the list being attached."""
    if len(notice.items) == 1:
        item = notice.items[0]
        done = f"，目前进度{_percent(item)}" if item.percent is not None else ""
        return (
            f"“{plain(item.title)}”，由{plain(item.unit_name)}承办，办结时限{_due(item)}{done}，{plain(item.reason)}。"
        )
    lights = Counter(wording.lights[item.light] for item in notice.items)
    counted = "、".join(f"{name}{count}项" for name, count in lights.items() if name)
    return f"共{len(notice.items)}项" + (f"，其中{counted}" if counted else "") + "，详见附件。"


def _file(notice: Notice, words: KindWords, values: Mapping[str, str]) -> tuple[Block, ...]:
    if notice.paragraphs:
        listed = () if len(notice.items) == 1 else ("有关事项见附件。",)
        return tuple(Paragraph(kind="p", text=text) for text in (*notice.paragraphs, *listed))
    return (Paragraph(kind="p", text=words.opening.format_map(values)), *(_filled(p, values) for p in words.body))


def _filled(paragraph: Paragraph, values: Mapping[str, str]) -> Paragraph:
    run_on = paragraph.run_on.format_map(values) if paragraph.run_on else None
    return Paragraph(kind=paragraph.kind, text=paragraph.text.format_map(values), run_on=run_on)


def _slip(notice: Notice, words: KindWords, values: Mapping[str, str], terms: Terms) -> tuple[Block, ...]:
    said = notice.paragraphs or (words.demand.format_map(values),)
    copies = _copies(notice, words)
    if len(notice.items) == 1 and notice.kind is not LISTED:
        return (_form(notice.items[0], said, copies, terms),)
    opening = Paragraph(kind="p", text=words.opening.format_map(values))
    closing = (*said, f"抄送：{copies}。") if copies else said
    return (opening, _table(notice), *(Paragraph(kind="p", text=text) for text in closing))


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


def _table(notice: Notice) -> Table:
    rows = tuple(
        (str(n), plain(item.title), plain(item.unit_name), _due(item), plain(item.reason))
        for n, item in enumerate(notice.items, 1)
    )
    return Table(kind="table", columns=COLUMNS, rows=rows)


def _attached(notice: Notice, wording: Wording) -> Attachment:
    return Attachment(title=f"{wording.kinds[notice.kind].name}事项清单", body=(_table(notice),))


def _copies(notice: Notice, words: KindWords) -> str | None:
    """抄送; an urging and an order also go to the head of the unit (R3). A slip has no colophon and says it above."""
    one = len(notice.recipients) == 1
    heads = [f"{plain(notice.recipients[0].name) if one else '各承办单位'}主要负责同志"] if words.principal else []
    return "，".join((*heads, *(plain(copy.name) for copy in notice.copies))) or None


def _due(item: NoticeItem) -> str:
    return _day(item.due) if item.due else "持续推进"


def _percent(item: NoticeItem) -> str:
    return "未报送" if item.percent is None else f"{item.percent.normalize():f}%"


def _day(moment: datetime) -> str:
    day = day_of(moment)
    return f"{day.year}年{day.month}月{day.day}日"


def _moment(moment: datetime) -> str:
    local = moment.astimezone(ZONE)
    return f"{_day(moment)}{local.hour}时" + (f"{local.minute}分" if local.minute else "")
