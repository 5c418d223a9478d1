"""The rate limit as arithmetic: places, seconds and late requests, without a second of sleep."""

import heapq
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pace import (
    HELD_IF_QUICK,
    HELD_IF_SLOW,
    LEARNT_FROM,
    SECOND,
    LocalPlaces,
    Pace,
    lateness,
    still_taken,
)


class Hand:
    """A clock that goes on only when it is told to."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.at += seconds


def worst_second(arrivals: list[float]) -> int:
    """The most requests in any second, wherever it begins."""
    arrivals = sorted(arrivals)
    return max(sum(start <= one < start + 1.0 for one in arrivals) for start in arrivals)


class Course:
    """Workers that ask without a break: each turn of theirs is begun and ended at its moment, as threads would."""

    def __init__(self, *, per_second: int, workers: int, seed: int) -> None:
        self.clock = Hand()
        self.chance = random.Random(seed)  # noqa: S311  # the same course for the same seed, no secret
        self.pace = Pace(
            LocalPlaces(monotonic=self.clock.now),
            name="one",
            per_second=per_second,
            sleep=self._wait,
            monotonic=self.clock.now,
        )
        self.events: list[tuple[float, int, object]] = [(0.0, number, None) for number in range(workers)]
        self.arrivals: list[float] = []

    def _wait(self, seconds: float) -> None:
        raise _NotYetError(seconds)

    def play(self, *, way: float, stall: float, often: float, for_seconds: float = 60.0) -> None:
        """Each request is `way` on its way and as long back; as `often` as told, up to `stall` longer."""
        while self.events[0][0] < for_seconds:
            self.clock.at, number, turn = heapq.heappop(self.events)
            if turn is not None:
                turn.__exit__(None, None, None)  # type: ignore[attr-defined]
            turn = self.pace.turn()
            try:
                turn.__enter__()
            except _NotYetError as wait:
                heapq.heappush(self.events, (self.clock.at + wait.seconds + 1e-6, number, None))
                continue
            out = way + (self.chance.uniform(0, stall) if self.chance.random() < often else 0.0)
            back = way + (self.chance.uniform(0, stall) if self.chance.random() < often else 0.0)
            self.arrivals.append(self.clock.at + out)
            heapq.heappush(self.events, (self.clock.at + out + back, number, turn))


class _NotYetError(Exception):
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


@given(
    per_second=st.integers(1, 8),
    way=st.sampled_from([0.001, 0.02, 0.15]),
    stall=st.sampled_from([0.0, 0.05, 0.3, 0.9]),
    often=st.sampled_from([0.02, 0.3]),
    seed=st.integers(0, 2**20),
)
def test_never_more_in_any_second(per_second: int, way: float, stall: float, often: float, seed: int) -> None:
    """However unevenly requests travel on a busy machine: no second, wherever it begins, sees one too many."""
    course = Course(per_second=per_second, workers=per_second * 4, seed=seed)
    course.play(way=way, stall=stall, often=often, for_seconds=30.0)
    assert worst_second(course.arrivals) <= per_second


@pytest.mark.parametrize("way", [0.001, 0.02, 0.15, 1.0, 4.0])
def test_most_of_what_is_allowed_is_used(way: float) -> None:
    """With enough workers at least nine tenths of the account's rate are used, however far away the server is."""
    course = Course(per_second=5, workers=60, seed=7)
    course.play(way=way, stall=0.03, often=0.5, for_seconds=90.0)
    used = [one for one in course.arrivals if 20.0 <= one < 90.0]
    assert len(used) / 70.0 >= 0.9 * 5


def test_what_took_longer_than_usual_may_have_been_late() -> None:
    """The usual time is no lateness; whatever comes on top is, and nothing is as long as the usual is not known."""
    assert lateness(took=0.3, usual=0.3) == pytest.approx(0.03)
    assert lateness(took=1.3, usual=0.3) == pytest.approx(1.03)
    assert lateness(took=0.1, usual=0.3) == 0.0
    assert lateness(took=0.3, usual=0.0) == 0.3


def test_a_clock_that_jumped_blocks_nobody() -> None:
    """Places that lie further ahead than any can be were left by a wrong clock: they are free."""
    assert still_taken((9.0, 10.0, 10.5, 500.0), now=10.0) == (10.5,)


def test_a_place_is_shortened_once() -> None:
    """Saying it twice, or of a place that is long free, frees nobody else's; another account has its own places."""
    clock = Hand()
    places = LocalPlaces(monotonic=clock.now)
    _, place = places.take("one", per_second=1, hold=2.0)
    places.shorten("one", place, by=0.5)
    places.shorten("one", place, by=0.5)
    assert places.take("one", per_second=1, hold=2.0) == (1.5, 0.0)
    assert places.take("another", per_second=1, hold=2.0)[1] > 0.0


def test_a_turn_ends_when_the_request_fails() -> None:
    """An error on the way gives the place back like an answer; without either it is free by itself a little later."""
    clock = Hand()
    pace = Pace(
        LocalPlaces(monotonic=clock.now), name="one", per_second=1, sleep=clock.sleep, monotonic=clock.now
    )
    began: list[float] = []

    def ask() -> None:
        with pace.turn():
            began.append(clock.at)
            raise OSError("lost")

    for _ in range(3):
        with pytest.raises(OSError, match="lost"):
            ask()
    assert began == pytest.approx([0.0, SECOND, 2 * SECOND])
    killed = pace.turn()
    killed.__enter__()
    with pace.turn():
        assert clock.at == pytest.approx(4 * SECOND + HELD_IF_QUICK)


def test_where_answers_are_slow_a_missing_one_means_little() -> None:
    """A server that takes a second for everything is not asked less often for it."""
    clock = Hand()
    pace = Pace(
        LocalPlaces(monotonic=clock.now), name="one", per_second=1, sleep=clock.sleep, monotonic=clock.now
    )
    for _ in range(LEARNT_FROM):
        with pace.turn():
            clock.at += 0.8
    assert pace.usual == pytest.approx(0.8)
    killed = pace.turn()
    killed.__enter__()
    taken = clock.at
    with pace.turn():
        assert clock.at - taken == pytest.approx(SECOND + HELD_IF_SLOW)


def test_an_answer_is_not_lost_to_a_store_that_is_away() -> None:
    """A place that cannot be given back is free by itself later; the answer to the request counts all the same."""

    class Away(LocalPlaces):
        def shorten(self, name: str, place: float, *, by: float) -> None:
            raise ConnectionError(f"no store for {name}, {place}, {by}")

    clock = Hand()
    pace = Pace(Away(monotonic=clock.now), name="one", per_second=1, sleep=clock.sleep, monotonic=clock.now)
    answered = 0
    for _ in range(2):
        with pace.turn():
            answered += 1
    assert answered == 2
    assert clock.at >= SECOND
