"""What may happen to a case: its states, and the one table of transitions between them."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a case is. Waiting for people is a state, never a blocked workflow (design section 10)."""

    DETECTED = "detected"
    AWAITING_CUSTOMER = "awaiting_customer"
    SCOPE_CONFIRMED = "scope_confirmed"
    PLANNED = "planned"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    DELETING = "deleting"
    VERIFYING = "verifying"
    AWAITING_SYSTEMS = "awaiting_systems"
    NEEDS_ATTENTION = "needs_attention"
    NOTIFYING = "notifying"
    COMPLETED = "completed"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


class Action(StrEnum):
    """What somebody (or the desk) does to a case; the word that the ledger keeps."""

    ASK = "ask"
    RECORD_ANSWER = "record_answer"
    CHOOSE_IDENTITY = "choose_identity"
    PLAN = "plan"
    SEND_FOR_APPROVAL = "send_for_approval"
    APPROVE = "approve"
    STOP = "stop"
    DRIFT = "drift"
    START = "start"
    VERIFY = "verify"
    WAIT_FOR_SYSTEMS = "wait_for_systems"
    RESUME = "resume"
    NEED_ATTENTION = "need_attention"
    RETRY = "retry"
    REPLAN = "replan"
    NOTIFY = "notify"
    COMPLETE = "complete"
    DISMISS = "dismiss"
    UNDO_DISMISSAL = "undo_dismissal"
    WITHDRAW = "withdraw"
    REFUSE = "refuse"


S, A = State, Action

BEFORE_CONFIRMATION = frozenset({S.DETECTED, S.AWAITING_CUSTOMER})
CONFIRMED = frozenset({S.SCOPE_CONFIRMED, S.PLANNED, S.AWAITING_APPROVAL, S.APPROVED})
BEFORE_DELETING = BEFORE_CONFIRMATION | CONFIRMED
RUNNING = frozenset({S.DELETING, S.VERIFYING})
TERMINAL = frozenset({S.COMPLETED, S.DISMISSED, S.WITHDRAWN, S.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One row of the table: an action, the states it may start from, and the state it leads to."""

    action: Action
    sources: frozenset[State]
    target: State


# The only place that says which state follows which. What else an action demands (confirmations, approvals, the
# undo window of a dismissal, "nothing was started yet") is in decisions.py; docs/states.md is drawn from here.
MOVES: tuple[Move, ...] = (
    Move(action=A.ASK, sources=BEFORE_CONFIRMATION, target=S.AWAITING_CUSTOMER),
    Move(action=A.RECORD_ANSWER, sources=BEFORE_DELETING, target=S.SCOPE_CONFIRMED),
    Move(action=A.CHOOSE_IDENTITY, sources=CONFIRMED, target=S.SCOPE_CONFIRMED),
    Move(action=A.PLAN, sources=frozenset({S.SCOPE_CONFIRMED, S.PLANNED}), target=S.PLANNED),
    Move(action=A.SEND_FOR_APPROVAL, sources=frozenset({S.PLANNED}), target=S.AWAITING_APPROVAL),
    # account_only needs no second person: the agent's own decision leads straight on from `planned`.
    Move(action=A.APPROVE, sources=frozenset({S.PLANNED, S.AWAITING_APPROVAL}), target=S.APPROVED),
    Move(
        action=A.STOP,
        sources=frozenset({S.PLANNED, S.AWAITING_APPROVAL, S.APPROVED}),
        target=S.SCOPE_CONFIRMED,
    ),
    Move(action=A.START, sources=frozenset({S.APPROVED}), target=S.DELETING),
    Move(action=A.DRIFT, sources=frozenset({S.DELETING}), target=S.PLANNED),
    Move(action=A.VERIFY, sources=frozenset({S.DELETING, S.AWAITING_SYSTEMS}), target=S.VERIFYING),
    Move(action=A.WAIT_FOR_SYSTEMS, sources=RUNNING, target=S.AWAITING_SYSTEMS),
    Move(action=A.RESUME, sources=frozenset({S.AWAITING_SYSTEMS}), target=S.DELETING),
    # From scope_confirmed and planned: a system that cannot be planned (rule 3: not configured, reachable, permitted).
    Move(
        action=A.NEED_ATTENTION,
        sources=RUNNING | {S.AWAITING_SYSTEMS, S.NOTIFYING, S.SCOPE_CONFIRMED, S.PLANNED},
        target=S.NEEDS_ATTENTION,
    ),
    Move(action=A.RETRY, sources=frozenset({S.NEEDS_ATTENTION}), target=S.DELETING),
    Move(action=A.REPLAN, sources=frozenset({S.NEEDS_ATTENTION}), target=S.SCOPE_CONFIRMED),
    Move(action=A.NOTIFY, sources=frozenset({S.VERIFYING}), target=S.NOTIFYING),
    Move(action=A.COMPLETE, sources=frozenset({S.NOTIFYING}), target=S.COMPLETED),
    Move(action=A.DISMISS, sources=BEFORE_CONFIRMATION, target=S.DISMISSED),
    Move(action=A.UNDO_DISMISSAL, sources=frozenset({S.DISMISSED}), target=S.DETECTED),
    Move(action=A.WITHDRAW, sources=BEFORE_DELETING | {S.NEEDS_ATTENTION}, target=S.WITHDRAWN),
    Move(action=A.REFUSE, sources=BEFORE_DELETING | {S.NEEDS_ATTENTION}, target=S.REFUSED),
)

_TABLE = {(source, move.action): move.target for move in MOVES for source in move.sources}


def target_of(*, state: State, action: Action) -> State | None:
    """Return the state that the action leads to from `state`, or None when the table does not allow it."""
    return _TABLE.get((state, action))


def actions_from(state: State) -> frozenset[Action]:
    """Return every action that the table allows from `state`."""
    return frozenset(action for source, action in _TABLE if source is state)
