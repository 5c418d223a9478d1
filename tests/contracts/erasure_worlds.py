"""Random schemas with random customers in them, and what has to be left after one of them is erased."""

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

ROOT = "t0"
CUSTOMERS = (1, 2, 3)


@dataclass(frozen=True)
class Ref:
    """A foreign key of a table: to which table, whether it may be NULL, what ON DELETE says."""

    parent: int
    nullable: bool
    on_delete: str
    deferrable: bool


@dataclass(frozen=True)
class Table:
    """One table: its sort of key ("id", "pair" or none), its foreign keys, whether it holds the customer's address."""

    number: int
    key: str
    refs: tuple[Ref, ...]
    has_email: bool
    action: str = "delete"

    @property
    def name(self) -> str:
        return f"t{self.number}"

    def columns(self, ref: int, parent_key: str) -> tuple[str, ...]:
        return (f"r{ref}",) if parent_key == "id" else (f"r{ref}_a", f"r{ref}_b")


@dataclass
class Row:
    """One row: whose it is (None: nobody's), its key, and for each foreign key the row that it refers to."""

    owner: int | None
    key: tuple[int, int]
    text: str
    refs: list["tuple[int, Row] | None"] = field(default_factory=list)


@dataclass
class World:
    """A schema with rows."""

    tables: tuple[Table, ...]
    owner_ref: dict[int, int]  # for each table the foreign key that says whose row it is
    says_via: frozenset[int]  # the tables for which the map names it
    rows: dict[int, list[Row]]

    def key_of(self, number: int) -> str:
        return self.tables[number].key

    def ddl(self, *, postgres: bool) -> list[str]:
        """Return CREATE TABLE statements; on PostgreSQL the foreign keys come afterwards, because of circles."""
        made, later = [], []
        for table in self.tables:
            parts = {
                "id": ["id INTEGER PRIMARY KEY"],
                "pair": ["a INTEGER NOT NULL", "b INTEGER NOT NULL"],
                "": ["n INTEGER"],
            }[table.key]
            parts = [*parts, "txt VARCHAR(40)"]
            parts += ["email VARCHAR(60)"] if table.has_email or table.number == 0 else []
            foreign = []
            for number, ref in enumerate(table.refs):
                parent = self.tables[ref.parent]
                names = table.columns(number, parent.key)
                parts += [f"{name} INTEGER{'' if ref.nullable else ' NOT NULL'}" for name in names]
                to = "id" if parent.key == "id" else "a, b"
                late = " DEFERRABLE" if ref.deferrable else ""
                foreign.append(
                    f"FOREIGN KEY ({', '.join(names)}) REFERENCES {parent.name} ({to}) ON DELETE {ref.on_delete}{late}"
                )
            parts += ["PRIMARY KEY (a, b)"] if table.key == "pair" else []
            if postgres:
                later += [f"ALTER TABLE {table.name} ADD {one}" for one in foreign]
            else:
                parts += foreign
            made.append(f"CREATE TABLE {table.name} ({', '.join(parts)})")
        return made + later

    def values(self, table: Table, row: Row) -> dict[str, Any]:
        """Return a row as columns."""
        own = {"id": {"id": row.key[0]}, "pair": {"a": row.key[0], "b": row.key[1]}, "": {"n": row.key[0]}}[
            table.key
        ]
        found: dict[str, Any] = {**own, "txt": row.text}
        if table.has_email or table.number == 0:
            found["email"] = address(row.owner)
        for number, target in enumerate(row.refs):
            names = table.columns(number, self.key_of(table.refs[number].parent))
            key = target[1].key if target else (None, None)
            found |= dict(zip(names, key, strict=False))
        return found

    def content(self) -> dict[str, list[dict[str, Any]]]:
        """Return everything, as it is before."""
        return {
            table.name: [self.values(table, row) for row in self.rows[table.number]] for table in self.tables
        }

    def data_map(self) -> str:
        """Return the map that treats every table."""
        lines = [f"subject: {{table: {ROOT}, key: id, identify: {{email: email}}}}", "tables:"]
        for table in self.tables[1:]:
            parts = [f"action: {table.action}"]
            if table.action == "anonymise":
                gone = [name for number in range(len(table.refs)) for name in self._names(table, number)]
                columns = ["txt: redact", *(f"{name}: null" for name in gone)]
                columns += ["email: null"] if table.has_email else []
                parts.append(f"columns: {{{', '.join(columns)}}}")
            if table.number in self.says_via:
                parts.append(f"via: [{'+'.join(self._names(table, self.owner_ref[table.number]))}]")
            lines.append(f"  {table.name}: {{{', '.join(parts)}}}")
        return "\n".join(lines) + "\n"

    def _names(self, table: Table, ref: int) -> tuple[str, ...]:
        return table.columns(ref, self.key_of(table.refs[ref].parent))

    def after(self, customer: int) -> dict[str, list[dict[str, Any]]] | None:
        """Return everything as it has to be once the customer is erased; None where a row of others cannot let go."""
        found: dict[str, list[dict[str, Any]]] = {}
        for table in self.tables:
            rows = found.setdefault(table.name, [])
            for row in self.rows[table.number]:
                values = self.values(table, row)
                if row.owner == customer:
                    if table.action == "anonymise":
                        gone = dict.fromkeys(
                            n for number in range(len(table.refs)) for n in self._names(table, number)
                        )
                        rows.append(
                            values | gone | {"txt": "[erased]"} | ({"email": None} if table.has_email else {})
                        )
                    continue
                for number, target in enumerate(row.refs):
                    parent = self.tables[table.refs[number].parent]
                    if target and target[1].owner == customer and parent.action == "delete":
                        if not table.refs[number].nullable:
                            return None
                        values |= dict.fromkeys(self._names(table, number))
                rows.append(values)
        return found

    @property
    def is_stubborn(self) -> bool:
        """Whether some reference may not be empty, so that a circle may have to be refused."""
        return any(not ref.nullable for table in self.tables for ref in table.refs)

    @property
    def is_restrictive(self) -> bool:
        """Whether a table refers to itself in a way that can be neither emptied nor checked late."""
        return any(
            not ref.nullable and ref.on_delete == "RESTRICT" and ref.parent == table.number
            for table in self.tables
            for ref in table.refs
        )


def address(owner: int | None) -> str | None:
    return None if owner is None else f"Person{owner}@Example.com"


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a world: one to five tables besides the customers', three customers."""
    most = draw(st.integers(1, 5))
    tables = [_table(draw, place, most) for place in range(most + 1)]
    referred = {ref.parent for table in tables for ref in table.refs}
    tables = [
        replace(table, key="id") if not table.key and table.number in referred else table for table in tables
    ]
    tables = [
        replace(table, action=draw(st.sampled_from(["delete", "delete", "anonymise"])))
        if table.number and all(ref.nullable for ref in table.refs)
        else table
        for table in tables
    ]
    world = World(tables=tuple(tables), owner_ref={}, says_via=frozenset(), rows={})
    world.owner_ref, world.says_via = _owners(draw, tables)
    _fill(draw, world)
    return world


def _table(draw: st.DrawFn, place: int, most: int) -> Table:
    """A table's first foreign key leads to an earlier table, so that all lead to the customer; others lead anywhere."""
    refs = []
    for number in range(draw(st.integers(0 if place == 0 else 1, 3))):
        parent = draw(st.integers(0, place - 1)) if number == 0 and place else draw(st.integers(0, most))
        nullable = draw(st.booleans())
        actions = ["NO ACTION", "CASCADE", "RESTRICT", *(["SET NULL"] if nullable else [])]
        on_delete, late = draw(st.sampled_from(actions)), draw(st.booleans())
        refs.append(Ref(parent=parent, nullable=nullable, on_delete=on_delete, deferrable=late))
    key = "id" if place == 0 else draw(st.sampled_from(["id", "id", "pair", ""]))
    return Table(number=place, key=key, refs=tuple(refs), has_email=place > 0 and draw(st.booleans()))


def _owners(draw: st.DrawFn, tables: list[Table]) -> tuple[dict[int, int], frozenset[int]]:
    """Say by which foreign key a row is somebody's: the first, named by `via`, or the one shortest way, left unsaid."""
    depth = {0: 0}
    while len(depth) < len(tables):
        wave = {
            table.number: min(depth[ref.parent] for ref in table.refs if ref.parent in depth) + 1
            for table in tables
            if table.number not in depth and any(ref.parent in depth for ref in table.refs)
        }
        depth |= {number: found for number, found in wave.items() if found == min(wave.values())}
    owners, said = {}, set()
    for table in tables[1:]:
        near = [
            number
            for number, ref in enumerate(table.refs)
            if ref.parent != table.number and depth[ref.parent] == depth[table.number] - 1
        ]
        if len(near) == 1 and draw(st.booleans()):
            owners[table.number] = near[0]
        else:
            owners[table.number] = 0
            said.add(table.number)
    return owners, frozenset(said)


def _fill(draw: st.DrawFn, world: World) -> None:
    world.rows = {0: [Row(owner=one, key=(one, one), text=f"customer {one}") for one in CUSTOMERS]}
    waiting = list(world.tables[1:])
    counter = 100
    while waiting:
        ready = [table for table in waiting if table.refs[world.owner_ref[table.number]].parent in world.rows]
        if not ready:
            reject()
        for table in ready:
            waiting.remove(table)
            rows = world.rows.setdefault(table.number, [])
            owner_ref = world.owner_ref[table.number]
            above = world.rows[table.refs[owner_ref].parent]
            for _ in range(draw(st.integers(0, 5))):
                counter += 1
                owner = draw(st.sampled_from([*CUSTOMERS, None]))
                parents = [one for one in above if one.owner == owner]
                row = Row(owner=owner, key=(counter, counter % 7), text=f"{table.name} row {counter}")
                row.refs = [None] * len(table.refs)
                if owner is None and all(ref.nullable for ref in table.refs):
                    rows.append(row)
                elif owner is not None and parents:
                    target = draw(st.sampled_from(parents))
                    row.refs[owner_ref] = (table.refs[owner_ref].parent, target)
                    rows.append(row)
    for table in world.tables:
        for row in world.rows[table.number]:
            row.refs = row.refs or [None] * len(table.refs)
            for number, ref in enumerate(table.refs):
                others = world.rows[ref.parent]
                if number == world.owner_ref.get(table.number) or (row.owner is None and table.number):
                    continue
                if not ref.nullable and not others:
                    reject()
                if others and (not ref.nullable or draw(st.booleans())):
                    row.refs[number] = (ref.parent, draw(st.sampled_from(others)))
