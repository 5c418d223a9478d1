"""The one way out over HTTP: the client factory, when a request is repeated, and `send`, whose answers are values."""

import email.utils
import json
import logging
import ssl
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import tenacity

from services.ports import Clock

RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_TALKATIVE = ("httpx", "httpcore", "httpx2", "httpcore2", "openai", "uvicorn.access")
YEAR = 365 * 86400.0
_NOWHERE, _NOTHING = logging.NullHandler(), logging.Filter("no logger has this name")


def silence_library_loggers() -> None:
    """Stop the loggers of libraries, which print URLs with e-mail addresses, at every level. Idempotent.

    Call it again after importing `openai` and configuring uvicorn: both set levels and handlers of their own.
    """
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False
        logger.addFilter(_NOTHING)
        logger.addHandler(_NOWHERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call. `path` is relative to the client's base URL; `json` or `form` (encoded) is the body, if any.

    `repeatable` declares a POST or PATCH idempotent (it carries a key, or doing it twice is doing it once).
    """

    method: str
    path: str
    params: Mapping[str, str | int] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    repeatable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A final answer with a status that is neither retryable nor a redirect; it may well be a refusal.

    `maybe_done`: an earlier attempt may have had its effect, a 404 to a DELETE is no surprise. No repr shows the body.
    """

    status: int
    content: bytes = field(default=b"", repr=False)
    maybe_done: bool = False

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return the decoded body, or None when it is empty or not JSON (an HTML page, say)."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):  # nested without end is no answer of theirs either
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryLater:
    """No answer within the patience: come back at `at` (aware, UTC), which the server `asked` for or which we chose."""

    at: datetime
    reason: str
    maybe_done: bool = False
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Repeating will not help, or must not be done: `reason` ends a sentence about the system."""

    reason: str
    maybe_done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One attempt that may be worth repeating. `asked` are the seconds that the server wants to be left alone."""

    reason: str
    maybe_done: bool
    asked: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to try on the spot: attempts, and seconds from the first to the last; longer waits are handed back.

    `later` are the seconds after which to come back when the server named none.
    """

    attempts: int = 4
    budget: float = 15.0
    first_wait: float = 0.25
    longest_wait: float = 4.0
    later: float = 60.0


def seconds_asked(retry_after: str | None, *, now: datetime) -> float | None:
    """Return the wait that a Retry-After header asks for (seconds or an HTTP date), or None for anything else."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), YEAR)
    try:
        date = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds()), YEAR)


def failure_of_status(status: int, *, retry_after: str | None, now: datetime) -> Failure | None:
    """Return the failure that a status means, or None when the answer is final.

    Below 500 the server turned the request away before doing anything; from 500 on it may have done it.
    """
    if status not in RETRYABLE:
        return None
    said = "is limiting the rate of requests" if status == 429 else f"answered HTTP {status}"
    return Failure(reason=said, maybe_done=status >= 500, asked=seconds_asked(retry_after, now=now))


def failure_of_error(error: httpx.TransportError | UnicodeError) -> Failure | Broken:
    """Return what a transport error means: not sent, or maybe done. Never quotes the error's text."""
    if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError | UnicodeError):
        return Broken(reason="cannot be asked like this: the address or a header is invalid")
    if isinstance(error, httpx.ConnectError) and _is_certificate_error(error):
        return Broken(reason="shows a certificate that is not trusted")
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return Failure(reason="cannot be reached", maybe_done=False)
    slow = isinstance(error, httpx.TimeoutException)
    return Failure(reason="did not answer in time" if slow else "broke the connection off", maybe_done=True)


def may_repeat(*, method: str, repeatable: bool, maybe_done: bool) -> bool:
    """Whether doing it again cannot do it twice: idempotent by method or declaration, or surely not done yet."""
    return repeatable or not maybe_done or method.upper() in IDEMPOTENT


def wait_before(failure: Failure, *, attempt: int, patience: Patience) -> float:
    """Return the seconds to wait after the given attempt (1 is the first): growing, and never less than asked."""
    return max(min(patience.longest_wait, patience.first_wait * 2.0 ** (attempt - 1)), failure.asked or 0.0)


def is_over(*, attempt: int, spent: float, wait: float, patience: Patience) -> bool:
    """Whether to stop trying on the spot instead of waiting so long once more."""
    return attempt >= patience.attempts or spent + wait > patience.budget


def client(
    base_url: str,
    *,
    headers: Mapping[str, str],
    allowed_hosts: Collection[str],
    timeout: float = 10.0,
    allow_http: bool = False,
) -> httpx.Client:
    """Return a client for one system: certificates verified, no redirects, no retries of its own, explicit timeouts.

    Requests go to `allowed_hosts` only; plain HTTP only with `allow_http` and only to this machine. The environment
    (proxies, netrc) is ignored. Raises ValueError (naming the host, never the URL).
    """
    silence_library_loggers()

    def check(request: httpx.Request) -> None:
        if request.url.host not in allowed_hosts:
            raise _ForbiddenError
        if request.url.scheme != "https" and not (allow_http and request.url.host in LOOPBACK):
            raise _ForbiddenError

    try:
        check(httpx.Request("GET", base_url))
    except (_ForbiddenError, httpx.InvalidURL):
        host = base_url.partition("//")[2].partition("/")[0].rpartition("@")[2]
        cure = "must be https:// and an allowed host (http:// only for this machine, where it is switched on)"
        raise ValueError(f"{host or 'the base URL'}: {cure}") from None
    return httpx.Client(
        base_url=base_url,
        headers=dict(headers),
        timeout=httpx.Timeout(timeout, connect=min(timeout, 5.0)),
        follow_redirects=False,
        trust_env=False,
        transport=httpx.HTTPTransport(verify=True, retries=0, trust_env=False),
        event_hooks={"request": [check]},
    )


def send(
    client: httpx.Client,
    request: Request,
    *,
    clock: Clock,
    patience: Patience | None = None,
    turn: Callable[[], AbstractContextManager[object]] = nullcontext,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Response | RetryLater | Broken:
    """Send it, with short waits and repetitions in place. Raises nothing that can be anticipated.

    Every attempt waits for its `turn` and ends it with the answer (a rate limit, `services.pace`). A request that may have been done is repeated only if that
    cannot do it twice; otherwise it ends as `Broken(maybe_done=True)`.
    """
    patience = patience or Patience()
    start, done_before = monotonic(), False

    def attempt() -> Response | Failure | Broken:
        nonlocal done_before
        with turn():
            result = _once(client, request, clock=clock, maybe_done=done_before)
        if isinstance(result, Failure) and result.maybe_done:
            done_before = True
            if not may_repeat(method=request.method, repeatable=request.repeatable, maybe_done=True):
                return Broken(reason=f"{result.reason}, and may have acted or not", maybe_done=True)
        return result

    def stop(state: tenacity.RetryCallState) -> bool:
        wait, spent = state.upcoming_sleep, monotonic() - start
        return is_over(attempt=state.attempt_number, spent=spent, wait=wait, patience=patience)

    def give_back(state: tenacity.RetryCallState) -> RetryLater:
        failure = _failure(state)
        pause = patience.later if failure.asked is None else max(failure.asked, patience.first_wait)
        at = clock.now() + timedelta(seconds=pause)
        asked = failure.asked is not None
        return RetryLater(at=at, reason=failure.reason, maybe_done=done_before, asked=asked)

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda result: isinstance(result, Failure)),
        wait=lambda state: wait_before(_failure(state), attempt=state.attempt_number, patience=patience),
        stop=stop,
        sleep=sleep,
        retry_error_callback=give_back,
    )
    result = retrying(attempt)
    assert not isinstance(result, Failure)  # noqa: S101 - a last Failure became RetryLater above
    return result


class _ForbiddenError(Exception):
    """A request to a host that was not allowed; carries no URL."""


def _once(
    client: httpx.Client, request: Request, *, clock: Clock, maybe_done: bool
) -> Response | Failure | Broken:
    try:
        answer = client.request(
            request.method,
            request.path,
            params=dict(request.params) or None,
            json=request.json,
            data=request.form,
            headers=dict(request.headers),
        )
    except _ForbiddenError:
        return Broken(reason="led to a host that is not allowed", maybe_done=maybe_done)
    except (httpx.TransportError, UnicodeError) as error:
        result = failure_of_error(error)
        return result if isinstance(result, Failure) else Broken(reason=result.reason, maybe_done=maybe_done)
    except (httpx.RequestError, httpx.InvalidURL):
        return Broken(reason="sent an answer that cannot be decoded", maybe_done=True)
    if 300 <= answer.status_code < 400:
        return Broken(reason=f"redirects (HTTP {answer.status_code}), never followed", maybe_done=True)
    failure = failure_of_status(
        answer.status_code, retry_after=answer.headers.get("Retry-After"), now=clock.now()
    )
    return failure or Response(status=answer.status_code, content=answer.content, maybe_done=maybe_done)


def _failure(state: tenacity.RetryCallState) -> Failure:
    result = state.outcome.result() if state.outcome else None
    assert isinstance(result, Failure)  # noqa: S101 - tenacity asks only after a Failure
    return result


def _is_certificate_error(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None
