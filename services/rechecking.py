"""Rechecks: a completed case's systems are read again days later; what is back is for a person to decide.

They belong to the completed case and change nothing in it. A hit opens a linked case, whose card is posted in the
thread; nothing is ever erased by a recheck (design section 4).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from services.deciding import decide_as_desk
from services.domain.deadlines import answer_due
from services.domain.identity import Identifier, Identity
from services.domain.laws import laws_at_first
from services.domain.ledger import Entry
from services.domain.outcome import OutcomeKind
from services.domain.people import DESK
from services.domain.plan import SystemPlan
from services.domain.recheck import AGAIN, PATIENCE, READER, LookUp, Recheck
from services.domain.record import Case, CaseFile, NewCase
from services.domain.scope import Intent, Reading, Scope
from services.ports import Desk, Job, System, SystemUnavailableError
from services.side_by_side import side_by_side

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one system showed: what is back ("" when nothing is), or why it could not be read."""

    system: str
    label: str
    back: str = ""
    unread: str = ""


def keep_for_rechecks(desk: Desk, case: Case) -> None:
    """Put aside what the rechecks of a completed case need, before its file is shredded. Idempotent.

    Only for `all_personal_data`, and only where the operator wants rechecks.
    """
    file = desk.cases.file(case.id)
    if case.scope is not Scope.ALL_PERSONAL_DATA or not desk.policy.rechecks:
        return
    if file is None or file.identity is None:
        return
    plain = (
        Identifier(kind=one.kind, value=one.value, system=one.system) for one in file.identity.identifiers
    )
    look_up = LookUp(
        identity=Identity(identifiers=tuple(plain)),
        not_theirs=tuple(ref for ref, is_theirs in file.decisions if not is_theirs),
    )
    now = desk.clock.now()
    own = (_times_of(desk, one.system) or () for one in (case.plan.acting if case.plan else ()))
    times = {*desk.policy.rechecks, *(after for each in own for after in each)}
    desk.rechecks.keep(case.id, look_up, tuple(now + after for after in sorted(times)))


def _times_of(desk: Desk, name: str) -> tuple[timedelta, ...] | None:
    """Return the further times that a system's definition asks for; () when it is never to be read again."""
    return getattr(desk.system(name), "rechecks", None)


def enqueue_due(desk: Desk) -> int:
    """Hand every recheck whose moment has come to the engine (the same one is a no-op there); return how many."""
    due = desk.rechecks.due(desk.clock.now())
    for one in due:
        desk.engine.enqueue_recheck(one.case_id, one.number)
    return len(due)


def recheck(desk: Desk, case_id: str, number: int) -> str:
    """Read every system of a completed case again. Returns "stale", "clear", "back" or "later".

    Safe to repeat after a crash at any point: reading changes nothing, the linked case is opened once by its key, and
    the recheck is passed on only after that.
    """
    current, case = desk.rechecks.next_of(case_id), desk.cases.get(case_id)
    if current is None or case is None or case.plan is None or current.number != number:
        return "stale"
    look_up = desk.rechecks.look_up(case_id)
    if look_up is None or desk.clock.now() < current.not_before:
        return "stale"
    parts = [one for one in case.plan.acting if one.is_evidence and _times_of(desk, one.system) != ()]
    seen = side_by_side((one.place, partial(_look, desk, case, one, look_up)) for one in parts)
    back, unread = [one for one in seen if one.back], [one for one in seen if one.unread]
    if back:
        linked = _open_linked(desk, case, current, look_up, back)
        _note(desk, case, current, "back", seen, linked=linked.id)
        desk.rechecks.pass_on(
            current, last=True
        )  # what follows is the linked case's, which has a key of its own
        return "back"
    if unread and desk.clock.now() < current.planned_for + PATIENCE:
        desk.rechecks.postpone(current, desk.clock.now() + AGAIN)
        return "later"
    if unread:
        log.warning("recheck %s of case %s was given up: a system could not be read", number, case_id)
    _note(desk, case, current, "not read" if unread else "clear", seen)
    desk.rechecks.pass_on(current)
    return "clear"


def put_off(desk: Desk, case_id: str, number: int) -> None:
    """Do a recheck later that ended with a bug, so that it is neither lost nor tried in a tight loop."""
    current = desk.rechecks.next_of(case_id)
    if current is not None and current.number == number:
        desk.rechecks.postpone(current, desk.clock.now() + AGAIN)


def _look(desk: Desk, case: Case, part: SystemPlan, look_up: LookUp) -> Seen:
    seen = Seen(system=part.system, label=part.label)
    system = desk.system(part.system)
    if system is None:
        return replace(seen, unread="is no longer configured")
    try:
        return replace(seen, back=_back(system, case, part, look_up))
    except SystemUnavailableError as unavailable:
        return replace(seen, unread=unavailable.reason)


def _back(system: System, case: Case, part: SystemPlan, look_up: LookUp) -> str:
    """Say what is there again, or return "". Raises `SystemUnavailableError` when that cannot be read."""
    everywhere = tuple(one for one in look_up.identity.identifiers if not one.system)
    new = [one for one in system.find(everywhere) if one.ref not in look_up.not_theirs]
    if new:
        return f"{len(new)} record{'s' if len(new) > 1 else ''} under the customer's addresses"
    fresh = system.plan(look_up.identity, Scope.ALL_PERSONAL_DATA)
    if fresh.problem:
        raise SystemUnavailableError(fresh.problem)
    standing = case.outcome_of(part.system)
    job = Job(
        identity=look_up.identity,
        scope=Scope.ALL_PERSONAL_DATA,
        planned=part,
        key=f"{case.id}:{case.revision}:{part.system}",
        reference=standing.reference if standing else "",
    )
    outcome = system.verify(job)
    if outcome.kind is OutcomeKind.RETRY_LATER:
        raise SystemUnavailableError(outcome.reason, retry_at=outcome.due)
    return (outcome.reason or "the data is there") if outcome.kind is OutcomeKind.FAILED else ""


def _open_linked(desk: Desk, case: Case, current: Recheck, look_up: LookUp, back: list[Seen]) -> Case:
    """Open the case in which a person decides. Its key names the recheck, so that it is opened once."""
    now = desk.clock.now()
    regimes = laws_at_first(desk.policy.regimes, case)
    due = answer_due(received=now, regimes=regimes, zone=desk.policy.zone)
    new = NewCase(
        team_id=case.team_id,
        channel=case.channel,
        thread_ts=case.thread_ts,
        message_ts=f"{case.message_ts}-recheck-{current.number}",
        reading=Reading(intent=Intent.NONE, confidence=1.0, reader=READER),
        opened_at=now,
        answer_due=due.at,
        regime=due.regime.label,
        regimes=regimes,
        linked_to=case.id,
    )
    said = "; ".join(f"{one.label}: {one.back}" for one in back)
    days = max(1, round((current.planned_for - (case.told.at if case.told else now)).total_seconds() / 86400))
    text = (
        f"Nobody wrote this: at the recheck {days} day{'s' if days > 1 else ''} after {case.ref} was completed, data "
        f"was there again ({said})."
    )
    addresses = tuple(
        replace(one, source=f"erased in {case.ref}") for one in look_up.identity.identifiers if not one.system
    )
    opened, _ = desk.cases.open(
        new,
        CaseFile(text=text, searched=addresses),
        actor=DESK.user_id,
        facts=(("intent", str(Intent.NONE)), ("reader", READER), ("linked_to", case.id)),
    )
    decide_as_desk(
        desk,
        case_id=opened.id,
        action="found_again",
        change=lambda one: replace(one, version=one.version + 1, problem=said) if one.version == 1 else one,
    )
    return opened


def _note(
    desk: Desk, case: Case, current: Recheck, result: str, seen: list[Seen], *, linked: str = ""
) -> None:
    entry = Entry(
        case_id=case.id,
        version=case.version,
        at=desk.clock.now(),
        actor=DESK.user_id,
        action="recheck",
        before=case.state,
        after=case.state,
        facts=(
            ("number", str(current.number)),
            ("result", result),
            ("back", _names(seen, lambda one: one.back)),
            ("unread", _names(seen, lambda one: one.unread)),
            ("linked", linked),
        ),
    )
    desk.cases.note(entry)


def _names(seen: list[Seen], which: Callable[[Seen], str]) -> str:
    return ",".join(one.system for one in seen if which(one))
