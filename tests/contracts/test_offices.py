"""Who oversees what, who may grant it, who may see it, who may issue to whom (§1b): each as one table."""

import pytest

from contracts.envelope import Actor, ActorRole
from contracts.offices import OVERSEEING, Issued, Reader, Supervises, grantable, oversees
from contracts.region import Level
from contracts.register import Unit
from contracts.units import UnitKind
from tests.story.province import (
    EDUCATION,
    GOVERNMENT,
    LINFEN,
    LINFEN_EDUCATION,
    LINFEN_OFFICE,
    OFFICE,
    POLICE,
    QUWO,
    REFORM,
    XIAODIAN,
    YAODU,
    YAODU_OFFICE,
    YAODU_REFORM,
    register,
)

CLERK, HEAD, INSPECTOR = ActorRole.UNIT_CLERK, ActorRole.UNIT_HEAD, ActorRole.INSPECTOR
SUPERVISOR, LEADER, OPERATOR, SYSTEM = ActorRole.SUPERVISOR, ActorRole.LEADER, ActorRole.OPERATOR, ActorRole.SYSTEM
BY_OFFICE = Issued(issuer=OFFICE, issuer_name="省政府办公厅", leadership=GOVERNMENT)
BY_DEPARTMENT = Issued(issuer=EDUCATION, issuer_name="省教育厅", leadership=EDUCATION)


@pytest.mark.parametrize(
    ("unit", "role", "issued", "asked", "allowed"),
    [
        (OFFICE, INSPECTOR, BY_OFFICE, (INSPECTOR, SUPERVISOR), True),
        (OFFICE, SUPERVISOR, BY_OFFICE, (SUPERVISOR, LEADER), True),
        (GOVERNMENT, LEADER, BY_OFFICE, (SUPERVISOR, LEADER), True),
        (GOVERNMENT, LEADER, BY_OFFICE, (LEADER,), True),
        (EDUCATION, SUPERVISOR, BY_DEPARTMENT, (SUPERVISOR,), True),
        (EDUCATION, LEADER, BY_DEPARTMENT, (LEADER,), True),
        # the right unit in another role than asked for
        (OFFICE, INSPECTOR, BY_OFFICE, (SUPERVISOR, LEADER), False),
        (OFFICE, CLERK, BY_OFFICE, (INSPECTOR, SUPERVISOR, LEADER), False),
        (OFFICE, OPERATOR, BY_OFFICE, (INSPECTOR, SUPERVISOR, LEADER), False),
        (GOVERNMENT, LEADER, BY_OFFICE, (SUPERVISOR,), False),
        (OFFICE, SUPERVISOR, BY_OFFICE, (), False),
        # a leader belongs to the leadership, staff to the issuer; neither may be swapped
        (OFFICE, LEADER, BY_OFFICE, (LEADER,), False),
        (GOVERNMENT, SUPERVISOR, BY_OFFICE, (SUPERVISOR, LEADER), False),
        # the right role in another unit: a department's leader, an office above, below or beside
        (EDUCATION, LEADER, BY_OFFICE, (LEADER,), False),
        (LINFEN_OFFICE, SUPERVISOR, BY_OFFICE, (SUPERVISOR,), False),
        (LINFEN, LEADER, BY_OFFICE, (LEADER,), False),
        (OFFICE, SUPERVISOR, BY_DEPARTMENT, (SUPERVISOR,), False),
        (GOVERNMENT, LEADER, BY_DEPARTMENT, (LEADER,), False),
        (LINFEN_EDUCATION, SUPERVISOR, BY_DEPARTMENT, (SUPERVISOR,), False),
    ],
)
def test_oversight_belongs_to_the_issuer_s_staff_and_its_leadership_s_leaders(unit, role, issued, asked, allowed):
    assert oversees(Actor(person="张某", unit=unit, roles=(role,)), issued, *asked) is allowed


def test_one_of_several_roles_is_enough():
    assert oversees(Actor(person="张某", unit=OFFICE, roles=(CLERK, SUPERVISOR)), BY_OFFICE, SUPERVISOR)


@pytest.mark.parametrize(
    ("supervises", "government", "roles"),
    [
        (Supervises.NONE, False, {CLERK, HEAD}),
        (Supervises.NONE, True, {CLERK, HEAD, LEADER}),
        (Supervises.GROUP, False, {CLERK, HEAD, INSPECTOR, SUPERVISOR}),
        (Supervises.LINE, False, {CLERK, HEAD, INSPECTOR, SUPERVISOR, LEADER}),
        (Supervises.REGION, False, {CLERK, HEAD, INSPECTOR, SUPERVISOR, OPERATOR}),
    ],
)
def test_a_unit_grants_the_roles_that_its_kind_can_fill(supervises, government, roles):
    assert grantable(supervises, government) == roles


def test_whoever_oversees_nothing_grants_no_overseeing_role_and_nobody_grants_the_system_s():
    assert not grantable(Supervises.NONE) & OVERSEEING
    assert all(SYSTEM not in grantable(kind, government) for kind in Supervises for government in (False, True))


ALL, ALL_OF_LINFEN = "14.00.00.000.all", "14.10.00.000.all"


@pytest.mark.parametrize(
    ("places", "audience", "seen"),
    [
        ({YAODU}, (OFFICE, YAODU), True),
        ({YAODU, ALL_OF_LINFEN, ALL}, (ALL,), True),
        ({YAODU}, (OFFICE, QUWO), False),
        ({OFFICE}, (YAODU,), False),
        ({"14.10.02"}, (YAODU,), False),
        ({ALL}, (YAODU,), False),
        ({YAODU}, (ALL,), False),
        ({YAODU_REFORM}, (YAODU,), False),
        ({YAODU}, (), False),
        (set(), (YAODU, ALL), False),
        (set(), (), False),
    ],
)
def test_a_reader_sees_what_names_one_of_the_reader_s_places_exactly(places, audience, seen):
    assert Reader(places=frozenset(places)).sees(audience) is seen


TOWNSHIP, SCHOOL, TOWNSHIP_SCHOOL = "14.10.02.001.gov", "14.00.00.000.sxdx", "14.10.02.001.jyt"
PROVINCIAL_GROUP = "14.00.00.000.zx01"


def unit(address: str) -> Unit:
    """A unit of the register, or one of those that the register of the tests does not hold."""
    fields = {"address": address, "name": address, "short": address, "level": Level.TOWNSHIP}
    extra = {
        TOWNSHIP: {"kind": UnitKind.TOWNSHIP, "parent": YAODU},
        TOWNSHIP_SCHOOL: {"kind": UnitKind.DEPARTMENT, "parent": TOWNSHIP},
        SCHOOL: {"kind": UnitKind.DEPARTMENT, "parent": EDUCATION, "level": Level.PROVINCE},
    }
    return Unit(**fields | extra[address]) if address in extra else register().units[address]


@pytest.mark.parametrize(
    ("issuer", "receiver", "allowed"),
    [
        # an office: all of its region but the government of its own tier, and nothing outside or above
        (OFFICE, POLICE, True),
        (OFFICE, LINFEN, True),
        (OFFICE, YAODU_REFORM, True),
        (OFFICE, TOWNSHIP, True),
        (OFFICE, LINFEN_OFFICE, True),
        (OFFICE, GOVERNMENT, False),
        (LINFEN_OFFICE, YAODU, True),
        (LINFEN_OFFICE, LINFEN_EDUCATION, True),
        (LINFEN_OFFICE, TOWNSHIP, True),
        (LINFEN_OFFICE, LINFEN, False),
        (LINFEN_OFFICE, GOVERNMENT, False),
        (LINFEN_OFFICE, POLICE, False),
        (LINFEN_OFFICE, XIAODIAN, False),
        (YAODU_OFFICE, YAODU_REFORM, True),
        (YAODU_OFFICE, YAODU, False),
        (YAODU_OFFICE, QUWO, False),
        (YAODU_OFFICE, LINFEN_EDUCATION, False),
        # a department: its own line below, and what belongs to it
        (EDUCATION, LINFEN_EDUCATION, True),
        (EDUCATION, TOWNSHIP_SCHOOL, True),
        (EDUCATION, SCHOOL, True),
        (REFORM, YAODU_REFORM, True),
        (EDUCATION, EDUCATION, False),
        (EDUCATION, POLICE, False),
        (EDUCATION, YAODU, False),
        (EDUCATION, YAODU_REFORM, False),
        (EDUCATION, GOVERNMENT, False),
        (LINFEN_EDUCATION, EDUCATION, False),
        (POLICE, SCHOOL, False),
        # a group issues through its office; a government, a township and a body issue nothing
        (PROVINCIAL_GROUP, POLICE, False),
        (GOVERNMENT, LINFEN, False),
        (YAODU, TOWNSHIP, False),
        (TOWNSHIP, TOWNSHIP_SCHOOL, False),
        (SCHOOL, POLICE, False),
    ],
)
def test_a_unit_issues_to_those_that_its_kind_oversees(issuer: str, receiver: str, allowed: bool):
    assert unit(issuer).may_issue_to(unit(receiver), register().units) is allowed


@pytest.mark.parametrize(
    ("address", "leadership"),
    [
        (OFFICE, GOVERNMENT),
        (LINFEN_OFFICE, LINFEN),
        (YAODU_OFFICE, YAODU),
        (EDUCATION, EDUCATION),
        (GOVERNMENT, GOVERNMENT),
        (TOWNSHIP, TOWNSHIP),
    ],
)
def test_the_leaders_of_an_office_sit_in_its_government_those_of_any_other_unit_in_itself(address, leadership):
    assert unit(address).leadership == leadership
