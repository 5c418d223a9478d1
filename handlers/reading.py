"""What people type: addresses with their proofs, links to messages, words of a command."""

import re

from handlers import ids
from handlers.language import t
from handlers.messages import time_of
from handlers.views.identifying import MOST_ADDRESSES, addresses_written
from services.domain.identity import Identifier, emails_in, folded
from services.domain.record import CaseFile

_LINK = re.compile(
    r"/archives/(?P<channel>[CGD][A-Z0-9_]+)/p(?P<digits>\d{11,20})(?:\?(?P<query>[^\s>|]*))?", re.ASCII
)
_PARENT = re.compile(r"thread_ts=(\d{1,11}\.\d{1,9})", re.ASCII)


def addresses_in(text: str, *, control: str, file: CaseFile) -> tuple[Identifier, ...] | str:
    """Return the addresses, each with its source and proof, or a sentence that says which line is wrong.

    An address that the customer wrote is covered by `control`; one that the agent adds needs a proof of its own
    behind it on its line (design rule 2).
    """
    written = set(addresses_written(file))
    found: dict[str, Identifier] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        addresses = emails_in(line)
        if len(addresses) != 1:
            return t("Line {number}: write exactly one e-mail address on each line.", number=number)
        (address,) = addresses
        own_proof = re.sub(re.escape(address), "", line, flags=re.IGNORECASE).strip(" \t-:;,()<>|")
        if address not in written and not own_proof:
            return t(
                "Line {number}: the customer did not write this address. Add behind it how control of it was shown,"
                " e.g. “name@example.com signed in”.",
                number=number,
            )
        source = _source(address, file) if address in written else "added by the agent"
        found.setdefault(
            address,
            Identifier(kind="email", value=address, source=source, proof=own_proof or control.strip()),
        )
    if not found and text.strip():
        return t("Write at least one e-mail address.")
    if len(found) > MOST_ADDRESSES:
        return t("At most {number} addresses at a time.", number=MOST_ADDRESSES)
    return tuple(found.values())


def added_in(address: str, proof: str) -> Identifier | tuple[str, str] | None:
    """Return the address that the agent adds with its own proof, (field, what is wrong), or None when none was given."""
    if not address.strip():
        return None
    found = emails_in(address)
    if len(found) != 1:
        return ids.ADDED, t("Write exactly one e-mail address.")
    if not proof.strip():
        return ids.ADDED_PROOF, t("An added address is proven separately: say how its control was shown.")
    return Identifier(kind="email", value=found[0], source="added by the agent", proof=proof.strip())


def _source(address: str, file: CaseFile) -> str:
    return "named by the help desk" if address == folded(file.customer_address) else "written by the customer"


def link_in(text: str) -> tuple[str, str, str] | None:
    """Return (channel, ts, thread_ts) of a link to a Slack message, or None."""
    found = _LINK.search(text)
    if not found:
        return None
    ts = f"{found['digits'][:-6]}.{found['digits'][-6:]}"
    parent = _PARENT.search(found["query"] or "")
    return (found["channel"], ts, parent[1] if parent else "") if time_of(ts) else None


def number_in(text: str) -> int | None:
    """Return the number of a case named as DD-1042, dd1042 or 1042, or None."""
    found = re.search(r"(?:\bdd-?)?(\d{1,9})\b", text.casefold(), flags=re.ASCII)
    return int(found[1]) if found else None
