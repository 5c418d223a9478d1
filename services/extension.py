"""Taking longer: the deadline is extended once, in time, and the customer is told why (GDPR Art. 12(3))."""

from dataclasses import replace
from datetime import datetime

from services.asking import language_of, reach
from services.deciding import decide
from services.domain import holding
from services.domain.case import TERMINAL
from services.domain.deadlines import Deadline, Regime, answer_due, extended_due
from services.domain.denials import Denied, Why
from services.domain.people import Actor, Role
from services.domain.record import Case
from services.ports import Desk, PostKind
from services.reaching import MessageKind
from services.wording import claims_falsely


def possible_until(desk: Desk, case: Case) -> datetime | None:
    """Return the moment to which this case's deadline can be moved now, or None where it cannot."""
    due = _due(desk, case)
    if isinstance(due, Regime) or case.extension is not None or desk.clock.now() >= case.answer_due:
        return None
    return due.at


def extension_text(desk: Desk, case: Case, reason: str, *, language: str = "en") -> str:
    """Return the text that tells the customer of the extension, its reason and the new date."""
    due = _due(desk, case)
    until = case.answer_due if isinstance(due, Regime) else due.at
    facts = {
        "company": desk.policy.company,
        "reason": reason.strip(),
        "new_due": until.astimezone(desk.policy.zone),
        "old_due": case.answer_due.astimezone(desk.policy.zone),
    }
    return desk.texts.render("extended", language, facts).strip()


def extend(
    desk: Desk, *, case_id: str, version: int, actor: Actor, reason: str, channel: str, address: str = ""
) -> Case | Denied:
    """Extend the deadline and tell the customer: by `channel`, "thread", "copied" (the agent attests it) or another one.

    The reason is written to the customer, so it may hold personal data: it stays in the sealed file alone (rule 9).
    """
    case = desk.cases.get(case_id)
    if case is None:
        return Denied(why=Why.UNKNOWN_CASE)
    if not reason.strip():
        return Denied(why=Why.NO_REASON)
    if claims_falsely(desk, "extended", reason):
        return Denied(why=Why.FALSE_CLAIM)
    way = reach(
        desk, case, channel=channel, address=address, post=PostKind.EXTENSION, kind=MessageKind.EXTENDED
    )
    if isinstance(way, Denied):
        return way
    text = extension_text(desk, case, reason, language=language_of(desk, case))
    digest = desk.vault.mac(reason)
    return decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action="extend",
        change=lambda now: holding.extend(
            now,
            by=actor.user_id,
            at=desk.clock.now(),
            channel=channel,
            reason_digest=digest,
            zone=desk.policy.zone,
        ),
        file=lambda old: replace(old, extension_text=text, contact=way.contact or old.contact),
        facts=(("reason", digest), ("channel", channel), ("text", desk.vault.mac(text))),
        wants=way.wants,
    )


def without_extension(desk: Desk, case: Case) -> Case:
    """Return the case with its first deadline again: the customer surely was not told, so nothing was extended."""
    if case.extension is None or case.state in TERMINAL:
        return case
    first = answer_due(received=case.opened_at, regimes=case.regimes, zone=desk.policy.zone)
    return replace(case, extension=None, answer_due=first.at, regime=first.regime.label)


def _due(desk: Desk, case: Case) -> Deadline | Regime:
    return extended_due(received=case.opened_at, regimes=case.regimes, zone=desk.policy.zone)
