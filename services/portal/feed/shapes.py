"""Events as the API gives them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from contracts.catalogue import event_classes


def event_type(text: str) -> str:
    """A type of event, or the family before the dot. Raises ValueError."""
    types = event_classes()
    if text not in types and text not in {each.partition(".")[0] for each in types}:
        raise ValueError(f"没有“{text}”这种事件：应为类型，如 assignment.issued，或一类事件，如 assignment")
    return text


EventType = Annotated[str, AfterValidator(event_type)]


class CloudEvent(BaseModel):
    """An event as CloudEvents 1.0 has it; `data` as in the schemas of events."""

    specversion: str = Field(default="1.0", description="Of CloudEvents.")
    id: UUID = Field(description="Of the event; random.")
    type: str = Field(description="`cn.duban.<type>.v1` (类型).")
    source: str = Field(description="The node that owns the aggregate (节点).")
    subject: str = Field(description="The aggregate, `<entity>/<id>`; of its events `data.version` rises (聚合).")
    time: datetime = Field(description="When it happened, UTC.")
    datacontenttype: str = Field(default="application/json", description="Of `data`.")
    data: dict[str, Any] = Field(description="The event itself; unknown fields are to be ignored.")


class Events(BaseModel):
    """Events in order; go on with `next`, also where there were none."""

    events: list[CloudEvent] = Field(description="In order.")
    next: str = Field(description="What to ask for next as `after`.")
