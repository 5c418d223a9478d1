"""The words for what the domain calls by name: scopes, proofs, channels, reasons, tables and their actions."""

from handlers.language import later, t
from handlers.views.blocks import clock, day, escape, person, records
from services.domain.case import State
from services.domain.outcome import Count, Outcome, OutcomeKind
from services.domain.recheck import READER
from services.domain.record import Behalf, Case
from services.domain.scope import Intent, Scope

PROOFS = (
    ("replied_from_address_on_file", later("Replied from the address on file"), ""),
    ("signed_in", later("Signed in to the account"), ""),
    ("confirmation_link", later("Followed a confirmation link"), later("sent to the address on file")),
    ("other", later("Other: say which below"), ""),
)
CHANNELS = (
    ("thread", later("In this thread"), ""),
    ("email", later("By e-mail"), ""),
    ("help_desk", later("In the help desk"), ""),
    ("phone", later("By telephone"), later("quote what was said")),
    ("other", later("Another way"), ""),
)
BEHALVES = (
    (Behalf.AUTHORISED_AGENT, later("An authorised agent"), later("with a mandate")),
    (Behalf.PARENT, later("A parent"), later("of a child")),
    (Behalf.GUARDIAN, later("A guardian"), later("appointed")),
)
DISMISSALS = (
    ("how_to", later("A how-to question"), ""),
    ("not_the_sender", later("About somebody else's data"), ""),
    ("other_privacy", later("Another privacy request"), later("access, correction, objection")),
    ("not_a_customer", later("Not from a customer"), ""),
    ("came_back", later("A customer who came back"), later("found at a recheck")),
    ("duplicate", later("The same request again"), later("another case has it")),
    ("other", later("Something else"), later("say what in the note")),
)
# GDPR Art. 12(5), 12(6), 17(3); other laws know the same grounds under other numbers.
GROUNDS = (
    ("legal_obligation", later("A law demands that we keep it"), later("GDPR Art. 17(3)(b)")),
    ("legal_claims", later("Needed for legal claims"), later("GDPR Art. 17(3)(e)")),
    ("public_interest", later("Expression, public health, archives"), later("GDPR Art. 17(3)(a), (c), (d)")),
    ("not_identified", later("We cannot find out who this is"), later("GDPR Art. 11, 12(6)")),
    ("unfounded", later("Manifestly unfounded or excessive"), later("GDPR Art. 12(5); we have to show it")),
    ("no_data", later("We hold no data about this person"), ""),
    ("other", later("Another ground"), later("say which below")),
)
_DONE_TO = {
    "delete": later("deleted"),
    "anonymise": later("made anonymous"),
    "deactivate": later("deactivated"),
    "remove": later("removed"),
    "purge": later("purged for good"),
    "unlink": later("of others cut loose from this customer"),
    "delete by hand": later("to be deleted by hand"),
}


def proof_words(proof: str) -> str:
    """Return how the answer is known to come from the person, in words (mrkdwn)."""
    by_the_desk = {
        "confirmation_link": t("used the personal link sent to the address on file"),
        "customer_button": t("pressed the button in Slack with the account that wrote"),
    }
    known = {value: t(text).lower() for value, text, _ in PROOFS if value != "other"} | by_the_desk
    return known.get(proof, "another proof, in the file")


def behalf_words(behalf: Behalf) -> str:
    """Return who answered in the customer's place, in words; "" for the customer."""
    return {value: text.lower() for value, text, _ in BEHALVES}.get(behalf, "")


def channel_words(channel: str) -> str:
    """Return the way in which something was said, in words (mrkdwn)."""
    known = {
        "thread": t("in this thread"),
        "copied": t("sent by hand"),
        "email": t("by e-mail"),
        "help_desk": t("in the help desk"),
        "link": t("on the page behind the personal link"),
    }
    return (known | {"phone": "by telephone"}).get(channel, "another way")


def reason_words(reason: str) -> str:
    """Return why a case was dismissed, in words (mrkdwn)."""
    return {value: t(text).lower() for value, text, _ in DISMISSALS}.get(reason, t("see the ledger"))


def ground_words(ground: str) -> str:
    """Return on which legal ground a request was refused, in words (mrkdwn), "" when none was chosen."""
    return {value: t(text) for value, text, _ in GROUNDS if value != "other"}.get(ground, "")


def scope_words(scope: Scope) -> str:
    """Return what the customer wants, in words."""
    match scope:
        case Scope.ALL_PERSONAL_DATA:
            return t("everything we hold, ActiveCampaign included")
        case Scope.ACCOUNT_ONLY:
            return t("only the account closed")


def reads_as(intent: Intent) -> str:
    """Return what the message reads as, steering to neither scope."""
    match intent:
        case Intent.ERASE_DATA:
            return t("erasing data, which can mean two things")
        case Intent.CLOSE_ACCOUNT:
            return t("closing the account")
        case Intent.AMBIGUOUS:
            return t("unclear: it can mean two things")
        case Intent.NONE:
            return t("no deletion request; opened by hand")


def title_of(case: Case) -> str:
    """Return the state of a case as a few plain words, for headlines and lists."""
    match case.state:
        case State.DETECTED:
            return t("Data is back") if case.reading.reader == READER else t("Deletion request?")
        case State.AWAITING_CUSTOMER:
            return t("Asked; no answer yet")
        case State.SCOPE_CONFIRMED:
            return t("The customer has answered")
        case State.PLANNED:
            return t("Planned")
        case State.AWAITING_APPROVAL:
            return t("Waiting for a second person")
        case State.APPROVED:
            return t("Approved")
        case State.DELETING:
            return t("Deleting")
        case State.VERIFYING:
            return t("Verifying")
        case State.AWAITING_SYSTEMS:
            return t("Waiting for a system")
        case State.NEEDS_ATTENTION:
            return t("Needs attention")
        case State.NOTIFYING:
            if case.told:
                return t("The customer was told")
            if case.open_manual:
                return t("Verified, except what is done by hand")
            return t("Verified; the customer has to be told")
        case State.COMPLETED:
            return t("Done")
        case State.DISMISSED:
            return t("Not a deletion request")
        case State.WITHDRAWN:
            return t("Taken back by the customer")
        case State.REFUSED:
            return t("Refused")


def count_words(count: Count) -> str:
    """Return one line of a plan or outcome, e.g. "orders: 14 records made anonymous" (mrkdwn)."""
    if count.action == "keep":
        ground = (
            f" ({escape(count.ground)}{f', until {escape(count.until)}' if count.until else ''})"
            if count.ground
            else ""
        )
        return t(
            "{table}: {records} kept{ground}",
            table=escape(count.table),
            records=records(count.number),
            ground=ground,
        )
    return f"{escape(count.table)}: {records(count.number)} {t(_DONE_TO.get(count.action, escape(count.action)))}"


def outcome_words(outcome: Outcome) -> str:
    """Return what became of a system, in words that claim no more than was read (mrkdwn)."""
    why = f": {escape(outcome.reason)}" if outcome.reason else ""
    match outcome.kind:
        case OutcomeKind.VERIFIED_GONE:
            gone = sum(count.number for count in outcome.counts if count.action != "keep")
            return t("✓ verified gone{value}", value=f" ({records(gone)})" if gone else "")
        case OutcomeKind.NOTHING_FOUND:
            return t("nothing found")
        case OutcomeKind.KEPT:
            until = t(", until {until}", until=escape(outcome.until)) if outcome.until else ""
            return t(
                "kept ({value}{until})", value=escape(outcome.ground) or t("ground on file"), until=until
            )
        case OutcomeKind.ACCEPTED:
            return t(
                "accepted, not finished{value}",
                value=t("; read again {due}", due=clock(outcome.due)) if outcome.due else "",
            )
        case OutcomeKind.UNVERIFIABLE:
            return t("cannot be verified{why}{signed}", why=why, signed=_signed(outcome, t("signed off")))
        case OutcomeKind.MANUAL if outcome.waits_for_closing:
            return t("goes by itself after the closing message")
        case OutcomeKind.MANUAL:
            return (
                t("done by hand{signed}", signed=_signed(outcome, "attested"))
                if outcome.signed_by
                else t("to be done by hand{why}", why=why)
            )
        case OutcomeKind.RETRY_LATER:
            return f"waiting{why}{f'; again {clock(outcome.due)}' if outcome.due else ''}"
        case OutcomeKind.FAILED:
            return f"failed{why}"


def due_words(case: Case, *, over: bool) -> str:
    """Return by when the law wants an answer (mrkdwn)."""
    days = (case.answer_due - case.opened_at).days
    verb = t("*the answer was due by*") if over else t("answer due by")
    return t(
        "{verb} {answer_due} ({days} days) · {regime}",
        verb=verb,
        answer_due=day(case.answer_due),
        days=days,
        regime=escape(case.regime),
    )


def _signed(outcome: Outcome, deed: str) -> str:
    return (
        t(", {deed} by {signed_by}", deed=deed, signed_by=person(outcome.signed_by))
        if outcome.signed_by
        else ""
    )
