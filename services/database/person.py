"""From identifiers to what the statements bind: root keys in the column's type, every spelling of an address."""

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa

from services.database.map_model import DataMap
from services.domain.identity import Identifier, spellings

_BLANKS = " " * 8  # so many may follow a value and are found by its range all the same
_UNHELD = re.compile("[\0\ud800-\udfff]")  # a NUL, half of a surrogate pair
_CASED = 4  # letters at the beginning of an address of which both cases are spelt out in a range


class UnusableKeyError(Exception):
    """A root key of the identity cannot be a key of this table; the text does not repeat it."""


class Shape(NamedTuple):
    """How many values of each sort a person has: persons of the same shape share their statements.

    `kinds` are (kind of identifier, number), `held` (table, number of keys), both in the order of their parameters.
    `plain` tells whether the database's own lower() suffices.
    """

    roots: int
    kinds: tuple[tuple[str, int], ...]
    held: tuple[tuple[str, int], ...] = ()
    plain: bool = True


@dataclass(frozen=True, kw_only=True)
class Person:
    """What the statements are about: root keys, spellings of the e-mail addresses, the other identifiers by kind.

    `held` are keys of rows that the customer's rows refer to, by table.
    """

    roots: tuple[Any, ...]
    emails: tuple[str, ...]
    others: Mapping[str, tuple[str, ...]]
    held: Mapping[str, tuple[Any, ...]]

    @property
    def is_plain(self) -> bool:
        """Whether the database's own lower() suffices."""
        return all(value.isascii() for _, values in self._kinds for value in values)

    @cached_property
    def shape(self) -> Shape:
        """How many of each there are; many are rounded up to a power of two, so that statements are found again."""
        return Shape(
            roots=_rounded(len(self.roots)),
            kinds=tuple([(kind, _rounded(len(values))) for kind, values in self._kinds]),
            held=tuple(sorted([(table, _rounded(len(keys))) for table, keys in self.held.items() if keys])),
            plain=self.is_plain,
        )

    def bound(self) -> dict[str, Any]:
        """Return the parameters of every statement, by name."""
        values = _Bound()
        for number, root in enumerate(_padded(self.roots)):
            values[f"dd_root_{number}"], values[f"dd_roottext_{number}"] = root, str(root)
        for place, (_, found) in enumerate(self._kinds):
            for number, value in enumerate(_padded(found)):
                values[f"dd_id{place}_{number}"] = value
        for place, (_, keys) in enumerate(sorted((table, keys) for table, keys in self.held.items() if keys)):
            for number, key in enumerate(_padded(keys)):
                values[f"dd_held{place}_{number}"] = key
        return values

    def holding(self, held: Mapping[str, tuple[Any, ...]]) -> "Person":
        """Return the person with further keys of rows that theirs refer to."""
        both = {
            table: tuple(dict.fromkeys((*self.held.get(table, ()), *held.get(table, ()))))
            for table in {*self.held, *held}
        }
        return replace(self, held=both)

    @cached_property
    def _kinds(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return tuple(sorted({"email": self.emails, **self.others}.items()))


class _Bound(dict[str, Any]):
    """Parameters by name; the ends of an identifier's ranges ("dd_id0_0_low3") are worked out when they are asked for."""

    def __missing__(self, name: str) -> str:
        value = name.rpartition("_")[0]
        for step, (low, high) in enumerate(ranges(self[value])):
            self[f"{value}_low{step}"], self[f"{value}_high{step}"] = low, high + _BLANKS
        if name not in self:
            raise KeyError(name)
        return str(self[name])


class Recogniser:
    """Makes persons out of identifiers for one map on one schema; what the columns need is worked out once.

    Keys come from this system only; addresses hold everywhere. `held` are the key columns of tables whose rows a
    customer's rows may refer to.
    """

    def __init__(
        self, data_map: DataMap, key: sa.Column[Any], *, system: str, held: Mapping[str, sa.Column[Any]]
    ) -> None:
        subject = data_map.subject
        self._system, self._held = system, tuple(held)
        self._keys: dict[str, list[tuple[str, Callable[[str], Any]]]] = {subject.kind: [("", _reader(key))]}
        for table, column in held.items():
            self._keys.setdefault(f"{table}.{column.name}", []).append((table, _reader(column)))
        self._kinds = ("email", *(kind for kind, *_ in (*subject.identify, *subject.elsewhere)))

    def person(self, identifiers: Iterable[Identifier]) -> Person:
        """Return the person. Raises `UnusableKeyError`."""
        keys: dict[str, dict[Any, None]] = {"": {}, **{table: {} for table in self._held}}
        found: dict[str, dict[str, None]] = {kind: {} for kind in self._kinds}
        for one in identifiers:
            kind, value = one.kind, one.value
            if not value.strip():
                continue  # nothing is not somebody's address
            if _UNHELD.search(value):
                raise UnusableKeyError("an identifier holds characters that no database takes")
            if kind in found:
                found[kind] |= dict.fromkeys(spellings(value))
            if kind in self._keys and one.system == self._system:
                for table, read in self._keys[kind]:
                    try:
                        keys[table][read(value)] = None
                    except ValueError:
                        raise UnusableKeyError(f"a chosen {kind} is not a key of that table") from None
        roots, emails = tuple(keys.pop("")), tuple(found.pop("email"))
        return Person(
            roots=roots,
            emails=emails,
            others={kind: tuple(values) for kind, values in found.items()},
            held={table: tuple(values) for table, values in keys.items()},
        )


def ranges(value: str) -> tuple[tuple[str, str], ...]:
    """Return ranges that hold every spelling of an ASCII text by case, few others, and so let an index be used.

    Sorted by bytes, the spellings lie apart; each range fixes the case of the first letters. Always 2 ** 4 of them
    (repeated where the text has fewer letters), so that a statement fits every address.
    """
    starts, rest, cased = [""], value, 0
    while rest and cased < _CASED:
        letter, rest = rest[0], rest[1:]
        both = dict.fromkeys((letter.upper(), letter.lower()))
        cased += len(both) - 1
        starts = [start + form for start in starts for form in both]
    starts *= 2 ** (_CASED - cased)
    return tuple((start + rest.upper(), start + rest.lower()) for start in starts)


def _reader(key: sa.Column[Any]) -> Callable[[str], Any]:
    """Return what makes a key of the column's type out of text."""
    try:
        wanted = key.type.python_type
    except NotImplementedError:
        return str
    return wanted if wanted in {int, uuid.UUID} else str


def _rounded(number: int) -> int:
    return 1 << (number - 1).bit_length() if number > 0 else 0


def _padded(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return values + values[-1:] * (_rounded(len(values)) - len(values))
