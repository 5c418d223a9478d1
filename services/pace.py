"""The client's own rate limit: an account's requests a second are counted where every worker looks, and never exceeded.

An account has as many places as it allows requests a second. A request takes one and gives it back a second after it
reached the server. When that was, only the answer tells: whatever it took longer than usual, the request may have been
late on its way, and the place is held that much longer, so that it never meets one too many of the next second's.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

log = logging.getLogger(__name__)

SECOND = 1.003  # two clocks never agree to the last millisecond
# How long a place is held at most beyond its second when no answer comes: long where answers are quick, because then
# something is badly late; short where they are slow anyway, because then it is not.
QUICK, HELD_IF_QUICK, HELD_IF_SLOW = 0.5, 1.0, 0.1
LEARNT_FROM, REMEMBERED = 10, 50


class Places(Protocol):
    """The places of a rate-limited account, `per_second` of them, counted for all workers."""

    def take(self, name: str, *, per_second: int, hold: float) -> tuple[float, float]:
        """Take a place for `hold` seconds: (0.0, the place); or (seconds until one may be free, 0.0).

        A place is named by the moment at which it is free again by itself: a killed worker blocks nothing for long.
        """
        ...

    def shorten(self, name: str, place: float, *, by: float) -> None:
        """Let a place be free so much sooner. Idempotent: a place that is not held any more is left alone."""
        ...


def still_taken(until: tuple[float, ...], *, now: float) -> tuple[float, ...]:
    """Return the places that are not free yet. What lies further ahead than can be was left by a clock that jumped."""
    return tuple(one for one in until if now < one <= now + SECOND + HELD_IF_QUICK + 0.001)


def lateness(*, took: float, usual: float) -> float:
    """Return how late a request may have reached the server, when its answer took so long instead of the usual time."""
    return max(0.0, took - 0.9 * usual)


class LocalPlaces:
    """Places counted in this process alone; what a command that has no store of its own uses."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._taken: dict[str, tuple[float, ...]] = {}

    def take(self, name: str, *, per_second: int, hold: float) -> tuple[float, float]:
        """See `Places`."""
        with self._lock:
            now = self._monotonic()
            taken = still_taken(self._taken.get(name, ()), now=now)
            if len(taken) >= per_second:
                return min(taken) - now, 0.0
            self._taken[name] = (*taken, now + hold)
            return 0.0, now + hold

    def shorten(self, name: str, place: float, *, by: float) -> None:
        """See `Places`."""
        with self._lock:
            self._taken[name] = shortened(self._taken.get(name, ()), place, by=by)


def shortened(taken: tuple[float, ...], place: float, *, by: float) -> tuple[float, ...]:
    """Return the places with this one free so much sooner."""
    left = list(taken)
    if place in left:
        left[left.index(place)] = place - by
    return tuple(left)


class Pace:
    """At most `per_second` requests of the account `name` in any second, over every worker that shares `places`."""

    def __init__(
        self,
        places: Places,
        *,
        name: str,
        per_second: int,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._places = places
        self._name = name
        self._per_second = per_second
        self._sleep = sleep
        self._monotonic = monotonic
        self._took: deque[float] = deque(maxlen=REMEMBERED)
        # One thread asks at a time: first come, first served, and no crowd at the store when a place becomes free.
        self._queue = threading.Lock()

    @property
    def usual(self) -> float:
        """How long an answer takes when nothing is late; 0 as long as too few came to say."""
        took = tuple(self._took)
        return min(took) if len(took) >= LEARNT_FROM else 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a free place, and hold it during the request."""
        hold = SECOND + (HELD_IF_QUICK if self.usual < QUICK else HELD_IF_SLOW)
        with self._queue:
            began = self._monotonic()
            wait, place = self._places.take(self._name, per_second=self._per_second, hold=hold)
            while not place:
                self._sleep(wait)
                began = self._monotonic()
                wait, place = self._places.take(self._name, per_second=self._per_second, hold=hold)
        try:
            yield
        finally:
            took = self._monotonic() - began
            late = lateness(took=took, usual=self.usual)
            self._took.append(took)
            if (by := hold - SECOND - late) > 0:
                self._give_back(place, by=by)

    def _give_back(self, place: float, *, by: float) -> None:
        try:
            self._places.shorten(self._name, place, by=by)
        except Exception as error:  # noqa: BLE001  # whatever the store says: the answer that came must not be lost to it
            # The number of a deletion job may be in that answer; the place is free by itself a little later.
            log.warning("a place of the rate limit could not be given back: %s", type(error).__name__)
