"""Cases in every state, with every view that can be drawn of them: what the tests of the views look at."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.playground.slack.validation import message_is_too_long, problems_in_blocks, problems_in_view
from handlers.views import asking, direct, ending, handing, identifying, lists, notice, planning, posts
from handlers.views.card import render_card, render_full_card, summary
from handlers.views.digest import digest_message
from handlers.views.facts import CardFacts, Message
from handlers.views.home import HomeFacts, home_view, strangers_home
from handlers.views.laws import laws_view
from handlers.views.phrase import masked_phrase
from services.domain.case import State
from services.domain.deadlines import REGIMES
from services.domain.identity import Candidate, Identifier, Identity
from services.domain.laws import Option
from services.domain.outcome import Count, Outcome, OutcomeKind
from services.domain.plan import Plan, SystemPlan
from services.domain.question import Question
from services.domain.record import (
    Answer,
    Approval,
    Behalf,
    Case,
    CaseFile,
    Chosen,
    CustomerMessage,
    Ended,
    Extension,
    Hold,
    HoldKind,
    Jurisdiction,
    Told,
)
from services.domain.reminding import Digest, Need, Reminder
from services.domain.scope import Intent, Reading, Scope

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LABELS = {"account": "Account", "activecampaign": "ActiveCampaign", "shop": "Shop database"}
TEXT = "Please delete my data, Maya Okafor, maya@example.com"
CLOSE = Reading(intent=Intent.CLOSE_ACCOUNT, confidence=1.0, speaks_of_data=False)
BEFORE_ANSWER = {State.DETECTED, State.AWAITING_CUSTOMER, State.DISMISSED}


def a_plan(scope: Scope = Scope.ALL_PERSONAL_DATA) -> Plan:
    keep = Count(table="invoices", action="keep", number=6, ground="tax law", until="2034")
    return Plan(
        scope=scope,
        identifiers=("mac",),
        systems=tuple(
            SystemPlan(
                system=name,
                label=label,
                order=order,
                digest="d",
                acts=scope is Scope.ALL_PERSONAL_DATA or name == "account",
                lines=(Count(table=f"{name} rows", action="delete", number=14), keep),
                warnings=("running subscription",),
            )
            for order, (name, label) in enumerate(LABELS.items())
        ),
    )


def a_case(state: State, scope: Scope = Scope.ALL_PERSONAL_DATA, **changes: Any) -> Case:
    """Return a case with everything on record that a case in this state has."""
    answered = state not in BEFORE_ANSWER
    planned = answered and state not in {State.SCOPE_CONFIRMED, State.WITHDRAWN}
    verified = state in {State.NOTIFYING, State.COMPLETED}
    outcomes = (
        Outcome(
            system="account",
            kind=OutcomeKind.VERIFIED_GONE,
            at=NOW,
            counts=(Count(table="rows", action="delete", number=1),),
        ),
        Outcome(system="activecampaign", kind=OutcomeKind.MANUAL, at=NOW, reason="no archive endpoint"),
        Outcome(system="shop", kind=OutcomeKind.KEPT, at=NOW, ground="tax law", until="2034"),
    )
    answer = Answer(
        scope=scope,
        at=NOW - HOUR,
        recorded_at=NOW,
        by="UANA",
        channel="email",
        proof="replied_from_address_on_file",
        words_digest="d",
    )
    case = Case(
        id="c0ffee",
        number=1042,
        team_id="TFERN",
        channel="CSUPPORT",
        thread_ts="1700000000.000100",
        message_ts="1700000000.000100",
        state=state,
        version=7,
        revision=2,
        reading=Reading(intent=Intent.AMBIGUOUS, confidence=0.6, start=7, end=21, reader="rules + model"),
        opened_at=NOW - 3 * HOUR,
        answer_due=NOW + timedelta(days=30) - 3 * HOUR,
        regime="GDPR",
        question=None
        if state in {State.DETECTED, State.DISMISSED}
        else Question(at=NOW - 2 * HOUR, by="UANA", channel="thread"),
        answer=answer if answered else None,
        chosen=Chosen(at=NOW, by="UANA", identifiers=("mac",)) if planned else None,
        plan=a_plan(scope) if planned else None,
        decided_by="UANA" if planned else "",
        recorders=frozenset({"UANA"}) if answered else frozenset(),
        approvals=(Approval(at=NOW, by="ULEA", plan_hash="h"),) if verified else (),
        not_before=NOW + 24 * HOUR if state is State.APPROVED else None,
        outcomes=outcomes if verified else outcomes[:1] if planned and state is not State.PLANNED else (),
        problem="ActiveCampaign: the API key is not an admin's" if state is State.NEEDS_ATTENTION else "",
        resume_at=NOW + HOUR if state is State.AWAITING_SYSTEMS else None,
        told=Told(at=NOW, by="UANA", channel="copied", evidence="attested", text_digest="d")
        if state is State.COMPLETED
        else None,
        ended=Ended(at=NOW, by="UBEN", reason="how_to")
        if state in {State.DISMISSED, State.WITHDRAWN, State.REFUSED}
        else None,
    )
    return replace(case, **changes)


def a_file(**changes: Any) -> CaseFile:
    identifier = Identifier(
        kind="email", value="maya@example.com", source="written by the customer", proof="replied"
    )
    candidates = tuple(
        Candidate(
            system="shop",
            key=f"customers:{number}",
            reason="same e-mail",
            shown="m•••@example.com · Berlin · 14 orders",
            identifiers=(identifier,),
            warnings=("shared address",),
        )
        for number in range(2)
    )
    file = CaseFile(
        text=TEXT,
        customer_user="UMAYA",
        replies=(CustomerMessage(at=NOW - HOUR, ts="1700000001.000100", text="Yes, all of it please"),),
        question_text="Hello, which of the two?",
        answer_words="Yes, all of it please",
        answer_proof="wrote from maya@example.com",
        searched=(identifier,),
        candidates=candidates,
        decisions=((candidates[0].ref, True), (candidates[1].ref, False)),
        identity=Identity(identifiers=(identifier,)),
        closing_text="Your personal data has been fully removed.",
        note="looked like a how-to",
    )
    return replace(file, **changes)


def facts(file: CaseFile | None = None, **changes: Any) -> CardFacts:
    phrase = masked_phrase(file.text, 7, 21) if file else "d••••• my data"
    known = CardFacts(
        now=NOW, labels=LABELS, phrase=phrase, approvers=("ULEA", "UTOM"), undo_until=NOW + timedelta(days=7)
    )
    return replace(known, **changes)


WAYS = [
    ("thread", "Post it in this thread", ""),
    ("email", "By e-mail", ""),
    ("by_hand", "I send it myself", ""),
]
QUESTION = Question(at=NOW, by="UANA", channel="thread", id="c0ffee", until=NOW)


HOLD = Hold(kind=HoldKind.DISPUTE, at=NOW, by="ULEA", reason_digest="d")
LAWS = tuple(Option(regime=one, due=NOW + 9 * HOUR) for one in REGIMES.values())
JURISDICTION = Jurisdiction(at=NOW, by="UANA", reason_digest="d")
EXTENSION = Extension(at=NOW, by="UANA", channel="thread", due_before=NOW, regime="GDPR", reason_digest="d")


def all_cards(file: CaseFile, labels: dict[str, str] | None = None) -> Iterator[Message]:
    """Yield the card of every state, in every variation that draws something else."""
    labels = labels or LABELS
    for state in State:
        for scope in Scope:
            case = a_case(state, scope)
            yield render_card(case, facts(file, labels=labels))
            yield render_card(case, facts(file, labels=labels, observe=True, halted=True, linked="DD-1041"))
            yield render_card(replace(case, paused_at=NOW), facts(file, labels=labels, customer_wrote_at=NOW))
            yield render_card(
                replace(case, question=QUESTION, uncertain="ask", problem="Nobody knows."),
                facts(file, labels=labels),
            )
            yield render_card(replace(case, hold=HOLD, extension=EXTENSION), facts(file, labels=labels))
            yield render_card(
                replace(
                    case,
                    regimes=("gdpr", "quebec"),
                    jurisdiction=JURISDICTION,
                    extension=replace(EXTENSION, until=case.answer_due + HOUR),
                ),
                facts(file, labels=labels),
            )
            yield render_card(replace(case, shredded=True), facts(None, labels=labels, phrase=""))
            yield render_card(replace(case, answer_due=NOW - HOUR), facts(file, closing_on_its_way=True))
            yield render_card(replace(case, chosen=None, plan=None, outcomes=()), facts(file, labels=labels))
            yield render_card(
                replace(case, recorders=frozenset({"ULEA", "UTOM"})), facts(file, labels=labels)
            )


def all_views(
    file: CaseFile, labels: dict[str, str] | None = None, *, text: str = "A text."
) -> Iterator[dict[str, Any]]:
    """Yield every modal that can be shown."""
    labels = labels or LABELS
    detected, answered, planned = a_case(State.DETECTED), a_case(State.SCOPE_CONFIRMED), a_case(State.PLANNED)
    plan, notifying = a_plan(), a_case(State.NOTIFYING)
    account = a_plan(Scope.ACCOUNT_ONLY)
    yield asking.message_view(detected, file)
    for is_here in (True, False):
        yield asking.ask_view(detected, intro=text, choices=text, ways=WAYS, address=text[:200], english=text)
        both = (("en", "English"), ("de", "Deutsch"))
        german = asking.Languages(known=both, shown="de", usual="en")
        yield asking.ask_view(detected, intro=text, choices=text, ways=WAYS, languages=german)
        yield ending.refuse_view(planned, ways=WAYS)
        yield ending.interim_view(notifying, text, ways=WAYS, greeting=text, english=text)
        yield ending.closing_view(notifying, text, ways=WAYS, greeting=text, english=text)
        yield ending.refused_view(planned, text, in_thread=is_here)
        yield planning.plan_view(planned, plan, observe=is_here)
        yield planning.plan_view(planned, account, observe=is_here)
    for case in (detected, answered, a_case(State.AWAITING_CUSTOMER), replace(detected, reading=CLOSE)):
        yield asking.record_view(case, file)
    yield identifying.search_view(answered, file)
    for candidates in ((), file.candidates[:2], file.candidates * 8):
        known = replace(file, candidates=candidates)
        yield identifying.results_view(answered, known, labels=labels, unasked={})
        yield identifying.results_view(answered, known, labels=labels, unasked={"Shop": text})
    yield planning.approve_view(planned, file, plan, labels=labels)
    behalf = replace(planned.answer, behalf=Behalf.PARENT) if planned.answer else None
    authority = replace(file, answer_authority=text)
    yield planning.approve_view(replace(planned, answer=behalf), authority, plan, labels=labels)
    yield ending.attest_view(notifying, labels)
    for form in (ending.stop_view, ending.dismiss_view):
        yield form(planned)
        yield handing.hand_over_view(replace(planned, agent="UBEN"))
    yield ending.withdraw_view(planned, ways=WAYS)
    yield handing.start_view(typed=text)
    yield handing.hold_view(planned)
    yield handing.lift_view(replace(planned, hold=HOLD), reason=text)
    yield laws_view(planned, LAWS, reason=text)
    yield laws_view(replace(detected, jurisdiction=JURISDICTION, regimes=tuple(REGIMES)), LAWS)
    yield handing.extend_view(planned, until=NOW, ways=WAYS)
    yield ending.halt_view()
    yield notice.waiting("Plan", "Every system is asked.")
    yield notice.notice("Not done", "Too late.", typed=(("Your text", text),))


def all_homes(labels: dict[str, str] | None = None) -> Iterator[HomeFacts]:
    """Yield what a home tab can show: nothing, everything, more than fits."""
    card = facts(None, labels=labels or LABELS)
    cases = tuple(a_case(state, number=1000 + number, id=f"c{number}") for number, state in enumerate(State))
    running = tuple(one for one in cases if one.state not in {State.COMPLETED, State.DISMISSED})
    links = {one.id: "https://fern.example/archives/C1/p1" for one in cases}
    yield HomeFacts(now=NOW, card=card)
    yield HomeFacts(now=NOW, card=replace(card, observe=True, halted=True), running=running * 3, health=None)
    yield HomeFacts(
        now=NOW,
        card=card,
        waiting=running * 3,
        running=running * 3,
        recent=(a_case(State.COMPLETED),) * 12,
        links=links,
        receipts={"c0ffee": "R-1042-abcdef01"},
        approvable=frozenset(one.id for one in running),
        health=tuple(
            (label, "does not answer" if place else "") for place, label in enumerate(card.labels.values())
        ),
    )


def all_messages(file: CaseFile, labels: dict[str, str] | None = None) -> Iterator[Message]:
    """Yield every message that can be posted, cards included."""
    yield from all_cards(file, labels)
    yield posts.say(file.question_text)
    yield posts.say(file.closing_text)
    yield posts.redacted()
    choices = posts.Choices(
        everything="Everything", account="Account", neither="Neither", sure="Sure?", yes="Yes", no="No"
    )
    yield posts.ask_with_buttons("c0ffee", QUESTION, file.question_text, choices)
    yield posts.joined(a_case(State.DETECTED), "https://fern.example/archives/C1/p1")
    yield lists.receipt_message(a_case(State.COMPLETED), "R-1042-abcdef01", "x" * 20_000)
    yield lists.receipt_message(a_case(State.COMPLETED), "R-1042-abcdef01", "{}")
    for state in State:
        case = a_case(state, agent="UBEN")
        yield direct.approval_message(
            case, facts(None, labels=labels or LABELS, link="https://x.example/p1"), person_id="ULEA"
        )
        for reminder in (*(Reminder(need=one, occasion=1, for_approvers=True) for one in Need),):
            for who in ("", "ULEA"):
                yield direct.nudge_message(
                    case, facts(None, labels=labels or LABELS), (reminder,), person_id=who
                )
        yield direct.hand_over_message(case, facts(None, labels=labels or LABELS), person_id="UBEN")
        yield render_full_card(case, facts(file, labels=labels or LABELS, link="https://x.example/p1"), file)
    everything = tuple(replace(a_case(state), hold=HOLD) for state in State) * 3
    yield digest_message(
        Digest(
            now=NOW,
            dismissed=tuple(one for one in everything if one.ended),
            silent=everything,
            due=everything,
            held=everything,
        ),
        workspace_url="https://fern.example/",
    )
    yield lists.help_message()
    cases = [a_case(state, number=number) for number, state in enumerate(State)] * 2
    yield lists.cases_message(cases, {"c0ffee": "https://fern.example/archives/C1/p1"}, title="Open", now=NOW)
    yield lists.cases_message([], {}, title="Open", now=NOW)
    yield lists.case_message(cases[0], summary(cases[0], facts(file)), "")


def flaws_of_message(message: Message) -> list[str]:
    found = problems_in_blocks(message.blocks)
    if message_is_too_long(message.text, message.blocks):
        found.append("longer than Slack takes")
    return found


def mrkdwn_in(drawn: Any) -> Iterator[str]:
    """Yield every mrkdwn text in a view or message."""
    if isinstance(drawn, dict):
        if drawn.get("type") == "mrkdwn":
            yield drawn["text"]
        for value in drawn.values():
            yield from mrkdwn_in(value)
    elif isinstance(drawn, list):
        for value in drawn:
            yield from mrkdwn_in(value)


def pings(text: str) -> list[str]:
    """Return what in a mrkdwn text would call somebody, except people whom the desk names itself."""
    return re.findall(r"<!|<@(?!(?:UANA|UBEN|ULEA|UTOM)>)|<#(?!CSUPPORT>)", text)


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_card_that_slack_takes(state: State):
    """A forgotten state or a block that Slack refuses would leave a case without its card."""
    for scope in Scope:
        message = render_card(a_case(state, scope), facts(a_file()))
        assert flaws_of_message(message) == [], f"handlers/views/card.py draws {state} in a way Slack refuses"
        assert message.text.startswith("DD-1042"), "the notification names the case"


def test_every_view_and_message_is_within_slacks_limits():
    """What the desk draws is accepted by Slack, in every variation."""
    for view in all_views(a_file()):
        assert problems_in_view(view) == [], f"{view['title']['text']}: see handlers/views"
    for home in (*map(home_view, all_homes()), strangers_home()):
        assert problems_in_view(home, kinds=("home",)) == [], "see handlers/views/home.py"
    for message in all_messages(a_file()):
        assert flaws_of_message(message) == [], message.text
