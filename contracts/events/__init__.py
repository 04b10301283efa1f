"""Every event, in walking order: tasks, alerts, notices, ranking."""

from contracts.events.kinds import (
    Percent,
    Sha256,
)
from contracts.events.light import (
    ClockDueSoon,
    ClockMissed,
    LightChanged,
)
from contracts.events.notice import (
    DeliveryReceived,
    DeliverySent,
    DeliveryWithdrawn,
    NoticeAmended,
    NoticeDrafted,
    NoticeItem,
    NoticeRendered,
    NoticeSent,
    NoticeSigned,
    NoticeVoided,
    Recipient,
)
from contracts.events.ranking import (
    Cell,
    RankingComputed,
    RankingPublished,
    Standing,
)
from contracts.events.register import (
    CalendarRevised,
    PolicyPublished,
    PostFilled,
    UnitRegistered,
)
from contracts.events.task import (
    AssignmentAcknowledged,
    AssignmentClosed,
    AssignmentDueChanged,
    AssignmentEvent,
    AssignmentIssued,
    AssignmentReported,
    AssignmentReworked,
    AssignmentSubmitted,
    AssignmentVerified,
    Part,
    TaskAdvanced,
    TaskRegistered,
)

__all__ = [
    "AssignmentAcknowledged",
    "AssignmentClosed",
    "AssignmentDueChanged",
    "AssignmentEvent",
    "AssignmentIssued",
    "AssignmentReported",
    "AssignmentReworked",
    "AssignmentSubmitted",
    "AssignmentVerified",
    "CalendarRevised",
    "Cell",
    "ClockDueSoon",
    "ClockMissed",
    "DeliveryReceived",
    "DeliverySent",
    "DeliveryWithdrawn",
    "LightChanged",
    "NoticeAmended",
    "NoticeDrafted",
    "NoticeItem",
    "NoticeRendered",
    "NoticeSent",
    "NoticeSigned",
    "NoticeVoided",
    "Part",
    "Percent",
    "PolicyPublished",
    "PostFilled",
    "RankingComputed",
    "RankingPublished",
    "Recipient",
    "Sha256",
    "Standing",
    "TaskAdvanced",
    "TaskRegistered",
    "UnitRegistered",
]
