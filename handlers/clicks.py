"""What a click or a submitted form says, read from Slack's payload, and how its sender gets an answer."""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from handlers import ids
from handlers.edge import Edge
from handlers.language import t
from handlers.views.blocks import Block, View
from handlers.views.notice import notice
from handlers.views.texts import sentence
from services.deciding import overtaken, record_refusal
from services.domain.denials import Denied, Why, denied_for
from services.domain.people import Actor, Role
from services.domain.record import Case

log = logging.getLogger(__name__)

# What bolt's `ack` is called with: {} closes the modal.
Reply = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A button, shortcut or submission: who, on which case and version, and where an answer is seen.

    `picked` is what was chosen behind "…". `in_home`: it came from the App Home, where no message can be shown: an answer is a modal there.
    """

    actor: Actor
    case_id: str
    version: int
    channel: str
    thread_ts: str
    trigger_id: str
    response_url: str
    view_id: str
    view_hash: str
    plan_hash: str
    action_id: str
    value: str
    values: Mapping[str, Mapping[str, Mapping[str, Any]]]
    in_home: bool = False
    picked: str = ""

    def text(self, block_id: str) -> str:
        """Return the words in a field, "" when empty."""
        return self._state(block_id).get("value") or ""

    def choice(self, block_id: str) -> str:
        """Return the value of the option that was chosen, "" when none was."""
        return (self._state(block_id).get("selected_option") or {}).get("value") or ""

    def user(self, block_id: str) -> str:
        """Return the person that was chosen, "" when none was."""
        return self._state(block_id).get("selected_user") or ""

    def is_ticked(self, block_id: str) -> bool:
        """Whether a box was ticked."""
        return bool(self._state(block_id).get("selected_options"))

    def ticked(self, block_id: str) -> tuple[str, ...]:
        """Return the values of the boxes that were ticked."""
        options = self._state(block_id).get("selected_options") or ()
        return tuple(str(one.get("value") or "") for one in options)

    def moment(self, block_id: str) -> datetime | None:
        """Return the date and time that was picked (UTC), or None."""
        picked = self._state(block_id).get("selected_date_time")
        return datetime.fromtimestamp(picked, tz=UTC) if isinstance(picked, int) else None

    def has(self, block_id: str) -> bool:
        """Whether the form had this field at all."""
        return block_id in self.values

    def about(self, case: Case) -> "Click":
        """Return the same click as if it had been made on this case's card as it stands now."""
        return replace(self, case_id=case.id, version=case.version)

    def _state(self, block_id: str) -> Mapping[str, Any]:
        return self.values.get(block_id, {}).get(ids.VALUE, {})


def click_of(body: dict[str, Any]) -> Click:
    """Read an interaction payload (block_actions, view_submission, shortcut). Missing parts are empty."""
    view, message = body.get("view") or {}, body.get("message") or {}
    container, user = body.get("container") or {}, body.get("user") or {}
    action = (body.get("actions") or [{}])[0]
    option = (action.get("selected_option") or {}).get("value") or ""
    picked, _, value = option.partition("|") if option else ("", "", action.get("value") or "")
    in_home = view.get("type") == "home"
    in_modal = bool(view) and not in_home
    case_id, version, plan_hash = _of_metadata(view) if in_modal else (*_of_value(value), "")
    return Click(
        actor=Actor(team_id=_team(body), user_id=user.get("id") or ""),
        case_id=case_id,
        version=version,
        channel=(body.get("channel") or {}).get("id") or container.get("channel_id") or "",
        thread_ts=message.get("thread_ts") or container.get("thread_ts") or "",
        trigger_id=body.get("trigger_id") or "",
        response_url=body.get("response_url") or "",
        # A modal opened from the Home tab stands alone: only one that comes from a modal goes on top of it.
        view_id=(view.get("id") or "") if in_modal else "",
        view_hash=(view.get("hash") or "") if in_modal else "",
        plan_hash=plan_hash,
        action_id=action.get("action_id") or "",
        value=action.get("value") or "",
        values=(view.get("state") or {}).get("values") or {},
        in_home=in_home,
        picked=picked,
    )


def admit(
    edge: Edge, click: Click, *, role: Role = Role.AGENT, action: str, is_reading: bool = False
) -> Case | Denied:
    """Return the case as it was clicked on, or why this person may not go on; refusals are put on the record.

    The verb judges again when it is called: this look is only so that no form opens in vain and no personal data is
    shown to the wrong person. `is_reading` lets an older card still show the message.
    """
    desk = edge.desk
    case = desk.cases.get(click.case_id)
    if denied := denied_for(actor=click.actor, role=role, roles=desk.roles, tried=action):
        record_refusal(desk, case, actor=click.actor, action=action, denied=denied)
        return denied
    if case is None:
        return Denied(why=Why.UNKNOWN_CASE)
    if case.version != click.version and not is_reading:
        return overtaken(desk, case)
    return case


def explain(edge: Edge, denied: Denied, case_id: str = "") -> str:
    """Return the sentence for a denial, naming those who could do it."""
    case = edge.desk.cases.get(case_id) if case_id else None
    # Who took part may not approve or sign off; a hold is any approver's.
    is_hold = denied.detail in {"place_hold", "lift_hold"}
    approvers = edge.desk.roles.approvers - (case.recorders if case and not is_hold else frozenset())
    return sentence(denied, now=edge.desk.clock.now(), approvers=approvers)


def answer(edge: Edge, click: Click, text: str, blocks: list[Block] | None = None) -> None:
    """Tell the person who clicked, and nobody else. Runs after the click was acknowledged."""
    if click.in_home or not click.channel:
        open_modal(edge, click, notice(t("Deletion Desk"), text))
        return
    edge.submit(lambda: tell(edge, click, text, blocks))


def tell(edge: Edge, click: Click, text: str, blocks: list[Block] | None = None) -> None:
    """Post an ephemeral message where the click was; by the response_url where the bot cannot post."""
    try:
        edge.client.chat_postEphemeral(
            channel=click.channel,
            user=click.actor.user_id,
            text=text,
            blocks=blocks,
            thread_ts=click.thread_ts or None,
        )
    except SlackApiError as error:
        if not click.response_url:
            log.warning("an answer to a click could not be shown: %s", error.response.get("error"))
            return
        WebhookClient(click.response_url).send(
            text=text, blocks=blocks, response_type="ephemeral", replace_original=False
        )


def open_modal(edge: Edge, click: Click, view: View) -> tuple[str, str]:
    """Open a modal with the click's trigger, on top of one that is open; return its id and hash.

    Returns ("", "") when the trigger had expired or Slack takes no more calls for now (429); the person is told to
    click again.
    """
    try:
        show = edge.client.views_push if click.view_id else edge.client.views_open
        shown = show(trigger_id=click.trigger_id, view=view)
    except SlackApiError as error:
        code = error.response.get("error")
        if code == "ratelimited":
            answer(
                edge, click, t("Slack asks the desk to slow down. Nothing was done: click again in a minute.")
            )
            return "", ""
        if code not in {"expired_trigger_id", "exchanged_trigger_id", "trigger_expired"}:
            raise
        answer(edge, click, t("Slack took too long with this click. Nothing was done: please click again."))
        return "", ""
    drawn = shown.get("view") or {}
    return str(drawn.get("id", "")), str(drawn.get("hash", ""))


def _of_value(value: str) -> tuple[str, int]:
    found = re.fullmatch(r"([\w-]{1,64}):(\d{1,9})", value, flags=re.ASCII)
    return (found[1], int(found[2])) if found else ("", -1)


def _of_metadata(view: dict[str, Any]) -> tuple[str, int, str]:
    try:
        known = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        known = {}
    version = known.get("version")
    return str(known.get("case", "")), version if isinstance(version, int) else -1, str(known.get("plan", ""))


def _team(body: dict[str, Any]) -> str:
    """Return the team of whoever clicked: in a shared channel it is not the team of the channel (design rule 2)."""
    user, team = body.get("user") or {}, body.get("team") or {}
    return user.get("team_id") or team.get("id") or ""
