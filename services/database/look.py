"""What a column seems to hold, judged by its name, its type and sampled values: the guesses of `data-map suggest`."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address
from typing import Any

import sqlalchemy as sa

from services.database.schema import is_text
from services.database.signs import Finding, Sign, a, by_name
from services.domain.identity import EMAIL

ENOUGH = 0.5  # the share of sampled values that has to look alike
_PHONE = re.compile(r"(?:\+|00|\(|0)[\d ()./-]{6,20}\d")
_STREET = re.compile(
    r"\b(?:street|st|road|rd|avenue|ave|lane|drive|dr|boulevard|blvd|way|square|rue|calle|via|avenida|rua)\b\.?"
    r"|(?:straße|strasse|str\.|weg|gasse|platz|laan|straat|gatan|vägen|katu)\b",
    re.IGNORECASE,
)
_PATH_KEY = re.compile(r"[A-Za-z_][\w-]*")


def is_texty(column: sa.Column[Any]) -> bool:
    """Whether people's words could be in the column (enumerations are none)."""
    if isinstance(column.type, sa.Enum):
        return False
    kind = type(column.type).__name__.upper()
    return is_text(column) or isinstance(column.type, sa.JSON | sa.ARRAY | sa.types.NullType) or kind in {
        "INET", "CIDR", "CITEXT", "JSON", "JSONB", "HSTORE", "MACADDR", "TSVECTOR",
    }  # fmt: skip


def look(table: str, column: sa.Column[Any], values: Sequence[Any]) -> Finding | None:
    """Return what the column seems to hold that is personal, or None. `values` are sampled, not NULL."""
    if column.primary_key and column.foreign_keys:
        return None
    kind = type(column.type).__name__.upper()
    if kind in {"INET", "CIDR"}:
        return Finding(sign=Sign.IP, strong=True, why=f"type {kind.lower()}")
    if is_json(column, values):
        return _in_json(values)
    named = by_name(table, column)
    if not is_texty(column):
        return _not_text(column, named)
    texts = [text for one in values for text in _texts(one)]
    seen = _by_values(texts)
    if seen is not None and (named is None or named.sign is not seen.sign):
        return seen if named is None or not named.strong or seen.sign is Sign.EMAIL else named
    return named or seen


def is_json(column: sa.Column[Any], values: Sequence[Any]) -> bool:
    """Whether the column holds JSON objects, by its type or by what is in it."""
    if isinstance(column.type, sa.JSON) or type(column.type).__name__.upper() in {"JSON", "JSONB"}:
        return True
    texts = [one for one in values if isinstance(one, str) and one.strip()]
    return bool(texts) and all(one.lstrip()[:1] in "{[" and _parsed(one) is not None for one in texts)


def looks_like_email(text: str) -> bool:
    """Whether the text is an address and nothing else."""
    return EMAIL.fullmatch(text.strip()) is not None and not set("=/") & set(text)


def _not_text(column: sa.Column[Any], named: Finding | None) -> Finding | None:
    """Numbers and dates identify people only under telling names."""
    is_date = isinstance(column.type, sa.Date | sa.DateTime)
    is_number = isinstance(column.type, sa.Integer | sa.Numeric) and not isinstance(column.type, sa.Boolean)
    fits = (is_date and named is not None and named.sign is Sign.BIRTH) or (
        is_number
        and named is not None
        and named.sign in {Sign.PAYMENT, Sign.PHONE, Sign.NUMBER, Sign.LOCATION, Sign.ADDRESS}
    )
    is_picture = isinstance(column.type, sa.LargeBinary) and named is not None and named.sign is Sign.PICTURE
    return named if fits or is_picture else None


def _by_values(texts: list[str]) -> Finding | None:
    if not texts:
        return None
    for sign, strong, fits in _RECOGNISERS:
        number = sum(map(fits, texts))
        if number >= max(1, ENOUGH * len(texts)):
            return Finding(
                sign=sign, strong=strong, why=f"{number} of {len(texts)} sampled values look like {a(sign)}"
            )
    return None


def _in_json(values: Sequence[Any]) -> Finding | None:
    found: dict[str, Sign] = {}
    for value in values:
        for path, sign in _personal(_parsed(value) if isinstance(value, str) else value, "$"):
            found.setdefault(path, sign)
    if not found:
        return None
    signs = ", ".join(dict.fromkeys(found.values()))
    paths = tuple(sorted(found)) if "" not in found else ()
    return Finding(sign=Sign.JSON, strong=True, why=f"sampled JSON holds: {signs}", paths=paths)


def _personal(value: Any, path: str) -> Iterator[tuple[str, Sign]]:
    """Yield every personal place; the path is "" where the map's paths cannot lead."""
    if isinstance(value, list):
        for item in value:
            yield from (("", sign) for _, sign in _personal(item, ""))
            if isinstance(item, str) and (seen := _by_values([item])) is not None and seen.strong:
                yield "", seen.sign
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        here = f"{path}.{key}" if path and _PATH_KEY.fullmatch(str(key)) else ""
        if isinstance(inner, dict | list):
            yield from _personal(inner, here)
        elif isinstance(inner, str) and inner.strip():
            named = by_name("person", sa.Column(str(key), sa.Text()))
            seen = _by_values([inner])
            found = next((one for one in (seen, named) if one is not None and one.strong), None)
            if found is not None:
                yield here, found.sign


def _texts(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(one) for one in value if one is not None]
    return [str(value)] if str(value).strip() else []


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _is_ip(text: str) -> bool:
    try:
        ip_address(text.strip())
    except ValueError:
        return False
    return "." in text or ":" in text


def _is_card(text: str) -> bool:
    digits = re.sub(r"[ -]", "", text.strip())
    if not (digits.isdigit() and 15 <= len(digits) <= 16 and digits[0] in "3456"):
        return False
    doubled = (int(c) * (1 + i % 2) for i, c in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


_RECOGNISERS: tuple[tuple[Sign, bool, Callable[[str], bool]], ...] = (
    (Sign.EMAIL, True, looks_like_email),
    (Sign.IP, True, _is_ip),
    (Sign.PAYMENT, True, _is_card),
    (Sign.PHONE, True, lambda text: _PHONE.fullmatch(text.strip()) is not None and not text.strip().isdigit()),
    (Sign.ADDRESS, True, lambda text: len(text) < 120 and any(c.isdigit() for c in text) and _STREET.search(text) is not None),
    (Sign.CORRESPONDENCE, True, lambda text: EMAIL.search(text) is not None),
    (Sign.TEXT, False, lambda text: text.count(" ") >= 6),
)  # fmt: skip
