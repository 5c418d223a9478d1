"""Design section 2 read off the ledger alone: what must stand on record before anything destructive may happen."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.domain.ledger import Entry

ALL = "all_personal_data"
VOIDING = {"stop", "drift", "withdraw", "refuse", "dismiss", "record_answer", "choose_identity", "plan"}
PAUSABLE = {"scope_confirmed", "planned", "awaiting_approval", "approved", "needs_attention"}
STARTS = {"start", "retry", "resume"}


def unauthorised(
    history: Sequence[Entry],
    *,
    cooling_off: timedelta,
    approvers: frozenset[str],
    agents: frozenset[str],
    team_people: frozenset[str],
) -> list[str]:
    """Return what section 2 still demanded at the end of this history, in words; empty when the effect was allowed."""
    moved = [one for one in history if one.action != "refused_click"]
    answer = _last(moved, "record_answer")
    if answer is None:
        return ["no answer of the customer's on record"]
    facts = dict(answer.facts)
    wrong = [f"{one.actor} is nobody here" for one in moved if one.actor not in team_people]
    asked = [one for one in moved[: moved.index(answer)] if one.action == "ask"]
    if not asked and (facts["scope"] == ALL or facts["from_message"] != "True"):
        wrong.append("the answer answers no recorded question")
    since = moved[moved.index(answer) :]
    chosen, plan = _last(since, "choose_identity"), _last(since, "plan")
    begun = [one for one in since if one.action == "start"]
    if chosen is None:
        return [*wrong, "nobody was chosen"]
    if plan is None and not _last(since, "drift"):
        return [*wrong, "there was no plan"]
    if not begun:
        return [*wrong, "it never began"]
    wrong += _approval_flaws(
        moved, since, scope=facts["scope"], approvers=approvers, agents=agents, wait=cooling_off
    )
    last_start = max(i for i, one in enumerate(moved) if one.action in STARTS)
    unread = False
    for one in moved[: last_start + 1]:
        if one.action == "customer_wrote" and one.before in PAUSABLE:
            unread = True
        elif one.action in {"mark_read", "record_answer"}:
            unread = False
    if unread:
        wrong.append("it went on over an unread message of the customer's")
    return wrong


def _approval_flaws(
    moved: Sequence[Entry],
    since: Sequence[Entry],
    *,
    scope: str,
    approvers: frozenset[str],
    agents: frozenset[str],
    wait: timedelta,
) -> list[str]:
    start = max(i for i, one in enumerate(since) if one.action == "start")
    voided = max(i for i, one in enumerate(since[:start]) if one.action in VOIDING)
    current = since[voided : start + 1]
    plan = dict(current[0].facts).get("plan")
    yes = [one for one in current if one.action == "approve" and dict(one.facts).get("plan") == plan]
    recorders = {
        one.actor for one in moved if one.action in {"record_answer", "choose_identity", "send_for_approval"}
    }
    wrong = []
    if current[0].action not in {"plan", "drift"}:
        wrong.append("the last word before the run was not a plan")
    if not yes:
        wrong.append("nobody said yes to this plan")
    elif yes[-1].at + wait > current[-1].at:
        wrong.append("the cooling-off was not over")
    if scope == ALL and not any(one.actor in approvers - recorders for one in yes):
        wrong.append("no different, authorised person approved it")
    if scope == ALL and not any(one.action == "send_for_approval" and one.actor in agents for one in current):
        wrong.append("no agent decided")
    if any(one.action in VOIDING - {"plan", "drift"} for one in since[start:]):
        wrong.append("it was stopped or changed after it began")
    return wrong


def _last(entries: Sequence[Entry], action: str) -> Entry | None:
    return next((one for one in reversed(entries) if one.action == action), None)


def accepted_since(history: Sequence[Entry], moment: datetime, actions: set[str]) -> list[Entry]:
    """Return the entries with one of these actions at or after a moment."""
    return [one for one in history if one.action in actions and one.at >= moment]
