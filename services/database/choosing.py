"""Which row is meant on the command line: exactly one, or what was found is told (masked) and nothing is done."""

from collections.abc import Iterable

from services.database.map_model import Subject
from services.domain.identity import Candidate, Identifier, Identity, freeze, mask
from services.ports import System


class NotOnePersonError(Exception):
    """The addresses lead to no row or to several; the text lists them masked, with the cure."""


def choose_person(
    system: System,
    subject: Subject,
    emails: tuple[str, ...],
    *,
    rows: tuple[str, ...] = (),
    without_row: bool = False,
) -> Identity:
    """Return the identity of one person. `rows` ("customers:17") name the rows, `without_row` says there is none.

    Raises `NotOnePersonError`, or `SystemUnavailableError` when the database cannot be read.
    """
    proven = tuple(Identifier(kind="email", value=one.strip(), source="command line") for one in emails)
    found = system.find(proven)
    asked = {one.canonical for one in proven}
    with_row = [one for one in found if any(part.kind == subject.kind for part in one.identifiers)]
    matching = [one for one in with_row if asked & {part.canonical for part in one.identifiers}]
    loose = [one for one in found if one not in with_row]
    if rows:
        return freeze(proven, _named(rows, with_row, found, subject))
    if without_row:
        if matching:
            raise NotOnePersonError(f"there are rows of theirs, so --no-row does not fit:{_listed(matching)}")
        return freeze(proven, ())
    if len(matching) == 1:
        return freeze(proven, (matching[0],))
    shown = ", ".join(mask(one) for one in emails)
    if matching:
        cure = "Decide which are this person's and name them: --row TABLE:KEY (repeatable)."
        raise NotOnePersonError(
            f"{shown} matches {len(matching)} rows of {subject.table}:{_listed(matching)}\n{cure}"
        )
    others = f" Found by address only:{_listed(loose)}\n" if loose else " "
    cure = "If that is right, add --no-row; else correct the address, or name the row: --row TABLE:KEY."
    raise NotOnePersonError(f"no row of {subject.table} carries {shown}.{others}{cure}")


def _named(
    rows: Iterable[str], known: list[Candidate], found: tuple[Candidate, ...], subject: Subject
) -> tuple[Candidate, ...]:
    by_key = {one.key: one for one in known}
    missing = [one for one in rows if one not in by_key]
    if missing:
        listed = _listed(found) if found else " nothing"
        raise NotOnePersonError(
            f"{', '.join(missing)} is not among the rows found by these addresses (write {subject.table}:KEY). Found:{listed}"
        )
    return tuple(by_key[one] for one in rows)


def _listed(candidates: Iterable[Candidate]) -> str:
    return "".join(f"\n  {one.key}  {one.shown}  ({one.reason})" for one in candidates)
