"""The one way in which a decision is written: authority, version, pure decision, compare-and-set, ledger."""

from collections.abc import Callable

from services.domain.case import Action
from services.domain.denials import Denied, Why, denied_for
from services.domain.ledger import Entry
from services.domain.people import DESK, Actor, Role
from services.domain.record import Case, CaseFile
from services.ports import Desk, Dispatch, PostKind

Facts = tuple[tuple[str, str], ...]
Change = Callable[[Case], Case | Denied]
FileChange = Callable[[CaseFile], CaseFile]

# The desk's own writes (a step's outcome, a customer's message) are applied to whatever the case is by then; each
# attempt re-reads, so losing a race this often means that something is badly wrong.
PATIENCE = 20

# The ledger's word for a click that moved nothing.
REFUSED = "refused_click"
# Its name for the case of what concerns none: a command, a shortcut, a digest.
NO_CASE = "-"


def decide(
    desk: Desk,
    *,
    case_id: str,
    version: int | None,
    actor: Actor,
    role: Role,
    action: Action | str,
    change: Change,
    file: FileChange | None = None,
    facts: Facts = (),
    wants: PostKind | Dispatch | None = None,
) -> Case | Denied:
    """Carry out a person's decision on the version of the case that they saw, or say why not.

    Authority is judged now, by (team, user), and a refusal for lack of it is put on the record (design rules 2, 10).
    Somebody faster makes the decision void: the answer names them. Idempotent by version.
    """
    case = desk.cases.get(case_id)
    if case is None:
        return Denied(why=Why.UNKNOWN_CASE)
    if denied := unauthorised(desk, case, actor=actor, role=role, action=action):
        return denied
    if version is not None and version != case.version:
        return overtaken(desk, case)
    changed = change(case)
    if isinstance(changed, Denied):
        if changed.why is Why.SAME_PERSON:
            record_refusal(desk, case, actor=actor, action=action, denied=changed)
        return changed
    written = _write(desk, case, changed, actor=actor, action=action, file=file, facts=facts, wants=wants)
    return written or overtaken(desk, changed)


def unauthorised(desk: Desk, case: Case, *, actor: Actor, role: Role, action: Action | str) -> Denied | None:
    """Return why the actor may not do this now, having put the attempt on the record; None when they may.

    For verbs that read systems before they decide: nobody without the authority gets as far as that.
    """
    denied = denied_for(actor=actor, role=role, roles=desk.roles, tried=str(action))
    if denied:
        record_refusal(desk, case, actor=actor, action=action, denied=denied)
    return denied


def decide_as_desk(
    desk: Desk,
    *,
    case_id: str,
    action: Action | str,
    change: Change,
    file: FileChange | None = None,
    facts: Facts = (),
    wants: PostKind | Dispatch | None = None,
) -> Case | Denied:
    """Carry out what the desk itself does, on the newest version; a change that changes nothing is not written."""
    for _ in range(PATIENCE):
        case = desk.cases.get(case_id)
        if case is None:
            return Denied(why=Why.UNKNOWN_CASE)
        changed = change(case)
        if isinstance(changed, Denied) or changed is case:
            return changed
        if written := _write(
            desk, case, changed, actor=DESK, action=action, file=file, facts=facts, wants=wants
        ):
            return written
    raise RuntimeError(f"lost {PATIENCE} races in a row while writing '{action}' to a case")


def overtaken(desk: Desk, case: Case) -> Denied:
    """Return the answer for somebody whose view of the case is out of date: who changed it, when, and to what."""
    entries = (sealed.entry for sealed in desk.cases.ledger(case.id))
    moved = [one for one in entries if one.version >= case.version and one.action != REFUSED]
    last = moved[-1] if moved else None
    return Denied(
        why=Why.FASTER,
        by=last.actor if last else "",
        at=last.at if last else None,
        detail=last.action if last else "",
    )


def record_refusal(
    desk: Desk, case: Case | None, *, actor: Actor, action: Action | str, denied: Denied
) -> None:
    """Put on the record that somebody tried what they may not do; `case` is None for what concerns no case."""
    entry = Entry(
        case_id=case.id if case else NO_CASE,
        version=case.version if case else 0,
        at=desk.clock.now(),
        actor=actor.user_id,
        action=REFUSED,
        before=case.state if case else "",
        after=case.state if case else "",
        facts=(("tried", str(action)), ("why", denied.why)),
    )
    desk.cases.note(entry)


def _write(
    desk: Desk,
    case: Case,
    changed: Case,
    *,
    actor: Actor,
    action: Action | str,
    file: FileChange | None,
    facts: Facts,
    wants: PostKind | Dispatch | None = None,
) -> Case | None:
    entry = Entry(
        case_id=case.id,
        version=changed.version,
        at=desk.clock.now(),
        actor=actor.user_id,
        action=str(action),
        before=case.state,
        after=changed.state,
        facts=facts,
    )
    new_file = None
    if file is not None:
        old_file = desk.cases.file(case.id)
        if old_file is None:
            return None
        new_file = file(old_file)
    return changed if desk.cases.save(changed, entry, file=new_file, wants=wants) else None
