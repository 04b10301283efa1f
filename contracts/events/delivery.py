"""What notices emits of a document on its way to one unit."""

from pydantic import Field

from ..delivery import Delivery
from ..envelope import Event
from ..notice import NoticeItem
from ..values import PersonId


class DeliveryEvent(Event):
    """One unit's copy after the event (送达). Aggregate `delivery/<delivery_id>`, at the recipient. R6, R10."""

    type = "delivery"
    delivery: Delivery
    actor: PersonId = Field(default="", description="Id of the person who did it; empty: by itself (操作人).")

    @property
    def order_key(self) -> str:
        return f"notice/{self.delivery.notice_id}"


class DeliverySent(DeliveryEvent):
    """A unit has a document to receive (送达)."""

    type = "delivery.sent"
    items: tuple[NoticeItem, ...] = Field(default=(), description="Its matters that concern this unit (事项).")


class DeliveryReceived(DeliveryEvent):
    """The unit signed for the document (签收公文)."""

    type = "delivery.received"


class DeliveryWithdrawn(DeliveryEvent):
    """The document is void (撤回送达): its recipient need not answer it."""

    type = "delivery.withdrawn"
