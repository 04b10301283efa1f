"""Commands and queries to other services, and the wait until the ledger shows what a command did."""

import asyncio
from collections.abc import Mapping
from typing import TypeVar

from nats.errors import Error, NoRespondersError
from pydantic import BaseModel, TypeAdapter, ValidationError

from contracts.commands.task import ImportLedger
from contracts.envelope import Answer, Command, Done
from contracts.queries.query import Query
from contracts.refusals import Refused, refuse
from services.chassis import tracing
from services.chassis.service import Service
from services.chassis.tracing import recording
from services.portal.refusals import Code
from services.portal.web import awaited
from services.portal.web.i18n import gettext as _

ANSWER: TypeAdapter[Done | Refused] = TypeAdapter(Answer)
PATIENCE: dict[type[Command], float] = {ImportLedger: 60.0}
USUALLY = 10.0
PAUSE = 0.02
BEHIND = """
select exists (select from unnest($1::text[], $2::int[]) as expected (aggregate, version)
    left join inbox using (aggregate) where coalesce(inbox.version, 0) < expected.version)
or exists (select from task where task_id in (select substr(a, 6)::uuid from unnest($1::text[]) a where a like 'task/%')
    and assignments > (select count(*) from assignment where assignment.task_id = task.task_id))
"""
"""A task is shown when its assignments are."""

M = TypeVar("M", bound=BaseModel)


async def send(service: Service, command: Command, seconds: float) -> Done | Refused:
    """The answer; what was done is waited for, `seconds` at most, until the ledger shows it."""
    answer = await request(service, command)
    if isinstance(answer, Done) and not await caught_up(service, expected(answer), seconds):
        await awaited.add(service.pool, [*expected(answer), *issued(answer)])
        return answer.model_copy(update={"detail": {**answer.detail, "settled": False}})
    return answer


async def request(service: Service, command: Command) -> Done | Refused:
    """The answer as the service gives it; where nobody answers, a refusal that says so."""
    body, headers = command.model_dump_json().encode(), {recording.HEADER: tracing.now().span.traceparent}
    patience = PATIENCE.get(type(command), USUALLY)
    try:
        message = await service.nc.request(command.subject(), body, timeout=patience, headers=headers)
        return ANSWER.validate_json(message.data)
    except NoRespondersError:
        return refuse(Code.UNAVAILABLE, _("承办这项业务的服务没有运行，请稍后再试"))
    except (Error, TimeoutError, ValidationError):
        return refuse(Code.NO_ANSWER, _("没有等到答复：请刷新查看是否已经生效，再决定是否重试"))


def expected(answer: Done) -> dict[str, int]:
    """The versions that show what was done: of the aggregate, and of the task that followed its assignment."""
    versions, detail = {answer.aggregate: answer.version}, answer.detail
    if isinstance(version := detail.get("task_version"), int):
        versions[f"task/{detail.get('task_id')}"] = version
    return versions


def issued(answer: Done) -> list[str]:
    """The assignments of a new task, whose ids its answer gives away."""
    parts = answer.detail.get("parts")
    return [f"assignment/{part['assignment_id']}" for part in parts] if isinstance(parts, list) else []


async def caught_up(service: Service, versions: Mapping[str, int], seconds: float) -> bool:
    """Whether the ledger has these versions, or will within so many seconds."""
    end = asyncio.get_running_loop().time() + seconds
    while await service.pool.fetchval(BEHIND, list(versions), list(versions.values())):
        if asyncio.get_running_loop().time() > end:
            return False
        await asyncio.sleep(PAUSE)
    return True


async def query(service: Service, question: Query, answer: type[M], patience: float = 5) -> M | Refused:
    """What a service answers; a refusal where it does not."""
    try:
        body, headers = question.model_dump_json().encode(), {recording.HEADER: tracing.now().span.traceparent}
        message = await service.nc.request(question.subject(), body, timeout=patience, headers=headers)
    except NoRespondersError:
        return refuse(Code.UNAVAILABLE, _("服务没有运行，或正在准备数据，请稍后再试"))
    except (Error, TimeoutError):
        return refuse(Code.NO_ANSWER, _("服务忙，请稍后再试"))
    try:
        return answer.model_validate_json(message.data)
    except ValidationError:
        return Refused.model_validate_json(message.data)
