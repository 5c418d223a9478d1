"""The receipt of a case that has ended: ids, scope, outcomes and counts in one canonical text that can be signed."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.domain.case import TERMINAL
from services.domain.ledger import Sealed
from services.domain.outcome import Count, Outcome
from services.domain.record import Case

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What stays of a case: `body` holds nothing personal, `signature` is an HMAC over its canonical text."""

    body: dict[str, Any]
    signature: str

    @property
    def id(self) -> str:
        """The receipt's short name, e.g. "R-1042-9f3c2a10"."""
        return f"R-{str(self.body['case']).removeprefix('DD-')}-{self.signature[:8]}"

    def as_json(self, *, indent: int | None = None) -> str:
        """Return the receipt as one JSON text."""
        return json.dumps(
            {"receipt": self.id, **self.body, "signature": self.signature}, indent=indent, ensure_ascii=False
        )


def canonical(body: dict[str, Any]) -> str:
    """Return the one spelling of a body that is signed."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def end_of(case: Case, ledger: Iterable[Sealed]) -> Sealed | None:
    """Return the ledger entry that ended the case, or None while it has not ended.

    Later entries (shredding, refused clicks) do not count, so that the receipt of a case is always the same.
    """
    ending = [one for one in ledger if one.entry.after == case.state and one.entry.before != one.entry.after]
    return ending[-1] if ending and case.state in TERMINAL else None


def body_of(case: Case, head: Sealed, *, company: str) -> dict[str, Any]:
    """Return what the receipt says: explicitly listed fields, none of them personal (design rule 9)."""
    answer, told, ended = case.answer, case.told, case.ended
    return {
        "version": VERSION,
        "company": company,
        "case": case.ref,
        "linked_to": case.linked_to,
        "team": case.team_id,
        "state": str(case.state),
        "scope": str(case.scope) if case.scope else "",
        "regime": case.regime,
        "received": case.opened_at.isoformat(),
        "answer_due": case.answer_due.isoformat(),
        "ended": head.entry.at.isoformat(),
        "asked": {"at": case.question.at.isoformat(), "by": case.question.by} if case.question else None,
        "answered": {
            "at": answer.at.isoformat(),
            "recorded_by": answer.by,
            "channel": answer.channel,
            "proof": answer.proof,
            "words": answer.words_digest,
        }
        if answer
        else None,
        "identity": sorted(case.chosen.identifiers) if case.chosen else [],
        "plan": case.plan.hash if case.plan else "",
        "decided_by": case.decided_by,
        "approved_by": [one.by for one in case.approvals],
        "outcomes": [_outcome(one) for one in case.outcomes],
        "told": {
            "at": told.at.isoformat(),
            "by": told.by,
            "channel": told.channel,
            "text": told.text_digest,
        }
        if told
        else None,
        "reason": ended.reason if ended else "",
        "ledger": {"seq": head.seq, "hash": head.hash},
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "system": outcome.system,
        "outcome": str(outcome.kind),
        "at": outcome.at.isoformat(),
        "counts": [_count(one) for one in outcome.counts],
        "ground": outcome.ground,
        "until": outcome.until,
        "signed_by": outcome.signed_by,
    }


def _count(count: Count) -> dict[str, Any]:
    kept = {"ground": count.ground, "until": count.until} if count.action == "keep" else {}
    return {"of": count.table, "action": count.action, "number": count.number, **kept}
