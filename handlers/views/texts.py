"""One sentence for every reason for which a click is denied: who, what, and what to do now."""

from collections.abc import Iterable
from datetime import datetime

from handlers.language import later, t
from handlers.views.blocks import escape, people, person
from services.domain.denials import Denied, Why
from services.domain.people import DESK

TOO_OLD = later(
    "This button belongs to an older version of Deletion Desk, or to a message that is over. Nothing was done. Use the buttons on the case's current card, or `/deletion list`."
)

_AGES = (
    (86400, later(" 1 day ago"), later(" {number} days ago")),
    (3600, later(" 1 hour ago"), later(" {number} hours ago")),
    (60, later(" 1 minute ago"), later(" {number} minutes ago")),
    (1, later(" 1 second ago"), later(" {number} seconds ago")),
)
# What the ledger calls a deed, as somebody would say it.
_DEEDS = {
    "ask": later("asked the customer"),
    "record_answer": later("recorded the answer"),
    "search": later("searched for the customer"),
    "choose_identity": later("chose who the customer is"),
    "plan": later("made the plan"),
    "send_for_approval": later("sent the plan for approval"),
    "approve": later("approved the plan"),
    "stop": later("stopped the case"),
    "start": later("started the deletion"),
    "begin_deleting": later("started the deletion"),
    "retry": later("checked again"),
    "withdraw": later("recorded that the customer took the request back"),
    "refuse": later("refused the request"),
    "dismiss": later("dismissed the case"),
    "undo_dismissal": later("took the dismissal back"),
    "mark_read": later("read the customer's message"),
    "customer_wrote": later("noted a new message from the customer"),
    "send_closing": later("sent the closing message"),
    "told": later("noted that the customer was told"),
    "attest": later("attested a step done by hand"),
    "outcome": later("recorded what became of a system"),
    "complete": later("completed the case"),
    "nobody_fits": later("recorded that nobody fits"),
    "hand_over": later("handed the case over"),
    "need_attention": later("handed the case to a person"),
    "place_hold": later("put the case on hold"),
    "lift_hold": later("lifted the hold"),
    "extend": later("extended the deadline"),
    "set_laws": later("said which law applies"),
    "found_again": later("found data again"),
}

# What only approvers may do, as the sentence for everybody else says it.
_FOR_APPROVERS = {
    "approve": later("approve"),
    "review_and_approve": later("approve"),
    "place_hold": later("place a hold"),
    "lift_hold": later("lift a hold"),
    "attest": later("sign off what no read can prove"),
}


def sentence(denied: Denied, *, now: datetime, approvers: Iterable[str] = ()) -> str:  # one case a reason
    """Return the answer (mrkdwn, nothing personal in it) for a denied click."""
    detail = escape(denied.detail)
    match denied.why:
        case Why.NOT_ALLOWED:
            return t(
                "Only people on the agent list can do this. Ask the operator of Deletion Desk to add you. Nothing was changed."
            )
        case Why.NOT_AN_APPROVER:
            return t(
                "Only people on the approver list can {tried}. "
                "{can} I have not told anyone you clicked; it is in the ledger.",
                tried=t(_FOR_APPROVERS.get(denied.detail, later("do this"))),
                can=_can(approvers),
            )
        case Why.OUTSIDER:
            return t("Deletion Desk can only be used by its own company's agents. Nothing was changed.")
        case Why.NOT_NOW:
            return t(
                "This is not possible in the case's present state. Its card shows what is. Nothing was changed."
            )
        case Why.FASTER:
            return _faster(denied, now)
        case Why.UNKNOWN_CASE:
            return t(
                "This case does not exist, or its personal data was already destroyed because it has ended."
            )
        case Why.ASK_FIRST:
            return t(
                'Ask first. A message that only says "delete my data" is not an answer to which of the two. '
                "Use “Ask the customer”, then record the reply."
            )
        case Why.NO_WORDS:
            return t("Quote the customer's reply, or link to it.")
        case Why.ANSWER_BEFORE_QUESTION:
            return t(
                "That is before the question was asked. An answer counts only after a recorded question."
            )
        case Why.ANSWER_IN_FUTURE:
            return t("That is in the future. Leave it empty if the answer came just now.")
        case Why.NO_PROOF:
            return t(
                "Say how we know that the answer comes from the person whose data it is. For “other”, say which."
            )
        case Why.NOBODY_CHOSEN:
            return t(
                "Nobody fits: nothing found belongs to this person. The case waits. "
                "Search with another address, ask the customer, or refuse."
            )
        case Why.UNDECIDED:
            return t("Decide for each of these whether it is this person. Undecided matches stop the case.")
        case Why.NOT_SEARCHED:
            return t(
                "Not every system could be asked{value}. Search again when it can.",
                value=f": {detail}" if detail else "",
            )
        case Why.NO_PLAN:
            return t("There is no plan yet. Make the plan first.")
        case Why.PLAN_HAS_PROBLEMS:
            return t("A system could not be planned, so nothing can be approved. The card says which.")
        case Why.PLAN_CHANGED:
            return t(
                "The plan is no longer the one you were shown. Look at the present one on the card; nothing was done."
            )
        case Why.SAME_PERSON:
            return t(
                "A second person has to approve: you recorded the answer, chose the identity or sent the plan. "
                "{can} This is in the ledger.",
                can=_can(approvers),
            )
        case Why.ALREADY_APPROVED:
            return t("You have approved this already. Another person has to approve too.")
        case Why.NEEDS_APPROVAL:
            return t("Erasing everything needs approval by a second person. Send the plan for approval.")
        case Why.WRONG_ID:
            return t("That is not this case's id. Type it exactly as the title shows it.")
        case Why.PAUSED:
            return t("The customer wrote again. Read it first and press “I have read it”; then this goes on.")
        case Why.COOLING_OFF:
            return t("The cooling-off is not over yet. The run starts by itself when it is.")
        case Why.HALTED:
            return t(
                "All runs are halted with `/deletion stop`. An operator can release them with `/deletion release`."
            )
        case Why.OBSERVE_ONLY:
            return t("Deletion Desk is in observe mode: it shows cases and deletes nothing.")
        case Why.ALREADY_STARTED:
            return t(
                "Too late: deletion has already begun, so this can no longer be taken back. What is left can be refused."
            )
        case Why.UNDO_OVER:
            return t("The time to undo is over. A new message from the customer opens a new case.")
        case Why.NOT_SETTLED:
            return t(
                "Not finished yet{value}. Try again later; nothing was claimed.",
                value=f": {detail}" if detail else "",
            )
        case Why.NOT_TOLD:
            return t("The customer has not been told yet. Send the closing message first.")
        case Why.NO_REASON:
            return t("A reason is needed.")
        case Why.ACTIVECAMPAIGN_OPEN:
            return t("ActiveCampaign is not verified yet, so the case cannot be completed.")
        case Why.NOT_ON_FILE:
            return t(
                "This address is not on file in any system, so a link sent to it would prove nothing. Use an address that "
                "is on file, or ask another way."
            )
        case Why.NO_ADDRESS:
            return t("Write exactly one address to send it to.")
        case Why.NO_SUCH_CHANNEL:
            return t(
                "The desk cannot send this by itself. Send it the way the question was sent, or ask again another way."
            )
        case Why.UNCERTAIN:
            return t(
                "It is not certain whether the last message went out. Say first what you found; the card has the buttons."
            )
        case Why.REPLACED:
            return t("These buttons belong to an older question. Please use the newest one.")
        case Why.ANSWERED:
            return t("This question was answered already. Nothing was changed.")
        case Why.TOO_LATE:
            return t(
                "The time to answer this question is over. Nothing was changed. It has to be asked again."
            )
        case Why.NOT_THE_CUSTOMER:
            return t("Only the person who was asked can answer with these buttons. Nothing was changed.")
        case Why.OTHER_ADDRESS:
            return t(
                "The customer confirmed with a link sent to another address. That address has to be part of who this is; "
                "search with it, or ask again."
            )
        case Why.FALSE_CLAIM:
            return t(
                "Your own words claim what was not verified for everything. Leave that out: the text says what is true."
            )
        case Why.DATA_FOUND:
            return t(
                "That we hold nothing may be said only after a run that searched every system and found nothing. "
                "Choose another ground."
            )
        case Why.NO_AGENT:
            return t("Choose somebody on the agent list: only they can go on with the case.")
        case Why.STILL_THERE:
            return t(
                "It is still there{value}. Only when a read no longer finds it is it done.",
                value=f": {detail}" if detail else "",
            )
        case Why.ON_HOLD:
            by = t(" by {by}", by=person(denied.by)) if denied.by else ""
            return t(
                "This case is on hold{by}: nothing may be planned or deleted until an approver lifts it. The clock runs on.",
                by=by,
            )
        case Why.NO_AUTHORITY:
            return t(
                "Say how the person who answered for the customer showed that they may, e.g. a signed mandate that you have seen."
            )
        case Why.NO_EXTENSION:
            law = detail or t("The law that may apply")
            return t(
                "{law} knows no extension, so none can be given while it may apply to this customer. "
                "“Which law applies?” behind “…” records which do.",
                law=law,
            )
        case Why.ALREADY_EXTENDED:
            return t("The deadline was extended once already; the law allows no second time.")
        case Why.PERIOD_OVER:
            return t(
                "Too late: an extension has to be told to the customer before the first deadline. That has passed."
            )
        case Why.NO_LAW:
            return t(
                "Tick at least one law. Tick all that may apply where you do not know: the earliest counts."
            )


def in_plain(text: str) -> str:
    """Return a sentence of ours for a plain_text field: without entities and formatting."""
    bare = text.replace("`", "")
    return bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _faster(denied: Denied, now: datetime) -> str:
    who = t("The desk") if denied.by == DESK.user_id or not denied.by else person(denied.by)
    deed = t(_DEEDS.get(denied.detail, later("changed the case")))
    return t(
        "{who} {deed}{ago}. Nothing you clicked was used. The card shows how it stands now.",
        who=who,
        deed=deed,
        ago=_ago(denied, now),
    )


def _ago(denied: Denied, now: datetime) -> str:
    if denied.at is None:
        return ""
    seconds = max(0, int((now - denied.at).total_seconds()))
    for size, one, more in _AGES:
        if seconds >= size:
            number = seconds // size
            return t(one) if number == 1 else t(more, number=number)
    return t(" just now")


def _can(approvers: Iterable[str]) -> str:
    known = sorted(approvers)
    return (
        t("{known} can.", known=people(known))
        if known
        else t("Nobody on the list can at present: ask the operator.")
    )
