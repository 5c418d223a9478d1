"""Whether each connected system answers now: a read of an address that nobody has, the way a search would read it."""

from dataclasses import dataclass
from functools import partial

from services.domain.identity import Identifier
from services.ports import Desk, System, SystemUnavailableError
from services.side_by_side import side_by_side

# A name that the DNS promises never to give to anybody (RFC 2606), so that the read finds nothing.
PROBE = Identifier(
    kind="email", value="probe@deletion-desk.invalid", source="health check", proof="none needed"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How one system answered: `problem` is one sentence, "" when it was well."""

    label: str
    problem: str = ""


def health_of(desk: Desk) -> tuple[Health, ...]:
    """Read every system once, side by side; what is down is a value, and so is what cannot be read for a bug's sake."""
    return tuple(side_by_side(("", partial(look_at, one)) for one in desk.systems))


def look_at(system: System) -> Health:
    """Read one system once; never raises."""
    try:
        system.find((PROBE,))
    except SystemUnavailableError as problem:
        return Health(label=system.label, problem=problem.reason)
    except Exception as error:  # noqa: BLE001  # one broken system must not hide how the others are; reported by type
        return Health(label=system.label, problem=f"a fault in Deletion Desk itself ({type(error).__name__})")
    return Health(label=system.label)
