"""The vault: keys per purpose, seals that cannot be moved, errors that show nothing."""

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.storage import SealBrokenError, Vault

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
VAULT = Vault(KEY)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "secret-value",
        KEY[:-2],
        KEY + "AAAA",
        base64.urlsafe_b64encode(bytes(range(16))).decode(),
        "é" * 44,
        bytes(range(32)),
        "!" + KEY[1:],
    ],
)
def test_a_malformed_key_names_the_cure(wrong: str | bytes) -> None:
    """Anything but 32 bytes in url-safe base64 is refused with the command that makes one, without the value."""
    with pytest.raises(ValueError, match="32 bytes in url-safe base64") as caught:
        Vault(wrong)
    assert caught.value.__cause__ is None
    assert not wrong or str(wrong) not in str(caught.value)


def test_the_key_as_it_stands_in_a_file() -> None:
    """A key read as bytes or with a line break is the same key."""
    assert Vault(f"{KEY}\n".encode()).mac("x") == VAULT.mac("x")


def test_purposes_have_their_own_keys() -> None:
    """Digest, ledger, check and wrapping keys are all different, and nothing prints them."""
    other = Vault(base64.urlsafe_b64encode(os.urandom(32)).decode())
    assert VAULT.mac("deletion-desk store") != VAULT.check_value()
    assert VAULT.mac("x") != other.mac("x")
    assert VAULT.ledger_key != other.ledger_key
    assert len(VAULT.ledger_key) == 32
    assert VAULT.ledger_key.hex() not in repr(VAULT)
    assert KEY not in repr(vars(VAULT))


@given(st.text(st.characters(codec=None)))
def test_every_text_has_a_digest(text: str) -> None:
    """The digest never fails, half surrogate pairs included, and is stable over restarts."""
    assert VAULT.mac(text) == Vault(KEY).mac(text)
    assert len(VAULT.mac(text)) == 64


@given(st.binary())
def test_what_is_sealed_comes_back(plain: bytes) -> None:
    """Sealing is reversible for the same case, key and purpose, and never looks the same twice."""
    wrapped = VAULT.new_key("a")
    sealed = VAULT.seal(plain, wrapped=wrapped, case_id="a", purpose="file")
    assert VAULT.unseal(sealed, wrapped=wrapped, case_id="a", purpose="file") == plain
    assert sealed != VAULT.seal(plain, wrapped=wrapped, case_id="a", purpose="file")


def test_a_seal_cannot_be_moved_or_altered() -> None:
    """Another case, purpose or key, a flipped bit or a missing end is refused, and the error shows no bytes."""
    wrapped, other = VAULT.new_key("a"), VAULT.new_key("b")
    sealed = VAULT.seal(b"maya@example.com", wrapped=wrapped, case_id="a", purpose="file")
    flipped = bytes([*sealed[:-1], sealed[-1] ^ 1])
    attempts = [
        (sealed, wrapped, "b", "file"),
        (sealed, wrapped, "a", "note"),
        (sealed, other, "a", "file"),
        (sealed, other, "b", "file"),
        (flipped, wrapped, "a", "file"),
        (sealed[:20], wrapped, "a", "file"),
        (b"", wrapped, "a", "file"),
        (sealed, b"", "a", "file"),
    ]
    for data, key, case_id, purpose in attempts:
        with pytest.raises(SealBrokenError, match="cannot be opened") as caught:
            VAULT.unseal(data, wrapped=key, case_id=case_id, purpose=purpose)
        assert caught.value.__suppress_context__
    stranger = Vault(base64.urlsafe_b64encode(os.urandom(32)).decode())
    with pytest.raises(SealBrokenError):
        stranger.unseal(sealed, wrapped=wrapped, case_id="a", purpose="file")


def test_keys_are_fresh() -> None:
    """Every case gets a key of its own, and only its wrapped form leaves the vault."""
    assert len({VAULT.new_key("a") for _ in range(50)}) == 50
