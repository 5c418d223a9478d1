"""A person with a modal in front of them: fills it in, uses its buttons, submits, closes."""

from dataclasses import dataclass, field
from typing import Any

from bot.playground.slack import forms
from bot.playground.slack.api_base import Context, Refused
from bot.playground.slack.delivery import Courier
from bot.playground.slack.journal import Delivery
from bot.playground.slack.view_methods import MAX_STACK, add_view, checked_view, replace_body
from bot.playground.slack.workspace import Json, NotPossible, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What the person saw after pressing submit.

    outcome: `missing` (required inputs empty, nothing was sent), `errors`, `closed`, `updated`, `pushed`,
    `cleared`, or `failed` (no ack in time or an unusable answer: "We had some trouble connecting").
    """

    outcome: str
    missing: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    view: Json | None = None
    problem: str | None = None


class PeopleViews:
    """What people do inside views. Raises NotPossible for what Slack would not offer."""

    def __init__(self, context: Context, courier: Courier) -> None:
        self._context = context
        self._workspace = context.workspace
        self._courier = courier

    def views(self, user: str) -> list[Json]:
        """Return the person's open modals, bottom first, each with its current state.values."""
        with self._workspace.lock:
            return [self._shown(view) for view in self._workspace.views.get(user, [])]

    def home(self, user: str) -> Json | None:
        """Return the person's published home tab."""
        with self._workspace.lock:
            home = self._workspace.homes.get(user)
            return None if home is None else self._shown(home)

    def act_in_view(
        self,
        user: str,
        view_id: str,
        action_id: str,
        *,
        block_id: str | None = None,
        value: Any = None,
        values: forms.Values | None = None,
    ) -> Delivery | None:
        """Use a button or menu inside a view; `values` is what was filled in before.

        Returns the delivery, or None where Slack sends nothing (an input without dispatch_action).
        """
        with self._workspace.lock:
            view = self._open(user, view_id)
            blocks = view.body["blocks"]
            found = forms.drawn_element(blocks, action_id, block_id)
            if found is None:
                raise NotPossible(f"no such button: {action_id} in view {view_id}")
            block, _ = found
            view.picked = forms.fill(blocks, view.picked, values or {})
            action, picked = forms.action_of(*found, value, self._workspace.next_ts())
            if picked is not None:
                view.picked[block["block_id"], action_id] = picked
            if block["type"] == "input" and not block.get("dispatch_action", False):
                return None
            state = forms.state_values(blocks, view.picked)
            payload = self._context.payloads.view_action(self._workspace.person(user), view, action, state)
        return self._courier.interactive(payload)

    def submit(self, user: str, view_id: str, values: forms.Values | None = None) -> Submitted:
        """Press submit with `{block_id: {action_id: value}}` filled in; untouched inputs keep their initial value."""
        with self._workspace.lock:
            view = self._open(user, view_id)
            if view.body["type"] != "modal" or not view.body.get("submit"):
                raise NotPossible(f"view {view_id} has no submit button")
            blocks = view.body["blocks"]
            view.picked = forms.fill(blocks, view.picked, values or {})
            state = forms.state_values(blocks, view.picked)
            missing = forms.missing_inputs(blocks, state)
            if missing:
                return Submitted(outcome="missing", missing=missing)
            payload = self._context.payloads.submission(self._workspace.person(user), view, state)
        delivery = self._courier.interactive(payload)
        if not delivery.acked:
            return Submitted(outcome="failed", problem=delivery.problem)
        with self._workspace.lock:
            try:
                return self._after(view, delivery.answer or {})
            except Refused as refused:
                # Slack tells the app nothing; the person reads that something went wrong.
                delivery.problem = str(refused.answer)
                return Submitted(outcome="failed", problem=str(refused.answer))

    def _after(self, view: View, answer: Json) -> Submitted:
        action = answer.get("response_action")
        stack = self._workspace.views.get(view.user_id, [])
        if action is None:
            self._remove(view)
            return Submitted(outcome="closed")
        if action == "clear":
            stack.clear()
            self._workspace.announce("view", user=view.user_id)
            return Submitted(outcome="cleared")
        if action == "errors":
            errors = answer.get("errors") or {}
            if not errors or not set(errors) <= forms.input_ids(view.body["blocks"]):
                raise Refused("errors name no input block of this view", given=sorted(errors))
            return Submitted(outcome="errors", errors=dict(errors))
        if action not in {"update", "push"}:
            raise Refused("unknown response_action", given=action)
        body = checked_view(answer.get("view"))
        if action == "push":
            if len(stack) >= MAX_STACK:
                raise Refused("push_limit_reached")
            pushed = add_view(self._workspace, view.user_id, body, on_top=True)
            return Submitted(outcome="pushed", view=self._shown(pushed))
        replace_body(self._workspace, view, body)
        return Submitted(outcome="updated", view=self._shown(view))

    def close(self, user: str, view_id: str, *, clear: bool = False) -> Delivery | None:
        """Close a view (with `clear`, the whole stack); the app hears of it when it asked to."""
        with self._workspace.lock:
            view = self._open(user, view_id)
            cleared = clear or bool(view.body.get("clear_on_close"))
            if cleared:
                self._workspace.views[user].clear()
                self._workspace.announce("view", user=user)
            else:
                self._remove(view)
            if not view.body.get("notify_on_close"):
                return None
            payload = self._context.payloads.closed(self._workspace.person(user), view, cleared=cleared)
        return self._courier.interactive(payload)

    def _remove(self, view: View) -> None:
        stack = self._workspace.views.get(view.user_id, [])
        if view in stack:
            stack.remove(view)
        self._workspace.announce("view", user=view.user_id, view=view.id)

    def _open(self, user: str, view_id: str) -> View:
        self._workspace.person(user)
        stack = self._workspace.views.get(user, [])
        if stack and stack[-1].id == view_id:
            return stack[-1]
        home = self._workspace.homes.get(user)
        if home is not None and home.id == view_id:
            return home
        raise NotPossible(f"{user} does not have view {view_id} in front")

    def _shown(self, view: View) -> Json:
        state = forms.state_values(view.body["blocks"], view.picked)
        return self._context.payloads.view(view) | {"state": {"values": state}}
