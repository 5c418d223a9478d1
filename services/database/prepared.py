"""One map on one live schema, ready to run: for each shape of person the statements, built and rendered once."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import sqlalchemy as sa

from services.database.fast import Step
from services.database.person import Shape
from services.database.reach import Reach
from services.database.rendering import Rendered, by_position, counting, render
from services.database.statements import Change, Line, Query, Statements, build

Pair = tuple[str, str]
_MOST_SHAPES = 64
_MOST_COLUMNS = 60  # counts in one statement: databases limit the length and depth of one


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of the same sort, several to a statement; `asked` stands once for each number that comes back."""

    asked: tuple[Line | Query, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Erasing:
    """What one approved set of (table, action) pairs sends, in this order: lock, look, change, look again.

    `look` counts the pairs that nobody approved and the obstacles, all of which must be zero.
    """

    before: tuple[Step, ...]
    look: Counts
    changes: tuple[Step, ...]
    after: tuple[Step, ...]
    leftovers: Counts

    @property
    def looking(self) -> slice:
        """Where among all answers those of the look are."""
        return slice(len(self.before), len(self.before) + len(self.look.steps))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Everything, in order."""
        return (*self.before, *self.look.steps, *self.changes, *self.after, *self.leftovers.steps)


class Prepared:
    """The statements about persons of one shape, each rendered when it is first needed."""

    def __init__(self, statements: Statements, dialect: sa.Dialect) -> None:
        self._statements, self._dialect = statements, dialect
        self._erasing: dict[frozenset[Pair], Erasing] = {}
        self._quick = [one for one in statements.obstacles if not one.is_scan]

    @cached_property
    def collects(self) -> tuple[tuple[str, Rendered], ...]:
        """Reads of the keys of rows that the customer's rows refer to, by table."""
        return tuple(
            (table, render(select, self._dialect, table=table)) for table, select in self._statements.collects
        )

    @cached_property
    def lines(self) -> Counts:
        """What an erasure would do."""
        return self._counts(self._statements.lines)

    @cached_property
    def foreseen(self) -> Counts:
        """What an erasure would do, and what stands against it, in one statement."""
        return self._counts((*self._statements.lines, *self._quick))

    @cached_property
    def strays(self) -> Counts:
        """The person's identifiers in rows that are somebody else's, by reading whole tables."""
        return self._counts((one for one in self._statements.obstacles if one.is_scan), scans=True)

    @cached_property
    def leftovers(self) -> Counts:
        """What must be zero after an erasure, where an index answers."""
        return self._counts(one for one in self._statements.leftovers if not one.is_scan)

    @cached_property
    def remains(self) -> Counts:
        """What must be zero after an erasure, by reading whole tables."""
        return self._counts((one for one in self._statements.leftovers if one.is_scan), scans=True)

    @property
    def looked_at(self) -> str:
        """What a verification reads, in words."""
        read = {one for one in (*self.leftovers.asked, *self.remains.asked) if isinstance(one, Query)}
        places = {(one.table, one.column) for one in read if one.column}
        return (
            f"read by key in {len({one.table for one in read})} tables and by every identifier in "
            f"{len(places)} columns"
        )

    def erasing(self, approved: frozenset[Pair]) -> Erasing:
        """Return what an erasure of exactly these pairs sends. Pairs beyond them are only counted, and must be zero."""
        if approved not in self._erasing:
            self._erasing[approved] = self._erase(approved)
        return self._erasing[approved]

    def _erase(self, approved: frozenset[Pair]) -> Erasing:
        statements = self._statements
        looked_for: list[Line | Query] = [
            *(one for one in statements.lines if (one.table, one.action) not in approved),
            *self._quick,
        ]
        changes = [one for one in statements.changes if not one.action or (one.table, one.action) in approved]
        lock = [Step(render(statements.lock, self._dialect))] if self._dialect.name != "sqlite" else []
        return Erasing(
            before=(*lock, *self._deferring("DEFERRED")),
            look=self._counts(one for one in looked_for if not one.is_guarded),
            changes=tuple(Step(self._change(one), repeats=one.repeats) for one in changes),
            after=tuple(self._deferring("IMMEDIATE")),
            leftovers=self.leftovers,
        )

    def _planning(self, how: Literal["generic", "custom"]) -> list[Step]:
        """What compares with ranges or reads whole tables is planned for its values (else: `connection.py`)."""
        if self._dialect.name != "postgresql":
            return []
        return [Step(render(sa.text(f"SET LOCAL plan_cache_mode = force_{how}_plan"), self._dialect))]

    def _deferring(self, when: str) -> list[Step]:
        names = self._statements.deferred
        if not names:
            return []
        if self._dialect.name == "sqlite":
            # Checked at COMMIT: SQLite has no way of asking sooner.
            return (
                [Step(render(sa.text("PRAGMA defer_foreign_keys = ON"), self._dialect))]
                if when == "DEFERRED"
                else []
            )
        quoted = ", ".join(by_position(self._dialect).identifier_preparer.quote(name) for name in names)
        return [
            Step(
                render(sa.text(f"SET CONSTRAINTS {quoted.replace(':', chr(92) + ':')} {when}"), self._dialect)
            )
        ]

    def _change(self, change: Change) -> Rendered:
        statement, table = change.statement, change.statement.table
        if self._dialect.name in {"mysql", "mariadb"}:
            # The form for several tables: only there do MySQL and MariaDB turn `IN (SELECT …)` into a join by index.
            name = self._dialect.identifier_preparer.format_table(table)
            is_delete = isinstance(statement, sa.Delete)
            statement = statement.prefix_with(name if is_delete else "(SELECT 1) AS dd_one,")
        return render(statement, self._dialect, table=change.table)

    def _counts(self, asked: Iterable[Line | Query], *, scans: bool = False) -> Counts:
        found = tuple((one, select) for one in asked for select in one.selects)
        steps: list[Step] = []
        # What reads a whole table is a statement of its own: the time limit is for one.
        most = 1 if scans else _MOST_COLUMNS
        for start in range(0, len(found), most):
            part = found[start : start + most]
            table = part[0][0].table if len(part) == 1 else ""
            rendered = counting((select for _, select in part), self._dialect, table=table)
            steps += [Step(rendered)] if rendered is not None else []
        if scans and found:
            steps = [*self._planning("custom"), *steps, *self._planning("generic")]
        return Counts(tuple(one for one, _ in found), tuple(steps))


class PreparedMap:
    """A map on a schema, with the statements for the shapes that were seen lately."""

    def __init__(self, reach: Reach, dialect: sa.Dialect) -> None:
        self.reach, self.dialect = reach, dialect
        self._prepared: OrderedDict[Shape, Prepared] = OrderedDict()

    def about(self, shape: Shape) -> Prepared:
        """Return the statements for persons of this shape, built at the first call."""
        found = self._prepared.get(shape)
        if found is None:
            found = self._prepared[shape] = Prepared(build(self.reach, shape), self.dialect)
            if len(self._prepared) > _MOST_SHAPES:
                self._prepared.popitem(last=False)
        return found
