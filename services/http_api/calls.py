"""The parts of a definition that describe requests: authority, placeholders, and the tables of answers."""

import re
from typing import Any

from services.http_api.answers import Case, Meaning, Table
from services.http_api.definition import Auth, Call
from services.http_api.templates import TRANSFORMS, names_in
from services.marked_yaml import Section, nearest

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SECRET_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_SECRET_HEADER = re.compile(r"authorization|cookie|token|secret|password|api-?key", re.IGNORECASE)
_AUTH = {
    "header": ("secret",),
    "bearer": ("secret",),
    "query": ("secret",),
    "basic": ("user", "password"),
    "oauth2": ("client_id", "client_secret"),
}


def read_auth(one: Section) -> Auth:
    """Return how requests prove who asks; only names of secrets are accepted."""
    kind = one.choice("kind", tuple(_AUTH))
    secrets = {part: secret_name(one, part) for part in _AUTH[kind] if kind != "basic" or part in one}
    if not secrets:
        one.fail("kind", "no secret is named", f"Add one of: {', '.join(_AUTH[kind])}.")
    auth = Auth(
        kind=kind,
        secrets=secrets,
        name=one.text("name", "" if kind not in {"header", "query"} else None),
        prefix=one.text("prefix", ""),
        path=one.text("path", "" if kind != "oauth2" else None),
        scope=one.text("scope", ""),
    )
    one.close()
    return auth


def secret_name(one: Section, key: str) -> str:
    """Return the name of a secret; a value that is none is refused without being repeated."""
    name = one.text(key)
    if not _SECRET_NAME.fullmatch(name):
        cure = "Put the value into the environment (.env) and write its NAME here, e.g. EXAMPLE_API_KEY."
        one.fail(key, f"`{key}` has to be the name of a secret, not the secret", cure)
    return name


def read_call(one: Section, known: set[str]) -> Call:
    """Return a request whose placeholders are all among the `known`, with the tables of its answers."""
    method, _, path = one.text("request").partition(" ")
    path = path.strip()
    if method not in METHODS or not path.startswith("/") or path.startswith("//"):
        one.fail("request", "`request` has to be a method and a path", "For example `DELETE /contacts/{id}`.")
    headers = _mapping(one, "headers")
    for name in headers:
        if _SECRET_HEADER.search(str(name)):
            one.fail("headers", f"the header `{name}` carries a secret", "Describe it under `auth` instead.")
    parts = {"params": _mapping(one, "params"), "headers": headers}
    json = one.constant("json") if "json" in one else None
    form = _mapping(one, "form") if "form" in one else None
    for name, transforms in names_in([path, *parts.values(), json, form or {}]):
        if name not in known:
            near = nearest(name, tuple(known)) or f"Known here: {', '.join(sorted(known))}."
            one.fail("request", f"the placeholder {{{name}}} is not known here", near)
        for transform in transforms:
            if transform not in TRANSFORMS:
                near = nearest(transform, tuple(TRANSFORMS)) or f"Choose from: {', '.join(TRANSFORMS)}."
                one.fail("request", f"the transform `{transform}` is not known", near)
    lines: dict[Meaning, tuple[Case, ...]] = {
        meaning: _cases(one, meaning) for meaning in Meaning if meaning is not Meaning.UNKNOWN
    }
    return Call(
        method=method,
        path=path,
        params=parts["params"],
        json=json,
        form=form,
        headers=headers,
        table=Table(lines=lines),
        repeatable=one.choice("repeat", ("harmless", "keyed", "never"), "never") != "never",
    )


def _mapping(one: Section, key: str) -> dict[str, Any]:
    value = one.constant(key) if key in one else {}
    if not isinstance(value, dict):
        one.fail(key, f"`{key}` has to be a list of `name: value` pairs", "For example `{limit: 100}`.")
    return value


def _cases(one: Section, key: str) -> tuple[Case, ...]:
    given = one.constant(key) if key in one else []
    cases: list[Case] = []
    for line in given if isinstance(given, list) else [given]:
        status = line.get("status") if isinstance(line, dict) else line
        statuses: list[Any] = status if isinstance(status, list) else [status]
        body = line.get("body", {}) if isinstance(line, dict) else {}
        unknown = set(line) - {"status", "body"} if isinstance(line, dict) else set()
        if unknown or not isinstance(body, dict) or not all(type(each) is int for each in statuses):
            cure = "Write `[200]` or `[{status: 200, body: {deleted: true}}]`."
            one.fail(key, f"`{key}` is not a table of statuses and bodies", cure)
        wanted = {path: tuple(want) if isinstance(want, list) else (want,) for path, want in body.items()}
        cases.append(Case(statuses=frozenset(statuses), body=wanted))
    return tuple(cases)


def need(one: Section, call: Call, meaning: Meaning) -> None:
    """Refuse a call that has no line for this meaning."""
    if not call.table.lines[meaning]:
        one.fail(
            "",
            f"`{meaning}` is missing in {one.title}",
            f"Add `{meaning}: [200]` (a status never read is refused).",
        )
