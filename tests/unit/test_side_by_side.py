"""Several systems at once: side by side where nothing is shared, in line where it is, and nobody is left behind."""

import threading
from functools import partial

import pytest

from services.side_by_side import side_by_side

WAIT = 30.0


def test_pieces_without_a_shared_place_run_at_the_same_time():
    """Each of three pieces waits until all three have begun: one after the other they would wait for ever."""
    together = threading.Barrier(3)

    def work(number: int) -> int:
        together.wait(WAIT)
        return number

    assert side_by_side(("", partial(work, number)) for number in range(3)) == [0, 1, 2]


def test_pieces_of_one_place_run_one_after_the_other_in_their_order():
    """Two systems on one SQLite file are never inside it at once, while another place goes on beside them."""
    inside, order, elsewhere = threading.Lock(), list[int](), threading.Event()

    def work(number: int) -> int:
        assert inside.acquire(blocking=False), "two systems were in one store at once"
        elsewhere.wait(WAIT)
        order.append(number)
        inside.release()
        return number

    def other() -> int:
        elsewhere.set()
        return 9

    pieces = [("file", partial(work, 1)), ("file", partial(work, 2)), ("", other), ("file", partial(work, 3))]
    assert side_by_side(pieces) == [1, 2, 9, 3]
    assert order == [1, 2, 3]


def test_a_piece_that_fails_keeps_nobody_else_from_finishing():
    """The exception comes out, but only when the others have done and recorded their work."""
    done = list[str]()
    failed = threading.Event()

    def fail() -> None:
        failed.set()
        raise LookupError("a bug")

    def last() -> None:
        failed.wait(WAIT)
        done.append("last")

    with pytest.raises(LookupError):
        side_by_side([("", fail), ("", last)])
    assert done == ["last"]


def test_nothing_to_do_is_no_work():
    """No pieces, no results, and no thread."""
    assert side_by_side([]) == []
