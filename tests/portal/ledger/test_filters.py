"""What a filter means, read from the address bar; and cursors."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.terms import Board, Light
from services.portal.ledger import filters
from services.portal.ledger.filters import ALLOWED, Filters, span
from services.portal.task.registration_page import parts
from services.portal.web.cursors import CursorInvalid, moment, opened, ordinal, sealed
from services.portal.web.uploads import plain

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday, 10:00 in Shanghai


@given(st.dictionaries(st.sampled_from(["q", "unit", "x", *ALLOWED]), st.text(max_size=300)))
def test_no_address_can_make_a_filter_fail(query):
    view = filters.read(query)
    assert view.board in ("", *Board) and view.light in ("", *Light) and view.sort in tuple(filters.Sort)
    again = filters.read({key: values[0] for key, values in parse_qs(view.query()).items()})
    assert again.board == view.board and again.q.split() == view.q.split()


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


def test_a_view_counts_its_filters():
    assert Filters().count == 0 and Filters(board="reform", q="x", sort="due").count == 2


def test_units_are_read_from_a_form_however_they_are_separated():
    form = {"lead": "省财政厅", "responsible": "省水利厅、省教育厅，省民政厅\n省公安厅", "supporting": ""}
    assert [each["unit"] for each in parts(form)] == ["省财政厅", "省水利厅", "省教育厅", "省民政厅", "省公安厅"]


@given(st.text(max_size=300))
def test_a_file_s_name_can_lead_nowhere(name):
    kept = plain(name)
    assert "/" not in kept and "\\" not in kept and '"' not in kept and "\r" not in kept and len(kept) <= 120
