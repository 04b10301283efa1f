"""Every problem that REST answers stands in the documentation, with its kind, its status and who decides it."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from contracts.refusals import Kind, Refused
from services.chassis import refusals as chassis
from services.portal.web.problems import STATUSES

DOCS = Path(__file__).parents[3] / "docs"
SERVICES = ("tasks", "notices", "ranking", "search", "portal")
OF_HTTP = {
    "unauthorized": 401,
    "cursor": 400,
    "unknown_parameter": 400,
    "method_not_allowed": 405,
    "too_many_requests": 429,
    "http": 400,
}
"""Where HTTP has a word of its own."""


def problems() -> set[tuple[str, str, str, str]]:
    """(code, kind, status, who decides it), as a row of the table has them."""
    rows = {(code, code.kind, name) for name in SERVICES for code in import_module(f"services.{name}.refusals").Code}
    own = {each.code: each.kind for each in vars(chassis).values() if isinstance(each, Refused)}
    rows |= {(code, own.get(code, Kind.INVALID), "every service") for code in chassis.Code}
    return {(str(code), str(kind), str(OF_HTTP.get(code, STATUSES[kind])), who) for code, kind, who in rows}


@pytest.mark.parametrize("name", ["problems.md", "problems.zh-CN.md"])
def test_the_documentation_lists_every_problem_there_is(name):
    text = (DOCS / name).read_text()
    rows = re.findall(r"^\| `([a-z0-9_]+)` \| ([a-z_]+) \| (\d+) \| ([a-z ]+) \|$", text, re.M)
    assert set(rows) == problems() and len(rows) == len(set(rows)), "\n" + table()
    assert rows == sorted(rows)
    assert set(re.findall(r"^\| ([a-z_]+) \| \d+ \|", text, re.M)) == set(Kind)


def table() -> str:
    """The rows as they should stand."""
    return "\n".join(f"| `{code}` | {kind} | {status} | {who} |" for code, kind, status, who in sorted(problems()))
