"""Random requests made from the contract, against the served portal: none is answered with a fault of ours."""

import asyncio
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import positive_data_acceptance

from contracts.envelope import ActorRole
from services.portal.site.api import contract, operations
from tests.portal.province import HOUSING, LAND_REFORM
from tests.story.province import GAOPING, OFFICE

ABSENT = {"search", "draftNotice", "signNotice", "voidNotice", "receiveNotice"}
"""Operations of services that do not run here: 503, in words, is what these have to answer.

What a rule of the domain refuses (422, 409, 412) fits the schema and is refused all the same: no finding.
"""


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


@dataclass
class Campaign:
    """The same requests in every run; `sent` counts them by operation, `faults` are answers that should not be."""

    url: str
    tokens: list[str]
    ids: dict[str, list[str]]
    sent: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def run(self, examples: int) -> None:
        """So many requests as the contract has them, and so many as it forbids them, to every operation."""
        document = deepcopy(contract())
        for each in operations(document):
            each.pop("security")  # the tokens are ours
        for operation in (each.ok() for each in schemathesis.openapi.from_dict(document).get_all_operations()):
            for mode in GenerationMode:
                self.vary(operation, mode, examples)

    def vary(self, operation, mode, examples: int) -> None:
        name = operation.definition.raw["operationId"]

        @settings(
            max_examples=examples, database=None, derandomize=True, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def attempt(case):
            self.send(name, case)

        attempt()

    def send(self, name: str, case) -> None:
        """One request, two in three about something that is there."""
        self.sent[name] += 1
        n = self.sent[name]
        path = case.meta.components.get(ParameterLocation.PATH)
        if n % 3 and path and path.mode is GenerationMode.POSITIVE:
            real = {each: self.ids[each] for each in self.ids.keys() & case.path_parameters.keys()}
            case.path_parameters |= {each: values[n % len(values)] for each, values in real.items()}
        if n % 5:
            keys = [each for each in case.headers if each.lower() == "idempotency-key"]
            case.headers.update({each: uuid4().hex for each in keys if 8 <= len(str(case.headers[each])) <= 128})
        case.headers["Authorization"] = f"Bearer {self.tokens[n % len(self.tokens)]}"
        answer = case.call(base_url=self.url)
        if reason := fault(name, answer) or breach(case, answer):
            self.faults.append(f"{case.method} {answer.request.url} {case.body!r:.200}: {reason}")


def fault(name: str, answer) -> str:
    """What is wrong with an answer; empty where nothing is."""
    status, text = answer.status_code, answer.content.decode(errors="replace")
    if status >= 500 and not (status == 503 and name in ABSENT):
        return f"{status} {text[:300]}"
    if status >= 400:
        shape = {"type", "kind", "title", "status", "instance", "trace_id"}
        if "application/problem+json" not in str(answer.headers["content-type"]) or not shape <= set(answer.json()):
            return f"no problem: {status} {text[:300]}"
    return ""


def breach(case, answer) -> str:
    """What in an answer is not as the contract has it: status, type, shape, a bad request that was taken."""
    try:
        case.validate_response(answer, excluded_checks=[not_a_server_error, positive_data_acceptance])
    except FailureGroup as failures:
        return str([f"{each.title}: {each.message}" for each in failures.exceptions])[:600]
    return ""


async def fuzz(address, api, province, examples: int) -> Counter:
    clients = [await api(GAOPING), await api(OFFICE, ActorRole.SUPERVISOR), await api(GAOPING, ActorRole.UNIT_HEAD)]
    tokens = [each.headers["Authorization"].split()[1] for each in clients]
    campaign = Campaign(address, tokens, there(province))
    await asyncio.to_thread(campaign.run, examples)
    assert campaign.faults == []
    assert set(campaign.sent) == {each["operationId"] for each in operations(contract())}
    return campaign.sent


async def test_no_request_that_the_contract_allows_or_forbids_is_a_fault_of_ours(address, api, province, tasks_service):
    sent = await fuzz(address, api, province, examples=2)
    assert min(sent.values()) >= 2


@pytest.mark.full
async def test_no_request_of_a_long_campaign_is_a_fault_of_ours(address, api, province, tasks_service):
    sent = await fuzz(address, api, province, examples=40)
    assert sum(sent.values()) > 2_000
