"""Who calls the API: a token in the Authorization header, bound to one person, one unit and one role."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from asyncpg import Connection
from fastapi import Depends, Header, Request, Security
from fastapi.security import HTTPBearer

from contracts.envelope import Command, Done
from contracts.refusals import refuse
from services.portal.identity import tokens
from services.portal.identity.reader import Reader
from services.portal.identity.tokens import Bearer
from services.portal.refusals import Code
from services.portal.web import answers
from services.portal.web.dependencies import Portal, portal
from services.portal.web.etags import IfMatch, expected_version
from services.portal.web.operations import unaccepted
from services.portal.web.problems import Refusal, done

SCHEME = HTTPBearer(
    auto_error=False,
    description="Of one person, one unit and one role (令牌), issued by the office: `duban token --person … --role …`",
)
UNAUTHORIZED = refuse(Code.UNAUTHORIZED, "令牌无效或已过期：请用 Authorization: Bearer <令牌>")
TOO_MANY = refuse(Code.TOO_MANY, "请求太频繁：请按 Retry-After 的秒数等待后重试")


async def bearer(
    request: Request, portal: Annotated[Portal, Depends(portal)], _: Annotated[object, Security(SCHEME)]
) -> Bearer:
    """The program that calls. Raises Refusal 401, and 429 where it has called too often."""
    header, units = request.headers.get("authorization", ""), (await portal.reference()).units
    if (caller := await tokens.bearer(portal.db, header, units)) is None:
        raise Refusal(UNAUTHORIZED, 401, {"WWW-Authenticate": "Bearer"})
    quota = portal.quotas.take(caller.source, portal.settings.requests, portal.settings.request_window)
    request.state.quota = quota
    if quota.exceeded:
        raise Refusal(TOO_MANY, 429, {"Retry-After": str(quota.reset)})
    return caller


async def only_known(request: Request, _: Annotated[Bearer, Depends(bearer)]) -> None:
    """No query parameter that the operation does not have. Raises Refusal 400."""
    if refused := unaccepted(request):
        raise Refusal(refused, 400)


def reads(bearer: Annotated[Bearer, Depends(bearer)]) -> Reader:
    """With whose eyes it reads."""
    return bearer.reader


Key = Annotated[
    str,
    Header(
        min_length=8,
        max_length=128,
        description="Your own name for this change: the same key of one token is done once, and a retry gets the first "
        "answer for at least 48 hours; with another request under it: 422 id_reused (幂等键).",
    ),
]


class Caller:
    """A program that wants something done, once for each Idempotency-Key."""

    def __init__(
        self,
        portal: Annotated[Portal, Depends(portal)],
        bearer: Annotated[Bearer, Depends(bearer)],
        idempotency_key: Key,
    ) -> None:
        self.portal, self.reader = portal, bearer.reader
        self.id: UUID = bearer.command_id(idempotency_key)

    def command(self, kind: type[Command], /, **fields: object) -> Command:
        """The command in this caller's name."""
        return kind.model_validate({"id": self.id, "actor": self.reader.actor, **fields})

    async def send(self, kind: type[Command], /, **fields: object) -> Done:
        """The answer. Raises Refusal."""
        return done(await self.portal.send(self.command(kind, **fields)))

    async def once(self, request: str, change: Callable[[Connection], Awaitable[str]]) -> str:
        """The answer of a change of the portal's own. Raises Refusal."""
        return await answers.once(self.portal.db, self.id, request, change)


class Changer(Caller):
    """A program that wants something changed, as it saw it."""

    def __init__(
        self,
        portal: Annotated[Portal, Depends(portal)],
        bearer: Annotated[Bearer, Depends(bearer)],
        idempotency_key: Key,
        if_match: IfMatch = "",
    ) -> None:
        super().__init__(portal, bearer, idempotency_key)
        self.if_match = if_match

    async def change(self, kind: type[Command], id: UUID, /, **fields: object) -> Done:
        """The answer of a command on the resource of this id. Raises Refusal, 412 where it moved on."""
        return await self.send(kind, expected_version=expected_version(self.if_match, id), **fields)


Reads = Annotated[Reader, Depends(reads)]
Calls = Annotated[Caller, Depends()]
Changes = Annotated[Changer, Depends()]
Here = Annotated[Portal, Depends(portal)]
