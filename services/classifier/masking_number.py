"""Numbers that identify somebody, in a levelled text: telephone, payment card, IBAN, customer and other ids."""

import re
from collections.abc import Iterator

import phonenumbers

from services.classifier.masking_view import UNSPACED, asks

Place = tuple[int, int, str]

_LETTER = rf"[^\W{UNSPACED}]"
_NUMBER = re.compile(
    r"[+(]{0,2}[0-9](?:[ \t().\-/_\u00b7\u2022*,:]{0,3}[0-9]){4,}"
    r"(?:[ ,;]{0,2}(?:ext|extension|durchwahl|poste|int|x)[.:=]?[ ]?[0-9]{1,6})?",
    re.IGNORECASE,
)
_MIXED = re.compile(
    rf"(?<!{_LETTER})(?<!-)(?=(?:{_LETTER}|-){{0,40}}[0-9](?:{_LETTER}|-){{0,40}}[0-9])"
    rf"(?=(?:{_LETTER}|-){{0,40}}[^\W\d_])(?:{_LETTER}|-){{6,64}}(?!{_LETTER})(?!-)"
)
_DIGITS = re.compile(r"[0-9]{2,}")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ .-]?[A-Za-z0-9]){11,30}")
_VANITY = re.compile(
    r"(?<!\w)(?:\+[0-9]{1,3}|1|0)[ .-]?\(?[0-9]{3}\)?[ .-][0-9A-Z](?:[ .-]?[0-9A-Z]){4,9}(?![\w])"
)
_DIGIT_WORDS = (
    "zero|oh|one|two|three|four|five|six|seven|eight|nine|null|eins|zwei|zwo|drei|vier|fünf|sechs|sieben|acht|neun|"
    "zéro|un|deux|trois|quatre|cinq|sept|huit|neuf|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|due|tre|"
    "quattro|cinque|sei|sette|otto|nove|dois|três|quatro|sete|oito|"
    "ноль|один|два|три|четыре|пять|шесть|семь|восемь|девять"
)
_SPOKEN = re.compile(
    rf"(?<!\w)(?:(?:double |triple )?(?:{_DIGIT_WORDS})[ ,.-]{{1,3}}){{4,20}}(?:{_DIGIT_WORDS})(?!\w)",
    re.IGNORECASE,
)
# Numbers of laws say under which right somebody writes: they are no personal data.
_OF_A_LAW = re.compile(
    r"\(?(?:2016[/ ]679|679[/ ]2016|13[.,]?709(?:[/ ]2018)?|1798[.]1[0-9]{2}(?:\([a-z]\))?)\)?"
)


def numbers(text: str) -> Iterator[Place]:
    """Yield the places of identifying numbers with their kind, in no order; they may overlap."""
    for found in phonenumbers.PhoneNumberMatcher(text, None, leniency=phonenumbers.Leniency.POSSIBLE):
        yield found.start, found.end, "phone"
    for one in _VANITY.finditer(text):
        yield *one.span(), "phone"
    for one in _SPOKEN.finditer(text):
        yield *one.span(), "phone"
    for one in _NUMBER.finditer(text):
        if not _OF_A_LAW.fullmatch(one.group()):
            yield *one.span(), _kind(one.group())
    for one in _IBAN.finditer(text):
        length = _iban_length(one.group())
        if length:
            yield one.start(), one.start() + length, "iban"
    for one in _MIXED.finditer(text):
        if not asks(one.group()):
            yield *one.span(), "id"
        else:  # "delete-8837": the digits go, the words stay
            for digits in _DIGITS.finditer(text, *one.span()):
                yield *digits.span(), "id"


def _kind(written: str) -> str:
    digits = [int(one) for one in written if one.isdigit()]
    if 13 <= len(digits) <= 19 and _passes_luhn(digits):
        return "card"
    return "phone" if 7 <= len(digits) <= 15 else "id"


def _passes_luhn(digits: list[int]) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812)."""
    doubled = (sum(divmod(2 * one, 10)) for one in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 and any(digits)


def _iban_length(written: str) -> int:
    """Return how many characters of it are an IBAN by its checksum (ISO 13616), the longest first; 0 for none."""
    places = [index for index, one in enumerate(written) if one.isalnum()]
    letters = "".join(written[index] for index in places).upper()
    for length in range(min(34, len(letters)), 14, -1):
        moved = letters[4:length] + letters[:4]
        if int("".join(str(int(one, 36)) for one in moved)) % 97 == 1:
            return places[length - 1] + 1
    return 0
