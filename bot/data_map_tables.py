"""What `deletion-desk data-map` prints: tables for people, plain data for `--json`; addresses always masked."""

from collections.abc import Callable, Iterable
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.database.check import Problem
from services.database.draft import Draft
from services.database.full_scan import Scan
from services.database.rehearsal import Rehearsal
from services.domain.outcome import Count
from services.domain.plan import SystemPlan

Step = Callable[[str, int, int], None]
_PLAIN: dict[str, Any] = {
    "title_justify": "left",
    "box": box.SIMPLE_HEAD,
    "pad_edge": False,
    "padding": (0, 1, 0, 0),
}
_WORDS = {
    "delete": "delete",
    "anonymise": "anonymise",
    "keep": "keep",
    "unlink": "empty the reference of others' rows",
}


def show_problems(problems: Iterable[Problem], *, file: str, tables: int) -> None:
    """Print a line a problem: place, what, cure; the last line says how it stands."""
    console = Console(highlight=False, soft_wrap=True)
    errors = warnings = 0
    for one in problems:
        errors += one.weight == "error"
        warnings += one.weight == "warning"
        style = "bold red" if one.weight == "error" else "yellow"
        console.print(
            Text(f"{file}:{one.line}: ").append(one.weight, style=style).append(f": {one.problem}.")
        )
        console.print(Text(f"    {one.cure}", style="dim"))
    end = (
        f"{_many(errors, 'error')}, {_many(warnings, 'warning')}"
        if errors or warnings
        else "nothing to correct"
    )
    console.print(f"{_many(tables, 'table')} decided, {end}.", style="bold")


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def problems_as_data(problems: Iterable[Problem], file: str) -> list[dict[str, object]]:
    """Return the problems for `--json`."""
    return [
        {
            "weight": one.weight,
            "file": file,
            "line": one.line,
            "about": one.about,
            "problem": one.problem,
            "cure": one.cure,
        }
        for one in problems
    ]


def show_plan(plan: SystemPlan, who: str, scan: Scan | None = None) -> None:
    """Print the counts of a plan, whatever prevents it, and where a full scan found the customer."""
    console = Console(highlight=False)
    _show_lines(console, plan.lines, f"Plan for {who}", who)
    for warning in plan.warnings:
        console.print(Text(f"Note: {warning}", style="yellow"))
    if plan.problem:
        console.print(Text(f"Cannot be erased as it is: {plan.problem}", style="bold red"))
    if scan is not None:
        _show_scan(console, scan)


def plan_as_data(plan: SystemPlan, who: str, scan: Scan | None = None) -> dict[str, object]:
    """Return the plan for `--json`."""
    data = {"ok": not plan.problem, "for": who, "lines": _lines_as_data(plan.lines), "problem": plan.problem}
    return data | {"warnings": list(plan.warnings)} | _scan_as_data(scan)


def show_rehearsal(rehearsal: Rehearsal, who: str) -> None:
    """Print what was erased and rolled back, or why it could not be."""
    console = Console(highlight=False)
    if rehearsal.lines or not rehearsal.problem:
        _show_lines(console, rehearsal.lines, f"Rehearsed for {who}, and rolled back", who)
    if rehearsal.scan is not None:
        _show_scan(console, rehearsal.scan)
    if rehearsal.problem:
        console.print(Text(f"An erasure would fail: {rehearsal.problem}", style="bold red"))
    else:
        console.print(Text("An erasure would succeed: verified inside the transaction.", style="green"))


def rehearsal_as_data(rehearsal: Rehearsal, who: str) -> dict[str, object]:
    """Return the rehearsal for `--json`."""
    lines = _lines_as_data(rehearsal.lines)
    data = {"ok": not rehearsal.problem, "for": who, "lines": lines, "problem": rehearsal.problem}
    return data | _scan_as_data(rehearsal.scan)


def _show_lines(console: Console, lines: Iterable[Count], title: str, who: str) -> None:
    table = Table("table", "what happens", "rows", "ground", "until", title=title, **_PLAIN)
    table.columns[2].justify = "right"
    for line in lines:
        action = _WORDS.get(line.action, line.action)
        table.add_row(Text(line.table), action, str(line.number), Text(line.ground), Text(line.until))
    console.print(table if table.row_count else Text(f"Nothing found for {who}."))


def _lines_as_data(lines: Iterable[Count]) -> list[dict[str, object]]:
    return [
        {
            "table": one.table,
            "action": one.action,
            "rows": one.number,
            "ground": one.ground,
            "until": one.until,
        }
        for one in lines
    ]


def _show_scan(console: Console, scan: Scan) -> None:
    looked = f"{scan.identifiers} spellings in {scan.columns} text columns of {scan.tables} tables"
    if not scan.found:
        console.print(Text(f"Full scan: {looked}; nothing found."))
        return
    table = Table("column", "rows", "", title=f"Full scan: {looked}", **_PLAIN)
    for one in scan.found:
        table.add_row(Text(f"{one.table}.{one.column}"), str(one.rows), "kept by the map" if one.kept else "")
    console.print(table)


def _scan_as_data(scan: Scan | None) -> dict[str, object]:
    if scan is None:
        return {}
    found = [
        {"table": one.table, "column": one.column, "rows": one.rows, "kept": one.kept} for one in scan.found
    ]
    looked = {"tables": scan.tables, "columns": scan.columns, "identifiers": scan.identifiers}
    return {"scan": looked | {"found": found}}


def show_draft(draft: Draft, *, file: str) -> None:
    """Print what a draft says, in short; the file has the reasons."""
    console = Console(highlight=False)
    table = Table(
        "table", "suggested", "why", title=f"{file}: customers are in {draft.subject.table}", **_PLAIN
    )
    for one in draft.tables:
        table.add_row(Text(one.table), one.action or "decide", Text(one.why[0] if one.why else ""))
    console.print(table)
    if draft.undecided:
        console.print(Text(f"Left for you to decide: {', '.join(draft.undecided)}.", style="yellow"))
    console.print(Text("Next: review every line marked REVIEW, then `deletion-desk data-map check`."))


def draft_as_data(draft: Draft, text: str) -> dict[str, object]:
    """Return the draft for `--json`; `text` is the YAML, "" where it was written to a file."""
    tables = [
        {"table": one.table, "action": one.action or None, "why": list(one.why)} for one in draft.tables
    ]
    data: dict[str, object] = {
        "subject": draft.subject.table,
        "tables": tables,
        "hold_nobody": list(draft.nobody),
    }
    return data | ({"map": text} if text else {})
