"""The Slack edge: payload in, verb called, view out, with one visible table that says which id leads where."""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from handlers import actions, course, customer, home, ids, laws, modals, questions, shortcuts, telling
from handlers.clicks import Click, Reply, click_of
from handlers.commands import respond
from handlers.edge import Edge
from handlers.mentions import mentioned

Body = dict[str, Any]

ACTIONS: dict[str, Callable[[Edge, Click], None]] = {
    ids.SHOW_MESSAGE: actions.show_message,
    ids.ASK: questions.ask,
    ids.ASK_LANGUAGE: questions.ask_in,
    ids.RECORD: actions.record,
    ids.IDENTIFY: actions.identify,
    ids.MAKE_PLAN: actions.make_plan,
    ids.SHOW_PLAN: actions.show_plan,
    ids.APPROVE: actions.approve,
    ids.MARK_READ: actions.mark_read,
    ids.STOP: actions.stop,
    ids.DISMISS: actions.dismiss,
    ids.UNDO: actions.undo,
    ids.WITHDRAW: actions.withdraw,
    ids.REFUSE: actions.refuse,
    ids.RETRY: actions.retry,
    ids.CLOSE: actions.close,
    ids.ATTEST: actions.attest,
    ids.REMIND: actions.remind,
    ids.INTERIM: actions.interim,
    ids.WENT_OUT: actions.went_out,
    ids.SEND_AGAIN: actions.send_again,
    ids.CUSTOMER_ALL: customer.choose,
    ids.CUSTOMER_ACCOUNT: customer.choose,
    ids.CUSTOMER_NEITHER: customer.choose,
    ids.MORE: lambda edge, click: ACTIONS.get(click.picked, actions.unknown)(edge, click),
    ids.HAND_OVER: course.hand_over,
    ids.EXTEND: course.extend,
    ids.LAWS: laws.choose_laws,
    ids.SEARCH_MORE: actions.search_more,
    ids.LIFT: course.lift,
    ids.HOME_REFRESH: home.refresh,
}
FORMS: dict[str, Callable[[Edge, Click], Reply]] = {
    ids.ASK_FORM: telling.ask,
    ids.RECORD_FORM: modals.record,
    ids.SEARCH_FORM: modals.search,
    ids.SEARCH_AGAIN_FORM: modals.search_again,
    ids.IDENTITY_FORM: modals.choose,
    ids.PLAN_SEND_FORM: modals.send_for_approval,
    ids.PLAN_ACCOUNT_FORM: modals.close_account,
    ids.APPROVE_FORM: modals.approve,
    ids.STOP_FORM: modals.stop,
    ids.HALT_FORM: modals.halt,
    ids.DISMISS_FORM: modals.dismiss,
    ids.WITHDRAW_FORM: telling.withdraw,
    ids.REFUSE_FORM: telling.refuse,
    ids.CLOSE_FORM: telling.tell_customer,
    ids.INTERIM_FORM: telling.tell_in_between,
    ids.ATTEST_FORM: modals.attest,
    ids.HAND_OVER_FORM: course.handed_over,
    ids.EXTEND_FORM: course.extended,
    ids.LAWS_FORM: laws.laws_chosen,
    ids.HOLD_FORM: course.held,
    ids.LIFT_FORM: course.lifted,
    ids.START_FORM: course.start_from_link,
}
SHORTCUTS: dict[str, Callable[[Edge, Body], None]] = {
    ids.OPEN_CASE: shortcuts.open_case,
    ids.START: shortcuts.start,
}
ANYTHING = re.compile(".*", re.DOTALL)


def register(app: App, edge: Edge) -> None:
    """Bind every id to its function, and every unknown one to an answer (design rule 10).

    Listeners acknowledge first or by what they return; with `process_before_response` an exception becomes a 500.
    """
    for action_id, deed in ACTIONS.items():
        app.action(action_id)(_on_click(edge, deed))
    for callback_id, form in FORMS.items():
        app.view(callback_id)(_on_form(edge, form))
    for callback_id, shortcut in SHORTCUTS.items():
        app.shortcut(callback_id)(_on_shortcut(edge, shortcut))
    app.command(ids.COMMAND)(_on_command(edge))
    app.event("app_mention")(_on_mention(edge))
    app.event("app_home_opened")(_on_home(edge))
    # Bolt asks in order of registration: what no line above knows ends here.
    app.event(ANYTHING)(_on_other_event)
    app.action(ANYTHING)(_on_click(edge, actions.unknown))
    app.view(ANYTHING)(_on_form(edge, modals.unknown))
    app.shortcut(ANYTHING)(_on_shortcut(edge, shortcuts.unknown))
    app.command(ANYTHING)(_on_command(edge))


def _on_click(edge: Edge, deed: Callable[[Edge, Click], None]) -> Callable[..., None]:
    def listener(ack: Ack, body: Body) -> None:
        ack()
        click = click_of(body)
        deed(edge, click)
        home.follow(edge, click.actor)

    return listener


def _on_form(edge: Edge, form: Callable[[Edge, Click], Reply]) -> Callable[..., None]:
    def listener(ack: Ack, body: Body) -> None:
        click = click_of(body)
        ack(**form(edge, click))
        home.follow(edge, click.actor)

    return listener


def _on_shortcut(edge: Edge, shortcut: Callable[[Edge, Body], None]) -> Callable[..., None]:
    def listener(ack: Ack, body: Body) -> None:
        ack()
        shortcut(edge, body)

    return listener


def _on_command(edge: Edge) -> Callable[..., None]:
    def listener(ack: Ack, body: Body) -> None:
        message = respond(edge, click_of(_as_click(body)), body.get("text") or "")
        if message is None:
            ack()
        else:
            ack(text=message.text, blocks=message.blocks, response_type="ephemeral")

    return listener


def _on_mention(edge: Edge) -> Callable[..., None]:
    def listener(body: Body) -> None:
        mentioned(edge, body)

    return listener


def _on_home(edge: Edge) -> Callable[..., None]:
    def listener(body: Body) -> None:
        home.opened(edge, body)

    return listener


def _on_other_event() -> None:
    """Do nothing: what concerns the desk was written to the inbox by the middleware, before this."""


def _as_click(body: Body) -> Body:
    """Return a command's flat fields in the shape of a click, so that one reader suffices."""
    return {
        "user": {"id": body.get("user_id"), "team_id": body.get("team_id")},
        "channel": {"id": body.get("channel_id")},
        "trigger_id": body.get("trigger_id"),
        "response_url": body.get("response_url"),
    }
