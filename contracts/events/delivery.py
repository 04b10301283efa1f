"""What notices emits of a document on its way to one unit."""

from pydantic import Field

from ..delivery import Delivery
from ..envelope import Event
from ..notice import NoticeItem


class DeliveryEvent(Event):
    """One unit's copy after the event. Aggregate `delivery/<delivery_id>`, at the recipient. R6, R10."""

    type = "delivery"
    delivery: Delivery
    actor: str = Field(default="", description="The id of the person who did it; empty: by itself.")

    @property
    def order_key(self) -> str:
        return f"notice/{self.delivery.notice_id}"


class DeliverySent(DeliveryEvent):
    """A unit has a document to receive; `items`: the matters of it that concern this unit."""

    type = "delivery.sent"
    items: tuple[NoticeItem, ...] = ()


class DeliveryReceived(DeliveryEvent):
    """The unit signed for the document."""

    type = "delivery.received"


class DeliveryWithdrawn(DeliveryEvent):
    """The document is void: its recipient need not answer it."""

    type = "delivery.withdrawn"
