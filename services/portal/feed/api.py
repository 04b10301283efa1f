"""`/v1/events`: what concerns the token's unit, pulled."""

import json
from typing import Annotated

from asyncpg import Record
from fastapi import APIRouter, Query

from services.portal.feed import queries
from services.portal.feed.shapes import CloudEvent, Events, EventType
from services.portal.web.bodies import Limit
from services.portal.web.caller import Here, Reads

router = APIRouter(tags=["events"])


@router.get("/v1/events", operation_id="pullEvents", summary="Pull events (拉取事件)")
async def events(
    portal: Here,
    reader: Reads,
    after: Annotated[
        str, Query(description="`next` of the answer before (游标); opaque. Empty: from the first event there is.")
    ] = "",
    limit: Limit = 100,
    types: Annotated[
        list[EventType],
        Query(
            alias="type",
            max_length=50,
            description="Only events of this type, such as `assignment.issued`, or family, such as `assignment`; "
            "may be repeated (类型).",
        ),
    ] = [],  # noqa: B006
) -> Events:
    """What concerns the token's unit, in order, each event at least once: drop what `data.version` shows as handled.

    Keep `next` with what you have handled; ask again with it a few seconds after an answer without events. Where the
    platform's ledger was rebuilt, an older cursor starts over from the first event.
    """
    pulled = await queries.after(portal.db, reader, after, limit, types)
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
