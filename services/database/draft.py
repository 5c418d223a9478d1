"""A drafted data map as records, and as the commented YAML that a person reviews."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

REVIEW = "REVIEW"
_PLAIN = re.compile(r"[A-Za-z_][\w.]*")
_RESERVED = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n", "none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDraft:
    """What should become of a column: "null", "redact", "token", "keep", or a mapping such as {"json": […]}; and why."""

    column: str
    action: str | dict[str, Any]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDraft:
    """A reference without a foreign key, and why it is taken for one."""

    column: str
    to: str
    why: str
    when: tuple[str, tuple[Any, ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDraft:
    """What should happen to a table. The action "" leaves the decision open: it is written as a comment only.

    `open` is then the lines that a person may choose from.
    """

    table: str
    action: str
    why: tuple[str, ...]
    columns: tuple[ColumnDraft, ...] = ()
    links: tuple[LinkDraft, ...] = ()
    by: tuple[tuple[str, str, str], ...] = ()
    via: tuple[str, ...] = ()
    referred_by: tuple[str, ...] = ()
    match: str = ""
    ground: str = ""
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectDraft:
    """The customers' table."""

    table: str
    key: str
    email: str
    why: str
    display: tuple[str, ...] = ()
    same_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A whole draft. `nobody` are the tables that hold nobody and need no decision."""

    subject: SubjectDraft
    tables: tuple[TableDraft, ...]
    nobody: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def undecided(self) -> tuple[str, ...]:
        """The tables that a person has to decide about before `check` passes."""
        return tuple(one.table for one in self.tables if not one.action)


def as_yaml(draft: Draft, *, source: str) -> str:
    """Return the draft as YAML that `data_map.parse` reads. Every guess carries REVIEW and its reason, no value."""
    subject = draft.subject
    lines = [
        f"# Data map, drafted by `deletion-desk data-map suggest` from {source}.",
        f"# Every guess is marked {REVIEW} with its reason: confirm or correct each, remove the mark, then run",
        "# `deletion-desk data-map check`. The grammar: docs/data-map.md.",
        *_comment(draft.notes),
        "",
        f"subject:  # {REVIEW}: {subject.why}",
        f"  table: {scalar(subject.table)}",
        f"  key: {scalar(subject.key)}",
        f"  identify: {{email: {scalar(subject.email)}}}",
    ]
    if subject.display:
        lines.append(f"  display: [{', '.join(map(scalar, subject.display))}]")
    if subject.same_name:
        lines.append(f"  same_name: {scalar(subject.same_name)}")
    lines += ["", "tables:"]
    for table in draft.tables:
        lines += _table(table)
    if draft.nobody:
        lines += ["", "# Hold nobody, as far as names, references and sampled values tell (no entry needed):"]
        lines += _wrapped(draft.nobody)
    return "\n".join(lines) + "\n"


def scalar(value: Any) -> str:
    """Return a value as YAML reads it back, quoted where it could be taken for something else."""
    if value is None:
        return "null"
    text = str(value)
    if isinstance(value, str) and _PLAIN.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return json.dumps(value) if isinstance(value, int | float | bool) else quoted(text)


def quoted(text: str) -> str:
    """Return the text in double quotes, as YAML reads it back: JSON's way of writing rare characters is not YAML's."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in escaped) + '"'


def _table(draft: TableDraft) -> list[str]:
    lines = [f"  # {REVIEW}: {clean(one)}" for one in draft.why]
    if not draft.action:
        return [*lines, *(f"  # {clean(one)}" for one in draft.open), ""]
    lines += [f"  {scalar(draft.table)}:", f"    action: {draft.action}"]
    if draft.ground:
        lines.append(f"    ground: {quoted(draft.ground)}")
    if draft.columns:
        lines.append("    columns:")
        lines += [
            f"      {scalar(one.column)}: {_action(one.action)}  # {REVIEW}: {clean(one.why)}"
            for one in draft.columns
        ]
    if draft.links:
        lines.append("    links:")
        by_column: dict[str, list[LinkDraft]] = {}
        for link in draft.links:
            by_column.setdefault(link.column, []).append(link)
        for column, links in by_column.items():
            lines += _links(column, links)
    if draft.by:
        lines.append("    by:")
        lines += [
            f"      {scalar(column)}: {kind}  # {REVIEW}: {clean(why)}" for column, kind, why in draft.by
        ]
    if draft.match:
        lines.append(f"    match: {quoted(draft.match)}")
    for name, values in (("via", draft.via), ("referred_by", draft.referred_by)):
        if values:
            lines.append(f"    {name}: [{', '.join(map(scalar, values))}]")
    return [*lines, ""]


def _links(column: str, links: list[LinkDraft]) -> list[str]:
    if len(links) == 1:
        return [f"      {scalar(column)}: {_link(links[0])}  # {REVIEW}: {clean(links[0].why)}"]
    return [
        f"      {scalar(column)}:",
        *(f"        - {_link(one)}  # {REVIEW}: {clean(one.why)}" for one in links),
    ]


def _link(link: LinkDraft) -> str:
    if link.when is None:
        return scalar(link.to)
    column, values = link.when
    shown = scalar(values[0]) if len(values) == 1 else f"[{', '.join(map(scalar, values))}]"
    return f"{{to: {scalar(link.to)}, when: {{{scalar(column)}: {shown}}}}}"


def _action(action: str | dict[str, Any]) -> str:
    if isinstance(action, str):
        return action
    ((name, value),) = action.items()
    shown = f"[{', '.join(map(quoted, value))}]" if isinstance(value, list | tuple) else scalar(value)
    return f"{{{name}: {shown}}}"


def clean(text: str) -> str:
    """Return the text as one line of a comment: a table's name may hold anything."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _comment(notes: Iterable[str]) -> list[str]:
    return [f"# {clean(one)}" for one in notes]


def _wrapped(names: Iterable[str], *, width: int = 110) -> list[str]:
    lines: list[str] = []
    line = "#"
    for name in names:
        if len(line) + len(name) + 2 > width:
            lines.append(line)
            line = "#"
        line += f" {clean(name)},"
    return [*lines, line.rstrip(",")]
