"""`/v1/deliveries`: what was sent to the token's unit, and its receipts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from contracts.commands.notice import ReceiveNotice
from contracts.delivery import Delivery
from contracts.terms import DeliveryState
from services.portal import refusals
from services.portal.identity.reader import Reader
from services.portal.notices import queries
from services.portal.notices.shapes import Deliveries
from services.portal.web.bodies import Cursor, Granted, Limit, granted
from services.portal.web.caller import Changes, Here, Reads
from services.portal.web.dependencies import Portal
from services.portal.web.etags import SINGLE, Asked, single
from services.portal.web.problems import Refusal

router = APIRouter(tags=["deliveries"])

DeliveryId = Annotated[UUID, Path(description="Of the delivery (送达).")]


@router.get("/v1/deliveries", operation_id="listDeliveries", summary="Documents sent to the unit (本单位收文)")
async def listed(
    portal: Here,
    reader: Reads,
    limit: Limit = 50,
    cursor: Cursor = "",
    state: Annotated[DeliveryState | None, Query(description="`sent`: yet to be received (待签收).")] = None,
) -> Deliveries:
    """One page of what was sent to the token's unit, latest first, each with its receipt."""
    page = await queries.deliveries_to(portal.db, reader, state or "", limit, cursor)
    items = [Delivery.model_validate_json(row["body"]) for row in page.rows]
    return Deliveries(items=items, next_cursor=page.next or None)


@router.get(
    "/v1/deliveries/{delivery_id}",
    operation_id="getDelivery",
    summary="One delivery (一件送达)",
    responses=SINGLE,
    response_model=Delivery,
)
async def one(request: Asked, delivery_id: DeliveryId, portal: Here, reader: Reads) -> Response:
    """One unit's copy of a document and its receipt; whoever oversees the document sees it too."""
    delivery = await seen(portal, reader, delivery_id)
    return single(request, delivery, delivery_id, delivery.version)


@router.post(
    "/v1/deliveries/{delivery_id}/receive", operation_id="receiveNotice", summary="Sign for a document (签收公文)"
)
async def receive(delivery_id: DeliveryId, caller: Changes) -> Granted:
    """The token's unit has it: sent → received."""
    await seen(caller.portal, caller.reader, delivery_id)
    return granted(await caller.change(ReceiveNotice, delivery_id, delivery_id=delivery_id))


async def seen(portal: Portal, reader: Reader, delivery_id: UUID) -> Delivery:
    """A delivery. Raises Refusal."""
    delivery = await queries.delivery(portal.db, reader, delivery_id)
    if delivery is None:
        raise Refusal(refusals.not_found("没有这件送达，或该令牌的单位无权查看"))
    return delivery
