"""How contacts and archived copies are proposed as the customer's: masked, with the identifiers that they would add."""

from collections.abc import Collection

from services.activecampaign.answers import Contact
from services.activecampaign.related import number_of
from services.domain.identity import Candidate, Identifier, mask

CONTACT = "contact"


def live_candidate(
    contact: Contact, copies: Collection[Contact], *, system: str, label: str, warnings: tuple[str, ...]
) -> Candidate:
    """Propose a live contact, with its archived copies."""
    source = f"{label} contact {contact.id}"
    email = Identifier(kind="email", value=contact.email.strip(), source=source)
    known = (_masked(contact), contact.created and f"created {contact.created}", _copies_of(copies))
    return Candidate(
        system=system,
        key=f"contacts:{contact.id}",
        reason="has the same address or was named by its id",
        shown=", ".join(part for part in known if part),
        identifiers=(
            Identifier(kind=CONTACT, value=contact.id, system=system, source=source),
            *((email,) if email.value else ()),
        ),
        warnings=warnings,
    )


def archived_candidate(
    copies: Collection[Contact], *, system: str, label: str, warnings: tuple[str, ...]
) -> Candidate:
    """Propose an address of which only archived copies are left."""
    first = min(copies, key=lambda one: int(one.id))
    email = Identifier(kind="email", value=first.email.strip(), source=f"{label} archive {first.id}")
    return Candidate(
        system=system,
        key=f"contactArchives:{first.id}",
        reason="archived copies have the same address",
        shown=f"{_masked(first)}, archived only, {_copies_of(copies)}",
        identifiers=(email,) if email.value else (),
        warnings=warnings,
    )


def _masked(contact: Contact) -> str:
    return mask(contact.email.strip()) if contact.address else "no address"


def _copies_of(copies: Collection[Contact]) -> str:
    return number_of(len(copies), "archived copy", "archived copies")
