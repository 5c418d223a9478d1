"""What an operator states about the ActiveCampaign account, and the digest of it that a plan is bound to."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from services.activecampaign.choices import CHOICES, Choice
from services.transport import LOOPBACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The account: `base_url` as its owner gives it (with or without /api/3), and the key of an Admin user.

    `archives` is "none" only where the account offers no archive endpoint: a named person then attests that the
    archived copies were deleted by hand. `related` says what happens to the records beside the contact, deleted where
    it says nothing. `pause` are the seconds between the two readings of a verification,
    `rate` the requests a second that this client allows itself, `budget` the seconds it waits for a busy server
    on the spot. `allow_http` permits plain HTTP to this machine (the shipped twin). Raises ValueError naming the
    setting.
    """

    base_url: str
    token: str = field(repr=False)
    archives: Literal["purge", "none"] = "purge"
    related: tuple[tuple[str, Choice], ...] = ()
    pause: float = 2.0
    rate: int = 5
    timeout: float = 10.0
    budget: float = 15.0
    allow_http: bool = False

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url.strip())
        if not parts.hostname or parts.username or parts.query or parts.fragment:
            raise ValueError("base_url: write it as ActiveCampaign shows it, https://ACCOUNT.api-us1.com")
        if parts.scheme != "https" and not (self.allow_http and parts.hostname in LOOPBACK):
            raise ValueError("base_url: must be https:// (http:// only for the look-alike on this machine)")
        if not (self.token.isascii() and self.token.isprintable() and self.token.strip() == self.token != ""):
            raise ValueError("token: the API key is empty or has characters that no key has")
        for name, _ in self.related:
            if name not in CHOICES:
                raise ValueError(f"related: {name} is not known; known are {', '.join(CHOICES)}")
        if self.rate < 1 or self.pause < 0:
            raise ValueError("rate: at least 1 a second; pause: not negative")

    @property
    def root(self) -> str:
        """The address that all paths are relative to, ending in /api/3/."""
        return f"{self.base_url.strip().rstrip('/').removesuffix('/api/3').rstrip('/')}/api/3/"

    @property
    def host(self) -> str:
        """The only host that is ever spoken to."""
        return urlsplit(self.root).hostname or ""

    @property
    def digest(self) -> str:
        """A short hash of what decides what is deleted and where; the key is no part of it."""
        related = {name: asdict(choice) for name, choice in self.related}
        decides = json.dumps(
            {"root": self.root, "archives": self.archives, "related": related}, sort_keys=True
        )
        return hashlib.sha256(decides.encode()).hexdigest()[:16]
