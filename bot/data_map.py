"""What `deletion-desk data-map` does: draft a map, compare it with the database, count and rehearse one erasure."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot import data_map_tables as tables
from bot.errors import StartError
from bot.settings import EnvironmentSecrets
from services.database.check import check as compare
from services.database.check import has_errors
from services.database.choosing import NotOnePersonError, choose_person
from services.database.connection import CompanyDatabase
from services.database.data_map import DataMap, load, parse
from services.database.draft import Draft, as_yaml
from services.database.fides import FidesError, import_dataset
from services.database.full_scan import Scan
from services.database.mapped import MappedDatabase
from services.database.refusals import StatementRefusedError
from services.database.rehearsal import rehearse as try_out
from services.database.rehearsal import verify_deeply
from services.database.subject import NoSubjectError
from services.database.suggest import suggest as draft_map
from services.database.survey import NotReadableError
from services.database.system import Database
from services.domain.identity import Identity, mask, opaque
from services.domain.scope import Scope
from services.ports import SystemUnavailableError

_READ_FAULTS = (
    NoSubjectError,
    NotReadableError,
    NotOnePersonError,
    FidesError,
    StatementRefusedError,
    SystemUnavailableError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whom a plan or a rehearsal is about, as it was typed."""

    emails: tuple[str, ...]
    rows: tuple[str, ...] = ()
    without_row: bool = False


def suggest(
    url: str,
    env_file: Path | None,
    *,
    subject: str,
    schemas: tuple[str, ...],
    out: Path | None,
    as_json: bool,
) -> None:
    """Print or write a draft for a database. Raises `StartError`."""
    database = _database(url, env_file)
    with _readable(), _progress("Reading tables") as step, database.reading() as connection:
        draft = draft_map(connection, subject=subject, schemas=schemas, progress=step)
    _hand_out(draft, source=database.kind, out=out, as_json=as_json)


def import_fides(
    dataset: Path, url: str, env_file: Path | None, *, subject: str, out: Path | None, as_json: bool
) -> None:
    """Print or write a draft for a Fides dataset, completed by a database where one is named. Raises `StartError`."""
    with _readable():
        if not url:
            draft = import_dataset(dataset, subject=subject)
        else:
            database = _database(url, env_file)
            with _progress("Reading tables") as step, database.reading() as connection:
                draft = import_dataset(dataset, subject=subject, connection=connection, progress=step)
    _hand_out(draft, source=dataset.name, out=out, as_json=as_json)


def check(url: str, map_file: Path, env_file: Path | None, *, schemas: tuple[str, ...], as_json: bool) -> int:
    """Print what is wrong with a map; return the exit code. Raises `StartError` or `DataMapError`."""
    data_map = load(map_file)
    database = _database(url, env_file)
    text = map_file.read_text(encoding="utf-8")
    with _readable(), _progress("Reading tables") as step, database.reading() as connection:
        problems = compare(connection, data_map, text=text, schemas=schemas, progress=step)
    if as_json:
        _print_json(
            {"ok": not has_errors(problems), "problems": tables.problems_as_data(problems, str(map_file))}
        )
    else:
        tables.show_problems(problems, file=str(map_file), tables=len(data_map.rules))
    return 1 if has_errors(problems) else 0


def plan(url: str, map_file: Path, env_file: Path | None, asked: Asked, *, deep: bool, as_json: bool) -> int:
    """Print what an erasure would do; return the exit code. Raises `StartError` or `DataMapError`."""
    system, data_map = _system(url, map_file, env_file)
    with _readable():
        identity = _person(system, data_map, asked)
        planned = system.plan(identity, Scope.ALL_PERSONAL_DATA)
        scan = _full_scan(url, env_file, system, data_map, identity) if deep else None
    who = _shown(identity, data_map)
    if as_json:
        _print_json(tables.plan_as_data(planned, who, scan))
    else:
        tables.show_plan(planned, who, scan)
    return 1 if planned.problem else 0


def rehearse(
    url: str, map_file: Path, env_file: Path | None, asked: Asked, *, deep: bool, as_json: bool
) -> int:
    """Print what a rehearsed erasure found; return the exit code. Raises `StartError` or `DataMapError`."""
    system, data_map = _system(url, map_file, env_file)
    mapped = MappedDatabase(_database(url, env_file), data_map, system=system.name)
    with _readable():
        identity = _person(system, data_map, asked)
        with _progress("Rehearsing") as step:
            rehearsal = try_out(mapped, identity, deep=deep, progress=step)
    who = _shown(identity, data_map)
    if as_json:
        _print_json(tables.rehearsal_as_data(rehearsal, who))
    else:
        tables.show_rehearsal(rehearsal, who)
    return 1 if rehearsal.problem else 0


class _SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251  the command line is where the time comes from


def _system(url: str, map_file: Path, env_file: Path | None) -> tuple[Database, DataMap]:
    data_map = load(map_file)
    database = _database(url, env_file)
    system = Database(
        name="database", label="Database", database=database, data_map=data_map, clock=_SystemClock()
    )
    return system, data_map


def _database(url: str, env_file: Path | None) -> CompanyDatabase:
    address = url
    if "://" not in url:
        default = Path(".env")
        try:
            address = EnvironmentSecrets(env_file or (default if default.is_file() else None)).get(url)
        except KeyError:
            raise StartError(
                f"--url {url}: neither an address (postgresql://…) nor the name of a variable that is set"
            ) from None
    try:
        database = CompanyDatabase(address)
    except ValueError as error:
        raise StartError(f"--url: {error}") from None
    path = sa.make_url(address).database or ""
    if database.kind == "sqlite" and not Path(path).is_file():
        raise StartError(
            f"--url: there is no file {path}; a path from the root needs four slashes, sqlite:////srv/shop.db"
        )
    return database


def _person(system: Database, data_map: DataMap, asked: Asked) -> Identity:
    typed = [
        line.strip() for one in asked.emails for line in (sys.stdin if one == "-" else [one]) if line.strip()
    ]
    wrong = next((one for one in typed if "@" not in one), None)
    if wrong is not None or not typed:
        raise StartError("--email: that is no e-mail address; write --email someone@example.com")
    return choose_person(
        system, data_map.subject, tuple(typed), rows=asked.rows, without_row=asked.without_row
    )


def _full_scan(
    url: str, env_file: Path | None, system: Database, data_map: DataMap, identity: Identity
) -> Scan:
    mapped = MappedDatabase(_database(url, env_file), data_map, system=system.name)
    with _progress("Reading everything") as step:
        return verify_deeply(mapped, identity, progress=step)


def _shown(identity: Identity, data_map: DataMap) -> str:
    keys = identity.of(system="database", kind=data_map.subject.kind)
    rows = ", ".join(f"{data_map.subject.table}:{opaque(key)}" for key in keys) or "no row of their own"
    return f"{', '.join(map(mask, identity.emails))} ({rows})"


def _hand_out(draft: Draft, *, source: str, out: Path | None, as_json: bool) -> None:
    text = as_yaml(draft, source=source)
    parse(text, file="draft")  # what is handed out can be read back
    if out is not None:
        try:
            with out.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            raise StartError(
                f"--out {out}: the file exists already; choose another name or remove it"
            ) from None
        except OSError as error:
            raise StartError(f"--out {out}: cannot be written ({error.strerror})") from None
    if as_json:
        _print_json(tables.draft_as_data(draft, "" if out else text))
    elif out is None:
        typer.echo(text, nl=False)
    else:
        tables.show_draft(draft, file=str(out))


def _print_json(data: object) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))


@contextmanager
def _readable() -> Iterator[None]:
    """Faults of the database or the choice are one line and exit code 2."""
    try:
        yield
    except _READ_FAULTS as wrong:
        raise StartError(str(wrong)) from None


@contextmanager
def _progress(title: str) -> Iterator[tables.Step]:
    """A bar on the error stream while tables are read, so that the output stays clean; none where nobody watches."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)

        def step(name: str, number: int, of: int) -> None:
            bar.update(task, description=f"{title}: {name[:40]}", completed=number, total=of)

        yield step
