"""`deletion-desk manifest`: the Slack app, ready to be pasted into "From a manifest"."""

import json
from typing import Annotated

import typer

from bot.manifest import NAME, manifest


def print_manifest(
    url: Annotated[
        str,
        typer.Option("--url", help="Public address (https://…) for http mode; without it: Socket Mode."),
    ] = "",
    name: Annotated[
        str, typer.Option("--name", help="The app's name in Slack, at most 35 characters.")
    ] = NAME,
) -> None:
    """Print the manifest of the Slack app (JSON): paste it at api.slack.com/apps, "From a manifest"."""
    if url and not url.startswith("https://"):
        raise typer.BadParameter("Slack sends to https:// addresses only", param_hint="--url")
    if not 0 < len(name) <= 35:
        raise typer.BadParameter("Slack allows 1 to 35 characters", param_hint="--name")
    typer.echo(json.dumps(manifest(name=name, url=url), indent=2))
