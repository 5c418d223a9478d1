"""The command line: run the desk, play with it, make a key, verify the ledger."""

import base64
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot import cli_case, errors
from bot.cli_data_map import app as data_map
from bot.cli_doctor import doctor
from bot.cli_eval import eval_file
from bot.cli_manifest import print_manifest
from bot.cli_systems import app as systems
from bot.settings import load

app = typer.Typer(
    name="deletion-desk",
    help="Confirms, runs, verifies and proves the deletion of a customer's data, from Slack.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
ledger = typer.Typer(help="The append-only record.", no_args_is_help=True)
app.add_typer(ledger, name="ledger")
app.add_typer(data_map, name="data-map")
app.add_typer(cli_case.app, name="case")
app.add_typer(systems, name="systems")
app.command("eval")(eval_file)
app.command("manifest")(print_manifest)
app.command("doctor")(doctor)

EnvFile = Annotated[
    Path | None, typer.Option("--env-file", help="Settings file; default: .env if there is one.")
]


@app.command()
def run(env_file: EnvFile = None) -> None:
    """Start the desk: Slack connection, worker and web server, until it is stopped."""
    from bot.run import run_forever  # noqa: PLC0415  # keeps `keygen` and `--help` fast

    run_forever(env_path(env_file))


@app.command()
def demo(
    script: Annotated[
        bool, typer.Option("--script", help="Play the scenarios without a browser; exit 0 if all hold.")
    ] = False,
    only: Annotated[
        str, typer.Option("--only", help="With --script: letters of the scenarios, e.g. adj.")
    ] = "",
    messages: Annotated[
        Path | None,
        typer.Option(
            "--messages", help='Feed {"text": …} lines into the channel and print what each became.'
        ),
    ] = None,
    port: Annotated[int, typer.Option("--port", help="Port of the playground page; 0: any free one.")] = 8017,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
) -> None:
    """Start the playground: a Slack look-alike, a sample company, and the real app between them."""
    from bot.playground import main  # noqa: PLC0415  # the playground is not needed in production

    if script or messages:
        raise typer.Exit(main.play(only=only, messages=messages, scenarios=script))
    main.serve(port=port, open_browser=open_browser)


@app.command()
def keygen() -> None:
    """Print a new MASTER_KEY."""
    typer.echo(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())


@ledger.command("verify")
def ledger_verify(env_file: EnvFile = None) -> None:
    """Check the whole hash chain, its end, and that every case agrees with it; exit 1 if anything is wrong."""
    from bot.wiring import open_configured_store  # noqa: PLC0415  # keeps `--help` fast

    store = open_configured_store(load(env_path(env_file)))
    try:
        flaws = store.cases.ledger_flaws()
        count = len(store.cases.ledger())
    finally:
        store.close()
    for flaw in flaws:
        typer.echo(flaw, err=True)
    typer.echo(f"{count} entries, {len(flaws)} flaws")
    raise typer.Exit(1 if flaws else 0)


def env_path(given: Path | None) -> Path | None:
    """Return the settings file to read: the given one, else .env where it exists."""
    if given is not None:
        return given
    default = Path(".env")
    return default if default.is_file() else None


def main() -> None:
    """Run the command line; what the operator can mend is one line a fault and exit code 2, without a traceback."""
    try:
        app()
    except errors.MENDABLE as error:
        for line in errors.lines(error):
            print(f"deletion-desk: {line}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
