"""What every test shares: loopback only, the founders' folder, and parts that CI may not skip."""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

REQUIRED = frozenset(filter(None, os.environ.get("REQUIRED_PARTS", "").split(",")))
SHARED = Path(__file__).resolve().parents[2] / "shared"

settings.register_profile("default", deadline=None)
settings.register_profile("campaign", deadline=None, max_examples=2000, stateful_step_count=80)
# CI tries the same examples every time: what turns it red is the change. `make campaign` and developers look for new ones.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default"))

# Where tests run side by side (`-n 2`): these mostly wait, for one another's processes and with Slack's three seconds in
# view, so they share one worker from the beginning, in this order (the last start many processes at once). What
# computes stands back for them on the other.
IN_REAL_TIME = (
    ("browser", "load"),
    ("scenarios", "faults", "contracts/test_runtime_on_postgres.py"),
)
STANDS_BACK = 15  # niceness


def _turn(nodeid: str) -> int:
    """Return when a test's turn is among those in real time; behind them all for one that is not."""
    place = nodeid.removeprefix("tests/")
    return next((turn for turn, some in enumerate(IN_REAL_TIME) if place.startswith(some)), len(IN_REAL_TIME))


def _is_in_real_time(nodeid: str) -> bool:
    return _turn(nodeid) < len(IN_REAL_TIME)


class _Groups(LoadScopeScheduling):
    """Keeps the tests of a file together on one worker, and those in real time on the same one."""

    def _split_scope(self, nodeid: str) -> str:
        return "in real time" if _is_in_real_time(nodeid) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _Groups:
    """Schedule by our groups, in the order of collection."""
    config.option.loadscopereorder = False
    return _Groups(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs in real time begins first."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: _turn(item.nodeid))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ and not _is_in_real_time(item.nodeid):
        os.nice(max(0, STANDS_BACK - os.nice(0)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Turn a skip into a failure where the skipped part is required (REQUIRED_PARTS, set by .ci/run)."""
    report = yield
    parts = REQUIRED & {mark.name for mark in item.iter_markers()}
    if report.skipped and parts and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = (
            f"{', '.join(sorted(parts))} is required here, but the test was skipped: {report.longrepr}"
        )
    return report


@pytest.fixture(scope="session")
def shared() -> Path:
    """The founders' folder beside the checkout; skipped loudly where it is not there."""
    if not SHARED.is_dir():
        pytest.skip("SKIPPED LOUDLY: ../shared is not beside this checkout; the real samples were not tried")
    return SHARED
