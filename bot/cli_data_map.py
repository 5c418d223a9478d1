"""`deletion-desk data-map`: the commands and their options; what they do is in `bot/data_map.py`."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="The map that says what happens to each table: draft it, check it, try it. Nothing here stays erased.",
    no_args_is_help=True,
)

Url = Annotated[
    str,
    typer.Option(
        "--url", help="Address of the database, or the name of the variable that holds it (.env counts)."
    ),
]
MapFile = Annotated[Path, typer.Option("--map", help="The data map.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Write the draft here instead of printing it; never overwrites.")
]
SubjectTable = Annotated[
    str, typer.Option("--subject", help="The customers' table, where the guess would be wrong.")
]
Emails = Annotated[
    list[str],
    typer.Option("--email", help='The customer\'s address; repeatable. "-" reads addresses from the input.'),
]
Rows = Annotated[
    list[str] | None,
    typer.Option("--row", help="TABLE:KEY of a row that is theirs, where the address does not decide."),
]
NoRow = Annotated[
    bool, typer.Option("--no-row", help="They have no row in the customers' table, and that is right.")
]
Deep = Annotated[
    bool,
    typer.Option("--deep", help="Read every text column of every table for the address too; takes long."),
]
Schemas = Annotated[
    list[str] | None,
    typer.Option("--schema", help="A schema to look at besides the connection's own; repeatable."),
]
EnvFile = Annotated[
    Path | None,
    typer.Option("--env-file", help="Settings file with the address; default: .env if there is one."),
]


@app.command()
def suggest(
    url: Url,
    subject: SubjectTable = "",
    schemas: Schemas = None,
    out: Out = None,
    as_json: AsJson = False,
    env_file: EnvFile = None,
) -> None:
    """Draft a map from the live schema: names, types, foreign keys and sampled values; every guess says why."""
    from bot import data_map  # noqa: PLC0415  # keeps `keygen` and `--help` fast

    data_map.suggest(url, env_file, subject=subject, schemas=tuple(schemas or ()), out=out, as_json=as_json)


@app.command("import-fides")
def import_fides(
    dataset: Annotated[Path, typer.Argument(help="Fides dataset YAML.")],
    url: Annotated[str, typer.Option("--url", help="Compare with this database too (recommended).")] = "",
    subject: SubjectTable = "",
    out: Out = None,
    as_json: AsJson = False,
    env_file: EnvFile = None,
) -> None:
    """Draft a map from a Fides dataset; with --url its categories and references complete what the database shows."""
    from bot import data_map  # noqa: PLC0415  # keeps `keygen` and `--help` fast

    data_map.import_fides(dataset, url, env_file, subject=subject, out=out, as_json=as_json)


@app.command()
def check(
    url: Url,
    map_file: MapFile,
    schemas: Schemas = None,
    as_json: AsJson = False,
    env_file: EnvFile = None,
) -> None:
    """Compare the map with the live schema; exit 1 if anything is undecided, misnamed or without an index."""
    from bot import data_map  # noqa: PLC0415  # keeps `keygen` and `--help` fast

    raise typer.Exit(data_map.check(url, map_file, env_file, schemas=tuple(schemas or ()), as_json=as_json))


@app.command()
def plan(
    url: Url,
    map_file: MapFile,
    emails: Emails,
    rows: Rows = None,
    without_row: NoRow = False,
    deep: Deep = False,
    as_json: AsJson = False,
    env_file: EnvFile = None,
) -> None:
    """Count what an erasure would do, table by table. Reads only; exit 1 if something prevents it."""
    from bot import data_map  # noqa: PLC0415  # keeps `keygen` and `--help` fast

    asked = data_map.Asked(emails=tuple(emails), rows=tuple(rows or ()), without_row=without_row)
    raise typer.Exit(data_map.plan(url, map_file, env_file, asked, deep=deep, as_json=as_json))


@app.command()
def rehearse(
    url: Url,
    map_file: MapFile,
    emails: Emails,
    rows: Rows = None,
    without_row: NoRow = False,
    deep: Deep = False,
    as_json: AsJson = False,
    env_file: EnvFile = None,
) -> None:
    """Really erase inside a transaction, verify, and roll back; exit 1 if an erasure would fail."""
    from bot import data_map  # noqa: PLC0415  # keeps `keygen` and `--help` fast

    asked = data_map.Asked(emails=tuple(emails), rows=tuple(rows or ()), without_row=without_row)
    raise typer.Exit(data_map.rehearse(url, map_file, env_file, asked, deep=deep, as_json=as_json))
