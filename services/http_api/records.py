"""Which records of an API are the person's: asked of the API, decided here."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any

from services.domain.identity import Identity, folded
from services.http_api.answers import Meaning, holds, values_at
from services.http_api.client import Api
from services.http_api.definition import Call, Check, Definition, Lookup
from services.ports import SystemUnavailableError

RECORD = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record: its id, the address by which it was found ("" for one chosen by id), and what to warn of."""

    id: str = field(repr=False)
    email: str = field(default="", repr=False)
    warnings: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()

    @property
    def given(self) -> dict[str, str]:
        """What placeholders may use."""
        return {"id": self.id, "email": self.email}


def records_of(api: Api, definition: Definition, identity: Identity) -> tuple[Record, ...]:
    """Return the records under the identity's addresses; without a look-up, one for each subject identifier.

    Raises `SystemUnavailableError`, also for an answer with too many records or with more pages.
    """
    lookup = definition.lookup
    if lookup is None:
        return subjects_of(definition, identity)
    # A filter may mind the case of an address: ask in the spelling on file and in small letters.
    spelled = (one.value.strip() for one in identity.identifiers if one.kind == "email")
    asked = dict.fromkeys(each for one in spelled if one for each in (one, folded(one)))
    found: dict[str, Record] = {}
    for address in asked:
        for record in _look_up(api, lookup, address, known=found.keys()):
            found[record.id] = record
    return tuple(found.values())


def subjects_of(definition: Definition, identity: Identity) -> tuple[Record, ...]:
    """Return one record for each identifier that stands for the person where nothing can be looked up."""
    if definition.subject == "email":
        return tuple(Record(id=one, email=one) for one in identity.emails if one)
    ids = identity.of(system=definition.subject_system, kind=definition.subject)
    return tuple(Record(id=one) for one in ids if one.strip())


def with_chosen(
    records: tuple[Record, ...], identity: Identity, system: str, *, keep: Callable[[str], bool] = bool
) -> tuple[Record, ...]:
    """Return the records and those that were chosen by id and not found under an address."""
    known = {one.id for one in records}
    chosen = identity.of(system=system, kind=RECORD)
    return (*records, *(Record(id=one) for one in chosen if one not in known and keep(one)))


def held(api: Api, definition: Definition, identity: Identity, system: str) -> tuple[Record, ...]:
    """Return what the system holds of the person: found under an address, or known by id and read to be there.

    Where nothing can be looked up or read it is one record, a request to be, for each subject identifier.
    """
    records, reads = records_of(api, definition, identity), definition.verify.reads
    if definition.lookup is None:
        return _there(api, reads, records) if reads else records
    known = {one.id for one in records}
    others = tuple(one for one in with_chosen((), identity, system) if one.id not in known)
    return (*records, *(_there(api, reads, others) if reads else ()))


def left(api: Api, definition: Definition, identity: Identity, system: str) -> tuple[Record, ...]:
    """Return what is still there, by every read that the definition declares.

    A list may lag behind: where the definition reads a record, that read is the better witness.
    """
    records, reads = records_of(api, definition, identity), definition.verify.reads
    if reads:
        known = with_chosen(records, identity, system) if definition.lookup else records
        return _there(api, reads, known)
    return records if definition.lookup else ()


def _there(api: Api, reads: tuple[Call, ...], records: tuple[Record, ...]) -> tuple[Record, ...]:
    return tuple(one for one in records if any(_is_there(api, read, one) for read in reads))


def _is_there(api: Api, read: Call, record: Record) -> bool:
    meaning, _ = api.ask(read, record.given if record.email else {"id": record.id})
    return meaning is not Meaning.GONE


def unchosen(records: tuple[Record, ...], identity: Identity, system: str) -> int:
    """Return how many of the looked-up records nobody has chosen as the person's: an address alone erases nothing."""
    chosen = identity.of(system=system, kind=RECORD)
    return len([one for one in records if one.id not in chosen])


def _look_up(api: Api, lookup: Lookup, address: str, *, known: Collection[str]) -> tuple[Record, ...]:
    meaning, answer = api.ask(lookup.call, {"email": address})
    if meaning is Meaning.GONE:
        return ()
    body = answer.json()
    if not isinstance(body, dict | list) or not _has_records(body, lookup.records):
        raise SystemUnavailableError("its look-up answered without the list of records")
    rows = _rows(body, lookup.records)
    if len(rows) > lookup.maximum or any(values_at(body, lookup.more) if lookup.more else ()):
        raise SystemUnavailableError("its look-up returned more records than one person can have")
    matching = [row for row in rows if _matches(row, lookup, address)]
    records = [_record(row, lookup, address) for row in matching]
    return tuple(_checked(api, lookup, one) for one in records if one.id not in known)


def _has_records(body: Any, path: str) -> bool:
    parent = path.partition(".*")[0]
    return path == "." or bool(values_at(body, parent))


def _rows(body: Any, path: str) -> list[Any]:
    rows = values_at(body, path)
    return [row for one in rows for row in (one if isinstance(one, list) else [one])]


def _matches(row: Any, lookup: Lookup, address: str) -> bool:
    wanted = folded(address)
    values = (value for path in lookup.match for value in values_at(row, path))
    return any(isinstance(value, str) and folded(value) == wanted for value in values)


def _checked(api: Api, lookup: Lookup, record: Record) -> Record:
    """Return the record with what further reads about it say."""
    hits = [one.warn for one in lookup.checks if _warns(api, one, record)]
    return replace(
        record,
        warnings=(*record.warnings, *(one.text for one in hits if not one.blocks)),
        blocks=(*record.blocks, *(one.text for one in hits if one.blocks)),
    )


def _warns(api: Api, check: Check, record: Record) -> bool:
    meaning, answer = api.ask(check.call, record.given)
    return meaning is Meaning.DONE and holds(answer.json(), check.warn.path, check.warn.values)


def _record(row: Any, lookup: Lookup, address: str) -> Record:
    ids = values_at(row, lookup.id)
    if (
        len(ids) != 1
        or isinstance(ids[0], bool)
        or not isinstance(ids[0], str | int)
        or not str(ids[0]).strip()
    ):
        raise SystemUnavailableError("its look-up returned a record without an id: nothing is sent for it")
    hits = [one for one in lookup.warnings if holds(row, one.path, one.values)]
    return Record(
        id=str(ids[0]),
        email=folded(address),
        warnings=tuple(one.text for one in hits if not one.blocks),
        blocks=tuple(one.text for one in hits if one.blocks),
    )
