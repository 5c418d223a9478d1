"""Receipts: issue the signed summary of a case that has ended, and tell whether one is genuine."""

import hmac
import json
from typing import Any

from services.cases_port import Cases
from services.domain.receipt import Receipt, body_of, canonical, end_of
from services.domain.record import Case
from services.ports import Vault

# Keeps a signature from being mistaken for the HMAC of any other text.
_PURPOSE = "receipt\n"
_BESIDE = frozenset({"receipt", "signature"})


def receipt_of(cases: Cases, vault: Vault, case: Case, *, company: str) -> Receipt | None:
    """Return the receipt of a case that has ended, or None. Idempotent: the same case gives the same receipt."""
    head = end_of(case, cases.ledger(case.id))
    if head is None:
        return None
    body = body_of(case, head, company=company)
    return Receipt(body=body, signature=vault.mac(_PURPOSE + canonical(body)))


def flaw_of(cases: Cases, vault: Vault, text: str) -> str:
    """Return what is wrong with a receipt (JSON text), or "" when it is genuine and the ledger still agrees."""
    try:
        given: Any = json.loads(text)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        return "this is not a receipt: not a JSON object"
    body = {name: value for name, value in given.items() if name not in _BESIDE}
    signature = given.get("signature")
    if not isinstance(signature, str) or not hmac.compare_digest(
        vault.mac(_PURPOSE + canonical(body)).encode(), signature.encode("utf-8", "replace")
    ):
        return "the signature does not fit: it was changed, or issued by another installation"
    ledger = body.get("ledger") or {}
    if not any(one.seq == ledger.get("seq") and one.hash == ledger.get("hash") for one in cases.ledger()):
        return "the ledger no longer has the entry that this receipt names"
    return ""
