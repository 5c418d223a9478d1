"""Brakes and endings: stop, withdraw, refuse, dismiss, undo, read, retry, halt, and the sweep over waiting cases."""

from dataclasses import replace

from services.approval import is_due
from services.asking import language_of, reach, remind_silent
from services.closing import shred_if_ended
from services.deciding import decide, decide_as_desk
from services.domain import ending, running
from services.domain.case import Action, State
from services.domain.denials import Denied, Why, denied_for
from services.domain.people import Actor, Role
from services.domain.record import Case, Ended
from services.domain.scope import Scope
from services.ports import Desk, PostKind
from services.reaching import MessageKind
from services.rechecking import enqueue_due
from services.wording import claims_falsely, removed, searched_in_vain

# The ground that is itself a claim about what we hold.
NO_DATA = "no_data"


def stop(desk: Desk, *, case_id: str, version: int, actor: Actor) -> Case | Denied:
    """Take a planned, waiting or approved case back to its confirmed scope; any agent may (design rule 11)."""
    return decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action=Action.STOP,
        change=ending.stop,
    )


def mark_read(desk: Desk, *, case_id: str, version: int, actor: Actor) -> Case | Denied:
    """Say that the customer's new message was read; the case goes on."""
    return decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action="mark_read",
        change=ending.mark_read,
    )


def dismiss(
    desk: Desk, *, case_id: str, version: int, actor: Actor, reason: str, note: str = ""
) -> Case | Denied:
    """Say that this is no deletion request. `reason` is one of a list; a free note stays in the sealed file."""
    return decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action=Action.DISMISS,
        change=lambda case: ending.dismiss(
            case, ended=Ended(at=desk.clock.now(), by=actor.user_id, reason=reason)
        ),
        file=lambda old: replace(old, note=note),
        facts=(("reason", reason),),
    )


def undo_dismissal(desk: Desk, *, case_id: str, version: int, actor: Actor) -> Case | Denied:
    """Bring a dismissed case back within the undo window."""
    return decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action=Action.UNDO_DISMISSAL,
        change=lambda case: ending.undo_dismissal(case, now=desk.clock.now(), window=desk.policy.undo_window),
    )


def refusal_text(desk: Desk, case: Case, ground: str, *, legal_ground: str = "") -> str:
    """Return the text that tells the customer of a refusal, with the complaint route (GDPR Art. 12(4)).

    What was verified to be gone before the refusal is said too: the text must be true of a half-done case (rule 5).
    With the legal ground `NO_DATA` it says where we searched in vain.
    """
    if legal_ground == NO_DATA:
        found: dict[str, object] = {
            "company": desk.policy.company,
            "searched": searched_in_vain(desk, case),
            "ground": ground,
            "complaint": desk.policy.complaint,
        }
        return desk.texts.render("nothing_found", language_of(desk, case), found).strip()
    labels = {system.name: system.label for system in desk.systems}
    facts = {
        "company": desk.policy.company,
        "ground": ground,
        "complaint": desk.policy.complaint,
        "about_account": case.scope is Scope.ACCOUNT_ONLY,
        "removed": removed(case, lambda outcome: labels.get(outcome.system, outcome.system)),
        "begun": case.started,
    }
    return desk.texts.render("refused", language_of(desk, case), facts).strip()


def refuse(
    desk: Desk,
    *,
    case_id: str,
    version: int,
    actor: Actor,
    ground: str,
    channel: str,
    address: str = "",
    legal_ground: str = "",
) -> Case | Denied:
    """Refuse the request or what is left of it. The customer is told the ground, by `channel` as in `asking.ask`.

    A configured channel takes an `address` that is on file or proven. The ground is written to the customer, so it
    may hold personal data: it stays in the sealed file alone (rule 9). `legal_ground` is one of a list (the law's own
    word for it) and stays on the record; `NO_DATA` only after a run that found nothing anywhere.
    """
    case = desk.cases.get(case_id)
    if case is None:
        return Denied(why=Why.UNKNOWN_CASE)
    if not ground.strip():
        return Denied(why=Why.NO_REASON)
    if claims_falsely(desk, "refused", ground):
        return Denied(why=Why.FALSE_CLAIM)
    if legal_ground == NO_DATA and not searched_in_vain(desk, case):
        return Denied(why=Why.DATA_FOUND)
    way = reach(desk, case, channel=channel, address=address, post=PostKind.CLOSING, kind=MessageKind.REFUSED)
    if isinstance(way, Denied):
        return way
    text = refusal_text(desk, case, ground, legal_ground=legal_ground)
    return decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action=Action.REFUSE,
        change=lambda now: ending.refuse(
            now,
            ended=Ended(
                at=desk.clock.now(), by=actor.user_id, reason=legal_ground or "refused, with a ground"
            ),
        ),
        file=lambda old: replace(old, closing_text=text, contact=way.contact or old.contact),
        facts=(
            ("ground", desk.vault.mac(ground)),
            ("legal_ground", legal_ground),
            ("channel", channel),
        ),
        wants=way.wants,
    )


def retry(desk: Desk, *, case_id: str, version: int, actor: Actor) -> Case | Denied:
    """Check again: go on with what is unsettled, or plan anew when nothing had been approved."""
    retried = decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action=Action.RETRY,
        change=lambda case: running.retry(case, halted=desk.switch.halted(), observe=desk.policy.observe),
    )
    if isinstance(retried, Case) and retried.state is State.DELETING:
        desk.engine.enqueue_run(retried.id, retried.revision)
    return retried


def halt(desk: Desk, *, actor: Actor, halted: bool) -> Denied | None:
    """Halt every run between steps, or release them again. Any agent may halt; only an operator releases."""
    role = Role.AGENT if halted else Role.OPERATOR
    if denied := denied_for(actor=actor, role=role, roles=desk.roles):
        return denied
    desk.switch.set_halted(halted=halted, by=actor.user_id, at=desk.clock.now())
    return None


def sweep(desk: Desk) -> int:
    """Make good what a crash or a lost call left undone; return how many cases were moved. Idempotent.

    Approved cases whose cooling-off is over and runs that were interrupted are enqueued (the same id is a no-op in
    the engine), waiting systems are resumed when due, ended cases are shredded, rechecks that are due are done.
    """
    now, moved = desk.clock.now(), 0
    for case in desk.cases.in_states((State.APPROVED,)):
        if is_due(case, now) and _may_start(desk, case):
            desk.engine.enqueue_run(case.id, case.revision)
            moved += 1
    for case in desk.cases.in_states((State.DELETING, State.VERIFYING)):
        desk.engine.enqueue_run(case.id, case.revision)
    for case in desk.cases.in_states((State.AWAITING_SYSTEMS,)):
        if case.resume_at is not None and case.resume_at <= now:
            moved += _resume(desk, case)
    moved += remind_silent(desk)
    for case in desk.cases.to_shred():
        moved += shred_if_ended(desk, case)
    return moved + enqueue_due(desk)


def _may_start(desk: Desk, case: Case) -> bool:
    return not (desk.switch.halted() or case.paused_at or case.hold or desk.policy.observe)


def _resume(desk: Desk, case: Case) -> bool:
    resumed = decide_as_desk(
        desk,
        case_id=case.id,
        action=Action.RESUME,
        change=lambda now: (
            running.resume(
                now, now=desk.clock.now(), halted=desk.switch.halted(), observe=desk.policy.observe
            )
            if now.version == case.version
            else now
        ),
    )
    if isinstance(resumed, Denied) or resumed.state is not State.DELETING:
        return False
    desk.engine.enqueue_run(resumed.id, resumed.revision)
    return True
