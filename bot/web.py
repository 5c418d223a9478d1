"""The web server: Slack's events and clicks in HTTP mode, the customers' confirmation page, and a health page."""

from collections.abc import Callable, Sequence
from functools import partial

from slack_bolt import App, BoltRequest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route


def web_app(
    app: App | None,
    *,
    is_healthy: Callable[[], bool],
    complaints: Callable[[], Sequence[str]] = tuple,
    pages: Sequence[BaseRoute] = (),
) -> Starlette:
    """Return the ASGI app: POST /slack/events (signed by Slack, checked by Bolt), GET /health, and further `pages`.

    Without `app` (Socket Mode) Slack's events are not taken here.
    """

    async def slack(request: Request, bolt_app: App) -> Response:
        body = (await request.body()).decode("utf-8", errors="replace")
        bolt = BoltRequest(body=body, query=request.url.query, headers=dict(request.headers))
        # In a thread of its own: Bolt's Starlette handler would run the sync app on the event loop.
        answer = await run_in_threadpool(bolt_app.dispatch, bolt)
        headers = {
            name: values[0] for name, values in answer.headers.items() if name.lower() != "content-length"
        }
        return Response(content=answer.body, status_code=answer.status, headers=headers)

    async def health(_request: Request) -> Response:
        healthy = await run_in_threadpool(is_healthy)
        # Names only: this page may be public, and what is wrong in words stands in the log and in an operator's App Home.
        answer = {"ok": healthy, "complaints": list(complaints())}
        return JSONResponse(answer, status_code=200 if healthy else 503)

    routes: list[BaseRoute] = [Route("/health", health, methods=["GET"]), *pages]
    if app is not None:
        routes.append(Route("/slack/events", partial(slack, bolt_app=app), methods=["POST"]))
    return Starlette(routes=routes)
