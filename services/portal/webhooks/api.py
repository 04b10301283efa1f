"""`/v1/webhooks`: addresses that a unit wants its events sent to, as Standard Webhooks 1.0 has it."""

import base64
import secrets
from typing import Annotated
from uuid import UUID

from asyncpg import Connection
from fastapi import APIRouter, Depends, Path, Response

from contracts.refusals import outdated, refuse
from services.portal import refusals
from services.portal.feed import queries as feed
from services.portal.identity.reader import Reader
from services.portal.refusals import Code
from services.portal.web.bodies import Cursor, Limit
from services.portal.web.caller import Calls, Changer, Changes, Here, Reads, reads
from services.portal.web.etags import SINGLE, Asked, expected_version, single
from services.portal.web.problems import Refusal
from services.portal.webhooks import queries, targets
from services.portal.webhooks.shapes import NewWebhook, Webhook, Webhooks, WebhookSecret

MOST = 20
"""Webhooks of one unit and role."""
NO_OPERATOR = refuse(Code.OPERATOR, "运维人员不接收业务数据，不能登记推送地址：请由单位的人员登记")
NOT_THERE = refusals.not_found("没有这个推送地址，或不是该令牌的单位和身份登记的")
TOO_MANY = refuse(Code.TOO_MANY_WEBHOOKS, f"一个单位的一种身份最多登记 {MOST} 个推送地址：请先删除不用的")


def no_operator(reader: Annotated[Reader, Depends(reads)]) -> None:
    """An operator keeps the platform running and reads no business data. Raises Refusal."""
    if reader.operates:
        raise Refusal(NO_OPERATOR)


router = APIRouter(tags=["webhooks"], dependencies=[Depends(no_operator)])

WebhookId = Annotated[UUID, Path(description="Of the webhook (推送地址).")]


@router.get("/v1/webhooks", operation_id="listWebhooks", summary="List webhooks (查询推送地址)")
async def listed(portal: Here, reader: Reads, limit: Limit = 50, cursor: Cursor = "") -> Webhooks:
    """Those of the token's unit and role, in the order in which they were registered."""
    page = await queries.page(portal.db, reader, limit, cursor)
    return Webhooks(items=[Webhook(**row) for row in page.rows], next_cursor=page.next or None)


@router.post("/v1/webhooks", status_code=201, operation_id="createWebhook", summary="Register a webhook (登记推送地址)")
async def create(body: NewWebhook, caller: Calls, response: Response) -> WebhookSecret:
    """Events that the token's unit and role may read, from now on, to be sent to an address of yours.

    The secret is in this answer alone; a retry under the same key within 48 hours gets it again. Each event will be
    a POST of the CloudEvent that `/v1/events` gives, at least once, with `webhook-id`, `webhook-timestamp` and
    `webhook-signature` (`v1,` and HMAC-SHA256), to be answered with 2xx. Delivery itself comes with a later release:
    until then nothing is sent, and `GET /v1/events` gives the same events. An address is refused that is not https
    (loopback aside), or resolves to private, link-local or metadata addresses.
    """
    settings = caller.portal.settings
    refused = await targets.refusal(body.url, settings.webhook_networks, settings.webhook_ports)

    async def change(db: Connection) -> str:
        if refused:
            raise Refusal(refused)
        if await queries.count(db, caller.reader) >= MOST:
            raise Refusal(TOO_MANY)
        fields = (body.url, body.types, body.description, new_secret(), await feed.end(db))
        return WebhookSecret(**await queries.add(db, caller.reader, caller.id, *fields)).model_dump_json()

    created = WebhookSecret.model_validate_json(await caller.once(f"createWebhook {body.model_dump_json()}", change))
    response.headers["Location"] = f"/v1/webhooks/{created.webhook_id}"
    return created


@router.get(
    "/v1/webhooks/{webhook_id}",
    operation_id="getWebhook",
    summary="One webhook (一个推送地址)",
    responses=SINGLE,
    response_model=Webhook,
)
async def one(request: Asked, webhook_id: WebhookId, portal: Here, reader: Reads) -> Response:
    """A webhook, without its secret."""
    row = await queries.one(portal.db, reader, webhook_id)
    if row is None:
        raise Refusal(NOT_THERE)
    return single(request, Webhook(**row), webhook_id, row["version"])


@router.post("/v1/webhooks/{webhook_id}/rotate", operation_id="rotateWebhook", summary="New secret (更换签名密钥)")
async def rotate(webhook_id: WebhookId, caller: Changes) -> WebhookSecret:
    """Another secret, in this answer alone; for one day what is sent is signed with both."""

    async def change(db: Connection) -> str:
        await hold(db, caller, webhook_id)
        return WebhookSecret(**await queries.rotate(db, webhook_id, new_secret())).model_dump_json()

    return WebhookSecret.model_validate_json(await caller.once(_asked("rotateWebhook", webhook_id, caller), change))


@router.delete(
    "/v1/webhooks/{webhook_id}",
    status_code=204,
    operation_id="deleteWebhook",
    summary="Delete (删除推送地址)",
)
async def delete(webhook_id: WebhookId, caller: Changes) -> None:
    """Nothing is sent there any more."""

    async def change(db: Connection) -> str:
        await hold(db, caller, webhook_id)
        await queries.delete(db, webhook_id)
        return ""

    await caller.once(_asked("deleteWebhook", webhook_id, caller), change)


async def hold(db: Connection, caller: Changer, webhook_id: UUID) -> None:
    """Hold a webhook as the caller saw it until the transaction ends. Raises Refusal."""
    version = await queries.held_version(db, caller.reader, webhook_id)
    if version is None:
        raise Refusal(NOT_THERE)
    if refused := outdated(Code.STALE, "该推送地址", expected_version(caller.if_match, webhook_id), version):
        raise Refusal(refused)


def new_secret() -> str:
    """32 random bytes, as Standard Webhooks writes them."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _asked(operation: str, webhook_id: WebhookId, caller: Changer) -> str:
    return f"{operation} {webhook_id} {caller.if_match}"
