"""A document on its way to one unit (送达)."""

from uuid import UUID

from .offices import Issued
from .region import Node
from .terms import DeliveryState, NoticeKind
from .units import UnitAddress
from .values import Sha256
from .workdays import Moment


class Delivery(Issued):
    """One unit's copy of a document and its receipt (签收). R6, R10.

    copy_only: sent for information (抄送), nothing to answer. received_by: a person id.
    """

    delivery_id: UUID
    version: int
    owner: Node
    notice_id: UUID
    kind: NoticeKind
    number: str
    title: str
    unit: UnitAddress
    unit_name: str
    copy_only: bool = False
    pdf: Sha256
    reply_by: Moment | None = None
    state: DeliveryState = DeliveryState.SENT
    sent_at: Moment
    received_at: Moment | None = None
    received_by: str = ""
    withdrawn_at: Moment | None = None
    withdraw_reason: str = ""
