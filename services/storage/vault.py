"""Everything secret about storage: the keys derived from the master key, digests, and sealing under a case's own key."""

import base64
import binascii
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services import ports

_NONCE = 12
_CURE = (
    "the master key must be 32 bytes in url-safe base64 (44 characters); make one with: "
    'python -c "import base64,os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'
)


class SealBrokenError(Exception):
    """A sealed record cannot be opened: it was altered, moved to another row, or sealed under another key."""


class Vault(ports.Vault):
    """Holds the installation's keys; never shows them.

    Each purpose has a key of its own (HKDF-SHA256 of the master key), so that a weakness in one use tells nothing
    about another. Sealing is AES-256-GCM; the associated data is the case (or event) and the purpose, so that a
    sealed text cannot be moved to another row.
    """

    def __init__(self, master_key: str | bytes) -> None:
        """Take the master key as in the settings. Raises `ValueError`, without the value, for any other format."""
        master = _decode(master_key)
        self._wrap = AESGCM(_derive(master, "wrap"))
        self._inbox = AESGCM(_derive(master, "inbox"))
        self._mac = _derive(master, "mac")
        self._check = _derive(master, "check")
        self.ledger_key = _derive(master, "ledger")
        self.link_key = _derive(master, "customer link")

    def mac(self, text: str) -> str:
        """Return the HMAC-SHA256 (hex) of a text under the installation's key. Never raises for any text."""
        # Slack's JSON may carry half of a surrogate pair; it is part of the text like any other character.
        return hmac.new(self._mac, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def check_value(self) -> str:
        """Return what the store keeps to recognise this master key; it says nothing about the key."""
        return hmac.new(self._check, b"deletion-desk store", hashlib.sha256).hexdigest()

    def new_key(self, case_id: str) -> bytes:
        """Return a fresh random key for a case, wrapped: only the wrapped form is ever stored."""
        return _seal(self._wrap, AESGCM.generate_key(bit_length=256), about=f"key|{case_id}")

    def seal(self, plain: bytes, *, wrapped: bytes, case_id: str, purpose: str) -> bytes:
        """Encrypt under the case's key. Raises `SealBrokenError` when the wrapped key is not this case's."""
        return _seal(self._case_key(wrapped, case_id), plain, about=f"{purpose}|{case_id}")

    def unseal(self, sealed: bytes, *, wrapped: bytes, case_id: str, purpose: str) -> bytes:
        """Return what `seal` was given. Raises `SealBrokenError`."""
        return _unseal(self._case_key(wrapped, case_id), sealed, about=f"{purpose}|{case_id}")

    def seal_event(self, plain: bytes, *, event_id: str) -> bytes:
        """Encrypt a message that has no case yet, under the inbox key."""
        return _seal(self._inbox, plain, about=f"inbox|{event_id}")

    def unseal_event(self, sealed: bytes, *, event_id: str) -> bytes:
        """Return what `seal_event` was given. Raises `SealBrokenError`."""
        return _unseal(self._inbox, sealed, about=f"inbox|{event_id}")

    def _case_key(self, wrapped: bytes, case_id: str) -> AESGCM:
        return AESGCM(_unseal(self._wrap, wrapped, about=f"key|{case_id}"))


def _decode(master_key: str | bytes) -> bytes:
    text = master_key.encode() if isinstance(master_key, str) else master_key
    try:
        key = base64.b64decode(text.strip(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(_CURE) from None
    if len(key) != 32:
        raise ValueError(_CURE)
    return key


def _derive(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"deletion-desk/{purpose}".encode()).derive(
        master
    )


def _seal(cipher: AESGCM, plain: bytes, *, about: str) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + cipher.encrypt(nonce, plain, about.encode())


def _unseal(cipher: AESGCM, sealed: bytes, *, about: str) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())
    except (InvalidTag, ValueError):
        raise SealBrokenError(
            "a sealed record cannot be opened: it was altered or belongs elsewhere; restore the store from a backup"
        ) from None
