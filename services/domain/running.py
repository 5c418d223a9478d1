"""The decisions of a run: beginning it, what became of each system, and where the case goes then."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from services.domain.case import Action, State
from services.domain.decisions import missing_authority
from services.domain.denials import Denied, Why
from services.domain.moving import move, onward, void
from services.domain.outcome import Outcome, OutcomeKind, put
from services.domain.plan import Plan
from services.domain.record import Case
from services.domain.scope import Scope


def start(case: Case, *, now: datetime, halted: bool, observe: bool) -> Case | Denied:
    """Begin the run, if everything that section 2 demands is on record at this moment."""
    if case.state is not State.APPROVED:
        return Denied(why=Why.NOT_NOW)
    if observe:
        return Denied(why=Why.OBSERVE_ONLY)
    if halted:
        return Denied(why=Why.HALTED)
    if case.not_before and now < case.not_before:
        return Denied(why=Why.COOLING_OFF)
    if missing := missing_authority(case):
        return Denied(why=missing)
    return onward(case, Action.START, attempts=case.attempts + 1, problem="")


def begin_deleting(
    case: Case, *, revision: int, kept_before: tuple[tuple[str, int], ...] = ()
) -> Case | Denied:
    """Note, before the first destructive step ever, that nothing can be withdrawn now, and what is to stay as it is.

    A later run keeps the first counts: counted anew they would hide what an earlier run damaged (design rule 11).
    """
    if case.revision != revision or case.state is not State.DELETING:
        return Denied(why=Why.NOT_NOW)
    if missing := missing_authority(case):
        return Denied(why=missing)
    if case.started:
        return case
    return replace(case, version=case.version + 1, started=True, kept_before=kept_before)


def settle(case: Case, *, outcome: Outcome, revision: int) -> Case | Denied:
    """Record what became of one system in the run of this revision."""
    if case.revision != revision or case.state not in {State.DELETING, State.VERIFYING}:
        return Denied(why=Why.NOT_NOW)
    return replace(case, version=case.version + 1, outcomes=put(case.outcomes, outcome))


def sign(case: Case, *, outcome: Outcome) -> Case | Denied:
    """Put a person's word (or a read that made it needless) in the place of an open MANUAL or UNVERIFIABLE step."""
    standing = case.outcome_of(outcome.system)
    if standing is None or standing.kind not in {OutcomeKind.MANUAL, OutcomeKind.UNVERIFIABLE}:
        return Denied(why=Why.NOT_NOW)
    # A mandatory system's step (ActiveCampaign's archive, rule 3) has to be signed before the customer is told.
    if case.state not in {State.NOTIFYING, State.NEEDS_ATTENTION}:
        return Denied(why=Why.NOT_NOW)
    if outcome.kind is OutcomeKind.MANUAL and not outcome.signed_by:
        return Denied(why=Why.NO_REASON)
    if not outcome.is_settled:
        return Denied(why=Why.NOT_SETTLED)
    return replace(case, version=case.version + 1, outcomes=put(case.outcomes, outcome))


def finish(case: Case, *, outcome: Outcome) -> Case | Denied:
    """Record what became of a channel of reply after the closing message went out over it (design rule 7)."""
    standing = case.outcome_of(outcome.system)
    if case.state is not State.NOTIFYING or case.told is None or standing is None or standing.is_settled:
        return Denied(why=Why.NOT_NOW)
    return replace(case, version=case.version + 1, outcomes=put(case.outcomes, outcome))


def go_back_for_drift(case: Case, *, plan: Plan, reasons: tuple[str, ...]) -> Case | Denied:
    """The world moved since approval: back to planning with the fresh plan, approvals void (design rule 8)."""
    return move(case, Action.DRIFT, problem="; ".join(reasons), **void(case) | {"plan": plan})


def begin_verification(case: Case) -> Case | Denied:
    """All systems were executed: read everything once more before anybody is told anything."""
    return move(case, Action.VERIFY, resume_at=None)


def conclude(case: Case, *, now: datetime, mandatory: Collection[str]) -> Case | Denied:
    """Decide after verification: tell the customer, wait for a system, or ask for a person's attention.

    `mandatory` are the systems without whose proof an `all_personal_data` case cannot go on (ActiveCampaign, rule 3).
    A MANUAL step does not hold up the closing message, but completion (rules 5 and 7).
    """
    reason = _attention(case, mandatory=mandatory)
    if reason:
        return move(case, Action.NEED_ATTENTION, problem=reason)
    waiting = [one for one in case.outcomes if one.kind in {OutcomeKind.RETRY_LATER, OutcomeKind.ACCEPTED}]
    if waiting:
        due = min((one.due for one in waiting if one.due), default=now)
        return move(case, Action.WAIT_FOR_SYSTEMS, resume_at=due)
    return move(case, Action.NOTIFY, problem="")


def wait_for_systems(case: Case, *, at: datetime, problem: str) -> Case | Denied:
    """Wait for a system that cannot be planned with now and said when to come back."""
    return move(case, Action.WAIT_FOR_SYSTEMS, resume_at=at, problem=problem)


def need_attention(case: Case, *, problem: str) -> Case | Denied:
    """Hand the case to a person, with one sentence that says what is wrong and holds no personal data."""
    return move(case, Action.NEED_ATTENTION, problem=problem)


def resume(case: Case, *, now: datetime, halted: bool, observe: bool) -> Case | Denied:
    """Go on with a run that waited for a system. A new revision, because it is a new run of the engine's."""
    if observe:
        return Denied(why=Why.OBSERVE_ONLY)
    if halted:
        return Denied(why=Why.HALTED)
    if case.hold:
        return Denied(why=Why.ON_HOLD, by=case.hold.by, at=case.hold.at)
    if case.resume_at and now < case.resume_at:
        return Denied(why=Why.NOT_NOW)
    return move(case, Action.RESUME, revision=case.revision + 1, attempts=case.attempts + 1, resume_at=None)


def retry(case: Case, *, halted: bool, observe: bool) -> Case | Denied:
    """Check again: run what is unsettled if a run had been approved, else go back to planning.

    A stop or drift after an earlier run has voided the approvals, so what was begun once does not count as approved.
    """
    if case.state is not State.NEEDS_ATTENTION:
        return Denied(why=Why.NOT_NOW)
    if observe:
        return Denied(why=Why.OBSERVE_ONLY)
    if halted:
        return Denied(why=Why.HALTED)
    if missing_authority(case):
        return onward(case, Action.REPLAN, problem="", **void(case))
    return onward(case, Action.RETRY, revision=case.revision + 1, attempts=case.attempts + 1, problem="")


def _attention(case: Case, *, mandatory: Collection[str]) -> str:
    failed = [
        f"{one.system}: {one.reason or 'failed'}" for one in case.outcomes if one.kind is OutcomeKind.FAILED
    ]
    if failed:
        return "; ".join(failed)
    unsigned = [
        one.system for one in case.outcomes if one.kind is OutcomeKind.UNVERIFIABLE and not one.signed_by
    ]
    if unsigned:
        return f"{', '.join(unsigned)}: cannot be verified; an approver has to sign this off"
    missing = (
        {one.system for one in case.plan.acting} - {one.system for one in case.outcomes}
        if case.plan
        else set()
    )
    if missing or not case.outcomes:
        return f"no result from {', '.join(sorted(missing)) or 'any system'}"
    waiting = {OutcomeKind.RETRY_LATER, OutcomeKind.ACCEPTED}
    if any(one.kind in waiting for one in case.outcomes):
        return ""
    found = {OutcomeKind.VERIFIED_GONE, OutcomeKind.UNVERIFIABLE}
    silent = {one.system for one in case.plan.systems if not one.is_evidence} if case.plan else set()
    # A signed step of a system in which records had been counted found something too.
    counted = {one.system for one in case.plan.systems if one.found} if case.plan else set()
    by_hand = {
        one.system for one in case.outcomes if one.kind is OutcomeKind.MANUAL and one.is_settled
    } & counted
    seen = {one.system for one in case.outcomes if one.kind in found} | by_hand
    if not seen - silent:
        return "nothing was found in any system: check the identity, or refuse saying that we hold no data"
    if unproven(case, mandatory):
        return "ActiveCampaign is not verified"
    return ""


def unproven(case: Case, mandatory: Collection[str]) -> bool:
    """Whether an `all_personal_data` case lacks the proof of a mandatory system (design rule 3)."""
    if case.scope is not Scope.ALL_PERSONAL_DATA:
        return False
    proofs = {OutcomeKind.VERIFIED_GONE, OutcomeKind.NOTHING_FOUND, OutcomeKind.MANUAL}
    proven = {one.system for one in case.outcomes if one.is_settled and one.kind in proofs}
    return not mandatory or not set(mandatory) <= proven
