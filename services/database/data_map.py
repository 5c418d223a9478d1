"""The data map: what happens to each table that holds a customer's data, read from YAML with the line in every error.

```yaml
subject: {table: customers, key: id, identify: {email: email}, display: [city, plan], same_name: full_name}
tables:
  addresses:   {action: delete}
  orders:      {action: anonymise, columns: {customer_id: null, ship_name: redact, email: null}}
  order_items: {action: keep, ground: "no personal data"}
  invoices:    {action: keep, keep: {ground: "tax law", until: "10 years"}}
  tickets:     {action: delete, by: {requester_email: email}}                  # no foreign key, any spelling of the address
  visits:      {action: delete, match: "lower(visitor) = :email"}              # no foreign key, a condition of your own
  audit_log:   {action: anonymise, columns: {customer_id: null, payload: {json: ["$.user.email"]}}}
  messages:    {action: delete, via: [sender_id]}       # which of several references say whose row it is
  invitations: {action: delete, by: {email: email}, via: none}   # invited_by does not make the invited one theirs
  notes:       {action: delete, links: {owner_id: {to: customers.id, when: {owner_type: Customer}}}}
  places:      {action: anonymise, columns: {street: redact}, referred_by: [customers.place_id]}
  logins:      {action: anonymise, columns: {login: token}}
  teams:       {action: anonymise, match: ":key = ANY(members)", columns: {members: {remove: key}}}
  sales.deals: {action: delete}                         # a table of another schema
```

The subject's own rows are deleted unless its table has an entry under `tables`. `ground` beside `action: keep` says why
nothing of the table is personal; `keep: {ground, until}` says that personal rows are kept, and the customer is told.
Columns become `null`, `redact` (the text "[erased]"), `{constant: value}`, `token` (a random text, different in every
row; `{token: "erased-{}@invalid.example"}` gives its form), lose `{json: [paths]}`, or lose the customer's element of
an array: `{remove: key}` or `{remove: email}`. `keep` says that a column was looked at and stays as it is.

`identify: {email: user_emails.address}` looks in another table, which refers to the key of the subject.

`links` declares a reference that the database does not know as a foreign key (`column: table.column`, several columns
joined by +, `when` for those that hold for some rows only). A row under `referred_by` belongs to the customer when one
of the customer's rows refers to it and nobody else's does.
"""

import hashlib
import re
from pathlib import Path

from services.database.map_model import (
    BIND,
    Action,
    ColumnRule,
    DataMap,
    DataMapError,
    SoftLink,
    Subject,
    TableRule,
)
from services.marked_yaml import Section

__all__ = ["DataMap", "DataMapError", "load", "parse"]
TOKEN = "erased-{}"  # noqa: S105  a form, no secret
_JSON_PATH = re.compile(r"\$(\.[A-Za-z_][\w-]*|\[\d+\])+")
_LOWERED = re.compile(r"(lower|citext)\b", re.IGNORECASE)


def load(path: Path) -> DataMap:
    """Return the map of a file. Raises `DataMapError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        cure = "Check the path (`map:` in systems.yaml, or --map)."
        raise DataMapError("cannot be read", file=str(path), line=1, cure=cure) from None
    return parse(text, file=str(path))


def parse(text: str, *, file: str) -> DataMap:
    """Return the map of a text; `file` is the name for errors. Raises `DataMapError`."""
    top = Section.parse(text, file=file, title="the data map", error=DataMapError)
    subject = _subject(top.section("subject", required=True))
    tables = top.section("tables", required=True)
    rules = [_rule(name, part) for name, part in tables.sections()]
    if not any(rule.table == subject.table for rule in rules):
        rules.append(TableRule(table=subject.table, action="delete", line=subject.line))
    top.close()
    digest = hashlib.sha256(text.encode()).hexdigest()
    return DataMap(file=file, digest=digest, subject=subject, rules=tuple(rules))


def _subject(part: Section) -> Subject:
    identify = part.section("identify", required=True)
    pairs = tuple((kind, identify.text(kind)) for kind in identify.keys())  # noqa: SIM118  Section is no dict
    if not any(kind == "email" for kind, _ in pairs):
        part.fail(
            "identify", "no column identifies a customer by e-mail", "Add `identify: {email: <column>}`."
        )
    subject = Subject(
        table=part.text("table"),
        key=part.text("key"),
        identify=tuple((kind, column) for kind, column in pairs if "." not in column),
        elsewhere=tuple((kind, *column.rpartition(".")[::2]) for kind, column in pairs if "." in column),
        line=part.line,
        display=part.texts("display"),
        same_name=part.text("same_name", ""),
    )
    part.close()
    return subject


def _rule(table: str, part: Section) -> TableRule:
    action: Action = part.choice("action", ("delete", "anonymise", "keep"))  # type: ignore[assignment]  # choice checks
    columns = part.section("columns")
    kept = tuple(name for name in columns.keys() if _is_kept(name, columns))  # noqa: SIM118  Section is no dict
    rules = tuple(_column(name, columns) for name in columns.keys() if name not in kept)  # noqa: SIM118
    keep = part.section("keep")
    ground, until = (keep.text("ground"), keep.text("until", "")) if "keep" in part else ("", "")
    harmless = part.text("ground", "")
    keep.close()
    _check_action(table, action, part, rules, ground=ground, harmless=harmless)
    by = part.section("by")
    links = part.section("links")
    rule = TableRule(
        table=table,
        action=action,
        line=part.line,
        columns=rules,
        match=_match(part),
        by=tuple((column, by.text(column)) for column in by.keys()),  # noqa: SIM118  Section is no dict
        links=tuple(one for name in links.keys() for one in _links(name, links)),  # noqa: SIM118  Section is no dict
        via=part.texts("via"),
        referred_by=part.texts("referred_by"),
        ground=ground or harmless,
        until=until,
        holds_nobody=action == "keep" and not ground,
        kept=kept,
    )
    part.close()
    if rule.is_found_only_by_itself and not (rule.is_found_by_itself or rule.referred_by):
        cure = "Add `by`, `match` or `referred_by`."
        part.fail("via", f"nothing says which rows of `{table}` are the customer's", cure)
    return rule


def _check_action(
    table: str, action: Action, part: Section, rules: tuple[ColumnRule, ...], *, ground: str, harmless: str
) -> None:
    if action == "anonymise" and not rules:
        part.fail(
            "action", f"`{table}` is anonymised, but no columns are named", "Add `columns: {name: redact}`."
        )
    if action == "delete" and (rules or ground or harmless):
        part.fail(
            "action", f"`{table}` is deleted, so nothing of it can be kept", "Remove `columns` and `keep`."
        )
    if action == "keep" and bool(ground) == bool(harmless):
        cure = 'Write `ground: "no personal data"`, or `keep: {ground: "tax law", until: "10 years"}` for personal rows.'
        part.fail("action", f"`{table}` is kept without a (single) ground", cure)
    if action == "keep" and any(rule.action != "null" for rule in rules):
        cure = (
            "A kept table can only lose its link to the customer (`customer_id: null`); else use `anonymise`."
        )
        part.fail("columns", f"`{table}` is kept, so its columns stay", cure)


def _is_kept(name: str, columns: Section) -> bool:
    return not columns.is_section(name) and columns.constant(name) == "keep"


def _column(name: str, columns: Section) -> ColumnRule:
    line = columns.line_of(name)
    if columns.is_section(name):
        detail = columns.section(name)
        rule = _detailed(name, detail, line)
        detail.close()
        return rule
    value = columns.constant(name)
    if value is None or value == "null":
        return ColumnRule(column=name, action="null", line=line)
    if value == "token":
        return ColumnRule(column=name, action="token", line=line, value=TOKEN)
    if value != "redact":
        cure = "Use null, redact, token, keep, {constant: value}, {json: [paths]} or {remove: key}."
        columns.fail(name, f"`{name}` has no known action", cure)
    return ColumnRule(column=name, action="redact", line=line)


def _detailed(name: str, detail: Section, line: int) -> ColumnRule:
    if "json" in detail:
        paths = detail.texts("json")
        wrong = next((path for path in paths if not _JSON_PATH.fullmatch(path)), None)
        if wrong is not None or not paths:
            detail.fail("json", "a JSON path has to look like $.user.email", "Name keys and [numbers] only.")
        return ColumnRule(column=name, action="json", line=line, paths=paths)
    if "token" in detail:
        form = detail.text("token")
        if form.count("{}") != 1 or "%" in form or len(form) == len("{}"):
            detail.fail("token", "a token needs one {} among fixed text, and no %", f'For example "{TOKEN}".')
        return ColumnRule(column=name, action="token", line=line, value=form)
    if "remove" in detail:
        return ColumnRule(column=name, action="remove", line=line, value=detail.text("remove"))
    return ColumnRule(column=name, action="constant", line=line, value=detail.constant("constant"))


def _links(name: str, links: Section) -> list[SoftLink]:
    line = links.line_of(name)
    columns = tuple(one.strip() for one in name.split("+"))
    found: list[SoftLink] = []
    for item in links.items(name):
        to: Section | str = item
        when: tuple[tuple[str, tuple[object, ...]], ...] = ()
        if isinstance(item, Section):
            to, conditions = item.text("to"), item.section("when")
            when = tuple((column, _values(conditions, column)) for column in conditions.keys())  # noqa: SIM118
            item.close()
        parent, _, referred = str(to).rpartition(".")
        names = tuple(one.strip() for one in referred.split("+"))
        if not parent or len(names) != len(columns):
            cure = "Write `column: table.column`, or `a+b: table.a+b` for several columns."
            links.fail(name, f"`{to}` does not say to which column `{name}` refers", cure)
        found.append(SoftLink(columns=columns, parent=parent, referred=names, line=line, when=when))
    return found


def _values(conditions: Section, column: str) -> tuple[object, ...]:
    many = conditions.sequence(column)
    return many if many is not None else (conditions.constant(column),)


def _match(part: Section) -> str:
    match = part.text("match", "")
    if not match:
        return ""
    names = set(BIND.findall(match))
    if not names or names - {"email", "key"}:
        part.fail(
            "match",
            "`match` has to compare with :email or :key, and nothing else",
            "See the docs on `match`.",
        )
    if ";" in match or "--" in match or "/*" in match:
        part.fail("match", "`match` has to be one condition", "Remove `;` and comments.")
    if "email" in names and not _LOWERED.search(match):
        cure = "Addresses differ in case: write `lower(column) = :email`."
        part.fail("match", "`match` compares an address with its case", cure)
    return match
