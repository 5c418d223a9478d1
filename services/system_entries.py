"""The entries of systems.yaml, one record and one reader for each kind of system but ActiveCampaign's own.

```yaml
shop: {kind: database, url: SHOP_DATABASE_URL, map: shop.yaml, warnings: {owner: {count: "SELECT …", text: "…"}}}
account: {kind: account_sql, url: …, table: users, key: id, email: email, deactivate: {status: closed},
          also_delete: [sessions, {table: tokens, match: "user_ref = :key"}], still_open: "SELECT count(*) …"}
login: {kind: account_http, definition: ours.yaml}                 # mode: remove where the definition removes
helpdesk: {kind: http_api, definition: helpdesk.yaml, runs: last}  # first, with_others, last
tickets: {kind: by_hand, label: Help desk, do: "delete the ticket", runs: last}   # or action: keep with a ground
conversation: {kind: conversation, action: delete, token: SLACK_ADMIN_TOKEN, when: after}
```

`runs: first` is for what would create the customer again: it goes with the account. `runs: last` is for a channel by
which the customer is told: it goes after the closing message (design rule 7).
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.marked_yaml import Section

SECRET_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
RUNS = ("first", "with_others", "last")
_BIND = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")


@dataclass(frozen=True, slots=True, kw_only=True)
class WarnConfig:
    """A question in SQL about the customer: where it counts anything, `text` is said; `blocks` stops the plan.

    `count` is one SELECT of a number, asked once for each `:key` or `:email` of the customer's.
    """

    name: str
    count: str
    text: str
    blocks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseConfig:
    """A database with a data map. `url` is the name of the secret that holds its address."""

    name: str
    label: str
    url: str
    map: Path
    warnings: tuple[WarnConfig, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountConfig:
    """The account service: a row of `table` is an account, `deactivate` the values that close it.

    `also_delete` are tables whose rows of this account go too, by foreign key or by the condition that `matches` has
    for them; `triggers` are triggers that the operator has read and accepts. `still_open` is a SELECT that counts what
    would still let somebody sign in. `keys_from` is the database system whose chosen records say which accounts are meant ("" when the
    account service proposes candidates itself).
    """

    name: str
    label: str
    url: str
    table: str
    key: str
    email: str
    mode: str = "deactivate"
    deactivate: tuple[tuple[str, Any], ...] = ()
    also_delete: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    keys_from: str = ""
    matches: tuple[tuple[str, str], ...] = ()
    still_open: str = ""
    warnings: tuple[WarnConfig, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationConfig:
    """The customer's own messages: deleted, or removed and attested by hand, or kept with a ground (design rule 7).

    `token` names the secret with an admin's user token, which "delete" needs; `after` the closing message or before it.
    """

    name: str
    label: str
    action: str = "manual"
    ground: str = ""
    until: str = ""
    token: str = ""
    after: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpApiConfig:
    """Any HTTP API: its definition (a file, or the name of a shipped one), and the secret with another address, if any.

    With `is_account` it is the account service; `does` is then what its definition has to do to an account, and
    `erased_by` the system that erases what a closed account leaves.
    """

    name: str
    label: str
    definition: Path
    url: str = ""
    runs: str = "with_others"
    is_account: bool = False
    does: str = ""
    erased_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHandConfig:
    """A place that a person clears and attests (`do` says how), or that is kept on a ground."""

    name: str
    label: str
    action: str = "manual"
    do: str = ""
    ground: str = ""
    until: str = ""
    runs: str = "with_others"


def read_database(name: str, one: Section, *, folder: Path) -> DatabaseConfig:
    """Return a database."""
    path = folder / one.text("map")
    if not path.is_file():
        one.fail("map", f"the data map {path} does not exist", "Create it, or correct the path.")
    return DatabaseConfig(
        name=name,
        label=one.text("label", name),
        url=secret_name(one, "url"),
        map=path,
        warnings=_warnings(one),
    )


def read_account(name: str, one: Section) -> AccountConfig:
    """Return the account service over SQL."""
    mode = one.choice("mode", ("deactivate", "remove"), "deactivate")
    values = one.section("deactivate")
    deactivate = tuple((column, values.constant(column)) for column in values.keys())  # noqa: SIM118  Section is no dict
    if mode == "deactivate" and not deactivate:
        cure = "Say which values close an account, e.g. `deactivate: {status: closed}`."
        one.fail("deactivate", f"`{name}` does not say how an account is closed", cure)
    if mode == "remove" and deactivate:
        one.fail("deactivate", "`deactivate` has no meaning with `mode: remove`", "Remove one of the two.")
    tables, matches = _also_delete(one)
    return AccountConfig(
        name=name,
        label=one.text("label", name),
        url=secret_name(one, "url"),
        table=one.text("table"),
        key=one.text("key", "id"),
        email=one.text("email"),
        mode=mode,
        deactivate=deactivate,
        also_delete=tables,
        matches=matches,
        still_open=_counting(one, "still_open", binds={"key"}) if "still_open" in one else "",
        warnings=_warnings(one),
        triggers=one.texts("triggers"),
        keys_from=one.text("keys_from", ""),
    )


def read_http_api(name: str, one: Section, *, folder: Path, is_account: bool = False) -> HttpApiConfig:
    """Return an HTTP API, as the account service with `is_account`."""
    given = Path(one.text("definition"))
    # A bare word is the name of a shipped definition; whether there is one, its reader says.
    path = folder / given if given.suffix else given
    if given.suffix and not path.is_file():
        one.fail("definition", f"the definition {path} does not exist", "Create it, or correct the path.")
    return HttpApiConfig(
        name=name,
        label=one.text("label", name),
        definition=path,
        url=secret_name(one, "url") if "url" in one else "",
        runs="first" if is_account else one.choice("runs", RUNS, "with_others"),
        is_account=is_account,
        does=one.choice("mode", ("deactivate", "remove"), "deactivate") if is_account else "",
        erased_by=one.text("erased_by", "") if is_account else "",
    )


def read_conversation(name: str, one: Section) -> ConversationConfig:
    """Return the conversation in Slack."""
    action = one.choice("action", ("manual", "keep", "delete"), "manual")
    if action == "delete" and "token" not in one:
        cure = "Add `token:` with the name of the secret that holds an admin's user token (xoxp-…)."
        one.fail("action", "a bot token cannot delete the customer's messages", cure)
    return ConversationConfig(
        name=name,
        label=one.text("label", "Slack conversation"),
        action=action,
        ground=_ground(one, action),
        until=one.text("until", ""),
        token=secret_name(one, "token") if action == "delete" else "",
        after=one.choice("when", ("after", "before"), "after") == "after",
    )


def read_by_hand(name: str, one: Section) -> ByHandConfig:
    """Return a place that a person clears."""
    action = one.choice("action", ("manual", "keep"), "manual")
    return ByHandConfig(
        name=name,
        label=one.text("label", name),
        action=action,
        do=one.text("do", "delete what is there of the customer's"),
        ground=_ground(one, action),
        until=one.text("until", ""),
        runs=one.choice("runs", RUNS, "with_others"),
    )


def secret_name(one: Section, key: str) -> str:
    """Return the name of a secret; a value that is none is refused without being repeated."""
    name = one.text(key)
    if not SECRET_NAME.fullmatch(name):
        cure = "Put the value into the environment (.env) and write its NAME here, e.g. SHOP_DATABASE_URL."
        one.fail(key, f"`{key}` has to be the name of a secret, not the secret", cure)
    return name


def _ground(one: Section, action: str) -> str:
    ground = one.text("ground", "")
    if action == "keep" and not ground:
        one.fail("action", "what is kept needs its legal ground", "Add `ground:` (and `until:`).")
    return ground


def _warnings(one: Section) -> tuple[WarnConfig, ...]:
    part = one.section("warnings")
    found = []
    for name, detail in part.sections():
        count = _counting(detail, "count", binds={"key", "email"})
        text = detail.text("text")
        found.append(WarnConfig(name=name, count=count, text=text, blocks=detail.flag("blocks")))
        detail.close()
    part.close()
    return tuple(found)


def _counting(one: Section, key: str, *, binds: set[str]) -> str:
    """Return one SELECT that asks about a single `:key` or `:email`."""
    sql = one.text(key)
    names = set(_BIND.findall(sql))
    if not re.match(r"(?i)\s*(select|with)\b", sql) or any(mark in sql for mark in (";", "--", "/*")):
        one.fail(
            key,
            f"`{key}` has to be one SELECT",
            "For example `SELECT count(*) FROM teams WHERE owner = :key`.",
        )
    if len(names) != 1 or not names <= binds:
        allowed = " or ".join(f":{name}" for name in sorted(binds))
        one.fail(key, f"`{key}` has to ask about {allowed}, and about nothing else", "See docs/systems.md.")
    return sql


def _also_delete(one: Section) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    value = one.constant("also_delete") if "also_delete" in one else []
    tables: list[str] = []
    matches: list[tuple[str, str]] = []
    for entry in value if isinstance(value, list) else [value]:
        match entry:
            case str():
                tables.append(entry)
            case {"table": str() as table, "match": str() as condition, **more} if not more:
                if set(_BIND.findall(condition)) != {"key"} or any(
                    mark in condition for mark in (";", "--", "/*")
                ):
                    cure = "Compare with :key and nothing else, e.g. `user_ref = :key`."
                    one.fail("also_delete", f"the `match` of {table} is not a condition on :key", cure)
                tables.append(table)
                matches.append((table, condition))
            case _:
                cure = 'Write `[sessions, {table: tokens, match: "user_ref = :key"}]`.'
                one.fail("also_delete", "`also_delete` is no list of tables", cure)
    return tuple(tables), tuple(matches)
