"""Modals about a case's course: hand it to somebody else, take longer and say why, open one from a link."""

from datetime import datetime

from handlers import ids
from handlers.language import later, t
from handlers.views.asking import Ways
from handlers.views.blocks import (
    View,
    context,
    day,
    modal,
    person,
    radio,
    section,
    text_input,
    user_select,
    words,
)
from services.domain.record import Case, HoldKind

EXAMPLE = later(
    "For example: the request concerns several systems whose records have to be looked through by hand."
)


def hand_over_view(case: Case) -> View:
    """Return the form that puts the case into somebody else's hands."""
    now = (
        t("In the hands of {agent}.", agent=person(case.agent)) if case.agent else t("In nobody's hands yet.")
    )
    blocks = [
        section(
            t(
                "{now} Whoever gets it is told directly; everybody on the agent list can still act on the card.",
                now=now,
            )
        ),
        user_select(ids.TAKER, t("Who goes on with it?")),
        text_input(
            ids.NOTE,
            t("What they should know"),
            optional=True,
            multiline=True,
            at_most=1000,
            hint=t("Kept with the case and destroyed with it; shown under “Show the message”."),
        ),
    ]
    return modal(
        t("Hand over · {ref}", ref=case.ref),
        blocks,
        callback_id=ids.HAND_OVER_FORM,
        submit=t("Hand over"),
        metadata={"case": case.id, "version": case.version},
    )


def extend_view(case: Case, *, until: datetime, ways: Ways) -> View:
    """Return the form that takes longer: possible once, in time, and only with reasons that the customer is told."""
    blocks = [
        section(
            t(
                "The answer is due by *{answer_due}*. It can be extended once, to *{until}*, if the customer "
                "is told why before the first date. The clock does not stop meanwhile.",
                answer_due=day(case.answer_due),
                until=day(until),
            )
        ),
        text_input(
            ids.GROUND,
            t("Why it takes longer, as the customer will read it"),
            multiline=True,
            at_most=1500,
            hint=EXAMPLE,
        ),
        radio(ids.CHANNEL, t("How is the customer told?"), ways),
    ]
    return modal(
        t("Take longer · {ref}", ref=case.ref),
        blocks,
        callback_id=ids.EXTEND_FORM,
        submit=t("Extend"),
        metadata={"case": case.id, "version": case.version},
    )


def hold_view(case: Case) -> View:
    """Return the approver's form that holds a case: neither kind chosen in advance, and a reason."""
    blocks = [
        section(
            t(
                "Nothing is planned, approved or deleted until an approver lifts the hold; plan and approvals become void. "
                "The clock runs on: the answer is due by *{answer_due}*, and the customer may have to be told why "
                "you keep their data.",
                answer_due=day(case.answer_due),
            )
        ),
        radio(
            ids.GROUND,
            t("Why is it held?"),
            [
                (
                    HoldKind.LEGAL_HOLD,
                    t("Legal hold"),
                    t("a court, an authority or counsel wants the data kept"),
                ),
                (HoldKind.DISPUTE, t("Dispute"), t("an open claim between the customer and us")),
            ],
        ),
        text_input(
            ids.REASON,
            t("The reason, for the record"),
            multiline=True,
            at_most=1500,
            hint=t("Kept with the case and destroyed with it; the ledger keeps its digest."),
        ),
    ]
    return modal(
        t("Hold · {ref}", ref=case.ref),
        blocks,
        callback_id=ids.HOLD_FORM,
        submit=t("Hold"),
        metadata={"case": case.id, "version": case.version},
    )


def lift_view(case: Case, *, reason: str) -> View:
    """Return the approver's form that lifts a hold; it shows why the case was held."""
    since = (
        t("On hold since {at}, by {by}.", at=day(case.hold.at), by=person(case.hold.by)) if case.hold else ""
    )
    blocks = [
        section(
            t(
                "{since} Afterwards the case goes on from where it stands; without a plan it is planned anew.",
                since=since,
            )
        ),
        *words(reason, at_most=1500),
        text_input(ids.REASON, t("Why it can be lifted"), multiline=True, at_most=1500),
    ]
    return modal(
        t("Lift the hold · {ref}", ref=case.ref),
        blocks,
        callback_id=ids.LIFT_FORM,
        submit=t("Lift the hold"),
        metadata={"case": case.id, "version": case.version},
    )


def start_view(*, typed: str = "") -> View:
    """Return the form that opens a case from a message, from anywhere in Slack."""
    blocks = [
        section(t("Open a case from a message that nothing recognised. Nothing is deleted by this.")),
        text_input(
            ids.LINK,
            t("Link to the customer's message"),
            initial=typed,
            at_most=500,
            hint=t("“Copy link” in the message's menu."),
        ),
        context(t("On the message itself the shortcut “Open a deletion case” does the same.")),
    ]
    return modal(t("Open a case"), blocks, callback_id=ids.START_FORM, submit=t("Open"))
