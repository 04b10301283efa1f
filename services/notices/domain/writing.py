"""A document written by hand: what a person asked for, as a draft."""

from collections.abc import Sequence

from contracts.commands.notice import DraftNotice
from contracts.terms import NoticeCause
from services.notices.domain.climb import Climb, cited
from services.notices.domain.lists import item_of
from services.notices.domain.notice import Notice, notice_id_of, recipients_of
from services.notices.domain.wording import Wording

BY_LIGHT = {cause.value: cause for cause in (NoticeCause.LAGGING, NoticeCause.STALLED, NoticeCause.OVERDUE)}


def written(command: DraftNotice, climbs: Sequence[Climb], wording: Wording, policy_version: int) -> Notice:
    """A draft about these parts, to the units concerned if no others are named; its id follows from the command's."""
    items = tuple(item_of(c, command.kind, NoticeCause.BY_HAND, _reason(command, c, wording)) for c in climbs)
    first = climbs[0]
    return Notice(
        notice_id=notice_id_of(command.id),
        kind=command.kind,
        issuer=first.issuer,
        issuer_name=first.issuer_name,
        owner=first.owner,
        title=command.title or wording.title(command.kind, items),
        items=items,
        recipients=command.recipients or recipients_of(items),
        copies=command.copies,
        paragraphs=command.paragraphs,
        cites=command.cites or _cited(climbs),
        policy_version=policy_version,
    )


def _reason(command: DraftNotice, climb: Climb, wording: Wording) -> str:
    """What the person gave, else what the light says."""
    cause = BY_LIGHT.get(climb.light, NoticeCause.BY_HAND)
    return command.reason or wording.reasons[cause]


def _cited(climbs: Sequence[Climb]) -> str:
    return several([number for climb in climbs if (number := cited(climb.ladder))])


def several(numbers: Sequence[str]) -> str:
    """Numbers as a document cites them: the first few, and that there are more."""
    known = list(dict.fromkeys(numbers))
    return "、".join(known[:3]) + ("等" if len(known) > 3 else "")
