"""Nodes fetch tokens over the bus: one subject a node, so many requests at a time, and nothing in any stream."""

import asyncio

import structlog
from nats.aio.msg import Msg
from nats.errors import Error
from pydantic import ValidationError

from contracts.node import Token, TokenRequest, token_subject
from contracts.refusals import Refused, refuse
from contracts.region import Level
from contracts.units import UnitKind, node_of, within
from services.chassis import db, refusals
from services.chassis.service import Service
from services.chassis.trouble import LOST_IN_POOL
from services.portal.identity import tokens
from services.portal.refusals import Code
from services.portal.register import queries as register
from services.portal.register.reference import Reference
from services.portal.settings import Settings

logger = structlog.get_logger(__name__)

ALLOWED = 10
"""Requests of one node that the bus hands to this process in one turn; the next is told that nobody answers."""
TURN = 5.0
"""Seconds. A flood ends at the server, which counts the requests itself; other nodes have subjects of their own."""


async def lend_tokens(service: Service[Settings]) -> None:
    """As long as the process runs: answer every county and city of the register."""
    reference, left = Reference(), dict[str, int]()
    async with asyncio.TaskGroup() as answers:
        while True:
            try:
                units = (await reference.refresh(service.pool)).units
                governments = units.below("", (Level.CITY, Level.COUNTY), (UnitKind.GOVERNMENT,))
                for node in (node_of(unit["address"]) for unit in governments):
                    if left.get(node, 0) == 0:
                        await listen(service, node, left, answers)
            except (*LOST_IN_POOL, Error) as error:
                logger.warning("no tokens for nodes at the moment", error=repr(error))
            await asyncio.sleep(TURN)


async def listen(service: Service[Settings], node: str, left: dict[str, int], answers: asyncio.TaskGroup) -> None:
    """Take the next requests of a node; `left` counts them down."""

    async def take(message: Msg) -> None:  # at once: with its last message nats-py drops what still waits for it
        left[node] -= 1
        answers.create_task(respond(service, node, message))

    left[node] = ALLOWED
    try:
        subscription = await service.nc.subscribe(token_subject(node), queue=service.name, cb=take)
        await subscription.unsubscribe(ALLOWED)
    except Error:
        left[node] = 0
        raise


async def respond(service: Service[Settings], node: str, message: Msg) -> None:
    """Who asks without a reply subject gets no token either."""
    try:
        if message.reply:
            await message.respond((await answered(service, node, message.data)).model_dump_json().encode())
    except Error as error:
        logger.warning("a node was not answered", node=node, error=repr(error))


async def answered(service: Service[Settings], node: str, body: bytes) -> Token | Refused:
    """A token or the reason why not; never an exception."""
    try:
        request = TokenRequest.model_validate_json(body)
        async with db.acquired(service.pool) as connection:
            person = await register.person(connection, request.person)
            if person is None or not within(person["unit"], node):  # one answer: no node learns who is elsewhere
                return refuse(
                    Code.NOT_FOUND,
                    f"人员名册上没有本节点的“{request.person}”，或其任职已到期：请先登记该人员（duban persons add）",
                    "/person",
                )
            if request.unit not in (None, person["unit"]):
                return refuse(Code.INVALID, f"{person['name']}是 {person['unit']} 的人员：请核对单位", "/unit")
            name = f"节点 {node}"
            token = await tokens.lend(connection, node, name, request.person, person["unit"], request.role)
        logger.info("a node took a token", node=node, person=request.person, unit=token.unit, role=token.role)
        return token
    except ValidationError as error:
        return refusals.invalid(error)
    except db.Unavailable:
        return refusals.UNAVAILABLE
    except Exception:
        logger.exception("a token cannot be given", node=node)
        return refusals.FAILED
