"""/people/…: the same people over loopback HTTP, for the page and the scripted demo."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.playground.slack.journal import Delivery
from bot.playground.slack.read_methods import profile_of
from bot.playground.slack.workspace import Json, NotPossible

if TYPE_CHECKING:
    from bot.playground.slack.server import SlackLookalike

LONGEST_WAIT = 25.0


def people_routes(slack: "SlackLookalike") -> list[Route]:
    """Return the routes; POST bodies are JSON with the Python methods' parameter names."""
    actions: Mapping[str, Callable[..., Any]] = {
        "say": slack.say,
        "edit": slack.edit,
        "delete": slack.delete,
        "click": slack.click,
        "command": slack.command,
        "shortcut": slack.message_shortcut,
        "global_shortcut": slack.global_shortcut,
        "open_home": slack.open_home,
        "act": slack.act_in_view,
        "submit": slack.submit,
        "close": slack.close,
        "reload": slack.reload,
        "arrive": slack.arrive,
        "deactivate": slack.deactivate,
        "redeliver": slack.redeliver,
        "refresh_sockets": slack.refresh_sockets,
        "haunt": slack.haunt,
        "rate_limit": slack.rate_limit,
    }

    async def act(request: Request) -> Response:
        action = actions.get(request.path_params["action"])
        # Asking for JSON keeps other sites in the same browser out: they would need a CORS preflight.
        if action is None or not request.headers.get("content-type", "").startswith("application/json"):
            return JSONResponse({"ok": False, "error": "not_found"}, status_code=404)
        try:
            args = json.loads(await request.body() or b"{}")
            result = await run_in_threadpool(action, **args)
        except NotPossible as refused:
            return JSONResponse({"ok": False, "error": str(refused)}, status_code=409)
        except (TypeError, KeyError, json.JSONDecodeError) as wrong:
            return JSONResponse({"ok": False, "error": f"bad request: {wrong}"}, status_code=400)
        return JSONResponse({"ok": True, "result": _plain(result)})

    async def state(_request: Request) -> Response:
        return JSONResponse(whole_state(slack))

    async def changes(request: Request) -> Response:
        since = int(request.query_params.get("since", "0"))
        wait = min(float(request.query_params.get("wait", LONGEST_WAIT)), LONGEST_WAIT)
        found = await run_in_threadpool(slack.wait_for_changes, since, wait)
        return JSONResponse({"ok": True, "changes": found, "seq": found[-1]["seq"] if found else since})

    async def visible(request: Request) -> Response:
        user, channel = request.query_params.get("user", ""), request.query_params.get("channel", "")
        try:
            return JSONResponse({"ok": True, "result": slack.visible(user, channel)})
        except NotPossible as refused:
            return JSONResponse({"ok": False, "error": str(refused)}, status_code=409)

    async def views(request: Request) -> Response:
        user = request.query_params.get("user", "")
        return JSONResponse({"ok": True, "result": slack.views(user), "home": slack.home(user)})

    async def journal(_request: Request) -> Response:
        return JSONResponse({"ok": True, "entries": slack.journal.as_json()})

    return [
        Route("/people/state", state),
        Route("/people/changes", changes),
        Route("/people/visible", visible),
        Route("/people/views", views),
        Route("/people/journal", journal),
        Route("/people/{action}", act, methods=["POST"]),
    ]


def _plain(result: Any) -> Any:
    if isinstance(result, Delivery):
        # The payload carries trigger and response_url: those are the app's, not the person's.
        return {"acked": result.acked, "problem": result.problem, "ack_latency": result.ack_latency}
    return asdict(result) if is_dataclass(result) and not isinstance(result, type) else result


def whole_state(slack: "SlackLookalike") -> Json:
    """Return the workspace as one JSON object: everything a page needs to draw it."""
    workspace = slack.workspace
    with workspace.lock:
        return {
            "ok": True,
            "seq": len(workspace.changes),
            "team": {"id": workspace.team_id, "name": workspace.name, "domain": workspace.domain},
            "bot_user_id": workspace.bot.id,
            "connections": slack.connections,
            "users": [
                profile_of(slack.context, user) | {"role": user.role} for user in workspace.users.values()
            ],
            "channels": [
                {
                    "id": channel.id,
                    "name": channel.name,
                    "type": channel.kind,
                    "is_ext_shared": channel.is_ext_shared,
                    "members": sorted(channel.members),
                    "messages": [m.body | {"seen_by": m.seen_by} for m in channel.messages],
                }
                for channel in workspace.channels.values()
            ],
            "views": {user: slack.views(user) for user in workspace.views},
            "homes": {user: slack.home(user) for user in workspace.homes},
            "commands": sorted(slack.settings.commands),
        }
