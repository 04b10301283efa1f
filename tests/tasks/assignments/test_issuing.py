"""Which office issues, and to whom: what the register says it oversees (§1b)."""

from datetime import datetime

import pytest

from contracts.commands.task import RegisterTask, RequestedPart
from contracts.envelope import Actor, ActorRole
from contracts.refusals import Kind, Refused
from contracts.register import Unit
from contracts.terms import Board, Role
from services.tasks.assignments.domain.draft import Draft
from services.tasks.assignments.domain.registration import draft_of
from services.tasks.register.domain import Register
from tests.story.province import whole_register
from tests.tasks.assignments.builders import NOW, TIMETABLE

REGISTER = whole_register()
PROVINCE, CITY, COUNTY = "14.00.00.000", "14.10.00.000", "14.10.02.000"
TOWNSHIP = "14.10.02.001.gov"
OFFICE, POLICE = f"{PROVINCE}.bgt", f"{PROVINCE}.gat"


def request(unit: str, role: ActorRole, to: str = "", now: datetime = NOW, **more: object) -> Draft | Refused:
    """What becomes of a task that such a person registers for one unit."""
    command = RegisterTask(
        actor=Actor(person="某人", unit=unit, roles=(role,)),
        title="封闭沿线水井",
        board=Board.KEY_WORK,
        lead_official="分管副省长",
        target="封闭水井412眼",
        verification_form="销号台账",
        parts=[RequestedPart(unit=to or POLICE, role=Role.LEAD)],
        **more,
    )
    return draft_of(command, REGISTER, TIMETABLE, (), now)


@pytest.mark.parametrize(
    ("issuer", "unit", "allowed"),
    [
        (OFFICE, POLICE, True),
        (OFFICE, f"{PROVINCE}.fgw", True),
        (OFFICE, f"{CITY}.gov", True),
        (OFFICE, f"{COUNTY}.gat", True),
        (OFFICE, TOWNSHIP, True),
        (OFFICE, f"{PROVINCE}.zx01", True),
        (OFFICE, f"{PROVINCE}.gov", False),
        (f"{CITY}.bgt", f"{COUNTY}.gov", True),
        (f"{CITY}.bgt", f"{CITY}.gat", True),
        (f"{CITY}.bgt", f"{CITY}.gov", False),
        (f"{CITY}.bgt", POLICE, False),
        (f"{CITY}.bgt", f"{PROVINCE}.gov", False),
        (f"{CITY}.bgt", "14.01.00.000.gov", False),
        (f"{COUNTY}.bgt", TOWNSHIP, True),
        (f"{COUNTY}.bgt", f"{CITY}.gat", False),
        (POLICE, f"{CITY}.gat", True),
        (POLICE, f"{COUNTY}.gat", True),
        (POLICE, POLICE, False),
        (POLICE, f"{PROVINCE}.fgw", False),
        (POLICE, f"{PROVINCE}.gov", False),
        (POLICE, f"{CITY}.gov", False),
        (POLICE, f"{CITY}.fgw", False),
        (f"{CITY}.gat", POLICE, False),
        (f"{CITY}.gat", "14.01.05.000.gat", False),
        (f"{PROVINCE}.ggb", f"{PROVINCE}.zx01", True),
        (f"{PROVINCE}.gov", f"{CITY}.gov", False),
        (f"{PROVINCE}.zx01", POLICE, False),
    ],
)
def test_an_office_issues_in_its_region_and_a_department_in_its_own_line(issuer, unit, allowed):
    existing = REGISTER.units
    assert existing[issuer].may_issue_to(existing[unit], existing) == allowed
    supervisor = request(issuer, ActorRole.SUPERVISOR, unit)
    assert isinstance(supervisor, Draft) == allowed
    if not allowed:
        assert supervisor.kind is Kind.FORBIDDEN and supervisor.message


def test_a_department_issues_to_its_subordinate_units_at_any_depth():
    body = {"level": "province", "kind": "department", "supervises": "none"}
    bureau = Unit(address=f"{PROVINCE}.jgzd", name="交管总队", short="交管总队", parent=POLICE, **body)
    squad = Unit(address=f"{PROVINCE}.jgzd1", name="一支队", short="一支队", parent=bureau.address, **body)
    loop = Unit(address=f"{PROVINCE}.loop", name="环", short="环", parent=f"{PROVINCE}.loop", **body)
    register = Register.of([*REGISTER.units.values(), bureau, squad, loop])
    police, water = register.units[POLICE], register.units[f"{PROVINCE}.slt"]
    assert police.may_issue_to(bureau, register.units) and police.may_issue_to(squad, register.units)
    assert not water.may_issue_to(squad, register.units) and not police.may_issue_to(loop, register.units)


def test_a_leader_of_a_government_issues_as_its_office_and_the_task_says_so():
    for place in (PROVINCE, CITY, COUNTY):
        draft = request(f"{place}.gov", ActorRole.LEADER, f"{place}.gat")
        assert draft.issuer.address == f"{place}.bgt"
        assert (draft.source, draft.issuer.leadership) == ("领导交办", f"{place}.gov")
    assert request(f"{PROVINCE}.gov", ActorRole.LEADER, source="省长批示：抓紧办理").source == "省长批示：抓紧办理"


def test_a_leader_of_a_department_issues_as_the_department():
    assert request(POLICE, ActorRole.LEADER, f"{CITY}.gat").issuer.address == POLICE
    assert request(POLICE, ActorRole.LEADER, f"{PROVINCE}.fgw").code == "outside"


def test_a_leader_without_an_office_is_refused_with_the_reason():
    refused = request(TOWNSHIP, ActorRole.LEADER, TOWNSHIP)
    assert (refused.code, refused.kind) == ("office_missing", Kind.FORBIDDEN)
    assert "上级政府办公厅" in refused.message


@pytest.mark.parametrize("role", [ActorRole.INSPECTOR, ActorRole.SUPERVISOR])
@pytest.mark.parametrize("unit", [TOWNSHIP, "14.01.71.000.gov"])
def test_a_unit_that_oversees_nothing_issues_nothing(unit, role):
    assert request(unit, role, unit).code == "cannot_issue"


def test_a_group_is_referred_to_its_office():
    refused = request(f"{PROVINCE}.zx01", ActorRole.SUPERVISOR)
    assert refused.code == "cannot_issue" and "省委改革办" in refused.message


@pytest.mark.parametrize("role", [ActorRole.OPERATOR, ActorRole.UNIT_CLERK, ActorRole.UNIT_HEAD])
def test_neither_operators_nor_the_units_own_people_issue(role):
    assert request(OFFICE, role).code == "forbidden"


def test_the_system_issues_for_the_office_of_the_machine():
    for unit in (OFFICE, f"{PROVINCE}.gov"):
        assert request(unit, ActorRole.SYSTEM).issuer.address == OFFICE


def test_a_leader_belongs_to_the_government_not_to_the_office():
    assert request(OFFICE, ActorRole.LEADER).code == "cannot_issue"


def test_an_office_that_is_not_on_the_register_issues_nothing():
    assert request("14.99.00.000.bgt", ActorRole.SUPERVISOR).code == "issuer_unknown"
