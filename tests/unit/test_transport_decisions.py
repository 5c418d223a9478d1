"""When a request is repeated, how long is waited and when to stop: decisions as tables, without a second of sleep."""

from datetime import UTC, datetime

import httpx
import pytest

from services.transport import (
    Broken,
    Failure,
    Patience,
    failure_of_error,
    failure_of_status,
    is_over,
    may_repeat,
    seconds_asked,
    wait_before,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 13:00:30 +0100", 30.0),
        ("Monday, 23-Nov-26 12:00:30 GMT", 30.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("9" * 400, 365 * 86400.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 365 * 86400.0),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_nothing_else(header: str | None, seconds: float | None) -> None:
    """Whatever a server writes into Retry-After becomes a bounded wait or is ignored, never a crash."""
    assert seconds_asked(header, now=NOW) == seconds


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_retryable_statuses_say_whether_something_may_have_happened(status: int) -> None:
    """Only from 500 on may a refused request have had its effect."""
    failure = failure_of_status(status, retry_after="9", now=NOW)
    assert failure is not None
    assert (failure.maybe_done, failure.asked) == (status >= 500, 9.0)


@pytest.mark.parametrize("status", [200, 201, 204, 400, 401, 403, 404, 409, 410, 422, 501, 505])
def test_other_statuses_are_final(status: int) -> None:
    """A refusal or a success is an answer and is not asked for again."""
    assert failure_of_status(status, retry_after="9", now=NOW) is None


@pytest.mark.parametrize(
    ("error", "maybe_done"),
    [
        (httpx.ConnectError, False),
        (httpx.ConnectTimeout, False),
        (httpx.PoolTimeout, False),
        (httpx.ReadTimeout, True),
        (httpx.WriteTimeout, True),
        (httpx.ReadError, True),
        (httpx.WriteError, True),
        (httpx.CloseError, True),
        (httpx.RemoteProtocolError, True),
        (httpx.ProxyError, True),
    ],
)
def test_transport_errors_are_not_sent_or_maybe_done(
    error: type[httpx.TransportError], maybe_done: bool
) -> None:
    """Three errors mean that nothing was sent; every other one must be taken for a possible effect."""
    failure = failure_of_error(error("https://x.test/?email=ada@example.com"))
    assert isinstance(failure, Failure)
    assert failure.maybe_done is maybe_done
    assert "ada" not in failure.reason


@pytest.mark.parametrize("error", [httpx.UnsupportedProtocol, httpx.LocalProtocolError])
def test_a_request_that_can_never_be_sent_is_not_repeated(error: type[httpx.TransportError]) -> None:
    """A wrong scheme or header is for a person, not for a later try."""
    assert isinstance(failure_of_error(error("ada@example.com")), Broken)


@pytest.mark.parametrize(
    ("method", "repeatable", "maybe_done", "may"),
    [
        ("GET", False, True, True),
        ("DELETE", False, True, True),
        ("put", False, True, True),
        ("POST", False, False, True),
        ("POST", False, True, False),
        ("PATCH", False, True, False),
        ("POST", True, True, True),
    ],
)
def test_only_what_cannot_happen_twice_is_repeated(
    method: str, repeatable: bool, maybe_done: bool, may: bool
) -> None:
    """A POST that may have acted is repeated only when it is declared repeatable (design rule 6)."""
    assert may_repeat(method=method, repeatable=repeatable, maybe_done=maybe_done) is may


def test_waits_grow_to_a_limit_and_are_never_shorter_than_asked() -> None:
    """The server's wish is the least; without one the waits double up to the longest."""
    patience = Patience(first_wait=0.5, longest_wait=2)
    own = Failure(reason="", maybe_done=False)
    assert [wait_before(own, attempt=n, patience=patience) for n in (1, 2, 3, 4, 9)] == [0.5, 1, 2, 2, 2]
    asked = Failure(reason="", maybe_done=False, asked=7)
    assert wait_before(asked, attempt=1, patience=patience) == 7
    assert wait_before(Failure(reason="", maybe_done=False, asked=0), attempt=1, patience=patience) == 0.5


@pytest.mark.parametrize(
    ("attempt", "spent", "wait", "over"),
    [(1, 0, 1, False), (3, 0, 1, True), (1, 9, 1, False), (1, 9.5, 1, True), (1, 0, 600, True)],
)
def test_a_wait_beyond_the_budget_is_not_slept(attempt: int, spent: float, wait: float, over: bool) -> None:
    """Long waits are handed back to be persisted; the process never sleeps through them."""
    assert is_over(attempt=attempt, spent=spent, wait=wait, patience=Patience(attempts=3, budget=10)) is over
