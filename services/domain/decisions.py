"""The decisions up to approval as pure functions: each takes a case and returns the next one, or why it was denied."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.domain.case import BEFORE_DELETING, Action, State, target_of
from services.domain.denials import Denied, Why, denied_for
from services.domain.moving import forward, move, onward, void
from services.domain.people import Actor
from services.domain.plan import Plan
from services.domain.question import Question
from services.domain.record import Answer, Approval, Case, Chosen
from services.domain.scope import Intent, Scope

__all__ = [
    "Denied",
    "Why",
    "approve",
    "ask",
    "choose_identity",
    "decide_account_only",
    "denied_for",
    "make_plan",
    "missing_authority",
    "record_answer",
    "remind",
    "send_for_approval",
    "unusable",
]


# What the card says of a case for which every match was somebody else.
NOBODY_FITS = "Nobody fits: nothing that was found belongs to this person."


def ask(case: Case, *, question: Question) -> Case | Denied:
    """Record that the customer is being asked which of the two they mean. An earlier question's link is void."""
    return move(case, Action.ASK, question=question, problem="", uncertain="", reminded_at=None)


def remind(case: Case, *, at: datetime) -> Case | Denied:
    """Record that the customer is being reminded of a question that is still open."""
    if case.state is not State.AWAITING_CUSTOMER or case.question is None:
        return Denied(why=Why.NOT_NOW)
    if case.uncertain:
        return Denied(why=Why.UNCERTAIN)
    if case.question.until is not None and at > case.question.until:
        return Denied(why=Why.TOO_LATE)
    return replace(case, version=case.version + 1, reminded_at=at)


def unusable(case: Case, *, question_id: str, now: datetime) -> Why | None:
    """Return why the customer's own button or link does not count (any more), or None when it does."""
    question = case.question
    if question is None or not question.id or question.id != question_id:
        return Why.REPLACED
    if question.used_at is not None:
        return Why.ANSWERED
    if case.started:
        return Why.ALREADY_STARTED
    if case.state not in BEFORE_DELETING:
        return Why.NOT_NOW
    return Why.TOO_LATE if question.until is not None and now > question.until else None


def record_answer(case: Case, *, answer: Answer, has_words: bool, has_proof: bool) -> Case | Denied:
    """Record the customer's confirmation of the scope. Voids every earlier plan and approval.

    `all_personal_data` counts only as a later reply to a recorded question, quoted or linked, with the proof named
    (design rule 2). `account_only` may rest on the opening message itself if that reads as `close_account` and says
    nothing about data (design section 4). Whoever answers for the customer shows that they may, besides the proof of who
    the customer is. Once something was deleted, a new wish is a linked case: outcomes that
    were reached for one scope must never be taken for another's.
    """
    if case.started:
        return Denied(why=Why.ALREADY_STARTED)
    if target_of(state=case.state, action=Action.RECORD_ANSWER) is None:
        return Denied(why=Why.NOT_NOW)
    if answer.from_message:
        clear = case.reading.intent is Intent.CLOSE_ACCOUNT and not case.reading.speaks_of_data
        if answer.scope is not Scope.ACCOUNT_ONLY or not clear or answer.behalf:
            return Denied(why=Why.ASK_FIRST)
    elif case.question is None:
        return Denied(why=Why.ASK_FIRST)
    elif answer.at < case.question.at:
        return Denied(why=Why.ANSWER_BEFORE_QUESTION)
    if answer.at > answer.recorded_at:
        return Denied(why=Why.ANSWER_IN_FUTURE)
    if not has_words and not answer.from_message:
        return Denied(why=Why.NO_WORDS)
    if not has_proof:
        return Denied(why=Why.NO_PROOF)
    if answer.behalf and not answer.authority_digest:
        return Denied(why=Why.NO_AUTHORITY)
    return move(
        case,
        Action.RECORD_ANSWER,
        answer=answer,
        recorders=case.recorders | {answer.by},
        chosen=None,
        paused_at=None,
        problem="",
        **void(case),
    )


def look_up(case: Case) -> Case | Denied:
    """Record that the customer was looked up anew: whoever had been chosen before has to be chosen again.

    Plan and approvals rest on that choice, so they become void with it. Once something was deleted the person stays
    who they were.
    """
    if case.started:
        return Denied(why=Why.ALREADY_STARTED)
    return forward(case, Action.CHOOSE_IDENTITY, chosen=None, problem="", **void(case))


def nobody_fits(case: Case) -> Case | Denied:
    """Record that no match is the customer's: whoever had been chosen before is not either (see `look_up`)."""
    looked_up = look_up(case)
    if isinstance(looked_up, Denied):
        return looked_up
    return replace(looked_up, problem=NOBODY_FITS)


def choose_identity(case: Case, *, chosen: Chosen, undecided: int) -> Case | Denied:
    """Freeze who the customer is. Every match must have been decided one way or the other (design rule 4).

    Once something was deleted the person stays who they were: a settled system would not be run for a new identifier.
    """
    if case.started and (case.chosen is None or set(chosen.identifiers) != set(case.chosen.identifiers)):
        return Denied(why=Why.ALREADY_STARTED)
    if undecided:
        return Denied(why=Why.UNDECIDED)
    if case.answer and case.answer.address and case.answer.address not in chosen.identifiers:
        # Whoever controls the confirmed address confirmed for that address, and for nobody else's (design rule 2).
        return Denied(why=Why.OTHER_ADDRESS)
    if not chosen.identifiers:
        return Denied(why=Why.NOBODY_CHOSEN)
    return forward(
        case,
        Action.CHOOSE_IDENTITY,
        chosen=chosen,
        recorders=case.recorders | {chosen.by},
        problem="",
        **void(case),
    )


def make_plan(case: Case, *, plan: Plan) -> Case | Denied:
    """Attach the plan that was made for the frozen identity. A plan with problems is attached to nothing."""
    if case.chosen is None:
        return Denied(why=Why.NOBODY_CHOSEN)
    if plan.scope is not case.scope or set(plan.identifiers) != set(case.chosen.identifiers):
        return Denied(why=Why.PLAN_CHANGED)
    if plan.problems:
        return Denied(why=Why.PLAN_HAS_PROBLEMS)
    return onward(case, Action.PLAN, problem="", **void(case) | {"plan": plan})


def send_for_approval(case: Case, *, by: Actor, needed: int) -> Case | Denied:
    """The agent's decision that this plan should run, handed to other people for approval."""
    if case.plan is None:
        return Denied(why=Why.NO_PLAN)
    return onward(
        case,
        Action.SEND_FOR_APPROVAL,
        decided_by=by.user_id,
        recorders=case.recorders | {by.user_id},
        approvals_needed=max(1, needed),
        approvals=(),
    )


def approve(
    case: Case, *, by: Actor, at: datetime, plan_hash: str, typed: str, cooling_off: timedelta
) -> Case | Denied:
    """One person's yes. The last one that is needed moves the case to `approved` and starts the cooling-off.

    The approver must be somebody other than everyone who recorded, chose or decided (design rule 2), must have
    looked at exactly this plan (rule 8), and types the case's id.
    """
    if case.state is not State.AWAITING_APPROVAL:
        return Denied(why=Why.NOT_NOW)
    if case.paused_at:
        return Denied(why=Why.PAUSED)
    if case.hold:
        return Denied(why=Why.ON_HOLD, by=case.hold.by, at=case.hold.at)
    if case.plan is None or plan_hash != case.plan.hash:
        return Denied(why=Why.PLAN_CHANGED)
    if by.user_id in case.recorders:
        return Denied(why=Why.SAME_PERSON)
    if any(approval.by == by.user_id for approval in case.approvals):
        return Denied(why=Why.ALREADY_APPROVED)
    if typed.strip().casefold() != case.ref.casefold():
        return Denied(why=Why.WRONG_ID)
    approvals = (*case.approvals, Approval(at=at, by=by.user_id, plan_hash=plan_hash))
    if len(approvals) < case.approvals_needed:
        return replace(case, version=case.version + 1, approvals=approvals)
    return onward(case, Action.APPROVE, approvals=approvals, not_before=at + cooling_off)


def decide_account_only(
    case: Case, *, by: Actor, at: datetime, plan_hash: str, cooling_off: timedelta
) -> Case | Denied:
    """The single agent's decision that suffices for `account_only`; refused for any other scope."""
    if case.scope is not Scope.ACCOUNT_ONLY:
        return Denied(why=Why.NEEDS_APPROVAL)
    if case.plan is None or plan_hash != case.plan.hash:
        return Denied(why=Why.PLAN_CHANGED)
    if case.state is not State.PLANNED:
        return Denied(why=Why.NOT_NOW)
    return onward(
        case,
        Action.APPROVE,
        decided_by=by.user_id,
        approvals_needed=0,
        approvals=(),
        not_before=at + cooling_off,
    )


def missing_authority(case: Case) -> Why | None:
    """Return what section 2 still demands before anything may be deleted for this case, or None."""
    if case.hold is not None:
        return Why.ON_HOLD
    if case.answer is None:
        return Why.ASK_FIRST
    if case.chosen is None or not case.chosen.identifiers:
        return Why.NOBODY_CHOSEN
    if case.plan is None or case.plan.problems:
        return Why.NO_PLAN
    if case.plan.scope is not case.answer.scope or set(case.plan.identifiers) != set(case.chosen.identifiers):
        return Why.PLAN_CHANGED
    if not case.decided_by:
        return Why.NEEDS_APPROVAL
    valid = {one.by for one in case.approvals if one.plan_hash == case.plan.hash} - case.recorders
    needed = (
        max(1, case.approvals_needed)
        if case.answer.scope is Scope.ALL_PERSONAL_DATA
        else case.approvals_needed
    )
    return Why.NEEDS_APPROVAL if len(valid) < needed else None
