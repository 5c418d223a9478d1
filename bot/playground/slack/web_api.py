"""The Web API: one table of methods, token and scope checks, arguments as JSON, form or query."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.playground.slack import chat_methods, read_methods, view_methods
from bot.playground.slack.api_base import Context, Refused
from bot.playground.slack.journal import Journal
from bot.playground.slack.limits import RateLimits
from bot.playground.slack.workspace import Json


@dataclass(frozen=True, slots=True)
class Method:
    """One Web API method: its function, the scopes of which one is needed, and whether it changes anything."""

    call: Callable[[Context, Json], Json]
    scopes: frozenset[str] = frozenset()
    writes: bool = False
    app_token: bool = False


_WRITE = frozenset({"chat:write"})
_HISTORY = frozenset({"channels:history", "groups:history"})
_READ = frozenset({"channels:read", "groups:read"})
METHODS: Mapping[str, Method] = {
    "auth.test": Method(read_methods.auth_test),
    "apps.connections.open": Method(read_methods.connections_open, app_token=True),
    "chat.postMessage": Method(chat_methods.post_message, _WRITE, writes=True),
    "chat.postEphemeral": Method(chat_methods.post_ephemeral, _WRITE, writes=True),
    "chat.update": Method(chat_methods.update, _WRITE, writes=True),
    "chat.delete": Method(chat_methods.delete, _WRITE, writes=True),
    "chat.getPermalink": Method(chat_methods.permalink),
    "conversations.replies": Method(read_methods.replies, _HISTORY),
    "conversations.history": Method(read_methods.history, _HISTORY),
    "conversations.info": Method(read_methods.info, _READ),
    "conversations.members": Method(read_methods.members, _READ),
    "conversations.open": Method(read_methods.open_direct, frozenset({"im:write"}), writes=True),
    "users.info": Method(read_methods.user_info, frozenset({"users:read"})),
    "usergroups.users.list": Method(read_methods.group_members, frozenset({"usergroups:read"})),
    "views.open": Method(view_methods.open_view, writes=True),
    "views.push": Method(view_methods.push_view, writes=True),
    "views.update": Method(view_methods.update_view, writes=True),
    "views.publish": Method(view_methods.publish_view, writes=True),
}


class WebApi:
    """Answers POST and GET /api/{method}: HTTP 200 also for refusals, as Slack does."""

    def __init__(self, context: Context, journal: Journal) -> None:
        self._context = context
        self._journal = journal
        self.limits = RateLimits(clock=time.monotonic, is_on=context.settings.rate_limits)

    async def serve(self, request: Request) -> Response:
        """Answer one request."""
        name = request.path_params["method"]
        args = await read_arguments(request)
        token = (
            args.pop("token", None)
            or request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        )
        if wait := self._seconds_to_wait(name, args):
            return JSONResponse(_RATE_LIMITED, status_code=429, headers={"retry-after": str(wait)})
        answer = self.answer(name, args, token) if args.pop("__broken", None) is None else _INVALID_JSON
        return JSONResponse(
            answer, headers={"x-oauth-scopes": ",".join(sorted(self._context.settings.scopes))}
        )

    def _seconds_to_wait(self, name: str, args: Json) -> int:
        """Return the Retry-After of a call that comes too soon, journaled as refused; 0 when it may go on."""
        with self._context.workspace.lock:
            wait = self.limits.seconds_to_wait(name, args)
        if wait:
            self._journal.add_call(method=name, args=args, writes=False, answer=_RATE_LIMITED)
        return wait

    def answer(self, name: str, args: Json, token: str) -> Json:
        """Return what Slack answers to that call; journals it."""
        try:
            method = METHODS.get(name)
            if method is None:
                raise Refused("unknown_method", req_method=name)  # noqa: TRY301 - one place turns refusals into answers
            self._check_token(method, token)
            with self._context.workspace.lock:
                context = replace(self._context, by_admin=token == self._context.settings.admin_token)
                answer = {"ok": True, **method.call(context, args)}
        except Refused as refused:
            answer = refused.answer
        writes = name in METHODS and METHODS[name].writes
        self._journal.add_call(method=name, args=args, writes=writes, answer=answer)
        return answer

    def _check_token(self, method: Method, token: str) -> None:
        settings = self._context.settings
        if not token:
            raise Refused("not_authed")
        if token not in {settings.bot_token, settings.app_token, settings.admin_token}:
            raise Refused("invalid_auth")
        if (token == settings.app_token) != method.app_token:
            raise Refused("not_allowed_token_type")
        if method.scopes and not method.scopes & settings.scopes:
            needed, provided = ",".join(sorted(method.scopes)), ",".join(sorted(settings.scopes))
            raise Refused("missing_scope", needed=needed, provided=provided)


_RATE_LIMITED: Json = {"ok": False, "error": "ratelimited"}
_INVALID_JSON: Json = {"ok": False, "error": "invalid_json"}


async def read_arguments(request: Request) -> Json:
    """Return the arguments of a call: query first, the body (JSON or form) wins."""
    args: dict[str, Any] = dict(request.query_params)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if content_type == "application/json":
        raw = await request.body()
        try:
            # The SDK's auth.test says JSON and sends nothing.
            found = json.loads(raw) if raw.strip() else {}
        except json.JSONDecodeError:
            return {"__broken": True}
        return args | found if isinstance(found, dict) else {"__broken": True}
    if content_type == "application/x-www-form-urlencoded":
        args |= _form(await request.body())
    return args


def _form(raw: bytes) -> dict[str, str]:
    return dict(parse_qsl(raw.decode(), keep_blank_values=True))
