"""`deletion-desk doctor`: one screen that says what is well and what is not."""

from pathlib import Path
from typing import Annotated

import typer


def doctor(
    env_file: Annotated[
        Path | None, typer.Option("--env-file", help="Settings file; default: .env if there is one.")
    ] = None,
) -> None:
    """Check settings, store, Slack (scopes, channels, people) and every system; exit 1 if anything is wrong. Reads only."""
    from bot.doctor import examine  # noqa: PLC0415  # keeps `--help` fast

    faults = 0
    for finding in examine(env_file or (Path(".env") if Path(".env").is_file() else None)):
        faults += bool(finding.fault)
        typer.echo(
            f"{'✗' if finding.fault else '✓'} {finding.what}{f': {finding.fault}' if finding.fault else ''}"
        )
    typer.echo(
        "All is well." if not faults else f"{faults} {'thing is' if faults == 1 else 'things are'} wrong."
    )
    raise typer.Exit(1 if faults else 0)
