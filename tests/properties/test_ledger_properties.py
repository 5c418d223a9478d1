"""The ledger: what was written verifies, and no single change to it goes unnoticed."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.ledger import GENESIS, Entry, Sealed, flaws, seal
from tests.properties.tampering import tampered

KEY, OTHER_KEY = b"installation", b"somebody else"
words = st.text(max_size=12)
entries = st.builds(
    Entry,
    case_id=words,
    version=st.integers(0, 99),
    at=st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1), timezones=st.just(UTC)),
    actor=words,
    action=words,
    before=words,
    after=words,
    facts=st.lists(st.tuples(words, words), max_size=3).map(tuple),
)


@st.composite
def chains(draw: st.DrawFn) -> tuple[Sealed, ...]:
    """Draw a properly sealed ledger of one to six entries."""
    sealed: list[Sealed] = []
    for seq, entry in enumerate(draw(st.lists(entries, min_size=1, max_size=6)), start=1):
        previous = sealed[-1].hash if sealed else GENESIS
        sealed.append(seal(entry, key=KEY, seq=seq, previous=previous))
    return tuple(sealed)


def head_of(chain: tuple[Sealed, ...]) -> tuple[int, str]:
    return chain[-1].seq, chain[-1].hash


@given(chains())
def test_what_was_sealed_verifies(chain: tuple[Sealed, ...]) -> None:
    """An untouched ledger has no flaws, with its head and without."""
    assert flaws(chain, key=KEY) == ()
    assert flaws(chain, key=KEY, head=head_of(chain)) == ()


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_single_change_is_detected(data: st.DataObject) -> None:
    """Any one edit, removal, repetition, swap or truncation of the ledger is detected."""
    chain = data.draw(chains())
    assert flaws(data.draw(tampered(chain)), key=KEY, head=head_of(chain))


@given(chains())
def test_a_ledger_rewritten_without_the_key_is_detected(chain: tuple[Sealed, ...]) -> None:
    """Whoever rewrites the whole chain, but has not the installation's key, is found out."""
    forged: list[Sealed] = []
    for one in chain:
        previous = forged[-1].hash if forged else GENESIS
        forged.append(seal(one.entry, key=OTHER_KEY, seq=one.seq, previous=previous))
    assert flaws(forged, key=KEY, head=head_of(tuple(forged)))


@given(chains())
def test_entries_with_equal_texts_in_other_places_differ(chain: tuple[Sealed, ...]) -> None:
    """The hash covers an entry's place, so that no entry can stand in for an equal one elsewhere."""
    moved = seal(chain[-1].entry, key=KEY, seq=chain[-1].seq + 1, previous=chain[-1].previous)
    assert moved.hash != chain[-1].hash
