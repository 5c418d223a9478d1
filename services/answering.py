"""The customer's own answer, by a button in the thread or the page behind the personal link: recorded by the desk."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from services.deciding import PATIENCE, decide_as_desk
from services.domain import decisions, ending
from services.domain.case import BEFORE_CONFIRMATION, Action
from services.domain.denials import Denied, Why
from services.domain.identity import mask
from services.domain.ledger import Entry
from services.domain.people import CUSTOMER, DESK, Actor
from services.domain.record import Answer, Case, CaseFile, CustomerMessage, Ended
from services.domain.scope import Scope
from services.ports import Desk, PostKind

LINK, BUTTON = "link", "thread"
PROOFS = {LINK: "confirmation_link", BUTTON: "customer_button"}
# The ledger's words for a choice that moved nothing, and for one that joined an answer on record.
_REFUSED = "refused_click"
_JOINED = "customer_wrote"
Change = Callable[[Case], Case | Denied]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What became of the customer's choice. `joined`: an answer was on record already, so the agents look at it first."""

    case: Case
    joined: bool = False


def standing(desk: Desk, *, case_id: str, question_id: str) -> Case | Denied:
    """Return the case whose question may be answered now, or why it may not. Reads only."""
    case = desk.cases.get(case_id)
    if case is None:
        return Denied(why=Why.UNKNOWN_CASE)
    if why := decisions.unusable(case, question_id=question_id, now=desk.clock.now()):
        return Denied(why=why, at=_when(case, why))
    return case


def click(
    desk: Desk, *, case_id: str, question_id: str, who: Actor, scope: Scope | None, words: str
) -> Given | Denied:
    """Record what the customer chose with a button in the thread; only the person who wrote the message counts."""
    case, file = desk.cases.get(case_id), desk.cases.file(case_id)
    if case is None:
        return Denied(why=Why.UNKNOWN_CASE)
    theirs = file is not None and bool(file.customer_user) and file.customer_user == who.user_id
    if not theirs or (file and file.customer_team and file.customer_team != who.team_id):
        denied = Denied(why=Why.NOT_THE_CUSTOMER if file else Why.NOT_NOW)
        _note(desk, case, denied, by=who.user_id)
        return denied
    return answer(desk, case_id=case_id, question_id=question_id, scope=scope, words=words, channel=BUTTON)


def answer(
    desk: Desk, *, case_id: str, question_id: str, scope: Scope | None, words: str, channel: str
) -> Given | Denied:
    """Record the customer's choice once, on the question that it belongs to; `scope` None is "neither".

    `words` is the choice as the customer read it. Before any answer is on record the choice is the answer, or ends the
    case for "neither". Once one is on record it never replaces it (no silent widening, design section 4): it joins
    the case as a message of the customer's, which holds everything up until an agent has read it (rule 11).
    """
    for _ in range(PATIENCE):
        case, file = desk.cases.get(case_id), desk.cases.file(case_id)
        if case is None or file is None:
            return Denied(why=Why.UNKNOWN_CASE if case is None else Why.NOT_NOW)
        if why := decisions.unusable(case, question_id=question_id, now=desk.clock.now()):
            denied = Denied(why=why, at=_when(case, why))
            _note(desk, case, denied, by=CUSTOMER)
            return denied
        deed = _deed(desk, case, file, scope=scope, words=words, channel=channel)
        in_thread = case.question is not None and case.question.channel == "thread"
        done = decide_as_desk(
            desk,
            case_id=case_id,
            action=deed.action,
            # Judged on this very version: whatever came in between is judged anew.
            change=_on_version(case.version, deed.change),
            file=deed.file,
            facts=(
                ("by", CUSTOMER),
                ("scope", str(scope) if scope else "neither"),
                ("channel", channel),
                ("proof", PROOFS[channel]),
                ("question", question_id),
                ("words", desk.vault.mac(words)),
            ),
            wants=PostKind.QUESTION if in_thread else None,
        )
        if isinstance(done, Case):
            desk.dispatches.cancel(case_id)
            return Given(case=done, joined=deed.action == _JOINED)
        if done.why is not Why.FASTER:
            return done
    raise RuntimeError(f"lost {PATIENCE} races in a row while recording a customer's choice")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deed:
    """What is written: under which word of the ledger, to the case and to its file."""

    action: str
    change: Change
    file: Callable[[CaseFile], CaseFile]


def _deed(desk: Desk, case: Case, file: CaseFile, *, scope: Scope | None, words: str, channel: str) -> _Deed:
    now = desk.clock.now()
    if case.state not in BEFORE_CONFIRMATION:
        message = CustomerMessage(at=now, ts=f"{channel}-{case.version}", text=words)

        def joined(current: Case) -> Case | Denied:
            paused = ending.pause(_used(current, now), at=now)
            return (
                paused
                if isinstance(paused, Case)
                else replace(_used(current, now), version=current.version + 1)
            )

        return _Deed(
            action=_JOINED,
            change=joined,
            file=lambda old: replace(old, replies=(*old.replies, message)),
        )
    detail = _proof_detail(file, channel)
    if scope is None:
        ended = Ended(at=now, by=CUSTOMER, reason="the customer answered: neither")
        return _Deed(
            action=Action.WITHDRAW,
            change=lambda current: ending.withdraw(_used(current, now), ended=ended),
            file=lambda old: replace(old, answer_words=words, answer_proof=detail),
        )
    contact = file.contact if channel == LINK else None
    given = Answer(
        scope=scope,
        at=now,
        recorded_at=now,
        by=DESK.user_id,
        channel=channel,
        proof=PROOFS[channel],
        words_digest=desk.vault.mac(words),
        address=desk.vault.mac(contact.canonical) if contact else "",
    )
    return _Deed(
        action=Action.RECORD_ANSWER,
        change=lambda current: decisions.record_answer(
            _used(current, now), answer=given, has_words=bool(words.strip()), has_proof=True
        ),
        file=lambda old: replace(
            old, answer_words=words, answer_proof=detail, identity=None, decisions=(), candidates=()
        ),
    )


def _used(case: Case, at: datetime) -> Case:
    """Return the case with its question's link and buttons spent; whatever was uncertain about it has arrived."""
    if case.question is None:
        return case
    problem = "" if case.uncertain else case.problem
    return replace(case, question=replace(case.question, used_at=at), uncertain="", problem=problem)


def _on_version(version: int, change: Change) -> Change:
    return lambda current: change(current) if current.version == version else Denied(why=Why.FASTER)


def _proof_detail(file: CaseFile, channel: str) -> str:
    """Return what the proof rests on, for the approver; the address masked."""
    if channel == LINK and file.contact:
        return f"personal link sent to {mask(file.contact.value)}, {file.contact.source}"
    return "pressed the button under the question, with the Slack account that wrote the message"


def _when(case: Case, why: Why) -> datetime | None:
    """Return the moment that explains why a link does not count: when it was used, or when it ended."""
    if case.question is None:
        return None
    return case.question.used_at if why is Why.ANSWERED else case.question.until


def _note(desk: Desk, case: Case, denied: Denied, *, by: str) -> None:
    """Put on the record that a choice was made that did not count."""
    entry = Entry(
        case_id=case.id,
        version=case.version,
        at=desk.clock.now(),
        actor=by,
        action=_REFUSED,
        before=case.state,
        after=case.state,
        facts=(("tried", "answer"), ("why", denied.why)),
    )
    desk.cases.note(entry)
