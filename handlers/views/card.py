"""The case card: one message in the thread, redrawn for every state, with nothing personal on it."""

from handlers.language import t
from handlers.views.blocks import (
    Block,
    actions,
    clip,
    clock,
    context,
    day,
    escape,
    people,
    person,
    records,
    section,
    systems,
    words,
)
from handlers.views.buttons import buttons
from handlers.views.facts import CardFacts, Message
from handlers.views.laws import law_names, laws_words
from handlers.views.next_step import next_step
from handlers.views.progress import kept_line, progress
from handlers.views.steps import steps_block
from handlers.views.wording import (
    channel_words,
    due_words,
    ground_words,
    proof_words,
    reads_as,
    reason_words,
    scope_words,
    title_of,
)
from services.domain.case import BEFORE_CONFIRMATION, RUNNING, TERMINAL, State
from services.domain.people import CUSTOMER
from services.domain.recheck import READER
from services.domain.record import Case, CaseFile, HoldKind

# A message fails at about 13 kB: what is longer is in the modal.
_WORDS = 700


def render_card(case: Case, facts: CardFacts) -> Message:
    """Return the card of a case as it stands."""
    heading = f"{case.ref}: {title_of(case)}"
    if case.state in TERMINAL:
        return Message(text=heading, blocks=_ended(case, facts))
    is_over = facts.now > case.answer_due
    blocks = [
        section(f"*{title_of(case)}*   {case.ref}"),
        context(
            due_words(case, over=is_over),
            *([t("Linked to {linked}", linked=escape(facts.linked))] if facts.linked else []),
        ),
        *_story(case, facts),
        *_notices(case, facts),
        section(t("*Next:* {next_step}", next_step=next_step(case, facts))),
        *actions(buttons(case, observe=facts.observe, closing_on_its_way=facts.closing_on_its_way)),
    ]
    return Message(text=heading, blocks=blocks)


def render_full_card(case: Case, facts: CardFacts, file: CaseFile | None) -> Message:
    """Return the card with the customer's own words, for a private channel; without them once they are destroyed."""
    card = render_card(case, facts)
    if file is None or case.state in TERMINAL:
        return card
    who = " · ".join(one for one in (file.customer_name, file.customer_address) if one)
    own = [*([context(t("The help desk names (not proven):")), *words(who, at_most=200)] if who else [])]
    own += [context(t("*The customer wrote*")), *words(file.text, at_most=_WORDS)]
    if file.replies and file.replies[-1].text != file.answer_words:
        own += [context(t("*and last*")), *words(file.replies[-1].text, at_most=_WORDS)]
    if file.answer_words:
        own += [context(t("*Their answer*")), *words(file.answer_words, at_most=_WORDS)]
    last = [block for block in card.blocks if block["type"] == "actions"]
    return Message(
        text=card.text, blocks=[*(one for one in card.blocks if one["type"] != "actions"), *own, *last]
    )


def summary(case: Case, facts: CardFacts) -> list[Block]:
    """Return the card without its buttons, for somebody who asked about a case elsewhere."""
    return [block for block in render_card(case, facts).blocks if block["type"] != "actions"]


def _story(case: Case, facts: CardFacts) -> list[Block]:
    if case.state in BEFORE_CONFIRMATION and case.reading.reader == READER:
        return [*_found_again(case, facts), *_history(case)]
    if case.state in BEFORE_CONFIRMATION:
        matched = t("matched “{phrase}” · ", phrase=escape(facts.phrase)) if facts.phrase else ""
        lines = [
            t(
                "Reads as: {reads_as} ({matched}read by {reader})",
                reads_as=reads_as(case.reading.intent),
                matched=matched,
                reader=escape(case.reading.reader),
            ),
            *_places(facts),
            *_noticed(case),
            t(
                "[Policy] Always ask the customer: everything we hold (including ActiveCampaign), or only the account?"
            ),
        ]
        return [section("\n".join(lines)), *_problem(case), *_history(case)]
    answer = t("Customer wants: *{scope_words}*", scope_words=scope_words(case.scope)) if case.scope else ""
    steps = None if facts.is_plain else steps_block(case, facts.labels)
    told = [] if steps else progress(case, facts.labels)
    lines = [line for line in (answer, *told, *_places(facts)) if line]
    said = [section("\n".join(lines))] if lines else []
    return [*said, *([steps] if steps else []), *_problem(case), *_history(case)]


def _noticed(case: Case) -> list[str]:
    """Return what the reader noticed beside the request: a law that is named, somebody else's data."""
    named = law_names(case.reading.laws)
    law = [t("The message names a law: {named}.", named=named)] if named else []
    others = [t("It speaks of somebody else's data too: only the customer's own is erased.")]
    return law + (others if case.reading.third_party else [])


def _places(facts: CardFacts) -> list[str]:
    """Return the way to what the customer wrote: here, and wherever else they wrote about the same."""
    if not facts.link:
        return []
    more = "".join(t(" · <{link}|also here>", link=link) for link in facts.elsewhere[:5])
    return [t("<{link}|What the customer wrote>{more}", link=facts.link, more=more)]


def _problem(case: Case) -> list[Block]:
    return (
        [section(t("*What is wrong:* {problem}", problem=escape(clip(case.problem, 1500))))]
        if case.problem
        else []
    )


def _found_again(case: Case, facts: CardFacts) -> list[Block]:
    """Say what a recheck found after the earlier case was completed. A returning customer is never erased by itself."""
    earlier = t(" after {linked} was completed", linked=escape(facts.linked)) if facts.linked else ""
    lines = [
        t(
            "Data is there again{earlier}: {problem}",
            earlier=earlier,
            problem=escape(clip(case.problem, 1500)),
        ),
        t("[Policy] Nothing is erased by itself: a customer may have come back. Ask them, or dismiss this."),
    ]
    return [section("\n".join(lines))]


def _history(case: Case) -> list[Block]:
    lines: list[str] = [t("In the hands of {agent}.", agent=person(case.agent))] if case.agent else []
    if case.question:
        asked = case.question
        lines.append(
            t(
                "Asked on {at} by {by} ({channel_words}).",
                at=clock(asked.at),
                by=person(asked.by),
                channel_words=channel_words(asked.channel),
            )
        )
    if case.reminded_at:
        lines.append(t("Reminded on {reminded_at}.", reminded_at=clock(case.reminded_at)))
    if case.answer:
        answer = case.answer
        how = t("the message itself says so") if answer.from_message else channel_words(answer.channel)
        lines.append(
            t(
                "Answered on {at}, {how}; {proof_words}. Recorded by {by}.",
                at=clock(answer.at),
                how=how,
                proof_words=proof_words(answer.proof),
                by=person(answer.by),
            )
        )
    if case.chosen:
        lines.append(t("Identity chosen by {by}.", by=person(case.chosen.by)))
    if case.decided_by:
        lines.append(t("Decided by {decided_by}.", decided_by=person(case.decided_by)))
    if case.approvals:
        lines.append(t("Approved by {value}.", value=people(one.by for one in case.approvals)))
    if case.told:
        lines.append(t("Customer told on {at} by {by}.", at=clock(case.told.at), by=person(case.told.by)))
    return [context(*lines)] if lines else []


def _notices(case: Case, facts: CardFacts) -> list[Block]:
    lines: list[str] = []
    if case.paused_at:
        when = facts.customer_wrote_at or case.paused_at
        lines.append(t("*Paused.* The customer wrote again on {when}.", when=clock(when)))
    elif facts.customer_wrote_at and case.state not in RUNNING:
        lines.append(
            t(
                "The customer wrote again on {customer_wrote_at}.",
                customer_wrote_at=clock(facts.customer_wrote_at),
            )
        )
    if case.hold:
        kind = t("Legal hold") if case.hold.kind is HoldKind.LEGAL_HOLD else t("On hold: a dispute")
        lines.append(
            t(
                "*{kind}*, since {at}, by {by}. Nothing is deleted.",
                kind=kind,
                at=day(case.hold.at),
                by=person(case.hold.by),
            )
        )
    if law := laws_words(case):
        lines.append(law)
    if case.extension:
        lines.append(
            t(
                "The answer was due by {due_before}; extended by {by}.",
                due_before=day(case.extension.due_before),
                by=person(case.extension.by),
            )
        )
        if case.extension.until and case.answer_due < case.extension.until:
            lines.append(
                t(
                    "*The law that applies wants the answer sooner* than the {until} that the customer was told.",
                    until=day(case.extension.until),
                )
            )
    if facts.halted:
        lines.append(t("*All runs are halted* (`/deletion stop`). An operator can release them."))
    if facts.observe:
        lines.append(t("*Observe mode:* cases are shown, nothing can be deleted."))
    return [context(*lines)] if lines else []


def _ended(case: Case, facts: CardFacts) -> list[Block]:
    """Return what stays of a card when its case has ended: who, when, how many; no button but the undoing."""
    receipt = t(" Receipt `{receipt}`.", receipt=facts.receipt) if facts.receipt else ""
    lines = [f"*{case.ref}: {title_of(case)}.* {_ending(case, facts)}{receipt}"]
    can_undo = (
        case.state is State.DISMISSED
        and not case.shredded
        and facts.undo_until
        and facts.now < facts.undo_until
    )
    if case.uncertain and not case.shredded:
        # The customer may not know yet that it ended: the case's file waits for a person's word.
        return [section("\n".join(lines)), *_problem(case), *actions(buttons(case))]
    held = t(
        "*On hold:* what the customer wrote is kept until an approver lifts it (`/deletion lift {ref}`).",
        ref=case.ref,
    )
    return [
        section("\n".join(lines)),
        *([context(held)] if case.hold and not case.shredded else []),
        *(actions(buttons(case, undo_until=facts.undo_until)) if can_undo else []),
    ]


def _ending(case: Case, facts: CardFacts) -> str:
    if case.state is State.COMPLETED:
        gone = sum(
            count.number
            for one in case.outcomes
            if one.kind == "VERIFIED_GONE"
            for count in one.counts
            if count.action != "keep"
        )
        verified = [one for one in case.outcomes if one.kind == "VERIFIED_GONE"]
        parts = (
            [
                t(
                    "Verified gone in {systems} ({records}).",
                    systems=systems(len(verified)),
                    records=records(gone),
                )
            ]
            if verified
            else []
        )
        parts += [kept] if (kept := kept_line(case, facts.labels)) else []
        told = (
            t("Customer told on {at} by {by}.", at=clock(case.told.at), by=person(case.told.by))
            if case.told
            else ""
        )
        return " ".join([*parts, told])
    if case.ended is None:
        return ""
    who = t("By their own answer") if case.ended.by == CUSTOMER else person(case.ended.by)
    when = clock(case.ended.at)
    if case.state is State.DISMISSED:
        return f"{reason_words(case.ended.reason).capitalize()}; {who}, {when}."
    started = t(" Part of it had been deleted before.") if case.started else t(" Nothing was deleted.")
    ground = ground_words(case.ended.reason) if case.state is State.REFUSED else ""
    return f"{f'{ground}; ' if ground else ''}{who}, {when}.{started}"
