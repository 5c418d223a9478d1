"""Standing still: an approver places a legal hold or notes a dispute, and lifts it again; the clock runs on."""

from dataclasses import replace

from services.deciding import decide
from services.domain import holding
from services.domain.denials import Denied
from services.domain.people import Actor, Role
from services.domain.record import Case, Hold, HoldKind
from services.ports import Desk


def place_hold(
    desk: Desk, *, case_id: str, version: int, actor: Actor, kind: HoldKind, reason: str
) -> Case | Denied:
    """Hold the case, as an approver, with a reason. The reason stays in the sealed file, its digest in the ledger."""
    digest = desk.vault.mac(reason)
    return decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.APPROVER,
        action="place_hold",
        change=lambda case: holding.place_hold(
            case,
            hold=Hold(kind=kind, at=desk.clock.now(), by=actor.user_id, reason_digest=digest),
            has_reason=bool(reason.strip()),
        ),
        file=lambda old: replace(old, hold_reason=reason),
        facts=(("kind", str(kind)), ("reason", digest)),
    )


def lift_hold(desk: Desk, *, case_id: str, version: int, actor: Actor, reason: str) -> Case | Denied:
    """Lift the hold, as an approver, with a reason; both stay on the record."""
    return decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.APPROVER,
        action="lift_hold",
        change=lambda case: holding.lift_hold(case, has_reason=bool(reason.strip())),
        file=lambda old: replace(old, hold_reason=""),
        facts=(("reason", desk.vault.mac(reason)),),
    )
