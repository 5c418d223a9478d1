"""What the names of tables and columns say: kinds of personal data, and tables whose rows are people."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class Sign(StrEnum):
    """The kinds of personal data that are recognised, in words for the report."""

    EMAIL = "e-mail address"
    PHONE = "phone number"
    NAME = "person's name"
    ADDRESS = "postal address"
    IP = "IP address"
    BIRTH = "date of birth"
    NUMBER = "identity number"
    PAYMENT = "payment detail"
    SECRET = "password or token"  # noqa: S105  a description
    DEVICE = "device"
    LOCATION = "location"
    LOGIN = "user name"
    PICTURE = "picture"
    CORRESPONDENCE = "text with e-mail addresses in it"
    TEXT = "free text"
    JSON = "personal values in JSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A guess about one column. A strong one wants a decision in every table, a weak one only beside a person.

    `why` is for the reviewer and never quotes a value. `paths` are the personal places in a JSON column; a JSON column
    without paths has them where no path leads (inside lists).
    """

    sign: Sign
    strong: bool
    why: str
    paths: tuple[str, ...] = ()


# What the last word may not be: "email_verified", "address_type", "name_format" describe, they do not identify.
_DESCRIBES = word_set(
    "type types kind status verified confirmed at date time count num enabled flag format template level "
    "method mode id ids version hidden visibility preference preferences policy opt validated required allowed "
    "notifications notification frequency sent score length size order index category"
)
_NAMED: tuple[tuple[Sign, bool, str], ...] = (
    (Sign.EMAIL, True, r"e? ?mails?( ?address(es)?)?|.*\be?mail( address)?|.*\be mail( address)?|mailbox"),
    (Sign.PHONE, True, r"(.* )?(\w*phones?|mobiles?|cell|pager|fax|tel|msisdn)( number| no| nr)?"),
    (Sign.IP, True, r"(.* )?(ip|ip ?addr(ess)?|remote addr(ess)?|host ip|ipv[46])"),
    (Sign.BIRTH, True, r"(.* )?(birth ?(date|day)?|date of birth|dob|born( on)?)"),
    (
        Sign.NUMBER,
        True,
        r"(.* )?(ssn|social security.*|passport.*|national id.*|tax ?id|vat( id| number)?|driver.*licen[cs]e.*)",
    ),
    (
        Sign.PAYMENT,
        True,
        r"(.* )?(iban|bic|ccn|pan|card (number|no|holder|last ?4)|credit card.*|bank account.*|account number|cvv|cvc)",
    ),
    (
        Sign.SECRET,
        True,
        r"(.* )?(passwords?|passwd|password hash|pass(word)? ?hash|salt|secret|mfa ?secret|(auth|access|refresh|session|api|device|push|reset) ?(token|key)|token)( hash)?",
    ),
    (Sign.LOGIN, True, r"(user ?name|login|log ?in name|screen ?name|handle|user ?login|nick)"),
    (
        Sign.NAME,
        True,
        (
            r"(first|last|given|family|middle|full|real|sur|maiden|fore|legal|nick|card|customer|user|contact|guest|"
            r"patient|author|recipient|ship|shipping|billing|sender|owner|requester)( \w+)? ?names?|surname|lastname|firstname|"
            r"fullname|nickname|realname|forename|(.* )?card ?holder|billed to|shipped to|recipient|gecos"
        ),
    ),
    (
        Sign.ADDRESS,
        True,
        r"((home|work|postal|street|ship|shipping|billing|mailing|delivery|customer|full) ?)?(street|address|addr)( ?(line)?( ?\d)?)?|street.*|line ?\d?|(address )?line ?\d|house( ?(no|number))?",
    ),
    (
        Sign.LOCATION,
        False,
        r"(.* )?(city|town|zip( ?code)?|post(al)? ?code|district|county|country|region|state|province|latitude|longitude|lat|lon|lng|geo ?location|location|timezone)",
    ),
    (
        Sign.DEVICE,
        True,
        r"(.* )?(user ?agent|device ?(id|token|name)|fingerprint|mac addr(ess)?|imei|advertising id|browser)",
    ),
    (Sign.PICTURE, True, r"(.* )?(avatar( url)?|photo|profile (image|picture|photo)|portrait|picture)"),
    (
        Sign.TEXT,
        False,
        r"(.* )?(notes?|comments?|comment ?text|body|message|msg|bio|about( me)?|signature|remarks?|feedback|review|content|text|free ?text|subject|summary|memo|details|props|data|payload|meta ?data|description)",
    ),
    (
        Sign.NAME,
        False,
        r"name|display ?name|title|label|alias|company|organi[sz]ation|employer|gender|sex|job title|nationality|occupation",
    ),
)
_PATTERNS = tuple((sign, strong, re.compile(pattern)) for sign, strong, pattern in _NAMED)
_PEOPLE = word_set(
    "customer user member person people contact client subscriber patient guest profile account userprofile buyer "
    "shopper donor student employee staff visitor attendee participant principal applicant tenant lead "
    "recipient passenger traveler traveller player"
)
_STAFF = word_set("employee staff admin operator agent moderator")


def words(name: str) -> tuple[str, ...]:
    """Return the words of a table's or column's name, in small letters: "ShipToAddress2" is ship, to, address, 2."""
    return tuple(word.lower() for word in _WORDS.findall(name))


def singular(word: str) -> str:
    """Return the word without a plural ending, roughly: people's table names need no better."""
    if word == "people":
        return "person"
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("s", "")):
        if word.endswith(ending) and len(word) > len(ending) + 1 and not word.endswith(("ss", "us")):
            return word[: -len(ending)] + instead
    return "address" if word == "addresses" else word


def holds_people(table: str) -> bool:
    """Whether the table's name says that its rows are people."""
    parts = tuple(singular(word) for word in words(table.rpartition(".")[2]))
    return bool(parts) and (parts[-1] in _PEOPLE or "".join(parts[-2:]) in _PEOPLE or parts[0] in _PEOPLE)


def holds_staff(table: str) -> bool:
    """Whether the table's name says that its rows are the company's own people."""
    return any(singular(word) in _STAFF for word in words(table.rpartition(".")[2]))


def by_name(table: str, column: sa.Column[Any]) -> Finding | None:
    """Return what the column's name says, read together with the table's."""
    parts = words(column.name)
    if (
        not parts
        or (parts[-1] in _DESCRIBES and parts[0] != "birth")
        or parts[0] in {"is", "has", "num", "allow", "enable"}
    ):
        return None
    joined = " ".join(parts)
    for sign, strong, pattern in _PATTERNS:
        if pattern.fullmatch(joined):
            if sign is Sign.ADDRESS and joined in {"line", "house"} and "address" not in table.lower():
                continue
            certain = strong or (
                sign is Sign.NAME
                and joined in {"name", "display name", "displayname"}
                and holds_people(table)
            )
            return Finding(sign=sign, strong=certain, why=f"named like {a(sign)}")
    return None


def a(sign: Sign) -> str:
    """Return the kind with its article, for sentences."""
    return f"{'an' if sign[0] in 'aeioAEIO' else 'a'} {sign}"
