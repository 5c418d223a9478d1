"""SlackLookalike: the whole look-alike as one server in a background thread, and the people who use it."""

import asyncio
import random
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from bot.playground.slack.api_base import Context
from bot.playground.slack.delivery import Courier, Transport
from bot.playground.slack.hooks import use_hook
from bot.playground.slack.http_mode import HttpMode
from bot.playground.slack.journal import Delivery, Journal
from bot.playground.slack.payloads import Payloads
from bot.playground.slack.people import People
from bot.playground.slack.people_api import people_routes
from bot.playground.slack.people_views import PeopleViews
from bot.playground.slack.posting import Posting
from bot.playground.slack.sample import sample_workspace
from bot.playground.slack.settings import LookalikeSettings
from bot.playground.slack.socket_mode import SocketMode
from bot.playground.slack.web_api import WebApi, read_arguments
from bot.playground.slack.workspace import Json, Workspace

START_DEADLINE = 10.0
_LOOPBACK = "127.0.0.1"


class SlackLookalike(People, PeopleViews):
    """A Slack on 127.0.0.1. Use as a context manager, or call `start` and `stop` (both idempotent).

    The address is taken on construction, so `base_url` can be written into an `.env` before the start.
    `routes` are served beside its own: the page of the playground goes there.
    """

    def __init__(
        self,
        workspace: Workspace | None = None,
        settings: LookalikeSettings | None = None,
        *,
        port: int = 0,
        routes: Sequence[BaseRoute] = (),
    ) -> None:
        self.workspace = workspace or sample_workspace()
        self.settings = settings or LookalikeSettings()
        self.journal = Journal()
        self._listener = socket.create_server((_LOOPBACK, port))
        self.origin = f"http://{_LOOPBACK}:{self._listener.getsockname()[1]}"
        self.base_url = f"{self.origin}/api/"
        self._sockets = SocketMode(self.workspace.bot.app_id or "", refresh_grace=self.settings.refresh_grace)
        self._transport: Transport = self._sockets
        self.set_request_url(self.settings.request_url)
        courier = Courier(
            settings=self.settings,
            journal=self.journal,
            transport=lambda: self._transport,
            announce=self.workspace.announce,
        )
        payloads = Payloads(self.workspace, self.settings, f"{self.origin}/hooks/")
        self.context = Context(
            workspace=self.workspace,
            posting=Posting(self.workspace, payloads, self.settings.subscriptions, courier.event),
            payloads=payloads,
            settings=self.settings,
            sockets=self._sockets,
            base_url=self.base_url,
        )
        People.__init__(self, self.context, courier)
        self._extra_routes = routes
        self._web_api = WebApi(self.context, self.journal)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._stopping = False

    @property
    def bot_token(self) -> str:
        """The token for the app's Web API calls."""
        return self.settings.bot_token

    @property
    def app_token(self) -> str:
        """The token that opens sockets."""
        return self.settings.app_token

    @property
    def signing_secret(self) -> str:
        """The secret that signs requests in HTTP mode."""
        return self.settings.signing_secret

    @property
    def connections(self) -> int:
        """How many sockets the app has open."""
        return self._sockets.connections

    def set_request_url(self, url: str | None) -> None:
        """Switch to HTTP mode with that request URL, or with None back to Socket Mode."""
        self.settings = replace(self.settings, request_url=url)
        http = None if url is None else HttpMode(url=url, signing_secret=self.settings.signing_secret)
        self._transport = http or self._sockets

    def start(self) -> None:
        """Serve in a background thread; returns when requests are answered."""
        if self._thread is not None:
            return
        config = uvicorn.Config(
            self._application(),
            log_config=None,
            log_level="error",
            access_log=False,
            lifespan="off",
            ws="websockets-sansio",
        )
        server = _Server(config, on_started=self._courier.attach)
        self._server = server
        self._thread = threading.Thread(
            target=self._serve, args=(server,), name="slack-lookalike", daemon=True
        )
        self._thread.start()
        if not server.is_ready.wait(START_DEADLINE):
            raise RuntimeError("the Slack look-alike did not start")

    def _serve(self, server: "_Server") -> None:
        asyncio.run(server.serve(sockets=[self._listener]))

    def stop(self) -> None:
        """Stop serving; sockets are closed, waiting redeliveries are dropped."""
        self._stopping = True
        self.workspace.announce("stopping")
        if self._server is not None and self._thread is not None:
            # Not waiting for the app to hang up: it reconnects to whatever listens next.
            self._server.force_exit = True
            self._server.should_exit = True
            self._thread.join()
        self._listener.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def _application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/{method}", self._web_api.serve, methods=["GET", "POST"]),
                Route("/hooks/{key}", self._hook, methods=["POST"]),
                WebSocketRoute("/link", self._sockets.serve),
                *people_routes(self),
                *self._extra_routes,
            ],
            # A page of another site cannot reach it by a name that resolves to loopback.
            middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[_LOOPBACK, "localhost"])],
        )

    async def _hook(self, request: Request) -> Response:
        answer = use_hook(
            self.context, self.journal, request.path_params["key"], await read_arguments(request)
        )
        if answer["ok"]:
            return PlainTextResponse("ok")
        return JSONResponse(answer, status_code=404 if answer["error"].endswith("_url") else 400)

    # -- deliveries, on demand ---------------------------------------------------------------------

    def redeliver(self, event_id: str) -> Delivery:
        """Send an earlier event again (retry number 1, reason timeout); returns the attempt."""
        return self._courier.redeliver(event_id)

    def hold_events(self) -> None:
        """Keep new events back until `release_events`."""
        self._courier.hold()

    def release_events(self, *, shuffle: random.Random | None = None) -> list[str]:
        """Deliver the events kept back, in order or shuffled; returns the event ids as sent."""
        return self._courier.release(shuffle=shuffle)

    def refresh_sockets(self, reason: str = "refresh_requested") -> int:
        """Ask every socket of the app to be replaced, as Slack does every few hours; return how many were asked."""
        return self._courier.run(self._sockets.refresh(reason))

    def haunt(self, ghosts: int) -> None:
        """Keep half-open sockets registered that swallow what is sent to them (0 ends it)."""
        self._sockets.haunt(ghosts)

    def rate_limit(self, method: str, *, retry_after: int, times: int = 1) -> None:
        """Answer 429 to the next calls of a method."""
        with self.workspace.lock:
            self._web_api.limits.force(method, retry_after, times)

    def settle(self, timeout: float = 60.0) -> bool:
        """Wait until every delivery is acked or given up; False when time ran out."""
        return self._courier.settle(timeout)

    def begin_anew(self, workspace: Workspace) -> None:
        """Become as that workspace is, and forget what was still to be delivered; the app has to be down."""
        self._courier.forget()
        self.workspace.begin_anew(workspace)

    # -- waiting -----------------------------------------------------------------------------------

    def wait_until(self, predicate: Callable[[], object], timeout: float = 60.0) -> bool:
        """Wait until `predicate()` is true, checked at every change and at least every 50 ms."""
        deadline = time.monotonic() + timeout
        while not predicate():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            with self.workspace.changed:
                self.workspace.changed.wait(min(left, 0.05))
        return True

    def wait_for_changes(self, since: int, timeout: float) -> list[Json]:
        """Return the changes after number `since`, waiting for the first of them; at once when stopping."""
        return self.workspace.changes_since(since, 0 if self._stopping else timeout)


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, on_started: Callable[[asyncio.AbstractEventLoop], None]
    ) -> None:
        super().__init__(config)
        self.is_ready = threading.Event()
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._on_started(asyncio.get_running_loop())
        self.is_ready.set()
