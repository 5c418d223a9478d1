"""Outcomes: which ones settle a system, how they survive further runs, and what may be claimed from them."""

import pytest

from services.domain.outcome import Count, OutcomeKind, all_settled, allow_fully_removed, merge, put
from tests.properties.samples import an_outcome, outcomes

K = OutcomeKind
SETTLED = {K.VERIFIED_GONE, K.NOTHING_FOUND, K.KEPT}
NEEDS_A_NAME = {K.MANUAL, K.UNVERIFIABLE}


@pytest.mark.parametrize("kind", OutcomeKind)
def test_which_outcomes_settle_a_system(kind: OutcomeKind) -> None:
    """FAILED, RETRY_LATER, ACCEPTED block for good; MANUAL and UNVERIFIABLE until somebody signs (rule 5)."""
    assert an_outcome(kind=kind).is_settled is (kind in SETTLED)
    assert an_outcome(kind=kind, signed_by="ANA").is_settled is (kind in SETTLED | NEEDS_A_NAME)


def test_proof_does_not_turn_into_nothing_found() -> None:
    """A retry that finds nothing left keeps VERIFIED_GONE (rule 8)."""
    gone, nothing = an_outcome(kind=K.VERIFIED_GONE), an_outcome(kind=K.NOTHING_FOUND)
    assert merge(gone, nothing) is gone
    assert merge(nothing, gone) is gone
    assert merge(None, nothing) is nothing


def test_a_failed_read_replaces_what_was_believed() -> None:
    """A later verification that still finds data wins over an earlier VERIFIED_GONE (rule 4)."""
    gone, failed = an_outcome(kind=K.VERIFIED_GONE), an_outcome(kind=K.FAILED)
    assert merge(gone, failed) is failed


def test_each_system_has_one_outcome_in_its_place() -> None:
    """A further outcome of a system replaces its own and no other's."""
    before = outcomes(K.VERIFIED_GONE, K.FAILED, K.KEPT)
    after = put(before, an_outcome("activecampaign", K.VERIFIED_GONE))
    assert [(one.system, one.kind) for one in after] == [
        ("accounts", K.VERIFIED_GONE),
        ("activecampaign", K.VERIFIED_GONE),
        ("shop", K.KEPT),
    ]


def test_no_outcomes_are_not_success() -> None:
    """A case about which nothing is known has settled nothing and removed nothing."""
    assert not all_settled(())
    assert not allow_fully_removed(())


@pytest.mark.parametrize("kind", OutcomeKind)
def test_fully_removed_needs_every_system_gone(kind: OutcomeKind) -> None:
    """One system that is neither gone nor empty, even a signed one, forbids "fully removed" (rule 5)."""
    known = (an_outcome("accounts"), an_outcome("shop", kind, signed_by="ANA"))
    assert allow_fully_removed(known) is (kind in {K.VERIFIED_GONE, K.NOTHING_FOUND})


def test_finding_nothing_anywhere_removes_nothing() -> None:
    """NOTHING_FOUND in every system never allows "fully removed" (rule 4)."""
    assert not allow_fully_removed(outcomes(*[K.NOTHING_FOUND] * 3))


def test_records_kept_inside_a_system_forbid_fully_removed() -> None:
    """A verified system that keeps invoices on a legal ground is told as kept, never as fully removed (rule 5)."""
    kept = Count(table="invoices", action="keep", number=6, ground="tax law", until="2034")
    assert not allow_fully_removed((an_outcome(counts=(kept,)),))
    assert allow_fully_removed((an_outcome(counts=(Count(table="invoices", action="keep", number=0),)),))


@pytest.mark.parametrize("kind", [K.RETRY_LATER, K.FAILED])
def test_proof_survives_a_read_that_failed_in_between(kind: OutcomeKind) -> None:
    """A system away for a while, then planned anew with nothing left, was erased all the same (rule 8)."""
    counts = (Count(table="orders", action="delete", number=3),)
    away = merge(an_outcome(kind=K.VERIFIED_GONE, counts=counts), an_outcome(kind=kind))
    assert (away.kind, away.is_settled) == (kind, False)
    again = merge(merge(away, an_outcome(kind=kind)), an_outcome(kind=K.NOTHING_FOUND))
    assert (again.kind, again.counts) == (K.VERIFIED_GONE, counts)
    assert merge(an_outcome(kind=kind), an_outcome(kind=K.NOTHING_FOUND)).kind is K.NOTHING_FOUND
