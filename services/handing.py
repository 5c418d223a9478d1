"""Whose hands a case is in: hand it over to another agent, tell the approvers that one waits, find a customer's cases."""

from dataclasses import replace

from services.deciding import decide
from services.domain.case import TERMINAL, State
from services.domain.denials import Denied, Why, denied_for
from services.domain.identity import Identifier
from services.domain.ledger import Entry
from services.domain.people import Actor, Role
from services.domain.record import Case
from services.ports import Desk, PostKind

AN_HOUR = 3600


def hand_over(
    desk: Desk, *, case_id: str, version: int, actor: Actor, to: str, note: str = ""
) -> Case | Denied:
    """Put the case into another agent's hands and tell them. Changes nothing else about it.

    Only somebody who may act can take it. `note` is for the colleague and stays in the sealed file.
    """
    taker = Actor(team_id=actor.team_id, user_id=to)

    def change(case: Case) -> Case | Denied:
        if case.state in TERMINAL:
            return Denied(why=Why.NOT_NOW)
        if not to or not desk.roles.holds(taker, Role.AGENT):
            return Denied(why=Why.NO_AGENT)
        return replace(case, version=case.version + 1, agent=to)

    handed = decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action="hand_over",
        change=change,
        file=(lambda old: replace(old, note=note)) if note.strip() else None,
        facts=(("to", to),),
    )
    if isinstance(handed, Case) and to != actor.user_id:
        desk.posts.want_direct(handed.id, PostKind.HAND_OVER, person=to, occasion=handed.version)
    return handed


def tell_approvers(desk: Desk) -> None:
    """Ask for a direct message to everybody who could approve what waits. Idempotent: once a plan and person."""
    for case in desk.cases.in_states((State.AWAITING_APPROVAL,)):
        for person in sorted(able_to_approve(desk, case)):
            desk.posts.want_direct(case.id, PostKind.APPROVAL, person=person, occasion=case.revision)


def remind_approvers(desk: Desk, *, case_id: str, actor: Actor) -> Denied | None:
    """Tell everybody who can approve this case again; at most once an hour, and on the record."""
    case = desk.cases.get(case_id)
    if denied := denied_for(actor=actor, role=Role.AGENT, roles=desk.roles):
        return denied
    if case is None or case.state is not State.AWAITING_APPROVAL:
        return Denied(why=Why.NOT_NOW)
    now = desk.clock.now()
    for person in sorted(able_to_approve(desk, case)):
        desk.posts.want_direct(
            case.id, PostKind.APPROVAL, person=person, occasion=int(now.timestamp()) // AN_HOUR
        )
    reminded = Entry(
        case_id=case.id,
        version=case.version,
        at=now,
        actor=actor.user_id,
        action="remind_approvers",
        before=case.state,
        after=case.state,
    )
    desk.cases.note(reminded)
    return None


def able_to_approve(desk: Desk, case: Case) -> frozenset[str]:
    """Return who may still approve this case: approvers who took no part in it and have not approved yet."""
    return frozenset(desk.roles.approvers) - case.recorders - {one.by for one in case.approvals}


def waits_for(desk: Desk, case: Case, actor: Actor) -> bool:
    """Whether this person is the one, or one of those, on whom the case waits now."""
    if case.state is State.AWAITING_APPROVAL:
        return desk.roles.holds(actor, Role.APPROVER) and actor.user_id in able_to_approve(desk, case)
    if case.state in TERMINAL | RUNS_BY_ITSELF:
        return False
    return case.agent == actor.user_id or (not case.agent and actor.user_id in case.recorders)


RUNS_BY_ITSELF = frozenset({State.APPROVED, State.DELETING, State.VERIFYING, State.AWAITING_SYSTEMS})


def find(desk: Desk, *, actor: Actor, address: str) -> tuple[Case, ...] | Denied:
    """Return the cases of whoever has this address, newest first: running ones, and by HMAC those that have ended."""
    if denied := denied_for(actor=actor, role=Role.AGENT, roles=desk.roles):
        return denied
    mac = desk.vault.mac(Identifier(kind="email", value=address).canonical)
    known = {one.id: one for one in desk.cases.of_subject(mac)}
    running = desk.cases.in_states(state for state in State if state is not State.COMPLETED)
    for one in (*running, *desk.cases.to_shred()):
        if mac in one.senders or (one.chosen and mac in one.chosen.identifiers):
            known[one.id] = one
    return tuple(sorted(known.values(), key=lambda one: -one.number))
