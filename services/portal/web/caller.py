"""Who calls the API: a token in the Authorization header, bound to one person, one unit and one role."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request, Security
from fastapi.security import HTTPBearer

from contracts.envelope import Command, Done
from contracts.refusals import refuse
from services.portal.identity import tokens
from services.portal.identity.reader import Reader
from services.portal.identity.tokens import Bearer
from services.portal.refusals import Code
from services.portal.web.dependencies import Portal, portal
from services.portal.web.problems import Refusal, done

SCHEME = HTTPBearer(
    auto_error=False, description="Token of one person, unit and role (令牌): `duban token --person … --role …`"
)
UNAUTHORIZED = refuse(Code.UNAUTHORIZED, "令牌无效或已过期：请用 Authorization: Bearer <令牌>")


async def bearer(
    request: Request, portal: Annotated[Portal, Depends(portal)], _: Annotated[object, Security(SCHEME)]
) -> Bearer:
    """The program that calls. Raises Refusal 401."""
    header, units = request.headers.get("authorization", ""), (await portal.reference()).units
    if (caller := await tokens.bearer(portal.db, header, units)) is None:
        raise Refusal(UNAUTHORIZED, 401, {"WWW-Authenticate": "Bearer"})
    return caller


def reads(bearer: Annotated[Bearer, Depends(bearer)]) -> Reader:
    """With whose eyes it reads."""
    return bearer.reader


class Caller:
    """A program that wants something done, once for each Idempotency-Key."""

    def __init__(
        self,
        portal: Annotated[Portal, Depends(portal)],
        bearer: Annotated[Bearer, Depends(bearer)],
        idempotency_key: Annotated[
            str, Header(min_length=8, max_length=128, description="同一令牌、同一键只办一次，重试得到同一答复")
        ],
    ) -> None:
        self.portal, self.reader = portal, bearer.reader
        self.id: UUID = bearer.command_id(idempotency_key)

    def command(self, kind: type[Command], /, **fields: object) -> Command:
        """The command in this caller's name."""
        return kind.model_validate({"id": self.id, "actor": self.reader.actor, **fields})

    async def send(self, kind: type[Command], /, **fields: object) -> Done:
        """The answer. Raises Refusal."""
        return done(await self.portal.send(self.command(kind, **fields)))


Reads = Annotated[Reader, Depends(reads)]
Calls = Annotated[Caller, Depends()]
Here = Annotated[Portal, Depends(portal)]
