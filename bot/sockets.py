"""Socket Mode for real life: two connections, replaced before they end, and an eye on half-open ones."""

import json
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

log = logging.getLogger(__name__)
# Under slack_sdk, whose level bot/run.py keeps at INFO: at DEBUG the client logs whole payloads (design rule 9).
_SDK_LOG = logging.getLogger("slack_sdk.socket_mode.desk")

# While one of two is replaced the other one takes the clicks. Slack allows ten per app.
CONNECTIONS = 2
# The old socket stays open while what it had received may still be answered (an ack is good for three seconds).
DRAIN = 4.0
# As long as Slack counts too many connections, one is replaced this often, because only `hello` tells the number.
RECOUNT = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketHealth:
    """How the desk is connected: sockets that are open, and how many more Slack still counts as open."""

    wanted: int
    connected: int
    strangers: int

    @property
    def is_connected(self) -> bool:
        """Whether Slack reaches the desk at all."""
        return self.connected > 0

    @property
    def complaint(self) -> str:
        """What an operator has to know, "" when all is well."""
        if not self.is_connected:
            return "no connection to Slack: clicks and messages do not arrive"
        if self.strangers:
            return (
                f"Slack counts {self.strangers} more connections than this process has: half-open ones swallow clicks. "
                "Is another process using this app token? If not, they end by themselves within hours; a new app-level token ends them at once"
            )
        if self.connected < self.wanted:
            return f"{self.connected} of {self.wanted} connections to Slack are open"
        return ""


class _Client(SocketModeClient):
    """The SDK's client, except that `disconnect` is left to `Sockets`.

    By itself it opens the new socket without reading from it until the old one has ended: the first click after a
    refresh then waits for seconds.
    """

    def __init__(
        self,
        *,
        app_token: str,
        web_client: WebClient,
        on_hello: Callable[[int], None],
        on_disconnect: Callable[[str], None],
    ) -> None:
        self._on_hello = on_hello
        self._on_disconnect = on_disconnect
        super().__init__(app_token=app_token, logger=_SDK_LOG, web_client=web_client, ping_interval=10)

    def enqueue_message(self, message: str) -> None:
        """Pass on everything but `disconnect`; look at `hello` on its way."""
        kind, content = _kind_of(message)
        if kind == "disconnect":
            self._on_disconnect(str(content.get("reason") or ""))
            return
        if kind == "hello":
            self._on_hello(int(content.get("num_connections") or 0))
        super().enqueue_message(message)

    def retire(self) -> None:
        """Open no new connection of its own when Slack closes this one."""
        self.auto_reconnect_enabled = self.default_auto_reconnect_enabled = False


class Sockets:
    """The desk's connections. `start` and `stop` once each; replacements happen in threads of their own."""

    def __init__(self, app: App, *, app_token: str, web_client: WebClient, drain: float = DRAIN) -> None:
        self._app = app
        self._app_token = app_token
        self._web_client = web_client
        self._drain = drain
        self._lock = threading.Lock()
        self._open: list[_Client] = []
        self._leaving: list[_Client] = []
        self._strangers = 0
        self._stopping = threading.Event()

    def start(self) -> None:
        """Open the connections, one after the other. Raises what the SDK raises when Slack refuses the token."""
        for _ in range(CONNECTIONS):
            self._connect()

    def stop(self) -> None:
        """Close all of them; nothing is replaced any more."""
        self._stopping.set()
        with self._lock:
            ending = [*self._open, *self._leaving]
            self._open, self._leaving = [], []
        # Each waits for its reading thread, so they end side by side.
        with ThreadPoolExecutor(max(1, len(ending)), "socket-close") as pool:
            list(pool.map(lambda client: client.close(), ending))

    def health(self) -> SocketHealth:
        """Return how things stand now."""
        with self._lock:
            connected = sum(client.is_connected() for client in self._open)
        return SocketHealth(wanted=CONNECTIONS, connected=connected, strangers=self._strangers)

    def _connect(self) -> None:
        """Open one more connection. It counts as ours before it is open: `hello` may come at any moment after that."""
        client = _Client(
            app_token=self._app_token,
            web_client=self._web_client,
            on_hello=self._note_hello,
            on_disconnect=lambda reason: self._replace_soon(client, reason),
        )
        client.socket_mode_request_listeners.append(self._handle)
        with self._lock:
            self._open.append(client)
        try:
            client.connect()
        except BaseException:
            with self._lock:
                if client in self._open:
                    self._open.remove(client)
            client.close()
            raise
        if self._stopping.is_set():
            client.close()

    def _handle(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """Dispatch to the app and send its acknowledgement, as Bolt's own handler does."""
        started = time.time()
        send_response(client, request, run_bolt_app(self._app, request), started)

    def _note_hello(self, counted: int) -> None:
        log.info("Slack counts %s connections of this app", counted)
        with self._lock:
            self._strangers = max(0, counted - len(self._open) - len(self._leaving))
        if self._strangers:
            log.warning("%s", self.health().complaint)
            # Slack counts anew in the next `hello` only: so that the alarm ends when they do, there will be one soon.
            threading.Thread(target=self._count_again, name="socket-recount", daemon=True).start()

    def _count_again(self) -> None:
        self._stopping.wait(RECOUNT)
        with self._lock:
            oldest = self._open[0] if self._open and self._strangers else None
        if oldest is not None:
            self._replace_soon(oldest, "half-open connections are counted again")

    def _replace_soon(self, client: _Client, reason: str) -> None:
        """Called by the thread that reads the socket, which therefore must not wait."""
        if self._stopping.is_set():
            return
        log.info("a connection to Slack is replaced (%s)", reason)
        threading.Thread(target=self._replace, args=(client,), name="socket-refresh", daemon=True).start()

    def _replace(self, old: _Client) -> None:
        """Open the new connection first, let the old one drain, then close it."""
        with self._lock:
            if old not in self._open:
                return  # a second `disconnect` on the same socket
            self._open.remove(old)
            self._leaving.append(old)
        old.retire()
        self._connect_at_last()
        self._stopping.wait(self._drain)
        with self._lock:
            is_ours = old in self._leaving
            if is_ours:
                self._leaving.remove(old)
        if is_ours:
            old.close()

    def _connect_at_last(self) -> None:
        """Open a new connection, however long Slack refuses one; give up when the desk stops."""
        wait = 1.0
        while not self._stopping.is_set():
            try:
                self._connect()
            except (SlackClientError, OSError) as error:
                log.warning("no new connection to Slack yet (%s); again in %g s", type(error).__name__, wait)
                self._stopping.wait(wait)
                wait = min(wait * 2, 60.0)
            else:
                return


def _kind_of(message: str) -> tuple[str, dict[str, Any]]:
    """Return the type of a control frame and its content; ("", {}) for an envelope, which the SDK parses."""
    if '"envelope_id"' in message or not message.startswith("{"):
        return "", {}
    try:
        content = json.loads(message)
    except ValueError:
        return "", {}
    return (str(content.get("type") or ""), content) if isinstance(content, dict) else ("", {})
