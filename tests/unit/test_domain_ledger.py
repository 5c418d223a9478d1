"""The ledger's flaws, in words: what an operator reads when the chain does not verify."""

from dataclasses import replace

from services.domain.ledger import GENESIS, Entry, Sealed, flaws, seal
from tests.properties.samples import NOW

KEY = b"installation"


def ledger(length: int = 4) -> list[Sealed]:
    """Return a proper chain of this length."""
    chain: list[Sealed] = []
    for seq in range(1, length + 1):
        entry = Entry(
            case_id="case1001", version=seq, at=NOW, actor="ANA", action="ask", facts=(("n", str(seq)),)
        )
        chain.append(seal(entry, key=KEY, seq=seq, previous=chain[-1].hash if chain else GENESIS))
    return chain


def head(chain: list[Sealed]) -> tuple[int, str]:
    return chain[-1].seq, chain[-1].hash


def test_an_untouched_ledger_has_no_flaws() -> None:
    """A chain as it was written verifies, and so does an empty one."""
    chain = ledger()
    assert flaws(chain, key=KEY, head=head(chain)) == ()
    assert flaws([], key=KEY) == ()


def test_an_edited_entry_is_named() -> None:
    """The sentence names the entry that was changed, and only that."""
    chain = ledger()
    chain[1] = replace(chain[1], entry=replace(chain[1].entry, actor="LEA"))
    assert flaws(chain, key=KEY, head=head(chain)) == ("entry 2 was changed",)


def test_a_removed_entry_is_named() -> None:
    """A gap in the middle shows as missing, and its follower as following nothing."""
    chain = ledger()
    del chain[1]
    assert flaws(chain, key=KEY) == ("entry 2 is missing before entry 3", "entry 3 does not follow entry 1")


def test_an_end_cut_off_shows_against_the_head() -> None:
    """Entries missing at the end are exposed by the head that is remembered apart."""
    whole = ledger()
    assert flaws(whole[:3], key=KEY, head=head(whole)) == ("the ledger ends at entry 3, its head says 4",)
    assert flaws([], key=KEY, head=head(whole))


def test_swapped_entries_show() -> None:
    """Two entries in each other's places do not verify."""
    chain = ledger()
    chain[1], chain[2] = chain[2], chain[1]
    assert flaws(chain, key=KEY, head=head(chain))


def test_an_entry_resealed_without_the_key_shows() -> None:
    """Recomputing a hash takes the installation's key, not just the text."""
    chain = ledger()
    forged = replace(chain[3].entry, actor="LEA")
    chain[3] = seal(forged, key=b"guess", seq=4, previous=chain[2].hash)
    assert "entry 4 was changed" in flaws(chain, key=KEY)
