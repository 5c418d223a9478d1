"""`deletion-desk case …`: look at one case and at its receipt, for the operator; nothing personal is printed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.settings import Settings, load
from services.domain.record import Case

if TYPE_CHECKING:
    from services.domain.receipt import Receipt
    from services.storage import Store

app = typer.Typer(help="One case: how it stands, and its signed receipt.", no_args_is_help=True)

Ref = Annotated[str, typer.Argument(help="The case, e.g. DD-1042.")]
EnvFile = Annotated[
    Path | None, typer.Option("--env-file", help="Settings file; default: .env if there is one.")
]


@app.command("show")
def show(ref: Ref, env_file: EnvFile = None) -> None:
    """Print how a case stands: state, deadline, who did what when, and each system's outcome."""
    with _opened(env_file) as (settings, store):
        case = _case(store, ref)
        lines = [
            f"{case.ref}  {case.state}  {case.scope or 'no scope yet'}  opened {case.opened_at:%Y-%m-%d %H:%M} UTC"
        ]
        lines.append(f"answer due {case.answer_due:%Y-%m-%d} ({case.regime})")
        for one in case.outcomes:
            gone = sum(count.number for count in one.counts if count.action != "keep")
            lines.append(
                f"  {one.system}: {one.kind}, {gone} records{f', {one.reason}' if one.reason else ''}"
            )
        for sealed in store.cases.ledger(case.id):
            entry = sealed.entry
            moved = f"  {entry.before or '-'} -> {entry.after}" if entry.after != entry.before else ""
            lines.append(f"  {entry.at:%Y-%m-%d %H:%M:%S}  {entry.action}  by {entry.actor}{moved}")
        receipt = _receipt(settings, store, case)
        lines.append(f"receipt {receipt.id}" if receipt else "no receipt yet: the case has not ended")
    typer.echo("\n".join(lines))


@app.command("receipt")
def receipt(ref: Ref, env_file: EnvFile = None) -> None:
    """Print the signed receipt of a case that has ended, as JSON; exit 1 while it has not."""
    with _opened(env_file) as (settings, store):
        case = _case(store, ref)
        found = _receipt(settings, store, case)
    if found is None:
        typer.echo(f"{case.ref} has not ended ({case.state}): there is no receipt yet", err=True)
        raise typer.Exit(1)
    typer.echo(found.as_json(indent=2))


@app.command("check-receipt")
def check_receipt(
    file: Annotated[Path, typer.Argument(help="A receipt as `receipt` or /deletion export gave it.")],
    env_file: EnvFile = None,
) -> None:
    """Say whether a receipt is genuine: its signature fits and the ledger still has its entry; exit 1 if not."""
    from services.receipts import flaw_of  # noqa: PLC0415  # keeps `--help` fast

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        typer.echo(f"{file} cannot be read", err=True)
        raise typer.Exit(1) from None
    with _opened(env_file) as (_, store):
        flaw = flaw_of(store.cases, store.vault, text)
    typer.echo(flaw or "genuine: the signature fits and the ledger has its entry", err=bool(flaw))
    raise typer.Exit(1 if flaw else 0)


@contextmanager
def _opened(env_file: Path | None) -> "Iterator[tuple[Settings, Store]]":
    from bot.wiring import open_configured_store  # noqa: PLC0415  # keeps `--help` fast

    default = Path(".env")
    settings = load(env_file or (default if default.is_file() else None))
    store = open_configured_store(settings)
    try:
        yield settings, store
    finally:
        store.close()


def _case(store: "Store", ref: str) -> Case:
    number = ref.strip().upper().removeprefix("DD-")
    case = store.cases.by_number(int(number)) if number.isascii() and number.isdigit() else None
    if case is None:
        typer.echo(f"there is no case {ref}: give its number, e.g. DD-1042", err=True)
        raise typer.Exit(1)
    return case


def _receipt(settings: Settings, store: "Store", case: Case) -> "Receipt | None":
    from services.receipts import receipt_of  # noqa: PLC0415  # keeps `--help` fast
    from services.systems_file import load as load_systems  # noqa: PLC0415  # as above

    company = load_systems(settings.systems_file).policy.company
    return receipt_of(store.cases, store.vault, case, company=company)
