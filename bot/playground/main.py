"""What `deletion-desk demo` does: serve the playground's page, or play the scenarios in the terminal."""

import contextlib
import socket
import sys
import threading
import time
import webbrowser
from pathlib import Path

import uvicorn
from rich.console import Console

from bot.playground.app_process import AppError
from bot.playground.page import page_app
from bot.playground.play.messages import UNUSABLE, feed
from bot.playground.play.runner import play_scenarios
from bot.playground.settings import PAGE
from bot.playground.world import World

STATE_FOLDER = Path(".playground")
HOST = "127.0.0.1"


def serve(*, port: int, open_browser: bool) -> None:
    """Start the playground and serve its page until Ctrl-C. A taken port is replaced by a free one, and said."""
    out = Console(highlight=False, soft_wrap=True)
    listener = _listen(port, out)
    address = f"http://{HOST}:{listener.getsockname()[1]}/"
    with listener, World(STATE_FOLDER, options=PAGE) as world:
        server = uvicorn.Server(
            uvicorn.Config(page_app(world), log_level="error", access_log=False, timeout_graceful_shutdown=1)
        )
        watcher = threading.Thread(target=_announce, args=(server, address, open_browser, out), daemon=True)
        watcher.start()
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listener])
        out.print("The playground is closing; everything it made lies in .playground/ until the next start.")


def play(*, only: str = "", messages: Path | None = None, scenarios: bool = True) -> int:
    """Play the scenarios (`only`: their letters), feed the messages, or both; return the exit code.

    0: everything ended as it must; 1: something did not; 2: a file or a letter that cannot be used.
    """
    out = Console(highlight=False, soft_wrap=True)
    code = 0
    try:
        if messages is not None:
            code = feed(messages, out)
        if scenarios and code != UNUSABLE:
            code = max(code, play_scenarios(only, out))
    except AppError as error:
        print(f"deletion-desk: {error}", file=sys.stderr)  # noqa: T201 - the one line that a fault gets
        return 1
    return code


def _listen(port: int, out: Console) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError:
        free = socket.create_server((HOST, 0))
        out.print(f"Port {port} is taken; using {free.getsockname()[1]} instead (--port chooses another).")
        return free


def _announce(server: uvicorn.Server, address: str, open_browser: bool, out: Console) -> None:
    while not server.started:
        if server.should_exit:
            return
        time.sleep(0.02)
    out.print(f"[bold]Deletion Desk playground: {address}[/bold]   (Ctrl-C ends it)")
    out.print("Try first:")
    out.print('  1. As Maya (customer) press "Delete my data". The bot answers in the thread with a card.')
    out.print('  2. Become Ana (agent) at the top of the page and press "Ask the customer" on the card.')
    out.print("  3. Follow the card: it names the next step. Watch the tables beside the channel change.")
    if open_browser:
        webbrowser.open(address)
