"""Where a node may stand, what it hears, and the life of its credentials: pure values."""

import pytest

from services.nodes.domain.node import Enrolment, NodeInvalid, State, filters, parse, reader

NOW, DAY = 1_800_000_000, 86_400


@pytest.mark.parametrize(
    ("address", "node"),
    [("14.10.02", "14.10.02"), ("14.10.02.000", "14.10.02"), ("14.10.00", "14.10.00"), ("14.10", "14.10.00")],
)
def test_a_county_and_a_city_have_an_address(address, node):
    assert parse(address) == node


@pytest.mark.parametrize(
    "address",
    [
        *("", "14", "14.00", "14.00.00", "00.10.02", "14.00.02", "14.10.02.001", "14.10.02.000.gov", "14.10.2"),
        *("14.10.02.>", "14.*.02", "14.10.02\n", " 14.10.02", "１４.10.02", "14.10.０2", "14..02", "14.10.02/.."),
        *("../14", "14.10.02.000\n", "14-10-02"),
    ],
)
def test_anything_else_is_refused_in_words(address):
    with pytest.raises(NodeInvalid, match=r"例如 14\.10\.02"):
        parse(address)


def test_a_county_hears_its_own_and_what_is_for_everyone_above_it():
    assert filters("14.10.02") == [
        "duban.evt.v1.*.*.14.10.02.>",
        "duban.evt.v1.*.*.14.10.00.000.all",
        "duban.evt.v1.*.*.14.00.00.000.all",
    ]


def test_a_city_hears_what_is_for_everyone_in_it_once():
    assert filters("14.10.00") == ["duban.evt.v1.*.*.14.10.00.>", "duban.evt.v1.*.*.14.00.00.000.all"]


def test_a_reader_hands_out_one_event_at_a_time_and_again_after_five_seconds():
    made = reader("14.10.02")
    assert (made["durable_name"], made["max_ack_pending"], made["ack_wait"]) == ("node-14-10-02", 1, 5_000_000_000)


def test_credentials_end_by_themselves():
    enrolment = Enrolment(node="14.10.02").issue("U1", NOW, days=10)
    assert [each.user for each in enrolment.valid(NOW + 10 * DAY - 1)] == ["U1"]
    assert (enrolment.valid(NOW + 10 * DAY), enrolment.state(NOW + 10 * DAY)) == ((), State.EXPIRED)


def test_the_credentials_before_the_newest_work_on_and_older_ones_do_not():
    enrolment = Enrolment(node="14.10.02")
    for n in range(4):
        enrolment = enrolment.issue(f"U{n}", NOW + n, days=10)
    assert [each.user for each in enrolment.valid(NOW + 4)] == ["U2", "U3"]


def test_credentials_that_replace_the_old_ones_at_once_work_alone():
    enrolment = Enrolment(node="14.10.02").issue("U1", NOW, days=10).issue("U2", NOW, days=10, keep=1)
    assert [each.user for each in enrolment.valid(NOW)] == ["U2"]


def test_a_revocation_holds_for_ever_and_what_is_issued_in_the_same_second_works():
    revoked = Enrolment(node="14.10.02").issue("U1", NOW, days=10).revoke(NOW)
    again = revoked.issue("U2", NOW, days=10)
    assert revoked.state(NOW) is State.REVOKED and revoked.valid(NOW) == ()
    assert [each.user for each in again.valid(NOW)] == ["U2"] and again.revocations["*"] == NOW


def test_a_clock_that_went_back_revokes_all_the_same():
    assert Enrolment(node="14.10.02").issue("U1", NOW, days=10).revoke(NOW - 60).state(NOW) is State.REVOKED
