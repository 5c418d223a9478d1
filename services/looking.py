"""Looking without touching: whether each system can be used, and what each holds for one customer, by reads alone."""

from dataclasses import dataclass, replace
from functools import partial

from services.domain.identity import Candidate, Identifier, Identity, freeze
from services.domain.plan import SystemPlan
from services.domain.scope import Scope
from services.health import PROBE
from services.ports import System, SystemUnavailableError
from services.side_by_side import side_by_side


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one system showed. `problem` says why it cannot be read or used, "" when it can; nothing in it is personal.

    `plan` is what a deletion would do for the candidates that carry the address, None where it could not be made.
    """

    system: System
    candidates: tuple[Candidate, ...] = ()
    plan: SystemPlan | None = None
    problem: str = ""


def check_all(systems: tuple[System, ...]) -> tuple[Looked, ...]:
    """Ask every system about an address that nobody has, in running order: reachable, permitted, definition fitting."""
    return _all(systems, PROBE)


def find_everywhere(systems: tuple[System, ...], email: str) -> tuple[Looked, ...]:
    """Return what every system holds under an address, in running order."""
    return _all(systems, Identifier(kind="email", value=email.strip(), source="systems find"))


def _all(systems: tuple[System, ...], address: Identifier) -> tuple[Looked, ...]:
    ordered = sorted(systems, key=lambda one: (one.order, one.name))
    found = side_by_side(("", partial(_find, one, address)) for one in ordered)
    # Over all of them: an account service may learn from a database which accounts are meant.
    identity = freeze(
        (address,), tuple(each for one in found for each in one.candidates if _carries(each, address))
    )
    return tuple(side_by_side(("", partial(_plan, one, identity)) for one in found))


def _find(system: System, address: Identifier) -> Looked:
    try:
        return Looked(system=system, candidates=system.find((address,)))
    except SystemUnavailableError as unavailable:
        return Looked(system=system, problem=unavailable.reason or "cannot be asked now")


def _plan(found: Looked, identity: Identity) -> Looked:
    if found.problem:
        return found
    plan = found.system.plan(identity, Scope.ALL_PERSONAL_DATA)
    return replace(found, plan=plan, problem=plan.problem)


def _carries(candidate: Candidate, address: Identifier) -> bool:
    """Whether the candidate has this address: a namesake with another one is shown, and not counted."""
    emails = [one for one in candidate.identifiers if one.kind == "email"]
    return not emails or any(one.canonical == address.canonical for one in emails)
