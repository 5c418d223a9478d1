"""`deletion-desk systems`: what is connected, whether it can be used, and what it holds for one customer, by reads alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.systems_table import Report

app = typer.Typer(
    help="What is connected, whether the desk can do its work there, what each system holds for one customer.",
    no_args_is_help=True,
)

EnvFile = Annotated[
    Path | None, typer.Option("--env-file", help="Settings file; default: .env if there is one.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]


@app.command("list")
def list_systems(as_json: AsJson = False, env_file: EnvFile = None) -> None:
    """Print what systems.yaml connects, in running order; exit 1 if a secret is not set. Nothing is asked."""
    from bot.systems_table import listed  # noqa: PLC0415  # keeps `--help` fast

    _print(listed(env_file), as_json=as_json)


@app.command()
def check(as_json: AsJson = False, env_file: EnvFile = None) -> None:
    """Ask every system whether it is reachable and lets the desk do its work; exit 1 if one does not. Reads only."""
    from bot.systems_table import checked  # noqa: PLC0415  # keeps `--help` fast

    _print(checked(env_file), as_json=as_json)


@app.command()
def find(
    email: Annotated[
        str, typer.Option("--email", help='The customer\'s address; "-" reads it from the input.')
    ],
    unmasked: Annotated[
        bool,
        typer.Option("--unmasked", help="Print addresses and ids in full. Personal data: mind the screen."),
    ] = False,
    as_json: AsJson = False,
    env_file: EnvFile = None,
) -> None:
    """Print what each system holds under an address; exit 1 if one could not be asked. Reads only, masked."""
    from bot.systems_table import found  # noqa: PLC0415  # keeps `--help` fast

    address = typer.get_text_stream("stdin").readline().strip() if email == "-" else email.strip()
    if "@" not in address:
        raise typer.BadParameter("that is no e-mail address", param_hint="--email")
    _print(found(env_file, address, unmasked=unmasked), as_json=as_json)


def _print(report: "Report", *, as_json: bool) -> None:
    typer.echo(report.json() if as_json else report.text())
    raise typer.Exit(0 if report.is_well else 1)
