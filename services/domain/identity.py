"""Who the customer is: identifiers with their sources, candidates that systems propose, and the frozen identity."""

import hashlib
import re
from dataclasses import dataclass

# Bounded and anchored, so that a long text without any address is read in linear time (RFC 5321: 64 before the "@").
EMAIL = re.compile(
    r"(?<![\w.!#$%&'*+/=?^`{|}~-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
)

_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """One address or id of the customer's. `system` is "" for an address that holds everywhere.

    `kind` is "email", "phone", or for a row or record of one system that system's own word for it (for example
    "customers.id"). `source` says where it came from; `proof` how control over it was shown.
    """

    kind: str
    value: str
    system: str = ""
    source: str = ""
    proof: str = ""

    @property
    def canonical(self) -> str:
        """One spelling for one identifier: the text that is compared and put through the HMAC."""
        value = self.value.strip()
        return f"{self.system}|{self.kind}|{folded(value) if self.kind == 'email' else value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A record that a system proposes as the customer's. Nothing is done with it until a person decides.

    `key` is unique within the system ("customers:17"). `reason` says why it was found, `shown` describes it with
    addresses and names masked. `identifiers` are what the record would add to the identity; `warnings` are
    sentences that the deciding person must have seen.
    """

    system: str
    key: str
    reason: str
    shown: str
    identifiers: tuple[Identifier, ...]
    warnings: tuple[str, ...] = ()

    @property
    def ref(self) -> str:
        """The candidate's name across systems, e.g. "shop/customers:17"."""
        return f"{self.system}/{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The person, frozen: every identifier that any step may use, and no other."""

    identifiers: tuple[Identifier, ...]

    @property
    def emails(self) -> tuple[str, ...]:
        """The e-mail addresses, stripped and case-folded, each once, in order."""
        known = (folded(one.value) for one in self.identifiers if one.kind == "email")
        return tuple(dict.fromkeys(known))

    def of(self, *, system: str, kind: str) -> tuple[str, ...]:
        """The values of one kind that belong to one system, e.g. the root keys of a database."""
        values = (one.value for one in self.identifiers if one.system == system and one.kind == kind)
        return tuple(dict.fromkeys(values))


def freeze(proven: tuple[Identifier, ...], chosen: tuple[Candidate, ...]) -> Identity:
    """Return the identity made of proven addresses and the candidates that a person ticked, without repeats."""
    seen: dict[str, Identifier] = {}
    for identifier in (*proven, *(one for candidate in chosen for one in candidate.identifiers)):
        seen.setdefault(identifier.canonical, identifier)
    return Identity(identifiers=tuple(seen.values()))


def mask(value: str) -> str:
    """Return an address or name with all but the first character and the domain hidden, for screens."""
    local, at, domain = value.partition("@")
    hidden = f"{local[:1]}•••" if local else "•••"
    return f"{hidden}{at}{domain}"


def opaque(key: object) -> str:
    """Return a key for buttons and logs: a text may be an address itself, so only numbers and UUIDs are shown."""
    text = str(key)
    plain = text.replace("-", "")
    if (
        plain.isdigit()
        or text == "-"
        or (len(plain) == 32 and all(one in "0123456789abcdef" for one in plain))
    ):
        return text
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def folded(text: str) -> str:
    """Return an address as it is compared: stripped, and in small letters (see `fold`)."""
    return fold(text.strip())


def fold(text: str) -> str:
    """Return the text in small letters, folded one by one.

    A letter whose folding is two (ß, ss) stays one: weiß@x.example and weiss@x.example may be two people.
    """
    if text.isascii():
        return text.lower()
    return "".join(small if len(small := one.casefold()) == 1 else one.lower() for one in text)


def spellings(value: str) -> tuple[str, ...]:
    """Return the forms that databases may make of an address or a name in small letters.

    Folded letter by letter, lower(), ASCII-only lower() of it and of its capitals, and as it stands. Never a form that
    is another address in another person's hands (ß is not ss).
    """
    bare = value.strip()
    if bare.isascii():
        return (bare.lower(),)
    capitals = bare.upper()
    forms = (folded(bare), bare.lower(), bare.translate(_ASCII_LOWER), bare)
    more = (capitals.translate(_ASCII_LOWER),) if folded(capitals) == forms[0] else ()
    return tuple(dict.fromkeys((*forms, *more)))


def is_written_as_folded(address: str) -> bool:
    """Whether case-folding leaves an address what it is. It makes "strasse" of "straße": another mailbox, or domain.

    We fold letter by letter, but servers on a mail's way may not.
    """
    return address.lower() == address.casefold()


def emails_in(text: str) -> tuple[str, ...]:
    """Return the e-mail addresses that occur in a text, in order, each once (case-folded)."""
    return tuple(dict.fromkeys(folded(found).rstrip(".") for found in EMAIL.findall(text)))
