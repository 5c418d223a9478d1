"""Case, case file and ledger entry as JSON and back, exactly: enums, tuples, sets and moments survive."""

import json
from dataclasses import asdict, fields
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from services.domain.ledger import Entry, Sealed
from services.domain.record import Case, CaseFile
from services.storage.tables import CASES, in_utc

Record = TypeVar("Record")

_CASE = TypeAdapter(Case)
_FILE = TypeAdapter(CaseFile)
_COLUMNS = frozenset(CASES.columns.keys()) & {field.name for field in fields(Case)}


class RecordUnreadableError(Exception):
    """A stored record does not have the shape this version expects; names the fields, never their values."""


def case_columns(case: Case) -> dict[str, Any]:
    """Return the row of a case: the fields that are columns, and the rest as `body`."""
    plain = {field.name: getattr(case, field.name) for field in fields(Case)}
    body = {name: value for name, value in _plain(asdict(case)).items() if name not in _COLUMNS}
    return {name: plain[name] for name in _COLUMNS} | {"state": case.state.value, "body": body}


def case_of(row: Any) -> Case:
    """Return the case of a row. Raises `RecordUnreadableError`."""
    columns = row._asdict()
    values = {**columns["body"], **{name: columns[name] for name in _COLUMNS}}
    return _read(_CASE, values, what=f"case {columns['id']}")


def file_bytes(file: CaseFile) -> bytes:
    """Return the file as JSON, ready to be sealed. Half surrogate pairs, which Slack may send, survive as escapes."""
    return json.dumps(_plain(asdict(file)), separators=(",", ":")).encode("ascii")


def file_of(plain: bytes) -> CaseFile:
    """Return the file that `file_bytes` was given. Raises `RecordUnreadableError`."""
    return _read(_FILE, json.loads(plain), what="case file")


def ledger_columns(sealed: Sealed) -> dict[str, Any]:
    """Return the ledger row of a chained entry."""
    entry = sealed.entry
    # str(): callers pass members of StrEnum, and drivers disagree on what those are.
    return {
        "seq": sealed.seq,
        "case_id": str(entry.case_id),
        "version": entry.version,
        "at": entry.at,
        "actor": str(entry.actor),
        "action": str(entry.action),
        "before": str(entry.before),
        "after": str(entry.after),
        "facts": [[str(name), str(value)] for name, value in entry.facts],
        "previous": sealed.previous,
        "hash": sealed.hash,
    }


def sealed_of(row: Any) -> Sealed:
    """Return the chained entry of a ledger row, as it stands there: whether it is genuine, `flaws` says."""
    columns = row._asdict()
    seq, previous, digest = columns.pop("seq"), columns.pop("previous"), columns.pop("hash")
    facts = tuple(tuple(fact) for fact in columns.pop("facts"))
    return Sealed(seq=seq, entry=Entry(**columns, facts=facts), previous=previous, hash=digest)


def _read(adapter: TypeAdapter[Record], values: Any, *, what: str) -> Record:
    try:
        return adapter.validate_python(values)
    except ValidationError as error:
        # Pydantic's own message quotes the values, and these may be personal.
        wrong = ", ".join(
            f"{'.'.join(str(part) for part in one['loc'])} ({one['type']})"
            for one in error.errors(include_input=False, include_context=False, include_url=False)
        )
        raise RecordUnreadableError(
            f"{what} was written by another version of Deletion Desk: {wrong}; update, or restore the store"
        ) from None


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return in_utc(value).isoformat()
        case Enum():
            return value.value
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case frozenset():
            return sorted(_plain(one) for one in value)
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            return value
