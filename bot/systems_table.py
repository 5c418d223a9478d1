"""What `deletion-desk systems` says: one entry a system, as a table for people or as JSON for programs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.settings import EnvironmentSecrets, Settings, load
from bot.slack import posting_client
from bot.slack_thread import SlackThread
from bot.systems import connect_systems, secrets_of
from bot.wiring import SystemClock
from services.domain.identity import Candidate
from services.looking import Looked, check_all, find_everywhere
from services.ports import System
from services.systems_file import load as load_systems
from services.transport import silence_library_loggers

GROUPS = {10: "first", 20: "external", 30: "database", 40: "last"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Entries in running order. `is_well` decides the exit code."""

    entries: tuple[dict[str, Any], ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    is_well: bool = True
    more: dict[str, Any] = field(default_factory=dict)

    def json(self) -> str:
        """Return one JSON object."""
        return json.dumps(
            {"ok": self.is_well, "systems": list(self.entries), **self.more}, indent=2, ensure_ascii=False
        )

    def text(self) -> str:
        """Return a table with one line a system (and a further one for each record or warning)."""
        widths = [max((len(row[at]) for row in self.rows if at < len(row) - 1), default=0) for at in range(4)]
        lines = ["  ".join(_cells(row, widths)).rstrip() for row in self.rows]
        return "\n".join([*lines, *self.notes])


def _cells(row: tuple[str, ...], widths: list[int]) -> Iterator[str]:
    for at, cell in enumerate(row):
        yield cell.ljust(widths[at]) if at < len(row) - 1 and at < len(widths) else cell


def listed(env_file: Path | None) -> Report:
    """Return what is configured, and which secrets are not set. Raises what bot/errors.py calls mendable."""
    settings, secrets = _configured(env_file)
    config = load_systems(settings.systems_file)
    entries, rows, missing = [], [], []
    for one in config.systems:
        wanted = secrets_of(one)
        absent = [name for name in wanted if not _is_set(secrets, name)]
        missing += absent
        kind = type(one).__name__.removesuffix("Config")
        entries.append(
            {"system": one.name, "label": one.label, "kind": kind, "secrets": list(wanted), "missing": absent}
        )
        needs = ", ".join(f"{name}{' (missing)' if name in absent else ''}" for name in wanted)
        rows.append((one.name, one.label, kind, needs or "no secret"))
    notes = (f"{len(missing)} secret(s) missing: set them in the environment or in .env",) if missing else ()
    return Report(entries=tuple(entries), rows=tuple(rows), notes=notes, is_well=not missing)


def checked(env_file: Path | None) -> Report:
    """Return whether each system can be used. Raises what bot/errors.py calls mendable."""
    with _connected(env_file) as systems:
        looked = check_all(systems)
    entries = [_about(one) | {"problem": one.problem, "warnings": _warnings(one)} for one in looked]
    rows = []
    for one in looked:
        said = one.problem or ("ready" if _is_asked(one) else "nothing to ask before a case")
        rows.append(
            (
                "✗" if one.problem else "✓",
                one.system.name,
                GROUPS.get(one.system.order, ""),
                one.system.label,
                said,
            )
        )
        rows += [("", "", "", "", f"note: {text}") for text in _warnings(one)]
    return Report(entries=tuple(entries), rows=tuple(rows), is_well=not any(one.problem for one in looked))


def found(env_file: Path | None, email: str, *, unmasked: bool) -> Report:
    """Return what each system holds under the address. Raises what bot/errors.py calls mendable."""
    with _connected(env_file) as systems:
        looked = find_everywhere(systems, email)
    entries, rows = [], []
    for one in looked:
        counts = [line for line in one.plan.lines if line.number] if one.plan else []
        held = one.plan.found if one.plan and one.plan.is_evidence else 0
        entries.append(
            _about(one)
            | {
                "problem": one.problem,
                "records": held,
                "counts": [{"table": c.table, "action": c.action, "number": c.number} for c in counts],
                "candidates": [_candidate(each, unmasked=unmasked) for each in one.candidates],
                "warnings": _warnings(one),
            }
        )
        tables = ", ".join(f"{line.number} {line.table} ({line.action})" for line in counts)
        said = one.problem or (tables if held or not _is_evidence(one) else "nothing")
        rows.append(("✗" if one.problem else "✓", one.system.name, one.system.label, said or "nothing"))
        for each in one.candidates:
            rows.append(("", "", "", f"· {_shown(each, unmasked=unmasked)} ({each.reason})"))
            rows += [("", "", "", f"  warning: {text}") for text in each.warnings]
    total = sum(entry["records"] for entry in entries)
    asked = all(not one.problem for one in looked)
    notes = (
        f"{total} record(s) in all",
        *(() if asked else ("not every system could be asked, or would let a deletion begin",)),
    )
    return Report(
        entries=tuple(entries), rows=tuple(rows), notes=notes, is_well=asked, more={"records": total}
    )


def _about(one: Looked) -> dict[str, Any]:
    system = one.system
    return {
        "system": system.name,
        "label": system.label,
        "order": system.order,
        "mandatory": system.is_mandatory,
    }


def _is_evidence(one: Looked) -> bool:
    return one.plan is not None and one.plan.is_evidence


_is_asked = _is_evidence


def _warnings(one: Looked) -> list[str]:
    return list(one.plan.warnings) if one.plan else []


def _candidate(one: Candidate, *, unmasked: bool) -> dict[str, Any]:
    about: dict[str, Any] = {"shown": one.shown, "reason": one.reason, "warnings": list(one.warnings)}
    if unmasked:
        about["identifiers"] = [{"kind": each.kind, "value": each.value} for each in one.identifiers]
    return about


def _shown(one: Candidate, *, unmasked: bool) -> str:
    if not unmasked:
        return one.shown
    return ", ".join(f"{each.kind} {each.value}" for each in one.identifiers)


def _is_set(secrets: EnvironmentSecrets, name: str) -> bool:
    try:
        return bool(secrets.get(name))
    except KeyError:
        return False


def _configured(env_file: Path | None) -> tuple[Settings, EnvironmentSecrets]:
    path = env_file or (Path(".env") if Path(".env").is_file() else None)
    silence_library_loggers()
    return load(path), EnvironmentSecrets(path)


@contextmanager
def _connected(env_file: Path | None) -> Iterator[tuple[System, ...]]:
    """Give the systems of systems.yaml; connections are closed afterwards. The conversation is not asked for anything."""
    settings, secrets = _configured(env_file)
    clock = SystemClock()
    client = posting_client(token=settings.slack_bot_token.get_secret_value(), api_url=settings.slack_api_url)
    thread = SlackThread(client, bot_user_id="", clock=clock)
    systems = connect_systems(load_systems(settings.systems_file), secrets, clock, thread)
    try:
        yield systems
    finally:
        for system in systems:
            close = getattr(system, "close", None)
            if close is not None:
                close()
