"""The identity: exactly what was proven or ticked, each once, compared by one spelling."""

import pytest

from services.domain.identity import Candidate, Identifier, emails_in, folded, freeze, mask, opaque, spellings


def email(value: str, **more: str) -> Identifier:
    return Identifier(kind="email", value=value, **more)


def row(value: str, system: str = "shop") -> Identifier:
    return Identifier(kind="customers.id", value=value, system=system)


def candidate(*identifiers: Identifier, key: str = "customers:17") -> Candidate:
    return Candidate(system="shop", key=key, reason="same address", shown="m•••", identifiers=identifiers)


def test_the_identity_holds_what_was_proven_and_ticked_and_nothing_else() -> None:
    """No step may use an identifier that no person decided on (rule 8, section 3)."""
    frozen = freeze((email("maya@example.org"),), (candidate(row("17"), email("m.old@example.org")),))
    assert [one.value for one in frozen.identifiers] == ["maya@example.org", "17", "m.old@example.org"]


def test_one_address_in_several_spellings_is_one_identifier() -> None:
    """E-mail addresses are compared without case and spaces; the first sighting keeps its source and proof."""
    first = email("Maya@Example.org", proof="wrote from it")
    frozen = freeze((first,), (candidate(email(" maya@example.ORG ")),))
    assert frozen.identifiers == (first,)
    assert frozen.emails == ("maya@example.org",)


def test_ids_of_different_systems_or_spelling_stay_apart() -> None:
    """Row 17 of one system is not row 17 of another, and ids keep their case."""
    frozen = freeze((row("17"), row("17", "crm"), row("a"), row("A")), ())
    assert len(frozen.identifiers) == 4
    assert frozen.of(system="shop", kind="customers.id") == ("17", "a", "A")
    assert frozen.of(system="crm", kind="customers.id") == ("17",)


def test_nobody_proven_and_nobody_ticked_is_nobody() -> None:
    """An empty identity stays empty: the decision refuses it."""
    assert freeze((), ()).identifiers == ()


def test_a_candidate_is_named_across_systems() -> None:
    """Two systems may use the same key; their candidates are decided apart."""
    assert candidate().ref == "shop/customers:17"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("maya@example.org", "m•••@example.org"),
        ("Maya", "M•••"),
        ("", "•••"),
        ("@example.org", "•••@example.org"),
    ],
)
def test_masking_shows_one_character_and_the_domain(value: str, shown: str) -> None:
    """Screens in shared threads never show an address or a name (rule 9)."""
    assert mask(value) == shown


def test_addresses_are_found_in_a_text_once_each() -> None:
    """Addresses in a message are proposed in order, case-folded, each once."""
    text = "I am Maya@Example.org (maya@example.org), earlier m.old@example.org."
    assert emails_in(text) == ("maya@example.org", "m.old@example.org")


def test_an_address_with_ss_is_somebody_elses_than_the_one_with_a_sharp_s() -> None:
    """Two people's addresses never fold to one: Python's casefold() makes ss of ß, and a stranger's data would go."""
    both = freeze((email("weiß@example.com"), email("weiss@example.com")), ())
    assert both.emails == ("weiß@example.com", "weiss@example.com")
    assert "weiss@example.com" not in spellings("WEIẞ@example.com")
    assert {"weiß@example.com", "WEIß@example.com"} <= set(spellings("WEIß@example.com"))


@pytest.mark.parametrize(
    ("one", "other"), [("ΝΊΚΟΣ", "νίκος"), ("MÜLLER", "müller"), ("WEIẞ", "weiß"), (" Ann", "aNN ")]
)
def test_one_address_in_capitals_is_still_one(one: str, other: str) -> None:
    """Case and spaces make no second person, in whatever alphabet."""
    assert folded(f"{one.strip()}@example.com") == folded(f"{other.strip()}@example.com")
    assert folded(one) == folded(other)


@pytest.mark.parametrize("key", ["maya@example.com", "Maya Okafor", "cus_9Maya"])
def test_a_key_that_may_be_personal_is_not_shown(key: str) -> None:
    """Keys are texts in some databases, addresses among them: screens and output get a name for them instead (rule 9)."""
    assert key not in opaque(key)
    assert opaque(key) == opaque(key)
    assert opaque(17) == "17"
