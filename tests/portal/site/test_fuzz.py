"""Random requests made from the contract, against the served portal: none is answered with a fault of ours."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from contracts.envelope import ActorRole
from services.portal.site.api import contract
from tests.portal.province import HOUSING, LAND_REFORM
from tests.story.province import GAOPING, OFFICE

ABSENT = {"search", "draftNotice", "signNotice", "voidNotice", "receiveNotice"}
"""Operations of services that do not run here: 503, in words, is what these have to answer."""


@asynccontextmanager
async def served(site) -> AsyncIterator[str]:
    """Where the portal listens."""
    server = uvicorn.Server(uvicorn.Config(site, port=0, lifespan="off", log_config=None))
    serving = asyncio.ensure_future(server.serve())
    async with asyncio.timeout(60):
        while not server.started:
            await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


def there(province) -> dict[str, list[str]]:
    """Ids of what is there, for the parameters of a path."""
    sent = province.papers["sent"]
    titles = (HOUSING, LAND_REFORM)
    return {
        "task_id": [str(province.task_id(each)) for each in titles],
        "assignment_id": [str(province.part(each).assignment_id) for each in titles],
        "notice_id": [str(sent.notice.notice_id)],
        "delivery_id": [str(sent.deliveries[0].delivery_id)],
        "period": [f"{province.now:%Y-%m}", "2026-10"],
    }


def campaign(url: str, tokens: list[str], ids: dict[str, list[str]], examples: int) -> tuple[Counter, list[str]]:
    """How many requests each operation got, and every answer that should not be: the same requests in every run."""
    schema = schemathesis.openapi.from_dict(contract())
    sent, faults = Counter(), []
    for operation in (each.ok() for each in schema.get_all_operations()):
        name = operation.definition.raw["operationId"]
        for mode in GenerationMode:

            @settings(
                max_examples=examples, database=None, derandomize=True, deadline=None, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(case=operation.as_strategy(generation_mode=mode))
            def attempt(case, name=name, mode=mode):
                sent[name] += 1
                if sent[name] % 3:
                    case.path_parameters |= {
                        k: v[sent[name] % len(v)] for k, v in ids.items() if k in case.path_parameters
                    }
                case.headers["Authorization"] = f"Bearer {tokens[sent[name] % len(tokens)]}"
                answer = case.call(base_url=url)
                if reason := fault(name, answer, case, mode):
                    faults.append(f"{case.method} {case.formatted_path} {case.query} {case.body!r:.200}: {reason}")

            attempt()
    return sent, faults


def fault(name: str, answer, case, mode) -> str:
    """What is wrong with an answer; empty where nothing is."""
    status, text = answer.status_code, answer.content.decode(errors="replace")
    if status >= 500 and not (status == 503 and name in ABSENT):
        return f"{status} {text[:200]}"
    if status >= 400:
        body = answer.json()
        shape = {"type", "kind", "title", "status", "instance", "trace_id"}
        if answer.headers["content-type"] != ["application/problem+json"] or not shape <= set(body):
            return f"no problem: {status} {text[:200]}"
    return ""


async def fuzz(site, api, province, examples: int) -> Counter:
    clients = [await api(GAOPING), await api(OFFICE, ActorRole.SUPERVISOR), await api(GAOPING, ActorRole.UNIT_HEAD)]
    tokens = [each.headers["Authorization"].split()[1] for each in clients]
    async with served(site) as url:
        sent, faults = await asyncio.to_thread(campaign, url, tokens, there(province), examples)
    assert faults == []
    operations = {each["operationId"] for path in contract()["paths"].values() for each in path.values()}
    assert set(sent) == operations
    return sent


async def test_no_request_that_the_contract_allows_or_forbids_is_a_fault_of_ours(site, api, province, tasks_service):
    sent = await fuzz(site, api, province, examples=3)
    assert min(sent.values()) >= 3


@pytest.mark.full
async def test_no_request_of_a_long_campaign_is_a_fault_of_ours(site, api, province, tasks_service):
    sent = await fuzz(site, api, province, examples=int(os.environ.get("DUBAN_FUZZ", "150")))
    assert sum(sent.values()) > 5_000
