"""The decisions of a draft: for each table whether its rows are the customer's, and what should happen to them."""

from collections.abc import Collection, Container
from dataclasses import replace

import sqlalchemy as sa

from services.database.alone import Loner, notes_on_ids
from services.database.draft import ColumnDraft, SubjectDraft, TableDraft
from services.database.graph import owns, settled, walk
from services.database.kinds import Kinds
from services.database.linking import links_of, shared, towards_parent
from services.database.relations import Relation, base
from services.database.roles import Role
from services.database.schema import Schema
from services.database.signs import Sign, holds_people, holds_staff, word_set, words
from services.database.survey import TableView
from services.database.treatment import let_go, treatments, unlinked

_RECEIVES = word_set("recipient receiver to target friend followed followee mentioned mentionee")
_KEEP_BOOKS = "accounting records: tax law usually asks to keep them; ask counsel"


class Decider:
    """Turns what is known about a schema into one draft a table. Nothing is written to the database."""

    def __init__(
        self,
        schema: Schema,
        views: dict[str, TableView],
        relations: tuple[Relation, ...],
        subject: SubjectDraft,
        connection: sa.Connection | None,
    ) -> None:
        self.schema, self.views, self.subject, self._connection = schema, views, subject, connection
        self.root = subject.table
        self._kinds = Kinds(schema)
        # In a log everybody who is named took part: whoever acted as well as whom it happened to.
        self.relations = [
            replace(one, role=Role.OWNS) if one.parent == self.root and self._kinds.is_log(one.child) else one
            for one in settled(relations, self.root)
        ]
        # A shell stays where rows of others must go on referring to the customer's row.
        self.shell = any(
            one.parent == self.root and one.declared and one.role is Role.ACTED and not one.nullable
            for one in self.relations
        )
        self._loner = Loner(views, subject, connection, kind=schema.kind)
        self.own = walk(self.relations, {self.root: 0}, owns)
        self.alone = self._found_alone()
        self.acted = {one.child for one in self.relations if one.parent == self.root} - self.own.keys()
        near = self.own | dict.fromkeys(self.acted, 1)
        self._around = walk(self.relations, dict(near), lambda one: one.declared)
        self.context = self._around.keys() - near.keys()
        self.stays: set[str] = {self.root} if self.shell else set()
        self._above: dict[str, set[str]] = {}

    def tables(self) -> tuple[TableDraft, ...]:
        """Return the drafts: the customers' table, what is theirs, what only refers to them, what stands alone."""
        self.stays |= {name for name, draft in self.alone.items() if draft.action == "anonymise"}
        owned = sorted(self.own.keys() - {self.root, *self.alone}, key=lambda one: (self.own[one], one))
        found = {self.root: self._root()}
        found |= {name: self._owned(name) for name in owned}
        found |= {name: self._touched(name) for name in sorted(self.acted)}
        found |= {name: self._beside(name, self._around) for name in sorted(self.context)}
        found |= self.alone
        self._add_parents(found)
        for name, draft in found.items():
            if draft.referred_by or name in self.alone:
                found[name] = self._by_itself(draft, found)
        for name in sorted(self.views.keys() - found.keys()):
            if (alone := self._loner.draft(self.views[name])) is not None:
                found[name] = alone
        return tuple(
            let_go(draft, found, self.relations, self.views[draft.table].table) for draft in found.values()
        )

    def _found_alone(self) -> dict[str, TableDraft]:
        """Tables whose rows only an address makes theirs: what is part of such a row goes with it."""
        acted = {one.child for one in self.relations if one.parent == self.root}
        found: dict[str, TableDraft] = {}
        for name in sorted(self.views.keys() - self.own.keys() - acted):
            draft = self._loner.draft(self.views[name]) if name not in self.own else None
            if draft is not None and draft.action and (draft.by or draft.match):
                found[name] = draft
                self.own[name] = 1
                self.own = walk(self.relations, self.own, owns)
        return found

    def _by_itself(self, draft: TableDraft, found: Container[str]) -> TableDraft:
        """No reference of these tables says whose row it is, though it may lead to the customer."""
        ways = any(
            one.child == draft.table and one.declared and one.parent in found for one in self.relations
        )
        return replace(draft, via=("none",)) if ways or draft.links else draft

    def _root(self) -> TableDraft:
        if not self.shell:
            return TableDraft(table=self.root, action="delete", why=("the customer's own row",))
        columns, stuck = treatments(self.views[self.root], beside_a_person=True)
        why = ["rows of others must refer to the customer's row (not NULL), so it stays as an empty shell"]
        why += [f"{name} looks personal too, but cannot be emptied" for name in stuck]
        return TableDraft(table=self.root, action="anonymise", why=tuple(why), columns=columns)

    def _owned(self, name: str) -> TableDraft:
        view = self.views[name]
        mine = [one for one in self.relations if one.child == name and one.parent in self.own]
        chosen = self._chosen(name, mine)
        why = [f"{view.count}; theirs through {', '.join(dict.fromkeys(one.why for one in chosen))}"]
        why += [
            f"{one.column} refers to {one.parent} too, but does not make a row theirs"
            for one in self._unfollowed(mine, chosen)
        ]
        why += notes_on_ids(
            view, self.relations, self._connection, self.views[self.root].table.c[self.subject.key]
        )
        is_books = self._kinds.are_books(view)
        parents_stay = all(one.parent in self.stays - {self.root} for one in chosen)
        if is_books or parents_stay or self._kinds.is_log(name):
            columns, stuck = self._remaining(view, mine)
            whole = TableDraft(
                table=name,
                action="anonymise" if columns else "keep",
                why=(*why, *([_KEEP_BOOKS] if is_books else [])),
                columns=columns,
                ground="" if columns else "no personal data",
                links=links_of(mine),
                by=self._by(view, chosen) if columns else (),
                via=self._via(mine, chosen, mine),
            )
            if not stuck and (columns or parents_stay):
                self.stays.add(name)
                return whole
            why += [f"{_KEEP_BOOKS}; then anonymise {self.root} instead of deleting it"] if is_books else []
        return TableDraft(
            table=name,
            action="delete",
            why=tuple(why),
            links=links_of(chosen),
            by=self._by(view, chosen),
            via=self._via(mine, chosen, chosen),
        )

    def _via(
        self,
        mine: list[Relation],
        chosen: list[Relation],
        linked: list[Relation],
        around: Collection[str] = (),
    ) -> tuple[str, ...]:
        """Which references to name: none where the engine would choose the same and adopt no row that is not theirs."""
        known = {(one.column, one.parent) for one in mine if one.declared or one in linked}
        near = self.acted | self.context | set(around)
        strange = any(
            one.declared and one not in chosen and (one.parent in near or one.role is Role.ACTED)
            for one in self.relations
            if one.child == mine[0].child and one.parent in near | self.own.keys()
        )
        # The engine takes the one shortest way, and a longer one for rows where it is empty.
        to_root = {column for column, parent in known if parent == self.root}
        one_way = len(known) == 1 or (len(chosen) == 1 and to_root == {chosen[0].column})
        same = one_way and not strange
        return () if same else tuple(dict.fromkeys(one.name or one.column for one in chosen))

    def _remaining(self, view: TableView, mine: list[Relation]) -> tuple[tuple[ColumnDraft, ...], list[str]]:
        """What is treated in rows that stay, and what cannot be: then the rows must go."""
        columns, stuck = treatments(view, beside_a_person=True)
        found, left = {one.column: one for one in columns}, list(stuck)
        for one in mine:
            if one.parent in self.stays:
                continue
            action = unlinked(view.table, one.column)
            if action != "null":
                left.append(one.column)
            else:
                why = f"the link to {one.parent}"
                found[one.column] = ColumnDraft(column=one.column, action=action, why=why)
        return tuple(found.values()), left

    def _chosen(self, name: str, mine: list[Relation]) -> list[Relation]:
        """Which references say whose row it is: those to a person, and those to a whole of which the row is a part."""
        owning = [one for one in mine if one.role is Role.OWNS]
        nearest = min(self.own[one.parent] for one in owning)
        close = [one for one in owning if self.own[one.parent] == nearest]
        giving = [one for one in close if not _RECEIVES & set(words(one.column))] or close
        # A membership that names its user and who invited them is the user's, not the inviter's.
        giving = [one for one in giving if self._is_plainly(one)] or giving
        is_books = self._kinds.are_books(self.views[name])
        # Whatever must not be NULL and refers to a row that goes has to go with it.
        bound = [
            one
            for one in mine
            if not one.nullable
            and one not in giving
            and one.parent not in self.stays
            and (one.declared or one.parent != self.root)
            and not (is_books and one.parent != self.root)
            and (one.declared or self._is_plainly(one))
            and self.own[one.parent] <= self.own[name]
            and not self._depends(one.parent, name)
        ]
        self._above[name] = {one.parent for one in (*giving, *bound)}
        return [*giving, *bound]

    def _is_plainly(self, one: Relation) -> bool:
        """Whether the column is called like what it refers to: event_id, not prev_event_id."""
        return "".join(words(one.column)).startswith(base(one.parent, self.schema)) or one.when is not None

    def _unfollowed(self, mine: list[Relation], chosen: list[Relation]) -> list[Relation]:
        return [one for one in mine if one not in chosen and one.parent == self.root and not one.when]

    def _depends(self, table: str, on: str) -> bool:
        """Whether the one table's rows are already said to belong to the other's: that must not go in a circle."""
        return table == on or any(self._depends(one, on) for one in self._above.get(table, ()))

    def _touched(self, name: str) -> TableDraft:
        """The customer only did something to the row: it stays, the reference goes."""
        view = self.views[name]
        mine = [one for one in self.relations if one.child == name and one.parent == self.root]
        columns: dict[str, ColumnDraft] = {}
        held: list[str] = []
        for one in mine:
            action = unlinked(view.table, one.column)
            if action is None:
                held.append(one.column)
            else:
                columns[one.column] = ColumnDraft(column=one.column, action=action, why=one.why)
        acted = ", ".join(dict.fromkeys(one.column for one in mine))
        why = [f"{view.count}; not the customer's own, they only acted on it ({acted})"]
        why += [
            f"{one} must not be empty: it goes on referring to the row in {self.root}"
            for one in dict.fromkeys(held)
        ]
        self.stays.add(name)
        draft = TableDraft(
            table=name, action="keep", why=tuple(why), links=links_of(mine), via=self._via(mine, mine, mine),
            ground=f"no personal data: refers to the anonymised row in {self.root}",
        )  # fmt: skip
        alone = self._loner.draft(view) if self._loner.email_columns(view) else None
        if alone is not None and alone.by:
            # Somebody else's address in a row that the customer made is not the customer's: only their own is.
            nulls = {one.column: one for one in (*alone.columns, *columns.values())} if alone.columns else {}
            whys = (*why, *alone.why)
            return replace(alone, why=whys, columns=tuple(nulls.values()), via=("none",))
        if not columns:
            return draft
        for seen in view.personal():
            if not seen.column.foreign_keys and seen.name not in columns and seen.finding is not None:
                whose = f"{seen.finding.why}, but in a row that is not the customer's"
                columns[seen.name] = ColumnDraft(column=seen.name, action="keep", why=whose)
        return replace(draft, action="anonymise", ground="", columns=tuple(columns.values()))

    def _beside(self, name: str, around: dict[str, int]) -> TableDraft:
        """Only reachable through rows that stay, or that others share."""
        mine = [one for one in self.relations if one.child == name and one.parent in around and one.declared]
        parents = ", ".join(sorted({one.parent for one in mine}))
        why = f"{self.views[name].count}; reachable only through {parents}"
        alone = self._loner.draft(self.views[name])
        self.stays.add(name)
        mine.sort(key=lambda one: around[one.parent])
        straight = next((one for one in mine if not self._depends(one.parent, name)), mine[0])
        self._above.setdefault(name, set()).add(straight.parent)
        via = self._via(mine, [straight], mine, around)
        if alone is not None and alone.action:
            via = ("none",) if alone.by or alone.match else via
            return replace(alone, why=(why, *alone.why), via=via)
        return TableDraft(
            table=name, action="keep", why=(why,), ground=f"no personal data: part of {parents}", via=via
        )

    def _add_parents(self, found: dict[str, TableDraft]) -> None:
        """Rows to which the customer's rows refer (an address, a profile): theirs unless others refer to them too."""
        added: set[str] = set()
        for name in sorted(self.views.keys() - found.keys()):
            view = self.views[name]
            ways = [
                one for one in self.relations if one.parent == name and one.child in self.own and not one.when
            ]
            is_same = any(one.child == self.root and one.column == self.subject.key for one in ways)
            telling = any(one.is_a(Sign.EMAIL, Sign.PHONE, Sign.ADDRESS) for one in view.personal())
            is_theirs = view.personal() and (self._kinds.is_place(name) or (holds_people(name) and telling))
            if not ways or holds_staff(name) or not (is_same or is_theirs):
                continue
            for one in ways:
                found[one.child] = towards_parent(found[one.child], one, self.views[one.child].table)
            bound = any(one.child in self.stays and not one.nullable and one.declared for one in ways)
            found[name] = shared(view, ways, bound=bound)
            added.add(name)
        around = walk(self.relations, dict.fromkeys(added, 0), lambda one: one.declared)
        for name in sorted(around.keys() - found.keys(), key=lambda one: (around[one], one)):
            found[name] = self._beside(name, around)

    def _by(self, view: TableView, chosen: list[Relation]) -> tuple[tuple[str, str, str], ...]:
        """Columns with addresses that may claim a row which no reference claims."""
        can_be_loose = all(one.nullable or not one.declared for one in chosen)
        return tuple(
            (one.name, "email", self._loner.overlap(one))
            for one in self._loner.email_columns(view)
            if can_be_loose or len(words(one.name)) > 1
        )
