"""What tools make of the contract alone works against the running portal: a Python client, types for TypeScript."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from services.portal.site.api import CONTRACT, TAGS, contract, operations
from tests import clients, javascript
from tests.story.province import GAOPING, YAODU

PYTHON = """
import json, sys
from duban_client.api.assignments import acknowledge
from duban_client.api.tasks import get_task, list_tasks
from duban_client.client import AuthenticatedClient
from duban_client.models import Acknowledgement, Problem

client = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])
page = list_tasks.sync(client=client, view="unacknowledged")
task = get_task.sync(page.items[0].task_id, client=client)
(mine,) = [each for each in task.assignments if hasattr(each, "in_hand_since")]
granted = acknowledge.sync(
    mine.assignment_id, client=client, body=Acknowledgement(responsible_person="张某"), idempotency_key="python-1",
)
problem = get_task.sync("6d0b5bd4-64cb-4c5a-9d7c-3d2f9a6c1f11", client=client)
assert isinstance(problem, Problem)
print(json.dumps([granted.aggregate, granted.version, problem.status]))
"""
OPTIONS = {
    "strict": True,
    "target": "es2022",
    "module": "nodenext",
    "lib": ["es2022"],
    "types": [],
    "skipLibCheck": True,
}
TSC = {"compilerOptions": OPTIONS, "files": ["client.mts"]}


def token(client) -> str:
    return client.headers["Authorization"].removeprefix("Bearer ")


async def test_a_generated_python_client_acknowledges_and_understands_a_refusal(api, address, tasks_service, tmp_path):
    await asyncio.to_thread(clients.generated, CONTRACT, tmp_path)
    path = f"{tmp_path}:{clients.installed()}"
    words = ["-c", PYTHON, address, token(await api(GAOPING))]
    aggregate, version, status = json.loads(await asyncio.to_thread(clients.run, *words, path=path))
    assert (aggregate.partition("/")[0], version, status) == ("assignment", 2, 404)


@pytest.mark.full  # fetches a compiler of its own
async def test_a_typescript_program_against_the_generated_types_compiles_and_does_the_same(
    api, address, tasks_service, tmp_path
):
    program = await asyncio.to_thread(compiled, tmp_path)
    printed = await asyncio.to_thread(javascript.node, program, address, token(await api(YAODU)), cwd=tmp_path)
    aggregate, version, status = json.loads(printed)
    assert (aggregate.partition("/")[0], version, status) == ("assignment", 2, 404)


def compiled(folder: Path) -> Path:
    """The types made from the contract, and the program compiled against them."""
    modules = javascript.installed() / "node_modules"
    javascript.node(modules / "openapi-typescript/bin/cli.js", CONTRACT, "-o", folder / "contract.ts")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text(json.dumps(TSC))
    (folder / "client.mts").write_text((javascript.SOURCE / "client.mts").read_text())
    javascript.node(modules / "typescript/bin/tsc", "--project", folder)
    return folder / "client.mjs"


def test_the_contract_speaks_to_tools_in_ascii_and_to_people_in_two_languages():
    document = contract()
    assert document["info"]["title"].isascii()
    assert [server["url"] for server in document["servers"]] == ["/"]
    assert [tag["name"] for tag in document["tags"]] == list(TAGS)
    assert all(re.search("[\u4e00-\u9fff]", tag["description"]) for tag in document["tags"])


def test_every_operation_has_a_described_tag_a_name_and_the_security_of_the_contract():
    names = set(TAGS)
    described = operations(contract())
    assert [each["operationId"] for each in described if not set(each["tags"]) <= names] == []
    assert [each["operationId"] for each in described if not each.get("security")] == []
    assert len({each["operationId"] for each in described}) == len(described)


def test_a_problem_is_a_problem_in_the_contract_too():
    contents = [set(each["responses"]["4XX"]["content"]) for each in operations(contract())]
    assert all(content == {"application/problem+json"} for content in contents)
