"""What the portal decides by itself: who sees, what a filter means, how a clock reads, which steps are open."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import ActorRole
from contracts.terms import Board, Light
from contracts.workdays import Calendar, ClockKind
from services.portal.domain import filters, wall
from services.portal.task.actions import Act, acts
from services.portal.identity.attempts import Attempts
from services.portal.task.clocks import Clock, Standing, steps
from services.portal.ledger.filters import CursorInvalid, Filters, moment, opened, ordinal, sealed, span
from services.portal.identity.reader import Reader, around, can_see
from services.portal.task.registration_page import parts
from services.portal.uploads import plain

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday, 10:00 in Shanghai
CALENDAR = Calendar.of(())

addresses = st.from_regex(r"14\.(00\.00\.000|(0[1-9]|1[01])\.\d\d\.\d{3})\.[a-z]{2,4}", fullmatch=True)


def reader(unit: str, *roles: ActorRole) -> Reader:
    return Reader("甲", unit, "某单位", roles)


@given(addresses)
def test_a_unit_sees_what_is_addressed_to_it_and_to_everybody_around(unit):
    clerk = reader(unit, ActorRole.UNIT_CLERK)
    for place in (unit, unit[:2], unit[:8], "14.00.00.000.all", f"{unit[:5]}.00.000.all"):
        assert can_see(clerk, (place,)), place


@given(addresses, addresses)
def test_a_unit_sees_nothing_of_another(one, other):
    assert can_see(reader(one, ActorRole.UNIT_HEAD), (other,)) == (
        one == other or (other.endswith(".all") and other in around(one))
    )


@given(addresses)
def test_a_city_s_inspector_sees_the_city_and_no_other(unit):
    inspector = reader("14.05.00.000.bgt", ActorRole.INSPECTOR)
    assert can_see(inspector, (unit,)) == (unit.startswith("14.05.") or unit in around(inspector.unit))


def test_only_overseers_of_the_node_see_everything():
    assert reader("14.00.00.000.bgt", ActorRole.SUPERVISOR).sees_all
    assert not reader("14.00.00.000.bgt", ActorRole.UNIT_HEAD).sees_all
    assert not reader("14.05.00.000.bgt", ActorRole.SUPERVISOR).sees_all
    assert reader("14.05.00.000.bgt", ActorRole.SUPERVISOR).scope.regions == ("14.05",)


@given(
    st.dictionaries(
        st.sampled_from(["q", "board", "light", "state", "unit", "due", "view", "sort", "x"]), st.text(max_size=300)
    )
)
def test_no_address_can_make_a_filter_fail(given_):
    wish = filters.read(given_)
    assert wish.board in ("", *Board) and wish.light in ("", *Light) and wish.sort in filters.SORTS
    again = filters.read({key: values[0] for key, values in parse_qs(wish.query()).items()})
    assert again.board == wish.board and again.q.split() == wish.q.split()


@given(st.integers(0, 2**60), st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_cursor_opens_to_what_was_sealed(number, at, last):
    assert opened(sealed(number, at.isoformat(), last), ordinal, moment, UUID) == [number, at, last]


@given(st.text(max_size=60))
def test_no_text_can_be_more_than_an_invalid_cursor(text):
    with pytest.raises(CursorInvalid):
        opened(text, ordinal, moment, UUID)


def test_days_begin_and_end_in_shanghai():
    today = span("today", NOW)
    assert today.start.isoformat() == "2026-11-23T00:00:00+08:00" and today.end - today.start == timedelta(days=1)
    assert span("none", NOW).undated and span("", NOW) is None


def due(days: int) -> datetime:
    return NOW + timedelta(days=days, hours=8)


def test_a_clock_met_at_its_last_moment_is_met_in_time():
    clock = Clock(ClockKind.DEPLOY_1D, due(-3), due(-3))
    late = Clock(ClockKind.FEEDBACK_3D, due(-1), due(-1) + timedelta(microseconds=1))
    row = steps([clock, late], None, NOW, CALENDAR)
    assert [step.standing for step in row] == [Standing.MET, Standing.LATE, Standing.RUNNING]


def test_the_first_clock_that_is_not_over_runs_now_and_the_rest_lie_ahead():
    clocks = [
        Clock(ClockKind.DEPLOY_1D, due(-3)),
        Clock(ClockKind.RESOLVE_7D, due(7)),
        Clock(ClockKind.FEEDBACK_3D, due(2)),
    ]
    row = steps(clocks, None, NOW, CALENDAR)
    assert [(step.kind, step.standing) for step in row] == [
        (ClockKind.DEPLOY_1D, Standing.MISSED), (ClockKind.FEEDBACK_3D, Standing.RUNNING),
        (ClockKind.RESOLVE_7D, Standing.AHEAD), (ClockKind.ZERO, Standing.AHEAD),
    ]  # fmt: skip
    assert row[0].days == 1 and row[1].days == 2  # Friday to Monday is one working day


def test_zero_is_met_by_closure_alone():
    assert steps([], NOW, NOW, CALENDAR)[-1].standing is Standing.MET
    assert steps([], None, NOW, CALENDAR)[-1].standing is Standing.RUNNING


TASK = {"lead": "14.05.81.000.gov", "issuer": "14.00.00.000.bgt"}


def part(state: str, role: str = "lead", unit: str = TASK["lead"]) -> dict[str, str | None]:
    return {"state": state, "role": role, "unit": unit, "submitted_by": "乙", "verified_by": "丙", "stopped_at": None}


def test_each_step_is_offered_to_who_may_take_it():
    clerk, head = reader(TASK["lead"], ActorRole.UNIT_CLERK), reader(TASK["lead"], ActorRole.UNIT_HEAD)
    inspector, supervisor = reader(TASK["issuer"], ActorRole.INSPECTOR), reader(TASK["issuer"], ActorRole.SUPERVISOR)
    assert acts(clerk, TASK, part("issued")) == (Act.ACKNOWLEDGE,)
    assert acts(clerk, TASK, part("working")) == (Act.REPORT,)
    assert acts(head, TASK, part("working")) == (Act.REPORT, Act.COMPLETE)
    assert acts(inspector, TASK, part("submitted")) == (Act.VERIFY, Act.REWORK)
    assert acts(head, TASK, part("submitted", "responsible", "14.05.00.000.gov")) == (Act.VERIFY, Act.REWORK)
    assert acts(supervisor, TASK, part("verified")) == (Act.CLOSE, Act.REWORK)
    assert acts(inspector, TASK, part("verified")) == (Act.REWORK,)
    assert acts(reader("14.05.00.000.gov", ActorRole.UNIT_HEAD), TASK, part("working")) == ()
    assert acts(reader("14.05.00.000.bgt", ActorRole.SUPERVISOR), TASK, part("verified")) == ()


def test_nobody_is_offered_to_judge_their_own_work():
    submitter = Reader("乙", TASK["issuer"], "督查室", (ActorRole.SUPERVISOR, ActorRole.INSPECTOR))
    verifier = Reader("丙", TASK["issuer"], "督查室", (ActorRole.SUPERVISOR,))
    assert acts(submitter, TASK, part("submitted")) == ()
    assert Act.CLOSE not in acts(verifier, TASK, part("verified"))


def test_the_fifth_failure_shuts_and_a_quarter_of_an_hour_opens():
    attempts = Attempts()
    for _ in range(4):
        attempts = attempts.failed(NOW)
    assert not attempts.shut(NOW)
    attempts = attempts.failed(NOW)
    assert attempts.shut(NOW) and attempts.shut(NOW + timedelta(minutes=14, seconds=59))
    later = NOW + timedelta(minutes=15)
    assert not attempts.shut(later) and not attempts.failed(later).shut(later)


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_alarm_is_on_exactly_when_less_is_done_than_required(required, done):
    (bars,) = [each for each in wall.bars({"reform": {"total": 300, "required": required, "done": done}}) if each.total]
    assert (bars.behind > 0) == (required > done)


def test_the_headline_shares_are_the_sources_own():
    assert wall.percent(102, 256) == 39.8 and wall.percent(725, 1414) == 51.3 and wall.percent(0, 0) == 0


def test_a_place_shows_its_worst_light():
    counted = {"open": 3, "closed": 1, "overdue": 0, "stalled": 1, "lagging": 1, "normal": 1}
    (tile,) = wall.tiles([("14.05", "晋城市")], {"14.05": counted})
    assert tile.light is Light.STALLED
    assert wall.tiles([("14.06", "朔州市")], {})[0].light is Light.NONE


def test_a_board_shows_its_first_seven_and_its_last_two():
    board = {"standings": list(range(11))}
    assert wall.standings(board) == ([0, 1, 2, 3, 4, 5, 6], [9, 10])
    assert wall.standings({"standings": [1, 2]}) == ([1, 2], []) and wall.standings(None) == ([], [])


def test_units_are_read_from_a_form_however_they_are_separated():
    given_ = {"lead": "省财政厅", "responsible": "省水利厅、省教育厅，省民政厅\n省公安厅", "supporting": ""}
    assert [each["unit"] for each in parts(given_)] == ["省财政厅", "省水利厅", "省教育厅", "省民政厅", "省公安厅"]


@given(st.text(max_size=300))
def test_a_file_s_name_can_lead_nowhere(name):
    kept = plain(name)
    assert "/" not in kept and "\\" not in kept and '"' not in kept and "\r" not in kept and len(kept) <= 120


def test_filters_say_how_many_wishes_they_hold():
    assert Filters().wishes == 0 and Filters(board="reform", q="x", sort="due").wishes == 2
