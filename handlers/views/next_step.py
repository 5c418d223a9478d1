"""The next step of a case: what has to happen, and who can do it."""

from handlers.language import t
from handlers.views.blocks import clock, people, system_name
from handlers.views.facts import CardFacts
from services.domain.case import BEFORE_CONFIRMATION, TERMINAL, State
from services.domain.record import Case
from services.domain.scope import Scope


def next_step(case: Case, facts: CardFacts) -> str:  # one case a state
    """Return what has to happen next, and who can do it (mrkdwn)."""
    if case.paused_at:
        return t("read the customer's new message before this goes on.")
    if case.hold and case.state not in BEFORE_CONFIRMATION | TERMINAL:
        return t("an approver lifts the hold, or the request is refused with a ground. The clock runs on.")
    match case.state:
        case State.DETECTED:
            return t("ask the customer.") if case.agent else t("ask the customer. Nobody has taken this yet.")
        case State.AWAITING_CUSTOMER:
            return t("record the answer when it comes. Silence is no answer; nothing is deleted meanwhile.")
        case State.SCOPE_CONFIRMED:
            return t("make the plan.") if case.chosen else t("choose who this is.")
        case State.PLANNED:
            return _next_of_plan(case, facts)
        case State.AWAITING_APPROVAL:
            return _next_of_approval(case, facts)
        case State.APPROVED:
            if facts.observe:
                return t("nothing: observe mode deletes nothing.")
            if case.not_before and case.not_before > facts.now:
                return t(
                    "runs on {not_before}. Until then anyone here can stop it.",
                    not_before=clock(case.not_before),
                )
            return t("the run starts now.")
        case State.DELETING | State.VERIFYING:
            return t("nothing to do: every system is read again before anything is claimed.")
        case State.AWAITING_SYSTEMS:
            when = t(" on {resume_at}", resume_at=clock(case.resume_at)) if case.resume_at else ""
            return t(
                "nothing to do: the desk asks again{when}. The customer is told when it is done.", when=when
            )
        case State.NEEDS_ATTENTION:
            return t(
                "put it right and check again, or refuse what is left with a ground. Nothing was claimed."
            )
        case State.NOTIFYING:
            return _next_of_telling(case, facts)
        case State.COMPLETED | State.DISMISSED | State.WITHDRAWN | State.REFUSED:
            return "nothing."


def _next_of_plan(case: Case, facts: CardFacts) -> str:
    if facts.observe:
        return t("nothing: observe mode shows the plan and deletes nothing.")
    if case.problem:
        return t("what was found has changed since approval. Look at the plan again and decide again.")
    if case.scope is Scope.ACCOUNT_ONLY:
        return t("look at the plan and close the account. One agent suffices.")
    return t("look at the plan and send it for approval.")


def _next_of_approval(case: Case, facts: CardFacts) -> str:
    barred = case.recorders | {one.by for one in case.approvals}
    able = [one for one in facts.approvers if one not in barred]
    missing = case.approvals_needed - len(case.approvals)
    if not able:
        return t(
            "nobody on the approver list can approve this one: everybody took part. Ask the operator to add somebody."
        )
    number = t("one approval") if missing == 1 else t("{missing} approvals", missing=missing)
    cannot = (
        t(" {sorted} cannot approve this one.", sorted=people(sorted(case.recorders)))
        if case.recorders
        else ""
    )
    return t("{number} by {able}.{cannot}", number=number, able=people(able), cannot=cannot)


def _next_of_telling(case: Case, facts: CardFacts) -> str:
    open_steps = [system_name(facts.labels, one.system) for one in case.open_manual]
    if case.told is None:
        if facts.closing_on_its_way:
            return t("the closing message is being posted.")
        if open_steps:
            return t(
                "do by hand and attest: {join}. Then send the closing message; sent before, it says "
                "that this follows.",
                join=", ".join(open_steps),
            )
        return t("send the closing message. The customer has not been told yet.")
    if open_steps:
        return t("do by hand and attest: {join}.", join=", ".join(open_steps))
    last = [one.system for one in case.outcomes if one.waits_for_closing and not one.is_settled]
    if last:
        names = ", ".join(system_name(facts.labels, one) for one in last)
        return t("nothing to do: the customer is told, and {names} goes now by itself.", names=names)
    return t("nothing to do.")
