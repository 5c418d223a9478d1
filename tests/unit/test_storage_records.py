"""Records as JSON and back: exact, and silent about values when they do not fit."""

import json
from collections import namedtuple
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.record import Case, CaseFile
from services.storage.records import RecordUnreadableError, case_columns, case_of, file_bytes, file_of

WORDS = st.text(st.characters(codec=None), max_size=20)
MOMENTS = st.datetimes(
    min_value=datetime(2000, 1, 2),  # hypothesis wants naive bounds
    max_value=datetime(2100, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(-timedelta(hours=3, minutes=30))]),
)
st.register_type_strategy(datetime, MOMENTS)
st.register_type_strategy(str, WORDS)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


def through_a_row(case: Case) -> Case:
    columns = case_columns(case)
    columns["body"] = json.loads(json.dumps(columns["body"]))
    row = namedtuple("row", columns)  # noqa: PYI024  # stands for a row of the driver's, which has no type either
    return case_of(row(**columns))


@settings(deadline=None)
@given(st.from_type(Case))
def test_a_case_comes_back_exactly(case: Case) -> None:
    """Every possible case survives: enums, tuples, sets, moments in any zone, and any text."""
    again = through_a_row(case)
    assert again == case
    for field in fields(Case):
        assert type(getattr(again, field.name)) is type(getattr(case, field.name)), field.name


@settings(deadline=None)
@given(st.from_type(CaseFile))
def test_a_file_comes_back_exactly(file: CaseFile) -> None:
    """Every possible file survives, and is plain ASCII before it is sealed."""
    assert file_bytes(file).isascii()
    assert file_of(file_bytes(file)) == file


@settings(deadline=None, max_examples=5)
@given(st.from_type(Case))
def test_naive_moments_are_refused(case: Case) -> None:
    """A moment without a zone is a bug and never reaches the database."""
    with pytest.raises(ValueError, match="without a time zone"):
        case_columns(replace(case, paused_at=datetime(2026, 1, 1)))  # the very bug


def test_an_unreadable_file_shows_no_value() -> None:
    """A record of another version is refused with the names of its fields; what stood in them is not repeated."""
    wrong: dict[str, Any] = {"text": ["maya@example.com"], "replies": [{"at": "maya@example.com"}]}
    with pytest.raises(RecordUnreadableError, match=r"text \(string_type\)") as caught:
        file_of(json.dumps(wrong).encode())
    assert "maya" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_records_of_an_older_version() -> None:
    """A field that did not exist yet takes its default; one that no longer exists is ignored."""
    assert file_of(b'{"text": "hello", "no_longer": 1}') == CaseFile(text="hello")
