"""Why a click or a step is denied, and the one look-up of who may do what."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.domain.people import Actor, Authority, Role


class Why(StrEnum):
    """Every reason for which a click or a step is denied; the interface has one sentence for each."""

    NOT_ALLOWED = "not_allowed"
    NOT_AN_APPROVER = "not_an_approver"
    OUTSIDER = "outsider"
    NOT_NOW = "not_now"
    FASTER = "faster"
    UNKNOWN_CASE = "unknown_case"
    ASK_FIRST = "ask_first"
    NO_WORDS = "no_words"
    ANSWER_BEFORE_QUESTION = "answer_before_question"
    ANSWER_IN_FUTURE = "answer_in_future"
    NO_PROOF = "no_proof"
    NOBODY_CHOSEN = "nobody_chosen"
    UNDECIDED = "undecided"
    NOT_SEARCHED = "not_searched"
    NO_PLAN = "no_plan"
    PLAN_HAS_PROBLEMS = "plan_has_problems"
    PLAN_CHANGED = "plan_changed"
    SAME_PERSON = "same_person"
    ALREADY_APPROVED = "already_approved"
    NEEDS_APPROVAL = "needs_approval"
    WRONG_ID = "wrong_id"
    PAUSED = "paused"
    COOLING_OFF = "cooling_off"
    HALTED = "halted"
    OBSERVE_ONLY = "observe_only"
    ALREADY_STARTED = "already_started"
    UNDO_OVER = "undo_over"
    NOT_SETTLED = "not_settled"
    NOT_TOLD = "not_told"
    NO_REASON = "no_reason"
    ACTIVECAMPAIGN_OPEN = "activecampaign_open"
    STILL_THERE = "still_there"
    NOT_ON_FILE = "not_on_file"
    NO_ADDRESS = "no_address"
    NO_SUCH_CHANNEL = "no_such_channel"
    UNCERTAIN = "uncertain"
    REPLACED = "replaced"
    ANSWERED = "answered"
    TOO_LATE = "too_late"
    NOT_THE_CUSTOMER = "not_the_customer"
    OTHER_ADDRESS = "other_address"
    FALSE_CLAIM = "false_claim"
    NO_AGENT = "no_agent"
    ON_HOLD = "on_hold"
    NO_AUTHORITY = "no_authority"
    NO_EXTENSION = "no_extension"
    ALREADY_EXTENDED = "already_extended"
    PERIOD_OVER = "period_over"
    DATA_FOUND = "data_found"
    NO_LAW = "no_law"


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """A decision that was not carried out. `by` and `at` say who was faster, where that is the reason.

    `detail` is what the sentence needs besides: for `NOT_AN_APPROVER` the action that was tried.
    """

    why: Why
    by: str = ""
    at: datetime | None = None
    detail: str = ""


def denied_for(*, actor: Actor, role: Role, roles: Authority, tried: str = "") -> Denied | None:
    """Return why this person may not act in this role, judged at click time by (team, user) (design rule 2).

    `tried` names the action, so that the answer can speak of it.
    """
    if roles.holds(actor, role):
        return None
    if actor.team_id != roles.team_id:
        return Denied(why=Why.OUTSIDER)
    if role is Role.APPROVER:
        return Denied(why=Why.NOT_AN_APPROVER, detail=tried)
    return Denied(why=Why.NOT_ALLOWED)
