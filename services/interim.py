"""Telling the customer in between how a case stands that waits for a system: what is gone, and what follows by when."""

from dataclasses import replace

from services.asking import reach, with_letter
from services.deciding import decide, unauthorised
from services.domain.case import State
from services.domain.denials import Denied, Why
from services.domain.people import Actor, Role
from services.domain.record import Case, CaseFile
from services.ports import Desk, PostKind
from services.reaching import MessageKind
from services.wording import claims_falsely, interim_text

INTERIM = "interim"


def tell(
    desk: Desk,
    *,
    case_id: str,
    version: int,
    actor: Actor,
    channel: str,
    address: str = "",
    intro: str = "",
    language: str = "en",
) -> Case | Denied:
    """Tell the customer how it stands, by `channel` as in `asking.reach`. It completes nothing (design section 4).

    The text comes from outcomes, so it claims only what was verified; `intro` takes the place of the greeting alone.
    """
    case = desk.cases.get(case_id)
    if case is None:
        return Denied(why=Why.UNKNOWN_CASE)
    if denied := unauthorised(desk, case, actor=actor, role=Role.AGENT, action=INTERIM):
        return denied
    if case.state is not State.AWAITING_SYSTEMS:
        return Denied(why=Why.NOT_NOW)
    if claims_falsely(desk, INTERIM, intro):
        return Denied(why=Why.FALSE_CLAIM)
    way = reach(desk, case, channel=channel, address=address, post=PostKind.INTERIM, kind=MessageKind.INTERIM)
    if isinstance(way, Denied):
        return way
    spoken = language if language in desk.policy.languages else "en"
    text = interim_text(desk, case, spoken, intro=intro)

    def change(now: Case) -> Case | Denied:
        if now.state is not State.AWAITING_SYSTEMS:
            return Denied(why=Why.NOT_NOW)
        return replace(now, version=now.version + 1)

    def file(old: CaseFile) -> CaseFile:
        return replace(with_letter(old, MessageKind.INTERIM, text), contact=way.contact or old.contact)

    return decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action=INTERIM,
        change=change,
        file=file,
        facts=(("text", desk.vault.mac(text)), ("channel", channel), ("language", spoken)),
        wants=way.wants,
    )
