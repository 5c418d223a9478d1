"""From a message to a case: open one, join the one that is open, or forget the message."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.deciding import decide_as_desk
from services.domain.case import TERMINAL, State
from services.domain.deadlines import acknowledgement_due, answer_due
from services.domain.denials import Denied, Why
from services.domain.ending import pause
from services.domain.identity import Identifier, emails_in, folded
from services.domain.laws import laws_at_first
from services.domain.people import Actor, Role
from services.domain.record import Case, CaseFile, CustomerMessage, NewCase
from services.domain.scope import Intent, Reading
from services.ports import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One message as it was received. `at` is when it was written (aware, UTC): the legal clock starts there.

    `thread_ts` is "" outside a thread. `author` is the Slack user, "" for a post by an integration, which may name the
    customer instead (`sender_name`, `sender_address`: what it claims, proven by nothing).
    `opened_by` names the person who opens the case by hand (mention, command, shortcut); then no reader is asked
    whether there should be one.
    """

    team_id: str
    channel: str
    ts: str
    text: str
    at: datetime
    thread_ts: str = ""
    author: str = ""
    author_team: str = ""
    opened_by: str = ""
    sender_name: str = ""
    sender_address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What became of a message: the case that it opened or joined (None: forgotten), and how it was read.

    `is_elsewhere`: it joined the open case of the same customer from another place than that case's thread.
    """

    case: Case | None
    reading: Reading
    is_new: bool = False
    is_elsewhere: bool = False


def take_in(desk: Desk, incoming: Incoming) -> TakenIn:
    """Decide what a message means for the desk. Idempotent: the same message taken in twice changes nothing more.

    A message in the thread of a running case joins it and keeps its clock. Once deletion has begun, or after the
    case has ended, a new request in the same thread opens a linked case: never a silent widening (design section 4).
    """
    known = desk.cases.of_message(team_id=incoming.team_id, channel=incoming.channel, ts=incoming.ts)
    thread = incoming.thread_ts or incoming.ts
    running = desk.cases.of_thread(team_id=incoming.team_id, channel=incoming.channel, thread_ts=thread)
    open_case = known or running
    if open_case and not incoming.opened_by and _simply_joins(desk, open_case, incoming):
        # Before the classifier, which may take seconds: a customer's "stop" has to pause the case at once (rule 11).
        if joined := _join(desk, open_case, incoming):
            return TakenIn(case=joined, reading=open_case.reading)
        return take_in(
            desk, incoming
        )  # the case ended at this very moment: judged again as what came after it
    reading = desk.classifier.read(incoming.text)
    is_request = reading.intent is not Intent.NONE
    if known and not incoming.opened_by:
        return _edited(desk, known, incoming, reading)
    if running and incoming.opened_by and running.state not in TERMINAL:
        return TakenIn(case=running, reading=reading)
    if running and not incoming.opened_by:
        if _is_colleague(desk, incoming):
            return TakenIn(case=None, reading=reading)
        if running.state not in TERMINAL and not is_request:
            joined = _join(desk, running, incoming)
            return TakenIn(case=joined, reading=reading) if joined else take_in(desk, incoming)
    if not is_request and not incoming.opened_by:
        return TakenIn(case=None, reading=reading)
    if running is None and (theirs := _open_case_of(desk, incoming)):
        # Opened by hand or not: the customer has one open case, with one clock (design section 4).
        joined = _join(desk, theirs, incoming)
        if joined:
            return TakenIn(case=joined, reading=reading, is_elsewhere=True)
    case, is_new = _open(desk, incoming, reading, linked_to=running.id if running else "")
    return TakenIn(case=case, reading=reading, is_new=is_new)


def senders_of(desk: Desk, incoming: Incoming) -> tuple[str, ...]:
    """Return the HMACs by which a customer's next message is recognised: their Slack account, or the address named."""
    if _is_colleague(desk, incoming):
        return ()
    account = f"slack|{incoming.author_team or incoming.team_id}|{incoming.author}" if incoming.author else ""
    address = (
        Identifier(kind="email", value=incoming.sender_address).canonical if incoming.sender_address else ""
    )
    return tuple(desk.vault.mac(one) for one in (account, address) if one)


def _open_case_of(desk: Desk, incoming: Incoming) -> Case | None:
    """Return the newest case of the same customer that has not begun to delete, or None.

    Once deletion has begun a new request is a case of its own, never a silent widening. So is one that names an
    address which the case does not know: whoever forwards requests of several people must not have them merged.
    """
    senders = set(senders_of(desk, incoming))
    if not senders:
        return None
    is_open = (state for state in State if state not in TERMINAL)
    found = [
        one
        for one in desk.cases.in_states(is_open)
        if senders & set(one.senders) and not one.started and one.team_id == incoming.team_id
    ]
    newest = max(found, key=lambda one: one.number, default=None)
    return newest if newest and _names_nobody_else(desk, newest, incoming) else None


def _names_nobody_else(desk: Desk, case: Case, incoming: Incoming) -> bool:
    file = desk.cases.file(case.id)
    if file is None:
        return False
    said = "\n".join([file.text, file.answer_words, *(one.text for one in file.replies)])
    known = {folded(file.customer_address), *emails_in(said)}
    return {*emails_in(incoming.text), folded(incoming.sender_address)} - {""} <= known


def _simply_joins(desk: Desk, case: Case, incoming: Incoming) -> bool:
    """Whether the message belongs to the case whatever it says: nothing was deleted yet, and no colleague wrote it."""
    return not case.started and case.state not in TERMINAL and not _is_colleague(desk, incoming)


def _edited(desk: Desk, known: Case, incoming: Incoming, reading: Reading) -> TakenIn:
    """Deal with the message of a case that has begun to delete or has ended, delivered again or edited.

    An edit that makes it a request opens a linked case under a key of its own: the clock must not run unseen.
    """
    file = desk.cases.file(known.id)
    is_new_text = file is None or incoming.text != file.text
    digest = desk.vault.mac(incoming.text)
    opened = next((one for one in desk.cases.ledger(known.id) if one.entry.action == "open"), None)
    was_this = opened is not None and dict(opened.entry.facts).get("message") == digest
    if reading.intent is Intent.NONE or was_this or not is_new_text or _is_colleague(desk, incoming):
        return TakenIn(case=_join(desk, known, incoming) or known, reading=reading)
    edited = replace(incoming, ts=f"{incoming.ts}-edited-{digest[:8]}", thread_ts=known.thread_ts)
    case, is_new = _open(desk, edited, reading, linked_to=known.id)
    return TakenIn(case=case, reading=reading, is_new=is_new)


def _open(desk: Desk, incoming: Incoming, reading: Reading, *, linked_to: str) -> tuple[Case, bool]:
    earlier = desk.cases.get(linked_to) if linked_to else None
    regimes, zone = laws_at_first(desk.policy.regimes, earlier), desk.policy.zone
    due = answer_due(received=incoming.at, regimes=regimes, zone=zone)
    heard = acknowledgement_due(
        received=incoming.at, regimes=regimes, zone=zone, is_working_day=desk.is_working_day
    )
    new = NewCase(
        team_id=incoming.team_id,
        channel=incoming.channel,
        thread_ts=incoming.thread_ts or incoming.ts,
        message_ts=incoming.ts,
        reading=reading,
        opened_at=incoming.at,
        answer_due=due.at,
        regime=due.regime.label,
        regimes=regimes,
        acknowledge_due=heard.at if heard else None,
        linked_to=linked_to,
        senders=senders_of(desk, incoming),
    )
    facts = (
        ("intent", str(reading.intent)),
        ("reader", reading.reader),
        ("prompt", reading.prompt_digest),
        ("message", desk.vault.mac(incoming.text)),
        ("linked_to", linked_to),
    )
    author = "" if _is_colleague(desk, incoming) else incoming.author
    file = CaseFile(
        text=incoming.text,
        customer_user=author,
        customer_team=(incoming.author_team or incoming.team_id) if author else "",
        customer_name=incoming.sender_name,
        customer_address=incoming.sender_address,
    )
    return desk.cases.open(new, file, actor=incoming.opened_by or "deletion-desk", facts=facts)


def _join(desk: Desk, case: Case, incoming: Incoming) -> Case | None:
    """Add the customer's message to the case; where the scope was confirmed already, that pauses it (rule 11).

    Returns None when the case has ended in the meantime.
    """
    file = desk.cases.file(case.id)
    thread = incoming.thread_ts or incoming.ts
    here = (incoming.channel, thread) == (case.channel, case.thread_ts)
    seen = {(case.message_ts, file.text)} | {(one.ts, one.text) for one in file.replies} if file else set()
    if file is None or case.state in TERMINAL or (incoming.ts, incoming.text) in seen:
        return case
    message = CustomerMessage(
        at=incoming.at,
        ts=incoming.ts,
        text=incoming.text,
        channel="" if here else incoming.channel,
        thread_ts="" if here else thread,
    )
    now = desk.clock.now()

    def change(current: Case) -> Case | Denied:
        if current.state in TERMINAL:
            return Denied(why=Why.NOT_NOW)
        paused = pause(current, at=now)
        return replace(current, version=current.version + 1) if isinstance(paused, Denied) else paused

    joined = decide_as_desk(
        desk,
        case_id=case.id,
        action="customer_wrote",
        change=change,
        file=lambda old: replace(old, replies=(*old.replies, message)),
        facts=(("message", desk.vault.mac(incoming.text)),),
    )
    return None if isinstance(joined, Denied) else joined


def _is_colleague(desk: Desk, incoming: Incoming) -> bool:
    actor = Actor(team_id=incoming.author_team or incoming.team_id, user_id=incoming.author)
    return desk.roles.holds(actor, Role.AGENT)
