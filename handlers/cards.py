"""The messages that the publisher posts, drawn from the desk's present knowledge of a case."""

from datetime import datetime
from typing import Any

from handlers.links import link_to
from handlers.views.card import render_card, render_full_card
from handlers.views.direct import approval_message, hand_over_message, nudge_message
from handlers.views.facts import CardFacts, Message
from handlers.views.phrase import masked_phrase
from handlers.views.posts import Choices, ask_with_buttons, joined, redacted, say
from services.asking import THREAD
from services.domain.case import BEFORE_CONFIRMATION, TERMINAL, State
from services.domain.question import Question
from services.domain.record import Case, CaseFile
from services.domain.reminding import reminders
from services.ports import Desk, PostKind
from services.reaching import MessageKind
from services.receipts import receipt_of


def card_message(
    desk: Desk, case: Case, file: CaseFile | None, *, workspace_url: str = "", plain: bool = False
) -> dict[str, Any]:
    """Return the case's card as arguments of chat.postMessage or chat.update; `file` is None once it is shredded.

    `plain` leaves out the blocks that a workspace may refuse.
    """
    return _arguments(
        render_card(case, card_facts(desk, case, file, workspace_url=workspace_url, plain=plain))
    )


def full_card_message(
    desk: Desk, case: Case, file: CaseFile | None, *, workspace_url: str = "", plain: bool = False
) -> dict[str, Any]:
    """Return the card for the private case channel: with the customer's words, as long as the case has them."""
    facts = card_facts(desk, case, file, workspace_url=workspace_url, plain=plain)
    return _arguments(render_full_card(case, facts, file))


def direct_message(
    desk: Desk, case: Case, kind: PostKind, *, person: str, workspace_url: str = ""
) -> dict[str, Any]:
    """Return what one person is told directly about a case, as it stands now; nothing personal."""
    facts = card_facts(desk, case, None, workspace_url=workspace_url)
    if kind is PostKind.APPROVAL:
        return _arguments(approval_message(case, facts, person_id=person))
    if kind is PostKind.NUDGE:
        open_ones = reminders(case, now=facts.now, choices=desk.policy.reminding)
        return _arguments(nudge_message(case, facts, open_ones, person_id=person))
    return _arguments(hand_over_message(case, facts, person_id=person))


def question_message(desk: Desk, case: Case, file: CaseFile) -> dict[str, Any]:
    """Return the question to the customer, as it was recorded; redacted when the case has ended."""
    if case.state in TERMINAL and case.state is not State.DISMISSED:
        return redacted_question()
    question = case.question
    is_open = question is not None and not question.used_at and case.state in BEFORE_CONFIRMATION
    if question is None or not is_open or question.channel != THREAD:
        return _arguments(say(file.question_text))
    return _arguments(ask_with_buttons(case.id, question, file.question_text, _choices(desk, question)))


def reminder_message(desk: Desk, case: Case, file: CaseFile) -> dict[str, Any]:
    """Return the reminder of the question that is open; its buttons are the question's own."""
    text = dict(file.letters).get(MessageKind.REMIND, "")
    if case.question is None or not text:
        raise ValueError(f"{case.ref} has no reminder; a post was asked for before it was worded")
    return _arguments(ask_with_buttons(case.id, case.question, text, _choices(desk, case.question)))


def _choices(desk: Desk, question: Question) -> Choices:
    """Return the words of the buttons in the language of the question."""

    def word(name: str) -> str:
        return desk.texts.word(name, question.language)

    return Choices(
        everything=word("all_title"),
        account=word("account_title"),
        neither=word("neither_title"),
        sure=word("review_title"),
        yes=word("confirm"),
        no=word("go_back"),
    )


def interim_message(case: Case, file: CaseFile) -> dict[str, Any]:
    """Return how a case stands that waits for a system."""
    text = dict(file.letters).get(MessageKind.INTERIM, "")
    if not text:
        raise ValueError(f"{case.ref} has no interim text; a post was asked for before it was worded")
    return _arguments(say(text))


def closing_message(case: Case, file: CaseFile) -> dict[str, Any]:
    """Return the closing message (or refusal) to the customer, exactly as it was generated from verified outcomes."""
    if not file.closing_text.strip():
        raise ValueError(f"{case.ref} has no closing text; a post was asked for before it was generated")
    return _arguments(say(file.closing_text))


def joined_message(case: Case, link: str) -> dict[str, Any]:
    """Return the note under a message that belongs to a case whose thread is elsewhere."""
    return _arguments(joined(case, link))


def extension_message(case: Case, file: CaseFile) -> dict[str, Any]:
    """Return what tells the customer that the answer takes longer, as it was recorded; redacted once the case ended."""
    if case.state in TERMINAL and case.state is not State.DISMISSED:
        return redacted_question()
    return _arguments(say(file.extension_text))


def redacted_question() -> dict[str, Any]:
    """Return what replaces the question after the case has ended (design rule 9)."""
    return _arguments(redacted())


def labels_of(desk: Desk, case: Case) -> dict[str, str]:
    """Return what people call each system, those of the plan that are no longer configured included."""
    planned = {one.system: one.label for one in case.plan.systems} if case.plan else {}
    return planned | {one.name: one.label for one in desk.systems}


def _unread_since(case: Case, file: CaseFile | None) -> datetime | None:
    """Return when the customer last wrote, unless an answer was recorded after that: then an agent has read it."""
    last = file.replies[-1].at if file and file.replies else None
    return None if last and case.answer and case.answer.recorded_at >= last else last


def card_facts(
    desk: Desk, case: Case, file: CaseFile | None, *, workspace_url: str = "", plain: bool = False
) -> CardFacts:
    """Return what the card says beyond the case; of the file only the masked phrase, times and places leave it."""
    reading = case.reading
    earlier = desk.cases.get(case.linked_to) if case.linked_to else None
    is_dismissed = case.state is State.DISMISSED and case.ended is not None
    return CardFacts(
        now=desk.clock.now(),
        labels=labels_of(desk, case),
        phrase=masked_phrase(file.text, reading.start, reading.end) if file else "",
        observe=desk.policy.observe,
        halted=desk.switch.halted(),
        customer_wrote_at=_unread_since(case, file),
        approvers=tuple(sorted(desk.roles.approvers)),
        undo_until=case.ended.at + desk.policy.undo_window if is_dismissed and case.ended else None,
        closing_on_its_way=bool(file and file.closing_text) and case.told is None,
        linked=earlier.ref if earlier else "",
        link=link_to(workspace_url, channel=case.channel, ts=case.message_ts, thread_ts=case.thread_ts),
        elsewhere=_elsewhere(file, workspace_url),
        receipt=_receipt_id(desk, case),
        is_plain=plain,
    )


def desk_facts(desk: Desk) -> CardFacts:
    """Return what holds for every case at this moment: the time, the brakes, who may approve."""
    return CardFacts(
        now=desk.clock.now(),
        labels={one.name: one.label for one in desk.systems},
        observe=desk.policy.observe,
        halted=desk.switch.halted(),
        approvers=tuple(sorted(desk.roles.approvers)),
    )


def _elsewhere(file: CaseFile | None, workspace_url: str) -> tuple[str, ...]:
    """Return the addresses of what the customer wrote in other places than the case's thread."""
    apart = [one for one in file.replies if one.channel] if file else []
    links = (link_to(workspace_url, channel=one.channel, ts=one.ts, thread_ts=one.thread_ts) for one in apart)
    return tuple(one for one in links if one)


def _receipt_id(desk: Desk, case: Case) -> str:
    if case.state not in TERMINAL:
        return ""
    receipt = receipt_of(desk.cases, desk.vault, case, company=desk.policy.company)
    return receipt.id if receipt else ""


def _arguments(message: Message) -> dict[str, Any]:
    return {"text": message.text, "blocks": message.blocks}
