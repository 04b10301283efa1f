"""No version of the contracts takes back what an earlier one promised."""

import json
from copy import deepcopy

import pytest

from contracts.catalogue import DURABLE, event_classes
from tests.contracts import released

VERSIONS = sorted(released.HERE.glob("*.json"))
NOW = released.promise()
REPORT, REPORTED = "tasks.report", "assignment.reported"


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_what_a_version_promised_is_kept(path):
    assert released.broken(json.loads(path.read_text()), NOW) == []


def test_the_version_in_work_has_written_down_all_that_it_promises():
    written = json.loads((released.HERE / f"{released.VERSION}.json").read_text())
    assert written == NOW, "run: python -m tests.contracts.released"
    assert written["events"].keys() >= event_classes().keys()
    assert written["commands"].keys() >= {command.type for command in DURABLE}


def broken_by(side: str, model: str, **fields: str | None) -> list[str]:
    """What is said of the present contracts with other fields; None: without it."""
    changed = deepcopy(NOW)
    fields_now = changed[side][model]
    changed[side][model] = {name: kind for name, kind in (fields_now | fields).items() if kind is not None}
    return released.broken(NOW, changed)


def test_a_field_removed_or_renamed_is_a_break():
    breaks = broken_by("events", REPORTED, text=None, words="string")
    assert breaks == [f"events {REPORTED}.text: string → gone"]


def test_a_field_of_another_type_is_a_break():
    breaks = broken_by("events", "Assignment", extensions="string")
    assert breaks == ["events Assignment.extensions: integer → string"]


def test_a_value_of_a_closed_set_that_is_gone_is_a_break():
    assert broken_by("events", "Board", reform=None) == ["events Board.reform: value → gone"]


def test_a_command_that_asks_for_more_is_a_break_and_one_that_asks_for_less_is_none():
    assert broken_by("commands", REPORT, reason="string!") == [f"commands {REPORT}.reason: unknown → string!"]
    assert broken_by("commands", REPORT, kind="ReportKind!")
    assert broken_by("commands", REPORT, reason="string", text="string") == []


def test_an_event_that_says_less_is_a_break_and_one_that_says_more_is_none():
    assert broken_by("events", REPORTED, report_id="string")
    assert broken_by("events", REPORTED, weather="string!") == []
