"""From a YAML file to a `Definition`: every mistake is refused with file, line and cure, before anything is asked."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from services.http_api.answers import Meaning
from services.http_api.calls import need, read_auth, read_call, secret_name
from services.http_api.definition import Call, Check, Definition, Lookup, Poll, Step, Verify, Warn
from services.marked_yaml import Section, SystemsFileError

DOES = ("delete", "deactivate", "remove")
SHIPPED = Path(__file__).parent / "definitions"
_SECRET = re.compile(
    r"\b(?:[rs]k_(?:live|test)_\w{6,}|xox[a-z]-\w{6,}|SG\.[\w-]{6,}|pat-[\w-]{8,}|ph[cx]_\w{8,}|eyJ[\w-]{10,}"
    r"|(?:Bearer|Basic|apikey) +[\w.+/=-]{6,}|[0-9a-f]{32,})",
    re.IGNORECASE,
)


def load(path: Path) -> Definition:
    """Return the definition of a file, or of the shipped one with that name ("stripe"). Raises `SystemsFileError`."""
    return _definition(*read_text(path, SHIPPED))


def read_text(path: Path, folder: Path) -> tuple[Section, str]:
    """Return a definition's top level and its text; a bare name is one of those shipped in `folder`.

    Raises `SystemsFileError`, also for a file in which a secret stands.
    """
    shipped = folder / f"{path.name}.yaml"
    path = shipped if not path.suffix and not path.exists() and shipped.is_file() else path
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        known = ", ".join(sorted(one.stem for one in folder.glob("*.yaml")))
        cure = f"Correct the path, or name a shipped definition: {known}."
        raise SystemsFileError("cannot be read", file=str(path), line=1, cure=cure) from None
    for number, line in enumerate(text.splitlines(), 1):
        if _SECRET.search(line):
            cure = "Put it into the environment and write its NAME under `auth`; then replace the secret: it was in a file."
            raise SystemsFileError("a secret stands in the file", file=str(path), line=number, cure=cure)
    return Section.parse(text, file=str(path), title=path.name, error=SystemsFileError), text


def _definition(top: Section, text: str) -> Definition:
    hosts, base = top.texts("hosts"), top.text("base")
    if not hosts:
        top.fail("hosts", "no host is allowed", "Add `hosts: [api.example.com]`.")
    if not allows(hosts, urlsplit(base).hostname or "") or urlsplit(base).scheme != "https":
        top.fail("base", "`base` is not https or its host is not in `hosts`", f"Allowed: {', '.join(hosts)}.")
    values = top.section("values")
    named = {key: secret_name(values, key) for key in values.keys()}  # noqa: SIM118  Section is no dict
    known = {"key", "now", *(f"value.{key}" for key in named)}
    lookup = _lookup(top.section("lookup"), known | {"email"}) if "lookup" in top else None
    subject = top.section("subject")
    kind, system = subject.text("identifier", "email"), subject.text("system", "")
    subject.close()
    known |= {"id"} | ({"email"} if lookup or kind == "email" else set())
    steps: list[Step] = []
    for _, one in _numbered(top, "steps"):
        step, known = _step(one, known)
        steps.append(step)
    if not steps:
        top.fail(
            "steps", "there are no steps", "Add `steps:` with a numbered entry for each request, e.g. `1:`."
        )
    limits, residue = top.section("limits"), top.section("residue")
    definition = Definition(
        label=top.text("label"),
        base=base,
        hosts=hosts,
        auth=read_auth(top.section("auth", required=True)),
        steps=tuple(steps),
        verify=_verify(
            top, known - {"email"}, has_lookup=lookup is not None, has_job=steps[-1].poll is not None
        ),
        lookup=lookup,
        subject=kind,
        subject_system=system,
        values=named,
        does=top.choice("does", DOES, "delete"),
        rechecks=top.durations("rechecks") if "rechecks" in top else None,
        per_second=int(limits.number("per_second", 5, least=1)),
        timeout=limits.duration("timeout", timedelta(seconds=10)),
        window=top.duration("window", timedelta(0)),
        residue_card=residue.text("card", ""),
        residue_customer=residue.text("customer", ""),
        documented=top.texts("documented"),
        unconfirmed=unconfirmed_notes(top),
        text=text,
    )
    for section in (limits, residue, values, top):
        section.close()
    return definition


def allows(hosts: tuple[str, ...], host: str) -> bool:
    """Whether the host is in the list; `*.example.com` stands for one label before the dot."""
    return any(
        host == one
        or (one.startswith("*.") and host.partition(".")[2] == one[2:] and host.partition(".")[0] != "")
        for one in hosts
    )


def _lookup(one: Section, known: set[str]) -> Lookup:
    if not one.texts("match"):
        cure = "Add `match:` with the path of the address in a record: a filter alone is never believed."
        one.fail("match", "the look-up has no local match", cure)
    lookup = Lookup(
        call=read_call(one, known),
        records=one.text("records"),
        id=one.text("id"),
        match=one.texts("match"),
        maximum=int(one.number("maximum", 10, least=1)),
        more=one.text("more", ""),
        warnings=tuple(_warn(each) for _, each in _numbered(one, "warnings")),
        checks=tuple(_check(each, known) for _, each in _numbered(one, "checks")),
    )
    if "maximum" not in one:
        one.fail(
            "maximum",
            "the look-up has no maximum",
            "Add `maximum: 10`: more records than that stop the plan.",
        )
    need(one, lookup.call, Meaning.DONE)
    one.close()
    return lookup


def _warn(one: Section) -> Warn:
    warn = _warning(one)
    one.close()
    return warn


def _warning(one: Section) -> Warn:
    values = one.constant("is")
    return Warn(
        path=one.text("path"),
        values=tuple(values) if isinstance(values, list) else (values,),
        text=one.text("text"),
        blocks=one.flag("blocks"),
    )


def _check(one: Section, known: set[str]) -> Check:
    call = read_call(one, known | {"id"})
    need(one, call, Meaning.DONE)
    if call.method != "GET" and not call.repeatable:
        one.fail("request", "a check only reads", "Use GET, or say `repeat: harmless` for a search by POST.")
    check = Check(call=call, warn=_warning(one))
    one.close()
    return check


def _step(one: Section, known: set[str]) -> tuple[Step, set[str]]:
    call = read_call(one, known)
    need(one, call, Meaning.DONE)
    save = one.section("save")
    saved = {name: save.texts(name) for name in save.keys()}  # noqa: SIM118  Section is no dict
    known = known | {f"saved.{name}" for name in saved}
    poll = None
    if "poll" in one:
        # What outlives the run are the job's numbers alone: no id or address of the person is kept for polling.
        known = known - {"id", "email"}
        poll = _poll(one.section("poll"), known)
    one.close()
    return Step(call=call, save=saved, poll=poll), known


def _poll(one: Section, known: set[str]) -> Poll:
    ends = {name: _choices(one, name) for name in ("good", "bad", "waiting")}
    if not ends["good"] or not ends["bad"]:
        one.fail(
            "", "polling needs `good` and `bad` end values", "A job that can only succeed is not described."
        )
    call = read_call(one, known)
    need(one, call, Meaning.DONE)
    if "due" not in one:
        one.fail("", "polling has no `due`", "Say by when the job must have ended, e.g. `due: 30d`.")
    poll = Poll(
        call=call,
        path=one.text("path"),
        every=one.duration("every", timedelta(hours=1)),
        due=one.duration("due", timedelta(days=30)),
        **ends,
    )
    one.close()
    return poll


def _choices(one: Section, key: str) -> tuple[Any, ...]:
    value = one.constant(key) if key in one else []
    return tuple(value) if isinstance(value, list) else (value,)


def _verify(top: Section, known: set[str], *, has_lookup: bool, has_job: bool) -> Verify:
    if "verify" not in top:
        cure = "Add `verify: {lookup: yes}`, a read of the record, or `verify: {unverifiable: the reason}`."
        top.fail("", "the definition has no `verify`", cure)
    one = top.section("verify")
    inner = ([one.section("read")] if "read" in one else []) + [each for _, each in _numbered(one, "reads")]
    verify = Verify(
        lookup=one.flag("lookup"),
        reads=tuple(_read(each, known | {"id"}) for each in inner),
        job=one.flag("job"),
        unverifiable=one.text("unverifiable", ""),
        within=one.duration("within", timedelta(0)),
    )
    if not (verify.lookup or verify.reads or verify.job or verify.unverifiable):
        one.fail(
            "",
            "`verify` says nothing",
            "Choose `lookup: yes`, `read:`, `job: yes` or `unverifiable: reason`.",
        )
    if (verify.lookup and not has_lookup) or (verify.job and not has_job):
        one.fail(
            "",
            "`verify` relies on a look-up or a polled job that is not there",
            "Describe it, or verify else.",
        )
    one.close()
    return verify


def _read(one: Section, known: set[str]) -> Call:
    call = read_call(one, known)
    need(one, call, Meaning.GONE)
    one.close()
    return call


def _numbered(one: Section, key: str) -> list[tuple[str, Section]]:
    part = one.section(key)
    found = list(part.sections())
    part.close()
    return found


def unconfirmed_notes(top: Section) -> tuple[str, ...]:
    """Return what the documentation did not confirm."""
    found = []
    for _, one in _numbered(top, "notes"):
        text, confidence = one.text("text"), one.choice("confidence", ("unconfirmed", "documented"))
        one.close()
        if confidence == "unconfirmed":
            found.append(text)
    return tuple(found)
