"""Where wishes go: a command to the service concerned, and then the wait until the ledger shows what came of it."""

import asyncio
from typing import TypeVar

from nats.errors import Error, NoRespondersError
from pydantic import BaseModel, TypeAdapter, ValidationError

from contracts.commands.task import ImportLedger
from contracts.envelope import Answer, Command, Done
from contracts.queries.query import Query
from contracts.refusals import Refused
from services.chassis import log
from services.chassis.service import Service
from services.portal.web.i18n import gettext as _

ANSWER: TypeAdapter[Done | Refused] = TypeAdapter(Answer)
PATIENCE: dict[type[Command], float] = {ImportLedger: 60.0}
USUALLY = 10.0
LOOK = 0.02
MARK = "select coalesce((select version from inbox where aggregate = $1), 0)"

Found = TypeVar("Found", bound=BaseModel)


async def send(service: Service, command: Command, settle: float) -> Done | Refused:
    """The answer; a granted one is waited for, `settle` seconds at most, until the ledger has its version."""
    answer = await ask(service, command)
    if isinstance(answer, Done) and not await settled(service, answer, settle):
        return answer.model_copy(update={"detail": {**answer.detail, "settled": False}})
    return answer


async def ask(service: Service, command: Command) -> Done | Refused:
    """The answer as the service gives it; where nobody answers, a refusal that says so."""
    body = command.model_dump_json().encode()
    patience = PATIENCE.get(type(command), USUALLY)
    try:
        message = await service.nc.request(command.subject(), body, timeout=patience, headers={"traceparent": log.trace()})
        return ANSWER.validate_json(message.data)
    except NoRespondersError:
        return Refused(code="unavailable", message=_("承办这项业务的服务没有运行，请稍后再试"))
    except (Error, TimeoutError, ValidationError):
        return Refused(code="failed", message=_("没有等到答复：请刷新查看是否已经生效，再决定是否重试"))


async def settled(service: Service, answer: Done, seconds: float) -> bool:
    """Whether the ledger has the version that was answered."""
    end = asyncio.get_running_loop().time() + seconds
    while await service.pool.fetchval(MARK, answer.aggregate) < answer.version:
        if asyncio.get_running_loop().time() > end:
            return False
        await asyncio.sleep(LOOK)
    return True


async def question(service: Service, query: Query, answered: type[Found], patience: float = 5) -> Found | Refused:
    """What a service knows; a refusal where it does not answer."""
    try:
        message = await service.nc.request(query.subject(), query.model_dump_json().encode(), timeout=patience)
    except NoRespondersError:
        return Refused(code="unavailable", message=_("服务没有运行，请稍后再试"))
    except (Error, TimeoutError):
        return Refused(code="failed", message=_("服务忙，请稍后再试"))
    try:
        return answered.model_validate_json(message.data)
    except ValidationError:
        return Refused.model_validate_json(message.data)
