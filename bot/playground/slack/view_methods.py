"""views.*: modals and home tabs, single-use triggers, hashes, and stacks of at most three."""

import secrets
import time
from typing import Any

from bot.playground.slack.api_base import Context, Refused, decoded, given, user_known
from bot.playground.slack.payloads import with_ids
from bot.playground.slack.validation import interactive, problems_in_view, view_is_too_large
from bot.playground.slack.workspace import Json, Trigger, View, Workspace

MAX_STACK = 3


def checked_view(view: Any, *, kind: str = "modal") -> Json:
    """Return the validated view with ids filled in, or raise Slack's refusal."""
    if view_is_too_large(view):
        raise Refused("view_too_large")
    problems = problems_in_view(view, kinds=(kind,))
    if problems:
        raise Refused("invalid_arguments", problems)
    return {**view, "blocks": with_ids(view["blocks"])}


def _view_argument(args: Json, *, kind: str = "modal") -> Json:
    if not args.get("view"):
        raise Refused("invalid_arguments", ["missing required field: view"])
    return checked_view(decoded(args, "view", error="invalid_arguments"), kind=kind)


def _take_trigger(context: Context, args: Json) -> Trigger:
    trigger = context.workspace.triggers.get(given(args, "trigger_id"))
    if trigger is None:
        raise Refused("invalid_trigger_id")
    if trigger.used:
        raise Refused("exchanged_trigger_id")
    if time.monotonic() - trigger.issued > context.settings.trigger_life:
        raise Refused("expired_trigger_id")
    return trigger


def _new_hash(workspace: Workspace) -> str:
    return f"{workspace.next_ts()}.{secrets.token_hex(4)}"


def _check_external_id(workspace: Workspace, body: Json, own: View | None = None) -> None:
    external_id = body.get("external_id")
    taken = (v for stack in workspace.views.values() for v in stack if v is not own)
    if external_id and any(view.body.get("external_id") == external_id for view in taken):
        raise Refused("duplicate_external_id")


def add_view(workspace: Workspace, user_id: str, body: Json, *, on_top: bool) -> View:
    """Show a view to that person: on top of the open ones, or instead of them."""
    stack = workspace.views.setdefault(user_id, [])
    if not on_top:
        stack.clear()
    view_id = workspace.next_id("V")
    view = View(
        id=view_id,
        user_id=user_id,
        body=body,
        hash=_new_hash(workspace),
        root_view_id=stack[0].id if stack else view_id,
        previous_view_id=stack[-1].id if stack else None,
    )
    stack.append(view)
    workspace.announce("view", user=user_id, view=view.id)
    return view


def replace_body(workspace: Workspace, view: View, body: Json) -> None:
    """Change what a view shows; what was picked in elements that stay is kept."""
    kept = {(b["block_id"], e["action_id"]) for b, e in interactive(body["blocks"])}
    view.picked = {key: value for key, value in view.picked.items() if key in kept}
    view.body = body
    view.hash = _new_hash(workspace)
    workspace.announce("view", user=view.user_id, view=view.id)


def open_view(context: Context, args: Json) -> Json:
    """views.open: a new modal in place of what the person has open."""
    trigger = _take_trigger(context, args)
    body = _view_argument(args)
    _check_external_id(context.workspace, body)
    trigger.used = True
    return {"view": context.payloads.view(add_view(context.workspace, trigger.user_id, body, on_top=False))}


def push_view(context: Context, args: Json) -> Json:
    """views.push: on top of the modal from which the trigger came."""
    trigger = _take_trigger(context, args)
    body = _view_argument(args)
    stack = context.workspace.views.get(trigger.user_id, [])
    if not stack or trigger.view_id not in {view.id for view in stack}:
        raise Refused("not_found")
    if len(stack) >= MAX_STACK:
        raise Refused("push_limit_reached")
    _check_external_id(context.workspace, body)
    trigger.used = True
    return {"view": context.payloads.view(add_view(context.workspace, trigger.user_id, body, on_top=True))}


def update_view(context: Context, args: Json) -> Json:
    """views.update of an open view by view_id or external_id; `hash` guards against races."""
    if not args.get("view_id") and not args.get("external_id"):
        raise Refused("invalid_arguments", ["missing required field: view_id"])
    body = _view_argument(args)
    for view in (view for stack in context.workspace.views.values() for view in stack):
        if args.get("view_id") == view.id or (
            not args.get("view_id") and args["external_id"] == view.body.get("external_id")
        ):
            if args.get("hash") and args["hash"] != view.hash:
                raise Refused("hash_conflict")
            _check_external_id(context.workspace, body, own=view)
            replace_body(context.workspace, view, body)
            return {"view": context.payloads.view(view)}
    raise Refused("not_found")


def publish_view(context: Context, args: Json) -> Json:
    """views.publish: a person's home tab."""
    user = user_known(context, given(args, "user_id"))
    body = _view_argument(args, kind="home")
    home = context.workspace.homes.get(user.id)
    if home is None:
        view_id = context.workspace.next_id("V")
        home = View(id=view_id, user_id=user.id, body=body, hash="", root_view_id=view_id)
        context.workspace.homes[user.id] = home
    elif args.get("hash") and args["hash"] != home.hash:
        raise Refused("hash_conflict")
    replace_body(context.workspace, home, body)
    return {"view": context.payloads.view(home)}
