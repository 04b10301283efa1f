"""Events as the API gives them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field


class CloudEvent(BaseModel):
    """An event as CloudEvents 1.0 has it; `data` as in the schemas of events."""

    specversion: str = "1.0"
    id: UUID
    type: str
    source: str
    subject: str = Field(description="聚合：同一聚合的事件按 data.version 递增")
    time: datetime
    datacontenttype: str = "application/json"
    data: dict[str, Any]


class Events(BaseModel):
    """Events in order; go on with `next`, also where there were none."""

    events: list[CloudEvent]
    next: str
