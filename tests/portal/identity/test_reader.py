"""Who sees a record: exactly those for whom it is meant."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import ActorRole
from services.portal.identity.attempts import Attempts
from tests.portal.conftest import CITY, INSPECTOR, LEADER, reader
from tests.story.province import GAOPING, GOVERNMENT, LINFEN, LINFEN_OFFICE, OFFICE, YAODU

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
addresses = st.from_regex(r"14\.(00\.00\.000|(0[1-9]|1[01])\.[0-9]{2}\.[0-9]{3})\.[a-z]{2,4}", fullmatch=True)


@given(addresses)
def test_a_unit_sees_what_is_meant_for_it_and_for_everybody_around(unit):
    clerk = reader(unit, ActorRole.UNIT_CLERK)
    for place in (unit, "14.00.00.000.all", f"{unit[:5]}.00.000.all"):
        assert clerk.sees((place,)), place


@given(addresses, addresses)
def test_no_role_sees_what_is_meant_for_another_unit_alone(one, other):
    for role in (ActorRole.UNIT_HEAD, ActorRole.INSPECTOR, ActorRole.SUPERVISOR):
        assert reader(one, role).sees((other,)) == (one == other)


def test_an_address_is_no_prefix_of_those_below():
    assert not reader(OFFICE, ActorRole.SUPERVISOR).sees((LINFEN_OFFICE,))
    assert not CITY.sees((YAODU,)) and not reader(LINFEN, ActorRole.UNIT_HEAD).sees(("14.10.02.000.all",))


def test_a_leader_sees_with_the_eyes_of_the_offices_that_act_for_him_and_his_staff_does_not():
    assert LEADER.sees((OFFICE,)) and LEADER.sees((GOVERNMENT,)) and LEADER.issuers == {OFFICE, GOVERNMENT}
    assert not reader(GOVERNMENT, ActorRole.UNIT_HEAD, led=(OFFICE,)).sees((OFFICE,))
    assert not INSPECTOR.sees((GOVERNMENT,))


def test_an_operator_sees_nothing_at_all():
    operator = reader(OFFICE, ActorRole.OPERATOR, led=(OFFICE,))
    assert not operator.places and not operator.sees((OFFICE,)) and not operator.sees(("14.00.00.000.all",))


def test_the_question_to_search_carries_the_places_and_nothing_of_the_person():
    assert set(reader(GAOPING).eyes.model_dump()) == {"places"}


def test_the_fifth_failure_locks_and_a_quarter_of_an_hour_opens():
    attempts = Attempts()
    for _ in range(4):
        attempts = attempts.failed(NOW)
    assert not attempts.locked(NOW)
    attempts = attempts.failed(NOW)
    assert attempts.locked(NOW) and attempts.locked(NOW + timedelta(minutes=14, seconds=59))
    later = NOW + timedelta(minutes=15)
    assert not attempts.locked(later) and not attempts.failed(later).locked(later)
