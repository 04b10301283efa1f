"""Webhooks as the API takes and gives them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.values import OneLine
from services.portal.feed.shapes import EventType
from services.portal.web.bodies import NEXT

Types = Annotated[
    tuple[EventType, ...],
    Field(max_length=50, description="Types such as `assignment.issued`, or families; empty: every event (类型)."),
]


class NewWebhook(BaseModel):
    """Where events shall be sent."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        min_length=10,
        max_length=2_000,
        description="https, of an address that the platform may reach, without userinfo or fragment (推送地址).",
    )
    types: Types = ()
    description: OneLine = Field(default="", max_length=200, description="For people (说明).")


class Webhook(BaseModel):
    """An address that events are sent to."""

    webhook_id: UUID = Field(description="Of this webhook.")
    version: int = Field(description="Grows with every change.")
    url: str = Field(description="Where events are sent (推送地址).")
    types: Types
    description: str = Field(description="For people (说明).")
    created_at: datetime = Field(description="When it was registered, UTC; it gets the events from then on.")
    changed_at: datetime = Field(description="When it was last changed, UTC.")
    previous_until: datetime | None = Field(
        default=None, description="After a rotation: until when the former secret signs too, UTC."
    )


class WebhookSecret(Webhook):
    """A webhook with its secret, which is in this answer alone."""

    secret: str = Field(description="`whsec_` and the key in Base64, as Standard Webhooks 1.0 has it (签名密钥).")


class Webhooks(BaseModel):
    """One page of webhooks."""

    items: list[Webhook] = Field(description="In the order in which they were registered.")
    next_cursor: str | None = NEXT
