"""What became of a message that a channel was to take to the customer: it went out, it could not, or nobody knows."""

from dataclasses import replace

from services.asking import dispatch_for
from services.closing import delivered, shred_if_ended
from services.deciding import decide, decide_as_desk
from services.domain.case import BEFORE_CONFIRMATION, TERMINAL, State
from services.domain.denials import Denied, Why
from services.domain.ledger import Entry
from services.domain.people import DESK, Actor, Role
from services.domain.record import Case, CaseFile
from services.extension import without_extension
from services.ports import Desk, Dispatch
from services.reaching import MessageKind

_WORDS = {
    MessageKind.ASK: "the question",
    MessageKind.REMIND: "the reminder",
    MessageKind.CLOSING: "the closing message",
    MessageKind.REFUSED: "the refusal",
    MessageKind.INTERIM: "the interim message",
    MessageKind.EXTENDED: "the note about the longer time",
    MessageKind.WITHDRAWN: "the note about the end of the case",
}


# What is told when the case has ended already: its text lives in a file that would be shredded.
AFTER_THE_END = frozenset({MessageKind.REFUSED, MessageKind.WITHDRAWN})


def text_of(file: CaseFile, kind: MessageKind) -> str:
    """Return the recorded text of a message of this kind, "" when there is none."""
    match kind:
        case MessageKind.ASK:
            return file.question_text
        case MessageKind.CLOSING | MessageKind.REFUSED | MessageKind.WITHDRAWN:
            return file.closing_text
        case MessageKind.EXTENDED:
            return file.extension_text
        case _:
            return dict(file.letters).get(kind, "")


def still_wanted(case: Case, dispatch: Dispatch) -> bool:
    """Whether the message still makes sense, now that its turn has come."""
    match dispatch.kind:
        case MessageKind.ASK:
            is_newest = case.question is not None and case.question.id == dispatch.id
            return is_newest and case.state in BEFORE_CONFIRMATION
        case MessageKind.REMIND:
            return case.state == "awaiting_customer" and case.question is not None
        case MessageKind.CLOSING:
            return case.state == "notifying" and case.told is None
        case MessageKind.REFUSED | MessageKind.WITHDRAWN:
            return case.state in TERMINAL
        case MessageKind.INTERIM:
            return case.state not in TERMINAL | {State.NOTIFYING}
        case MessageKind.EXTENDED:
            return case.state not in TERMINAL and case.told is None


def went_out(desk: Desk, dispatch: Dispatch, *, evidence: str, by: Actor = DESK) -> Case | Denied:
    """Note that the channel accepted the message; for the closing message that is the evidence of rule 5. Idempotent."""
    case = desk.cases.get(dispatch.case_id)
    if case is None:
        return Denied(why=Why.UNKNOWN_CASE)
    if dispatch.kind is MessageKind.CLOSING:
        return delivered(desk, case_id=case.id, evidence=evidence, channel=dispatch.channel, by=by)
    facts = (("message", str(dispatch.kind)), ("channel", dispatch.channel), ("evidence", evidence))
    if case.uncertain != dispatch.kind:
        # Nothing about the case changes: no open form becomes out of date because a mail went out.
        desk.cases.note(
            Entry(
                case_id=case.id,
                version=case.version,
                at=desk.clock.now(),
                actor=by.user_id,
                action="sent",
                before=case.state,
                after=case.state,
                facts=facts,
            )
        )
        shred_if_ended(desk, case)
        return case
    noted = decide_as_desk(
        desk,
        case_id=case.id,
        action="sent",
        change=lambda now: replace(now, version=now.version + 1, uncertain="", problem=""),
        facts=facts,
    )
    if isinstance(noted, Case):
        shred_if_ended(desk, noted)
    return noted


def could_not(desk: Desk, dispatch: Dispatch, *, reason: str) -> Case | Denied:
    """Note that the message surely did not go out, and say on the card that another way is needed.

    A question that never reached the customer is none: no answer may count after it (design rule 2). Nor is an
    extension of which the customer was not told one (GDPR Art. 12(3)): the first deadline holds. A refusal that
    did not go out keeps the file of the ended case until a person has told the customer.
    """
    lost = dispatch.kind is MessageKind.ASK
    problem = f"{_WORDS[dispatch.kind].capitalize()} was not sent: {reason}"
    held = str(dispatch.kind) if dispatch.kind in AFTER_THE_END else ""
    return decide_as_desk(
        desk,
        case_id=dispatch.case_id,
        action="undeliverable",
        change=lambda now: replace(
            without_extension(desk, now) if dispatch.kind is MessageKind.EXTENDED else now,
            version=now.version + 1,
            problem=problem,
            uncertain=held,
            question=None if lost and now.question and now.question.id == dispatch.id else now.question,
            reminded_at=None if dispatch.kind is MessageKind.REMIND else now.reminded_at,
        ),
        file=_without_closing
        if dispatch.kind is MessageKind.CLOSING and desk.cases.file(dispatch.case_id)
        else None,
        facts=(("message", dispatch.kind), ("channel", dispatch.channel)),
    )


def is_uncertain(desk: Desk, dispatch: Dispatch) -> Case | Denied:
    """Note that nobody knows whether the message went out: it is never sent again without a person's word."""
    problem = (
        f"It is not certain whether {_WORDS[dispatch.kind]} went out: the connection broke at the last moment. "
        "Look into the outbox, or ask the customer, then say what you found."
    )
    return decide_as_desk(
        desk,
        case_id=dispatch.case_id,
        action="uncertain",
        change=lambda now: (
            now
            if now.uncertain == dispatch.kind or not still_wanted(now, dispatch)
            else replace(now, version=now.version + 1, uncertain=str(dispatch.kind), problem=problem)
        ),
        facts=(("message", dispatch.kind), ("channel", dispatch.channel)),
    )


def attest(desk: Desk, *, case_id: str, version: int, actor: Actor, arrived: bool) -> Case | Denied:
    """Put a person's word in place of what is not known: it went out, or it did not and is sent once more."""
    case = desk.cases.get(case_id)
    if case is None:
        return Denied(why=Why.UNKNOWN_CASE)
    if not case.uncertain:
        return Denied(why=Why.NOT_NOW)
    open_ones = desk.dispatches.uncertain(case_id)
    if not open_ones:
        return Denied(why=Why.NOT_NOW)
    last = open_ones[-1]
    again = None
    question = case.question
    if not arrived:
        again = dispatch_for(desk, case, last.kind, last.channel)
        if last.kind is MessageKind.ASK and question:
            # A new intent is a new link: should the first message turn up after all, its link says so.
            question = replace(question, id=again.id)
    said = decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action="attest_sent" if arrived else "send_again",
        change=lambda now: replace(now, version=now.version + 1, uncertain="", problem="", question=question),
        facts=(("message", last.kind), ("channel", last.channel)),
        wants=again,
    )
    if isinstance(said, Denied):
        return said
    desk.dispatches.cancel(case_id, but=again.id if again else "")
    if arrived and last.kind is MessageKind.CLOSING:
        return delivered(desk, case_id=case_id, evidence="attested", channel=last.channel, by=actor)
    if arrived:
        shred_if_ended(desk, said)
    return said


def _without_closing(file: CaseFile) -> CaseFile:
    return replace(file, closing_text="")
