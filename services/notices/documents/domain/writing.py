"""A document written by hand: what a person asked for, as a draft."""

from collections.abc import Sequence
from datetime import datetime

from contracts.commands.notice import DraftNotice
from contracts.notice import Notice, Recipient
from contracts.terms import NoticeCause
from services.notices.documents.domain.lists import item_of
from services.notices.documents.domain.notice import FullNotice, notice_id_of, recipients_of
from services.notices.documents.domain.wording import Wording
from services.notices.ladder.domain.escalation import Escalation, cited

BY_LIGHT = {cause.value: cause for cause in (NoticeCause.LAGGING, NoticeCause.STALLED, NoticeCause.OVERDUE)}


def written(
    command: DraftNotice,
    escalations: Sequence[Escalation],
    recipients: tuple[Recipient, ...],
    copies: tuple[Recipient, ...],
    wording: Wording,
    policy_version: int,
    now: datetime,
) -> FullNotice:
    """A draft about these assignments; without recipients it goes to the units concerned. Its id follows from the
    command's.
    """
    kind, first = command.kind, escalations[0].assignment
    items = tuple(item_of(e, kind, NoticeCause.BY_HAND, _reason(command, e, wording)) for e in escalations)
    notice = Notice(
        notice_id=notice_id_of(command.id),
        version=1,
        kind=kind,
        owner=first.owner,
        issuer=first.issuer,
        issuer_name=first.issuer_name,
        leadership=first.leadership,
        title=command.title or wording.title(kind, items),
        cause=NoticeCause.BY_HAND,
        cites=command.cites or several([number for e in escalations if (number := cited(e.ladder))]),
        policy_version=policy_version,
        drafted_at=now,
        drafted_by=command.actor.person,
    )
    return FullNotice(notice, items, recipients or recipients_of(items), copies, command.paragraphs)


def _reason(command: DraftNotice, escalation: Escalation, wording: Wording) -> str:
    """The reason in the command, else that of the light."""
    cause = BY_LIGHT.get(escalation.light, NoticeCause.BY_HAND)
    return command.reason or wording.reasons[cause]


def several(numbers: Sequence[str]) -> str:
    """Numbers as a document cites them: the first few, and that there are more."""
    distinct = list(dict.fromkeys(numbers))
    return "、".join(distinct[:3]) + ("等" if len(distinct) > 3 else "")
