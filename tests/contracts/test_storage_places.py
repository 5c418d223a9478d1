"""The rate limit in the store: several workers, several processes, one account, and never one request too many."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from services.pace import SECOND
from services.storage import Store

ROOT = Path(__file__).parents[2]
ASK = """
import sys, time, uuid
from services.pace import SECOND
from services.storage import open_store
store = open_store(sys.argv[1], sys.argv[2], ids=lambda: uuid.uuid4().hex)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[3])):
    wait, place = store.places.take("account", per_second=5, hold=SECOND)
    while not place:
        time.sleep(wait)
        wait, place = store.places.take("account", per_second=5, hold=SECOND)
    print(place - SECOND, flush=True)
store.close()
"""


def test_processes_share_one_second(store_url: str, master_key: str) -> None:
    """Three processes on one account of five a second: no window of a second holds six of their requests."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", ASK, store_url, master_key, "8"]
    children = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT)  # noqa: S603  # our own script
        for _ in range(3)
    ]
    try:
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        said = [child.communicate("go\n", timeout=150)[0] for child in children]
    finally:
        for child in children:
            child.kill()
            child.wait(60)
    times = sorted(float(line) for one in said for line in one.split())
    assert len(times) == 24
    # The sixth after each request comes no sooner than a second after it, by the clock that all of them share.
    assert min(later - one for one, later in zip(times, times[5:], strict=False)) >= 1.0


def test_a_killed_worker_holds_its_place_for_a_moment_only(store: Store) -> None:
    """Nobody says that the answer came: the place is free a little more than a second later all the same."""
    began = time.monotonic()
    _, place = store.places.take("account", per_second=1, hold=SECOND)
    assert place
    wait, second = store.places.take("account", per_second=1, hold=SECOND)
    assert (second, wait <= SECOND) == (0.0, True)
    while not store.places.take("account", per_second=1, hold=SECOND)[1]:
        time.sleep(0.02)
    assert time.monotonic() - began >= SECOND


def test_accounts_do_not_wait_for_each_other(store: Store) -> None:
    """Each account has places of its own."""
    assert store.places.take("one", per_second=1, hold=SECOND)[1]
    assert store.places.take("other", per_second=1, hold=SECOND)[1]


def test_what_is_kept_are_times(store_url: str, opening: Callable[[str], Store]) -> None:
    """The row of an account holds moments, and no more of them than it has places."""
    store = opening(store_url)
    for _ in range(9):
        _, place = store.places.take("one", per_second=3, hold=SECOND)
        if place:
            store.places.shorten("one", place, by=0.1)
    with store.engine.connect() as connection:
        (until,) = connection.exec_driver_sql("SELECT until FROM paces").one()
    assert str(until).count(",") == 2
