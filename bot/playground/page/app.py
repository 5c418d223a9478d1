"""Serves the page: its files, the people of the Slack look-alike, and the world beside them, under one origin."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.playground.page.watch import Watch
from bot.playground.page.world_api import world_routes
from bot.playground.slack.people_api import people_routes
from bot.playground.world import World

STATIC = Path(__file__).with_name("static")
# Everything is ours and on this origin; a look-alike that shows foreign words should not be able to run them.
_POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page_app(world: World) -> Starlette:
    """Return the page over a world as an ASGI app; the world may start before or after, and be reset meanwhile."""

    async def index(_request: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers={"Content-Security-Policy": _POLICY})

    watch = Watch(world)

    @contextlib.asynccontextmanager
    async def while_served(_app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            watch.close()

    return Starlette(
        lifespan=while_served,
        routes=[
            Route("/", index),
            *people_routes(world.slack),
            *world.mailbox.routes(),
            *world_routes(world, watch),
            Mount("/static", _Fresh(directory=STATIC)),
        ],
        # A page of another site cannot reach it by a name that resolves to loopback.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )


class _Fresh(StaticFiles):
    """Files that the browser asks for again each time: after an update nobody should look at the old page."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        response.headers["Cache-Control"] = "no-cache"
        return response
