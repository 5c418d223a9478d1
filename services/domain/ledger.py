"""The append-only record: each entry carries the hash of the one before it, so that any edit shows."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened to one case. `facts` holds ids, counts and digests only (design rule 9).

    `version` is the case's version after the event (unchanged when the event moved nothing, as a refused click).
    """

    case_id: str
    version: int
    at: datetime
    actor: str
    action: str
    before: str = ""
    after: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """An entry in its place in the chain."""

    seq: int
    entry: Entry
    previous: str
    hash: str


def seal(entry: Entry, *, key: bytes, seq: int, previous: str) -> Sealed:
    """Return the entry chained to its predecessor with an HMAC-SHA256 under the installation's ledger key."""
    return Sealed(
        seq=seq, entry=entry, previous=previous, hash=_digest(entry, key=key, seq=seq, previous=previous)
    )


def flaws(chain: Iterable[Sealed], *, key: bytes, head: tuple[int, str] | None = None) -> tuple[str, ...]:
    """Return what is wrong with the chain, in words; empty when it verifies.

    `head` is the (seq, hash) that the store remembers separately: it exposes entries cut off at the end.
    """
    found: list[str] = []
    seq, previous = 0, GENESIS
    for sealed in chain:
        if sealed.seq != seq + 1:
            found.append(f"entry {seq + 1} is missing before entry {sealed.seq}")
        if not hmac.compare_digest(sealed.previous, previous):
            found.append(f"entry {sealed.seq} does not follow entry {seq}")
        true = _digest(sealed.entry, key=key, seq=sealed.seq, previous=sealed.previous)
        if not hmac.compare_digest(sealed.hash, true):
            found.append(f"entry {sealed.seq} was changed")
        seq, previous = sealed.seq, sealed.hash
    if head is not None and head != (seq, previous):
        found.append(f"the ledger ends at entry {seq}, its head says {head[0]}")
    return tuple(found)


def _digest(entry: Entry, *, key: bytes, seq: int, previous: str) -> str:
    body = {
        "seq": seq,
        "previous": previous,
        "case": entry.case_id,
        "version": entry.version,
        "at": entry.at.isoformat(),
        "actor": entry.actor,
        "action": entry.action,
        "before": entry.before,
        "after": entry.after,
        "facts": entry.facts,
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
