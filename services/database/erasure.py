"""The erasure of one person in one database: count, erase in one transaction, and prove by reading."""

from collections.abc import Mapping

import sqlalchemy as sa

from services.database.fast import Row, rows, send
from services.database.person import Person
from services.database.prepared import Counts, Prepared, PreparedMap
from services.database.statements import Line, Query
from services.domain.outcome import Count


class NotAsPlannedError(Exception):
    """The erasure was rolled back: what it met, or what it left, is not what was approved. Table names only."""


def about(connection: sa.Connection, prepared: PreparedMap, person: Person) -> tuple[Prepared, Person]:
    """Return the statements about a person, and the person with the keys of rows that theirs refer to now. Reads only."""
    first = prepared.about(person.shape)
    if not first.collects:
        return first, person
    bound = person.bound()
    found = {
        table: tuple(row[0] for row in rows(connection, collect, bound)) for table, collect in first.collects
    }
    person = person.holding(found)
    return prepared.about(person.shape), person


def count(connection: sa.Connection, prepared: Prepared, person: Person) -> tuple[Count, ...]:
    """Return what an erasure would do now, only pairs with rows behind them. Reads only."""
    return _lines(_numbers(connection, person, prepared.lines))


def foresee(
    connection: sa.Connection, prepared: Prepared, person: Person, *, thorough: bool = True
) -> tuple[tuple[Count, ...], tuple[str, ...]]:
    """Return what an erasure would do now, and why it must not begin, in words. Reads only, all in one go.

    `thorough` looks for strays too: the person's addresses in rows that are somebody else's, which has to read whole
    tables where no index helps.
    """
    strays = (prepared.strays,) if thorough else ()
    found = _numbers(connection, person, prepared.foreseen, *strays)
    return _lines(found), _in_words(found)


def leftovers(
    connection: sa.Connection, prepared: Prepared, person: Person, *, thorough: bool = True
) -> tuple[str, ...]:
    """Return what is still there of the person, in words; empty is the proof. Reads only.

    By frozen keys and every identifier in every mapped column; without `thorough` only where an index answers.
    """
    remains = (prepared.remains,) if thorough else ()
    return _in_words(_numbers(connection, person, prepared.leftovers, *remains))


def erase(
    connection: sa.Connection, prepared: Prepared, person: Person, *, approved: frozenset[tuple[str, str]]
) -> None:
    """Erase inside the caller's transaction, the subject's own row last.

    `approved` are the plan's (table, action) pairs: a pair beyond them, an obstacle or a leftover raises
    `NotAsPlannedError`, so that the caller's transaction rolls back (design rule 8). Idempotent: finds nothing the
    second time. Raises `StatementRefusedError` naming the table.
    """
    erasing = prepared.erasing(approved)
    answers = send(connection, erasing.steps, person.bound())
    looked = _matched(erasing.look, answers[erasing.looking])
    if beyond := _lines(looked):
        named = ", ".join(f"{one.table} ({one.action}, {one.number})" for one in beyond)
        raise NotAsPlannedError(f"not in the approved plan: {named}")
    if found := _in_words(looked):
        raise NotAsPlannedError("; ".join(found))
    if left := _in_words(_matched(erasing.leftovers, answers[len(answers) - len(erasing.leftovers.steps) :])):
        raise NotAsPlannedError(f"rolled back, because afterwards {'; '.join(left)}")


def _numbers(connection: sa.Connection, person: Person, *counts: Counts) -> dict[Line | Query, int]:
    """Send all of these counts at once; return the numbers that are not zero."""
    steps = [step for one in counts for step in one.steps]
    answers = iter(send(connection, steps, person.bound())) if steps else iter(())
    found: dict[Line | Query, int] = {}
    for one in counts:
        found |= _matched(one, [next(answers) for _ in one.steps])
    return found


def _matched(counts: Counts, answers: list[Row]) -> dict[Line | Query, int]:
    """Return the numbers that are not zero."""
    numbers = [int(number) for row in answers for number in row]
    found: dict[Line | Query, int] = {}
    if len(numbers) == len(counts.asked) and not any(numbers):
        return found
    for one, number in zip(counts.asked, numbers, strict=True):
        if number:
            found[one] = found.get(one, 0) + number
    return found


def _lines(numbers: Mapping[Line | Query, int]) -> tuple[Count, ...]:
    """Return the pairs of a plan, each once."""
    found: dict[tuple[str, str], Count] = {}
    for line, number in numbers.items():
        if isinstance(line, Line):
            pair = (line.table, line.action)
            before = found[pair].number if pair in found else 0
            found[pair] = Count(
                table=line.table,
                action=line.action,
                number=number + before,
                ground=line.ground,
                until=line.until,
            )
    return tuple(found.values())


def _in_words(numbers: Mapping[Line | Query, int]) -> tuple[str, ...]:
    """Say what should be zero and is not; a quick and a thorough look at the same place are said once."""
    found: dict[tuple[str, str], dict[bool, int]] = {}
    for query, number in numbers.items():
        if number and isinstance(query, Query):
            looks = found.setdefault((query.table, query.says), {})
            looks[query.is_scan] = looks.get(query.is_scan, 0) + number
    return tuple(f"{max(looks.values())} {says}" for (_, says), looks in found.items())
