"""Which laws apply to this customer: an agent says so, with a reason; until then the earliest of all that may apply."""

from collections.abc import Iterable
from dataclasses import replace

from services.deciding import decide
from services.domain import laws as domain
from services.domain.deadlines import REGIMES
from services.domain.denials import Denied
from services.domain.people import Actor, Role
from services.domain.record import Case, Jurisdiction
from services.ports import Desk


def options(desk: Desk, case: Case) -> tuple[domain.Option, ...]:
    """Return every law that the desk knows, with this case's deadline under it."""
    return tuple(
        domain.Option(regime=one, due=domain.due_under(case, laws=(name,), zone=desk.policy.zone)[0])
        for name, one in REGIMES.items()
    )


def set_laws(
    desk: Desk, *, case_id: str, version: int, actor: Actor, laws: Iterable[str], reason: str
) -> Case | Denied:
    """Let these laws count for the case, as an agent, with a reason.

    The reason may name the customer's country or home: it stays in the sealed file, its digest in the ledger (rule 9).
    Which laws they are is no personal data and on the record, before and after. Idempotent by version.
    """
    chosen = domain.in_order(laws)
    digest = desk.vault.mac(reason) if reason.strip() else ""
    decided = Jurisdiction(at=desk.clock.now(), by=actor.user_id, reason_digest=digest)
    return decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action="set_laws",
        change=lambda case: domain.set_laws(
            case,
            laws=chosen,
            decided=decided,
            zone=desk.policy.zone,
            is_working_day=desk.is_working_day,
        ),
        file=lambda old: replace(old, laws_reason=reason),
        facts=(("laws", ",".join(chosen)), ("reason", digest)),
    )
