"""Which buttons a case's card shows: the next step first, neither scope ever styled (design rule 12)."""

from datetime import datetime

from handlers import ids
from handlers.language import later, t
from handlers.views.blocks import Block, button, day, overflow
from services.domain.case import BEFORE_CONFIRMATION, BEFORE_DELETING, CONFIRMED, TERMINAL, State
from services.domain.record import Case

_SHOW = (ids.SHOW_MESSAGE, later("Show the message"))
_STOP = (ids.STOP, later("Stop"))
_NO_REQUEST = (ids.DISMISS, later("Not a deletion request"))
_HELD = frozenset({State.PLANNED, State.AWAITING_APPROVAL, State.APPROVED})


def buttons(
    case: Case, *, observe: bool = False, closing_on_its_way: bool = False, undo_until: datetime | None = None
) -> list[Block]:
    """Return the buttons of a card, each with "<case id>:<version>"; what is needed rarely stands behind "…"."""
    value = f"{case.id}:{case.version}"
    drawn = _drawn(case, observe=observe, closing_on_its_way=closing_on_its_way, undo_until=undo_until)
    resend = (
        [(ids.WENT_OUT, t("It went out")), (ids.SEND_AGAIN, t("Send it again"))] if case.uncertain else []
    )
    # An ended case has no other button; what the customer was to be told has to be readable until they are.
    resend += [_SHOW] if case.uncertain and case.state in TERMINAL else []
    rare = [(f"{action_id}|{value}", text, "") for action_id, text in _rare(case)]
    # In the row, because Slack takes no more than five behind "…".
    change = [(ids.RECORD, t("Change the answer"))] if case.state in CONFIRMED else []
    row = [button(text, action_id, value) for action_id, text in (*resend, *drawn, *change)]
    return [*row, overflow(ids.MORE, rare)] if rare else row


def _drawn(
    case: Case, *, observe: bool, closing_on_its_way: bool, undo_until: datetime | None
) -> tuple[tuple[str, str], ...]:
    if case.paused_at:
        return (_SHOW, (ids.MARK_READ, t("I have read it")), *((_STOP,) if case.state in _HELD else ()))
    if case.hold and case.state not in BEFORE_CONFIRMATION | TERMINAL:
        return ((ids.LIFT, t("Lift the hold")), _SHOW)
    match case.state:
        case State.DETECTED | State.AWAITING_CUSTOMER:
            asked = case.state is State.AWAITING_CUSTOMER
            ask = (ids.ASK, t("Ask again") if asked else t("Ask the customer"))
            record = (ids.RECORD, t("Record the answer"))
            remind = ((ids.REMIND, t("Remind")),) if asked and case.question and not case.uncertain else ()
            first = (record, *remind, ask) if asked else (ask, record)
            lift = ((ids.LIFT, t("Lift the hold")),) if case.hold else ()
            return (*first, *lift, _SHOW, _NO_REQUEST)
        case State.SCOPE_CONFIRMED:
            who = (ids.IDENTIFY, t("Choose again") if case.chosen else t("Who is this?"))
            plan = ((ids.MAKE_PLAN, t("Make the plan")),) if case.chosen else ()
            return (*plan, who, _SHOW)
        case State.PLANNED:
            return ((ids.SHOW_PLAN, t("Show the plan")), (ids.MAKE_PLAN, t("Count again")), _SHOW, _STOP)
        case State.AWAITING_APPROVAL:
            approve = () if observe else ((ids.APPROVE, t("Review and approve")),)
            return (*approve, _STOP, _SHOW)
        case State.APPROVED:
            return (_STOP, _SHOW)
        case State.DELETING | State.VERIFYING:
            return (_SHOW,)
        case State.AWAITING_SYSTEMS:
            return ((ids.INTERIM, t("Tell the customer how it stands")), _SHOW)
        case State.NEEDS_ATTENTION:
            by_hand = ((ids.ATTEST, t("Done by hand")),) if case.open_manual else ()
            # An approver's: what no read can prove holds the case up until somebody signs it off (design rule 5).
            attest = by_hand or (((ids.ATTEST, t("Sign off")),) if case.open_unverifiable else ())
            return ((ids.RETRY, t("Check again")), *attest, _SHOW)
        case State.NOTIFYING:
            # Stays while the message is on its way: a thread that cannot be posted to must not end in a dead end.
            text = t("Tell the customer another way") if closing_on_its_way else t("Send the closing message")
            tell = () if case.told else ((ids.CLOSE, text),)
            attest = ((ids.ATTEST, t("Done by hand")),) if case.open_manual else ()
            return (*tell, *attest, _SHOW)
        case State.DISMISSED:
            return (
                (
                    ids.UNDO,
                    t("Undo until {undo_until}", undo_until=day(undo_until)) if undo_until else t("Undo"),
                ),
            )
        case State.COMPLETED | State.WITHDRAWN | State.REFUSED:
            return ()


def _rare(case: Case) -> tuple[tuple[str, str], ...]:
    """Return what stands behind "…" (Slack: at most five): other people, more time, and the other endings."""
    if case.state in TERMINAL:
        return ()
    hand_over = ((ids.HAND_OVER, t("Hand over")),)
    longer = ((ids.EXTEND, t("Take longer (extension)")),) if case.told is None and not case.extension else ()
    law = ((ids.LAWS, t("Which law applies?")),) if case.told is None else ()
    back = ((ids.WITHDRAW, t("Customer took it back")),)
    refuse = ((ids.REFUSE, t("Refuse")),)
    if case.state in BEFORE_DELETING:
        return (*hand_over, *law, *longer, *back, *refuse)
    if case.state is State.NEEDS_ATTENTION:
        return (*hand_over, *law, *longer, *(() if case.started else back), *refuse)
    return (*hand_over, *law, *longer)
