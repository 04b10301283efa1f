"""Who calls the API: a token in the Authorization header, bound to one unit and one role."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request, Security
from fastapi.security import HTTPBearer

from contracts.envelope import Command, Done
from services.portal.identity.reader import Reader
from services.portal.web.dependencies import Front, front
from services.portal.web.problems import Refusal, granted
from services.portal.identity import tokens
from services.portal.identity.tokens import Bearer

SCHEME = HTTPBearer(auto_error=False, description="督查室签发、绑定单位与身份的令牌：`duban token --unit … --role …`")


async def bearer(
    request: Request, front: Annotated[Front, Depends(front)], _: Annotated[object, Security(SCHEME)]
) -> Bearer:
    """The program that calls. Raises Refusal 401."""
    header = request.headers.get("authorization", "")
    found = await tokens.bearer(front.db, header, front.settings.node)
    if found is None:
        refusal = Refusal(401, "unauthorized", "令牌无效或已过期：请用 Authorization: Bearer <令牌>")
        refusal.headers = {"WWW-Authenticate": "Bearer"}
        raise refusal
    return found


def reads(bearer: Annotated[Bearer, Depends(bearer)]) -> Reader:
    """Whose eyes it has."""
    return bearer.reader


class Caller:
    """Who wants something done, once for each Idempotency-Key."""

    def __init__(
        self,
        front: Annotated[Front, Depends(front)],
        bearer: Annotated[Bearer, Depends(bearer)],
        idempotency_key: Annotated[
            str, Header(min_length=8, max_length=128, description="同一令牌、同一键只办一次，重试得到同一答复")
        ],
    ) -> None:
        self.front, self.reader = front, bearer.reader
        self.id: UUID = bearer.command_id(idempotency_key)

    async def ask(self, command: type[Command], **body: object) -> Done:
        """The granted answer. Raises Refusal."""
        wish = command.model_validate({"id": self.id, "actor": self.reader.actor, **body})
        return granted(await self.front.send(wish))


Reads = Annotated[Reader, Depends(reads)]
Wants = Annotated[Caller, Depends()]
Here = Annotated[Front, Depends(front)]
