"""A document on its way to one unit (送达)."""

from uuid import UUID

from pydantic import Field

from .offices import Issued
from .region import Owner
from .terms import DeliveryState, NoticeKind
from .units import UnitAddress
from .values import PersonId, Sha256, UnitName, Version
from .workdays import Moment


class Delivery(Issued):
    """One unit's copy of a document and its receipt (送达与签收). R6, R10."""

    delivery_id: UUID = Field(description="Of this copy, for life (送达编号).")
    version: Version
    owner: Owner
    notice_id: UUID = Field(description="The document (公文编号).")
    kind: NoticeKind
    number: str = Field(description="Document number, such as `晋政办督〔2026〕1号` (文号).")
    title: str = Field(description="Of the document (公文标题).")
    unit: UnitAddress = Field(description="The recipient (主送或抄送单位).")
    unit_name: UnitName
    copy_only: bool = Field(default=False, description="Sent for information, nothing to answer (抄送).")
    pdf: Sha256 = Field(description="SHA-256 of the PDF that was sent (公文文件).")
    reply_by: Moment | None = Field(default=None, description="By when an answer is due; null: none is (回复时限).")
    state: DeliveryState = DeliveryState.SENT
    sent_at: Moment = Field(description="UTC (送达时间).")
    received_at: Moment | None = Field(default=None, description="When the unit signed for it (签收时间).")
    received_by: PersonId = Field(default="", description="Id of the person who signed for it (签收人).")
    withdrawn_at: Moment | None = Field(default=None, description="When it was withdrawn (撤回时间).")
    withdraw_reason: str = Field(default="", description="In words (撤回原因).")
