"""Asking the customer which of the two they mean, and reminding them: by the thread, by a channel, or by hand."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from services.deciding import decide, decide_as_desk, unauthorised
from services.domain import decisions
from services.domain.case import Action, State, target_of
from services.domain.denials import Denied, Why
from services.domain.identity import Identifier, folded, is_written_as_folded
from services.domain.people import DESK, Actor, Role
from services.domain.question import Question, last_day, until_end_of
from services.domain.record import Case, CaseFile
from services.ports import Desk, Dispatch, PostKind, System, SystemUnavailableError
from services.reaching import MessageKind
from services.side_by_side import side_by_side
from services.wording import claims_falsely

# The ways that need no channel: posted in the thread, or sent by the agent, who thereby attests it.
THREAD, COPIED = "thread", "copied"
# Where the personal link will stand: made when the message goes out, kept nowhere.
LINK_PLACE = "[personal link]"
_AT_LEAST = timedelta(days=2)


def language_of(desk: Desk, case: Case) -> str:
    """Return the language that the customer is written to in: the message's, if the operator has read its texts."""
    spoken = (case.question.language if case.question else case.reading.language).casefold()
    wanted = spoken.replace("_", "-").partition("-")[0]
    return wanted if wanted in desk.policy.languages else "en"


def question_text(
    desk: Desk, case: Case, *, channel: str = COPIED, intro: str | None = None, language: str = "en"
) -> tuple[str, str]:
    """Return the two parts of the question: the introduction, which the agent may edit, and the fixed choices."""
    facts = _facts(desk, case, channel=channel)
    opening = intro if intro is not None else desk.texts.render("ask_intro", language, facts)
    return opening.strip(), desk.texts.render("ask_choices", language, facts).strip()


def ask(
    desk: Desk,
    *,
    case_id: str,
    version: int,
    actor: Actor,
    channel: str,
    intro: str,
    language: str = "en",
    address: str = "",
) -> Case | Denied:
    """Put the question to the customer by `channel`: "thread", "copied" (the agent attests it) or a configured one.

    `address` says where a configured channel sends it. An e-mail address must be on file in a system (design rule 2):
    that reads every system, so a caller who has to answer a click shows a skeleton first.
    """
    case = desk.cases.get(case_id)
    if case is None:
        return Denied(why=Why.UNKNOWN_CASE)
    if denied := unauthorised(desk, case, actor=actor, role=Role.AGENT, action=Action.ASK):
        return denied
    if target_of(state=case.state, action=Action.ASK) is None:
        return Denied(why=Why.NOT_NOW)
    if claims_falsely(desk, "ask", intro):
        return Denied(why=Why.FALSE_CLAIM)
    by_hand = channel in {THREAD, COPIED}
    contact = None if by_hand else _contact(desk, channel, address)
    if isinstance(contact, Denied):
        return contact
    language = language if language in desk.policy.languages else "en"
    text = "\n\n".join(question_text(desk, case, channel=channel, intro=intro, language=language))
    now = desk.clock.now()
    question = Question(
        at=now,
        by=actor.user_id,
        channel=channel,
        id=desk.vault.mac(f"question|{case_id}|{version}")[:24],
        until=_until(desk, case, now),
        language=language,
    )
    wants: PostKind | Dispatch | None = None
    if channel == THREAD:
        wants = PostKind.QUESTION
    elif contact is not None:
        wants = Dispatch(id=question.id, case_id=case_id, kind=MessageKind.ASK, channel=channel)
    asked = decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action=Action.ASK,
        change=lambda case: decisions.ask(case, question=question),
        file=lambda old: replace(old, question_text=text, contact=contact or old.contact),
        facts=(("question", desk.vault.mac(text)), ("channel", channel), ("language", language)),
        wants=wants,
    )
    if isinstance(asked, Case):
        desk.dispatches.cancel(case_id, but=question.id)
        if channel != THREAD:
            # One question at a time: what the thread does not show yet must not turn up beside this one.
            desk.posts.cancel(case_id, PostKind.QUESTION)
    return asked


def reminder_text(desk: Desk, case: Case) -> str:
    """Return the reminder of the question that is open, in its language. Raises ValueError when none is."""
    if case.question is None:
        raise ValueError("nothing was asked, so there is nothing to remind of")
    facts = _facts(desk, case, channel=case.question.channel)
    return desk.texts.render("remind", case.question.language, facts).strip()


def remind(desk: Desk, *, case_id: str, version: int | None = None, actor: Actor = DESK) -> Case | Denied:
    """Remind the customer of the open question by the way it was asked.

    An agent may always; the desk itself (`actor` left out) only where it can send, so not after a question that was
    sent by hand: then the answer is `NO_SUCH_CHANNEL`, and an agent who calls it attests having reminded. With
    `version` a second call for the same version changes nothing and is denied.
    """
    case = desk.cases.get(case_id)
    if case is None:
        return Denied(why=Why.UNKNOWN_CASE)
    if actor != DESK and (denied := unauthorised(desk, case, actor=actor, role=Role.AGENT, action="remind")):
        return denied
    now = desk.clock.now()
    checked = decisions.remind(case, at=now)
    if isinstance(checked, Denied) or case.question is None:
        return checked if isinstance(checked, Denied) else Denied(why=Why.NOT_NOW)
    channel = case.question.channel
    if channel != THREAD and desk.channel(channel) is None and not (channel == COPIED and actor != DESK):
        return Denied(why=Why.NO_SUCH_CHANNEL)
    text = reminder_text(desk, case)
    wants: PostKind | Dispatch | None = None
    if channel == THREAD:
        wants = PostKind.REMINDER
    elif channel != COPIED:
        wants = dispatch_for(desk, case, MessageKind.REMIND, channel)
    facts = (("text", desk.vault.mac(text)), ("channel", channel))

    def file(old: CaseFile) -> CaseFile:
        return with_letter(old, MessageKind.REMIND, text)

    if actor != DESK:
        return decide(
            desk,
            case_id=case_id,
            version=version if version is not None else case.version,
            actor=actor,
            role=Role.AGENT,
            action="remind",
            change=lambda now_: decisions.remind(now_, at=now),
            file=file,
            facts=facts,
            wants=wants,
        )
    expected = case.version if version is None else version
    return decide_as_desk(
        desk,
        case_id=case_id,
        action="remind",
        change=lambda now_: (
            decisions.remind(now_, at=now) if now_.version == expected else Denied(why=Why.FASTER)
        ),
        file=file,
        facts=facts,
        wants=wants,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How a message will reach the customer: what is written beside the decision, and where a channel sends it."""

    wants: PostKind | Dispatch | None
    contact: Identifier | None = None


def reach(
    desk: Desk, case: Case, *, channel: str, address: str, post: PostKind, kind: MessageKind
) -> Reach | Denied:
    """Return how to tell the customer something by `channel`: "thread", "copied" (by hand), or a configured one.

    A configured channel reaches only an address that is on file or proven (design rule 2); see `addresses_of`.
    """
    if channel == THREAD:
        return Reach(wants=post)
    if channel == COPIED:
        return Reach(wants=None)
    file = desk.cases.file(case.id)
    if desk.channel(channel) is None:
        return Denied(why=Why.NO_SUCH_CHANNEL)
    if file is None or address not in addresses_of(file, channel):
        return Denied(why=Why.NOT_ON_FILE)
    contact = Identifier(kind=channel, value=address, source="on file or proven")
    return Reach(wants=dispatch_for(desk, case, kind, channel), contact=contact)


def remind_silent(desk: Desk) -> int:
    """Remind, once each, the customers who have not answered for as long as the policy says; return how many.

    Only where the desk itself can send, and only if the operator asked for it (`customer.remind_after`).
    """
    now, wait, reminded = desk.clock.now(), desk.policy.remind_after, 0
    if not wait:
        return 0
    for case in desk.cases.in_states((State.AWAITING_CUSTOMER,)):
        question = case.question
        is_silent = question is not None and question.channel != COPIED and question.at + wait <= now
        if is_silent and case.reminded_at is None and not case.uncertain:
            reminded += isinstance(remind(desk, case_id=case.id, version=case.version), Case)
    return reminded


def dispatch_for(desk: Desk, case: Case, kind: MessageKind, channel: str) -> Dispatch:
    """Return the intent that the next write of this case brings into being; the same write, the same id."""
    key = desk.vault.mac(f"dispatch|{case.id}|{case.version}|{kind}")[:24]
    return Dispatch(id=key, case_id=case.id, kind=kind, channel=channel)


def with_letter(file: CaseFile, kind: MessageKind, text: str) -> CaseFile:
    """Return the file with the text of this kind of message put in the place of an earlier one."""
    others = tuple(one for one in file.letters if one[0] != kind)
    return replace(file, letters=(*others, (str(kind), text)))


def addresses_of(file: CaseFile, channel: str) -> tuple[str, ...]:
    """Return where a configured channel may reach this customer: what is on file or proven, and nothing else."""
    known = [file.contact.value] if file.contact and file.contact.kind == channel else []
    if channel == "email" and file.identity:
        # As they are on file: on its way a mail server may make another address of one with "ß" in it.
        known += [one.value for one in file.identity.identifiers if one.kind == "email"]
    if channel == "email":
        known = [one for one in known if is_written_as_folded(one)]
    return tuple(dict.fromkeys(folded(one) if channel == "email" else one for one in known))


def _contact(desk: Desk, channel: str, typed: str) -> Identifier | Denied:
    """Return where the channel will send; an e-mail address only if a system has exactly it on file."""
    way = desk.channel(channel)
    if way is None:
        return Denied(why=Why.NO_SUCH_CHANNEL)
    recipient = way.recipient(typed)
    if not recipient:
        return Denied(why=Why.NO_ADDRESS)
    address = Identifier(kind=channel, value=recipient, source=way.label)
    if channel != "email":
        return address
    looked = side_by_side(("", partial(_holds, system, address)) for system in desk.systems)
    holders = [system.label for system, holds in zip(desk.systems, looked, strict=True) if holds]
    unasked = [system.label for system, holds in zip(desk.systems, looked, strict=True) if holds is None]
    if holders:
        return replace(address, source=f"on file: {', '.join(holders)}")
    if unasked:
        return Denied(why=Why.NOT_SEARCHED, detail=", ".join(unasked))
    return Denied(why=Why.NOT_ON_FILE)


def _holds(system: System, address: Identifier) -> bool | None:
    """Return whether the system has exactly this address on file, None when it cannot be asked."""
    try:
        found = system.find((address,))
    except SystemUnavailableError:
        return None
    return any(one.canonical == address.canonical for each in found for one in each.identifiers)


def _facts(desk: Desk, case: Case, *, channel: str) -> dict[str, object]:
    way = desk.channel(channel)
    question = case.question
    return {
        "company": desk.policy.company,
        "services": sorted(one.label for one in desk.systems if one.is_mandatory),
        "answer_due": case.answer_due.astimezone(desk.policy.zone),
        "until": (question and question.last_day) or last_day(_until(desk, case, desk.clock.now())),
        "link": LINK_PLACE if way is not None and way.carries_link else "",
        "buttons": channel == THREAD,
    }


def _until(desk: Desk, case: Case, now: datetime) -> datetime:
    """Return when buttons and link stop counting: the policy's time, not beyond the day the law wants an answer."""
    return until_end_of(min(now + desk.policy.link_life, max(case.answer_due, now + _AT_LEAST)))
