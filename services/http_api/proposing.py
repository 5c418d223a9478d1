"""Records of an API as candidates: masked, each with what the deciding person must have seen."""

from services.domain.identity import Candidate, Identifier, mask, opaque
from services.http_api.records import RECORD, Record


def proposed(records: tuple[Record, ...], *, system: str, label: str) -> tuple[Candidate, ...]:
    """Return one candidate a record; several under the customer's addresses carry a warning to decide on each."""
    number = len(records)
    shared = (f"{number} records carry one of these addresses: decide on each.",) if number > 1 else ()
    return tuple(
        Candidate(
            system=system,
            key=f"{RECORD}:{opaque(one.id)}",
            reason="has the same address",
            shown=mask(one.email),
            identifiers=(Identifier(kind=RECORD, value=one.id, system=system, source=f"{label} record"),),
            warnings=(*shared, *one.warnings, *(f"{text} (blocks)" for text in one.blocks)),
        )
        for one in records
    )
