"""`/v1/events`: what concerns the token's unit, pulled."""

import json
from typing import Annotated

from asyncpg import Record
from fastapi import APIRouter, Query

from services.portal.feed import queries
from services.portal.feed.shapes import CloudEvent, Events
from services.portal.web.caller import Here, Reads

router = APIRouter(tags=["查询"])


@router.get("/v1/events", operation_id="pullEvents", summary="拉取事件")
async def events(
    portal: Here, reader: Reads, after: str = "", limit: Annotated[int, Query(ge=1, le=200)] = 100
) -> Events:
    """In order, each event at least once: drop what `data.version` shows as already handled."""
    pulled = await queries.after(portal.db, reader, after, limit)
    return Events(events=[_event(row) for row in pulled.events], next=pulled.next)


def _event(row: Record) -> CloudEvent:
    return CloudEvent(
        id=row["event_id"],
        type=f"cn.duban.{row['type']}.v1",
        source=f"/nodes/{row['owner']}",
        subject=row["aggregate"],
        time=row["time"],
        data=json.loads(row["body"]),
    )
