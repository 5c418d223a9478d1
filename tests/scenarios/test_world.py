"""The playground as a program: it starts quickly, says where it is, and takes the app with it when it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.playground.app_process import PROJECT, AppError
from bot.playground.evidence import open_own_store
from bot.playground.settings import WorldOptions
from bot.playground.world import World

# The promise is five seconds; a machine that runs other tests at the same time gets more.
SOON = 120.0

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for the app in /proc")


class Demo:
    """`deletion-desk demo` as a child of the test."""

    def __init__(self, folder: Path, port: int) -> None:
        self.log = folder / "demo.log"
        command = [sys.executable, "-m", "bot.cli", "demo", "--no-open", "--port", str(port)]
        with self.log.open("wb") as log:
            self.child = subprocess.Popen(  # noqa: S603 - our own program
                command,
                cwd=folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"},
            )

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def address(self) -> str:
        return _until(lambda: re.search(r"http://127\.0\.0\.1:\d+/", self.said()), self.said)[0]

    def app_pid(self) -> int:
        return int(_until(lambda: _child_of(self.child.pid), self.said))


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    started = Demo(tmp_path, port=0)
    yield started
    started.child.kill()
    started.child.wait()


def test_the_demo_says_where_it_is_and_what_to_try(demo: Demo) -> None:
    """The page answers at the printed address, with three lines on what to try first."""
    with urllib.request.urlopen(demo.address(), timeout=10) as page:  # noqa: S310 - http on loopback
        assert page.status == 200
    for number in ("1.", "2.", "3."):
        assert f"  {number} " in _until(lambda: "3." in demo.said() and demo.said(), demo.said)


@needs_proc
def test_the_app_does_not_outlive_a_killed_playground(demo: Demo) -> None:
    """A playground that is killed outright leaves no app behind that would work on by itself."""
    demo.address()
    app = demo.app_pid()
    demo.child.kill()
    demo.child.wait()
    _until(lambda: not _is_alive(app), lambda: f"the app {app} still runs")


@needs_proc
def test_ctrl_c_ends_everything_in_order(demo: Demo) -> None:
    """Ctrl-C closes page and app with exit code 0 and without a traceback."""
    demo.address()
    app = demo.app_pid()
    demo.child.send_signal(signal.SIGINT)
    assert demo.child.wait(SOON) == 0, demo.said()
    assert not _is_alive(app)
    assert "Traceback" not in demo.said()


def test_a_taken_port_is_said_and_replaced(tmp_path: Path) -> None:
    """If the port is taken, one line says so and a free one is used."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        started = Demo(tmp_path, port=port)
        try:
            assert f":{port}/" not in started.address()
            assert f"Port {port} is taken" in started.said()
        finally:
            started.child.kill()
            started.child.wait()


def test_an_app_that_cannot_start_says_why(tmp_path: Path) -> None:
    """What the app printed is in the error, so that nobody has to look for a log file."""
    world = World(tmp_path / "world")
    original = World._prepare

    def broken(self: World) -> None:
        original(self)
        self.files.systems.write_text("people: nobody\n", encoding="utf-8")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(World, "_prepare", broken)
        with pytest.raises(AppError, match=r"systems\.yaml:1"):
            world.start()


def test_an_orderly_end_and_a_reset_leave_a_fresh_world(tmp_path: Path) -> None:
    """The app ends on SIGTERM with exit code 0; after a reset nothing of before is left, at the same addresses."""
    with World(tmp_path / "world", options=WorldOptions()) as world:
        before = world.slack.base_url
        world.slack.say("U_MAYA", "C_SUPPORT", "Please delete my data.")
        assert world.slack.wait_until(lambda: len(world.slack.visible("U_ANA", "C_SUPPORT")) > 1, SOON)
        world.mailbox.post(sender="a@example.com", to="b@example.com", text="hello")
        world.reset()
        assert world.slack.base_url == before
        assert not world.slack.visible("U_ANA", "C_SUPPORT")
        assert not world.mailbox.letters()
        with closing(open_own_store(world)) as store:
            assert not store.cases.ledger()
        world.app.terminate()
        assert world.app.exit_code() == 0, world.app.log_tail()


def _until(look, otherwise):  # a poll with a deadline, whatever it returns
    deadline = time.monotonic() + SOON
    while not (found := look()):
        assert time.monotonic() < deadline, f"not in time; there is: {otherwise()}"
        time.sleep(0.05)
    return found


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _child_of(parent: int) -> int | None:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = stat.read_text(encoding="utf-8").rsplit(")", 1)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(rest.split()[1]) == parent:
            return int(name.split("(")[0])
    return None
