"""What one person is told directly: a case waits for their approval, was handed over to them, or is due; nothing personal."""

from collections.abc import Sequence

from handlers import ids
from handlers.language import t
from handlers.views.blocks import Block, actions, button, context, day, people, person, section
from handlers.views.facts import CardFacts, Message
from handlers.views.next_step import next_step
from handlers.views.progress import totals
from handlers.views.wording import due_words, scope_words, title_of
from services.domain.case import TERMINAL, State
from services.domain.record import Case
from services.domain.reminding import Need, Reminder


def approval_message(case: Case, facts: CardFacts, *, person_id: str) -> Message:
    """Return the request for approval; once it no longer waits for this person, one line that says how it went on."""
    has_approved = any(one.by == person_id for one in case.approvals)
    waits = (
        case.state is State.AWAITING_APPROVAL
        and person_id in facts.approvers
        and person_id not in case.recorders
        and not has_approved
    )
    if not waits:
        return _over(case, facts, by=_went_on(case, person_id=person_id, has_approved=has_approved))
    scope = t("Customer wants: *{scope_words}*.", scope_words=scope_words(case.scope)) if case.scope else ""
    said = t(
        "*{ref} waits for your approval.* {scope} {totals}", ref=case.ref, scope=scope, totals=totals(case)
    )
    paused = (
        [t("*Paused:* the customer wrote again. An agent has to read it first.")] if case.paused_at else []
    )
    value = f"{case.id}:{case.version}"
    return Message(
        text=t("{ref} waits for your approval", ref=case.ref),
        blocks=[
            section(said),
            context(
                due_words(case, over=facts.now > case.answer_due),
                t(
                    "Decided by {decided_by}; you see their reply, the proof and the plan before you approve.",
                    decided_by=person(case.decided_by),
                ),
                *paused,
            ),
            *actions([button(t("Review and approve"), ids.APPROVE, value)]),
            *_place(facts),
        ],
    )


def hand_over_message(case: Case, facts: CardFacts, *, person_id: str) -> Message:
    """Return the word that a case is now in this person's hands, and what comes next."""
    if case.state in TERMINAL or case.agent != person_id:
        return _over(case, facts, by="")
    return Message(
        text=t("{ref} is now in your hands", ref=case.ref),
        blocks=[
            section(
                t(
                    "*{ref} is now in your hands.* {title_of}.\n*Next:* {next_step}",
                    ref=case.ref,
                    title_of=title_of(case),
                    next_step=next_step(case, facts),
                )
            ),
            context(due_words(case, over=facts.now > case.answer_due)),
            *_place(facts),
        ],
    )


def nudge_message(
    case: Case, facts: CardFacts, reminders: Sequence[Reminder], *, person_id: str = ""
) -> Message:
    """Return a reminder, for the thread or for an approver; once nothing is to be reminded of, one line."""
    if not reminders or (person_id and person_id not in facts.approvers):
        return _over(case, facts, by="")
    lines = [_reminded_of(case, one) for one in reminders]
    in_charge = case.agent or (case.question.by if case.question else "")
    who = f" {person(in_charge)}" if in_charge and not person_id else ""
    told = [t("You are told as an approver: the agents alone did not move it.")] if person_id else []
    return Message(
        text=t("Reminder: {ref}", ref=case.ref),
        blocks=[
            section(
                "\n".join(
                    [
                        t(
                            "*Reminder · {ref}* · {title_of}.{who}",
                            ref=case.ref,
                            title_of=title_of(case),
                            who=who,
                        ),
                        *lines,
                    ]
                )
            ),
            section(t("*Next:* {next_step}", next_step=next_step(case, facts))),
            context(
                due_words(case, over=facts.now > case.answer_due),
                *told,
                t("Nothing closes or is erased by itself."),
            ),
            *(_place(facts) if person_id else []),
        ],
    )


def _reminded_of(case: Case, reminder: Reminder) -> str:
    match reminder.need:
        case Need.ACKNOWLEDGE:
            due = (
                t(" by {acknowledge_due}", acknowledge_due=day(case.acknowledge_due))
                if case.acknowledge_due
                else ""
            )
            return t(
                "The customer has not heard from us yet; the law wants that{due}. Asking them is enough.",
                due=due,
            )
        case Need.SILENT:
            asked = t(" since {at}", at=day(case.question.at)) if case.question else ""
            return t("No answer from the customer{asked}. Remind them, or ask another way.", asked=asked)
        case Need.DUE:
            return t("The answer is due by *{answer_due}*.", answer_due=day(case.answer_due))
        case Need.OVERDUE:
            return t(
                "*The answer was due by {answer_due}.* Every further day is late.",
                answer_due=day(case.answer_due),
            )


def _over(case: Case, facts: CardFacts, *, by: str) -> Message:
    said = t("{ref}: {value}. Nothing waits for you here.", ref=case.ref, value=by or title_of(case))
    return Message(text=said, blocks=[section(said), *_place(facts)])


def _went_on(case: Case, *, person_id: str, has_approved: bool) -> str:
    if has_approved:
        return t("you have approved")
    others = [one.by for one in case.approvals if one.by != person_id]
    return (
        t("approved by {others}", others=people(others))
        if others and case.state is not State.AWAITING_APPROVAL
        else ""
    )


def _place(facts: CardFacts) -> Sequence[Block]:
    return [context(t("<{link}|Open the thread>", link=facts.link))] if facts.link else []
