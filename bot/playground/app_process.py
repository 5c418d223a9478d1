"""The app as a child process, started exactly as `deletion-desk run`, so that it can be killed and restarted."""

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
POLL = 0.02
GRACE = 60.0

# The kernel ends the child when the *thread* that started it ends, so one thread that lives as long as this process
# starts all of them. The trampoline asks for that and becomes the app; anything else would fork Python with threads.
_SPAWNER = ThreadPoolExecutor(1, "app-spawner")
_TRAMPOLINE = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the playground ended before the app began")
os.execv(sys.argv[2], sys.argv[2:])
"""


class AppError(Exception):
    """The app did not come up, or is not there any more; the text ends with the last lines of its log."""


class AppProcess:
    """The child. `start` and `restart` return at once, `ready` waits; every method may be called from any thread."""

    def __init__(self, *, env_file: Path, log_file: Path, is_connected: Callable[[], bool]) -> None:
        self.env_file = env_file
        self.log_file = log_file
        self.starts = 0
        self._is_connected = is_connected
        self._child: subprocess.Popen[bytes] | None = None
        self._stop_at_exit = self.kill9

    @property
    def pid(self) -> int | None:
        """The process id, or None when it does not run."""
        return self._child.pid if self._child is not None and self.is_running() else None

    def is_running(self) -> bool:
        """Whether the child runs."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Start the child unless it runs."""
        if self.is_running():
            return
        _SPAWNER.submit(self._spawn).result()
        atexit.register(self._stop_at_exit)
        self.starts += 1

    def ready(self, within: float) -> None:
        """Wait until Slack has the app's connection. Raises AppError with the end of its log when it does not come."""
        deadline = time.monotonic() + within
        while not self._is_connected():
            if not self.is_running():
                raise AppError(f"the app ended with exit code {self.exit_code()}\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise AppError(f"the app was not connected after {within:g} s\n{self.log_tail()}")
            time.sleep(POLL)

    def exit_code(self) -> int | None:
        """Return how the last child ended, None while it runs or before the first start."""
        return self._child.poll() if self._child is not None else None

    def kill9(self) -> None:
        """Kill it with SIGKILL, as a power cut would, and wait until it is gone."""
        self._end(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end (SIGTERM); after a while without an end it is killed."""
        self._end(signal.SIGTERM)

    def restart(self) -> None:
        """End it if it runs, and start it anew."""
        self.terminate()
        self.start()

    def log(self) -> str:
        """Return everything that the app has printed, over all its starts."""
        return self.log_file.read_text(encoding="utf-8", errors="replace") if self.log_file.exists() else ""

    def log_tail(self, lines: int = 25) -> str:
        """Return the last lines of the log."""
        return "\n".join(self.log().splitlines()[-lines:])

    def complaints(self, most: int = 12) -> list[str]:
        """Return the last lines of the log that are more than information, tracebacks included."""
        lines = [line for line in self.log().splitlines() if " INFO " not in line and line.strip()]
        return lines[-most:]

    def _spawn(self) -> None:
        command = [*_command(), "run", "--env-file", str(self.env_file)]
        if sys.platform == "linux":
            command = [sys.executable, "-I", "-S", "-c", _TRAMPOLINE, str(os.getpid()), *command]
        with self.log_file.open("ab") as log:
            self._child = subprocess.Popen(  # noqa: S603 - our own program
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.env_file.parent,
                # Nothing of this shell's environment: a real SLACK_BOT_TOKEN there must not reach the playground.
                env={
                    "PATH": os.defpath,
                    "PYTHONPATH": str(PROJECT),
                    "PYTHONUNBUFFERED": "1",
                    "LANG": "C.UTF-8",
                },
                # Ctrl-C is for the playground, which then ends the app in order.
                start_new_session=True,
            )

    def _end(self, how: signal.Signals) -> None:
        child = self._child
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(how)
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        atexit.unregister(self._stop_at_exit)


def _command() -> list[str]:
    """Return how to call the command line: the installed script beside this Python, else the module."""
    script = Path(sys.executable).with_name("deletion-desk")
    return [str(script)] if script.is_file() else [sys.executable, "-m", "bot.cli"]
