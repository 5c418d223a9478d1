"""`/deletion` and the words behind it; the same words work behind a mention, as far as they need no form."""

import re
from collections.abc import Callable

from handlers import actions, course, questions
from handlers.cards import card_facts
from handlers.clicks import Click, explain, open_modal
from handlers.course import open_from_link
from handlers.edge import Edge
from handlers.language import t
from handlers.listing import find_cases, links_of, list_cases, nearest
from handlers.reading import link_in, number_in
from handlers.views.blocks import escape
from handlers.views.card import summary
from handlers.views.ending import halt_view
from handlers.views.facts import Message
from handlers.views.lists import case_message, cases_message, help_message, receipt_message, said
from services import oversight
from services.deciding import record_refusal
from services.domain.case import State
from services.domain.denials import Denied, Why, denied_for
from services.domain.identity import emails_in
from services.domain.people import Actor, Role
from services.domain.record import Case
from services.handing import remind_approvers, waits_for
from services.receipts import receipt_of

WORDS = (
    "help",
    "open",
    "case",
    "list",
    "mine",
    "due",
    "find",
    "approve",
    "remind",
    "hold",
    "lift",
    "export",
    "stop",
    "release",
)
_STANDSTILL = {"hold": course.hold, "lift": course.lift}


def respond(edge: Edge, click: Click, text: str) -> Message | None:
    """Return the answer to a command, for the person who typed it only; None when a form was opened instead."""
    word, rest = _parted(text)
    if not edge.desk.roles.holds(click.actor, Role.AGENT):
        return reply(edge, actor=click.actor, text=text)
    if word == "stop" and not rest:
        open_modal(edge, click, halt_view())
        return None
    case = _named(edge, rest)
    if word == "approve" and case and case.state is State.AWAITING_APPROVAL:
        actions.approve(edge, click.about(case))
        return None
    if word in _STANDSTILL and case:
        _STANDSTILL[word](edge, click.about(case))
        return None
    if word == "remind" and case and case.state is State.AWAITING_CUSTOMER:
        questions.ask(edge, click.about(case))
        return None
    return reply(edge, actor=click.actor, text=text)


def reply(edge: Edge, *, actor: Actor, text: str) -> Message:
    """Return the answer to a command's text ("" lists), for the person who typed it only."""
    word, rest = _parted(text)
    if word == "help":
        return help_message()
    if denied := denied_for(actor=actor, role=Role.AGENT, roles=edge.desk.roles):
        record_refusal(
            edge.desk,
            None,
            actor=actor,
            action=f"command {word if word in WORDS else 'unknown'}",
            denied=denied,
        )
        return said(explain(edge, denied))
    deeds: dict[str, Callable[[Edge, Actor, str], Message]] = {
        "open": _open,
        "case": _case,
        "list": list_cases,
        "mine": lambda edge, actor, _: list_cases(edge, actor, "mine"),
        "due": lambda edge, actor, _: list_cases(edge, actor, "due"),
        "find": find_cases,
        "approve": _approve,
        "remind": _remind,
        "hold": lambda edge, _, rest: _about(
            edge, rest, "hold", t("is held and released with `/deletion` only")
        ),
        "lift": lambda edge, _, rest: _about(
            edge, rest, "lift", t("is held and released with `/deletion` only")
        ),
        "export": _export,
        "stop": _stop,
        "release": _release,
    }
    deed = deeds.get(word)
    return deed(edge, actor, rest) if deed else nearest(word, WORDS, before=t("/deletion "))


def _parted(text: str) -> tuple[str, str]:
    """Return the word and the rest; what is typed without a word is taken for what it looks like."""
    text = text.strip()
    if link_in(text.partition(" ")[0]):
        return "open", text
    if re.fullmatch(r"(?i)dd-?\d{1,9}|\d{1,9}", text, flags=re.ASCII):
        return "case", text
    if " " not in text and emails_in(text):
        return "find", text
    word, _, rest = text.partition(" ")
    return word.casefold() or "list", rest.strip()


def _named(edge: Edge, rest: str) -> Case | None:
    number = number_in(rest)
    return edge.desk.cases.by_number(number) if number is not None else None


def case_reply(edge: Edge, case: Case) -> Message:
    """Return one case as its card shows it, with the way to its thread."""
    facts = card_facts(edge.desk, case, edge.desk.cases.file(case.id), plain=True)
    link = edge.link(channel=case.channel, ts=case.thread_ts)
    return case_message(case, summary(case, facts), link)


def _open(edge: Edge, actor: Actor, rest: str) -> Message:
    opened = open_from_link(edge, actor=actor, text=rest)
    if opened is None:
        return said(
            t(
                "Add the link to the customer's message: `/deletion open https://…` (“Copy link” in the message's menu)."
            )
        )
    return case_reply(edge, opened) if isinstance(opened, Case) else said(opened)


def _case(edge: Edge, _actor: Actor, rest: str) -> Message:
    number = number_in(rest)
    if number is None:
        return said(t("Which case? For example `/deletion case DD-1042`."))
    case = edge.desk.cases.by_number(number)
    return case_reply(edge, case) if case else said(_no_case(number))


def _approve(edge: Edge, actor: Actor, rest: str) -> Message:
    if not rest:
        cases = [
            one
            for one in edge.desk.cases.in_states((State.AWAITING_APPROVAL,))
            if waits_for(edge.desk, one, actor)
        ]
        return cases_message(
            cases,
            links_of(edge, cases),
            title=t("Cases that wait for your approval"),
            now=edge.desk.clock.now(),
        )
    return _about(edge, rest, "approve", t("waits for no approval now"))


def _remind(edge: Edge, actor: Actor, rest: str) -> Message:
    case = _named(edge, rest)
    if case and case.state is State.AWAITING_APPROVAL:
        reminded = remind_approvers(edge.desk, case_id=case.id, actor=actor)
        if isinstance(reminded, Denied):
            return said(explain(edge, reminded))
        return said(
            t(
                "{ref}: everybody who can approve it is reminded directly (at most once an hour).",
                ref=case.ref,
            )
        )
    return _about(edge, rest, "remind", t("waits neither for the customer nor for an approval"))


def _about(edge: Edge, rest: str, word: str, otherwise: str) -> Message:
    """Answer a word that opens a form where it fits: here it does not, or (behind a mention) no form can be opened."""
    number = number_in(rest)
    if number is None:
        return said(t("Which case? For example `/deletion {word} DD-1042`.", word=word))
    case = edge.desk.cases.by_number(number)
    if case is None:
        return said(_no_case(number))
    shown = case_reply(edge, case)
    fits = {"approve": State.AWAITING_APPROVAL, "remind": State.AWAITING_CUSTOMER}.get(word)
    first = (
        t("Type `/deletion {word} {ref}` in the channel's box: it opens a form.", word=word, ref=case.ref)
        if case.state is fits
        else f"{case.ref} {otherwise}."
    )
    return Message(text=shown.text, blocks=[*said(first).blocks, *shown.blocks])


def _export(edge: Edge, _actor: Actor, rest: str) -> Message:
    number = number_in(rest)
    if number is None:
        return said(t("Which case? For example `/deletion export DD-1042`."))
    case = edge.desk.cases.by_number(number)
    if case is None:
        return said(_no_case(number))
    receipt = receipt_of(edge.desk.cases, edge.desk.vault, case, company=edge.desk.policy.company)
    if receipt is None:
        return said(
            t(
                "{ref} has not ended yet, so there is no receipt. `/deletion case {ref}` shows it.",
                ref=case.ref,
            )
        )
    return receipt_message(case, receipt.id, receipt.as_json(indent=1))


def _stop(edge: Edge, actor: Actor, rest: str) -> Message:
    """Halt at once where no form can ask first (a mention has no trigger): the brake must never fail to work."""
    if rest:
        return said(
            t(
                "`/deletion stop` halts *every* run, after asking you. One case is stopped on its own card: "
                "`/deletion case {rest}` shows the way.",
                rest=escape(rest[:40]),
            )
        )
    denied = oversight.halt(edge.desk, actor=actor, halted=True)
    return (
        said(explain(edge, denied))
        if denied
        else said(t("*All runs are halted.* An operator releases them with `/deletion release`."))
    )


def _release(edge: Edge, actor: Actor, _rest: str) -> Message:
    denied = oversight.halt(edge.desk, actor=actor, halted=False)
    if denied and denied.why is Why.NOT_ALLOWED:
        return said(t("Only an operator can release the runs. They stay as they are."))
    if denied:
        return said(explain(edge, denied))
    return said(
        t("Runs may go on. Cases that were halted in the middle wait for “Check again” on their cards.")
    )


def _no_case(number: int) -> str:
    return t("There is no case DD-{number}. `/deletion list` shows the open ones.", number=number)
