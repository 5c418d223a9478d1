"""Schemas that nobody prepared: draft, a few edits, check, plan, erase, verify, on every server they were made for."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.database.check import Problem, check, has_errors
from services.database.choosing import NotOnePersonError, choose_person
from services.database.connection import CompanyDatabase
from services.database.data_map import parse
from services.database.draft import Draft, as_yaml
from services.database.fides import import_dataset
from services.database.mapped import MappedDatabase
from services.database.rehearsal import rehearse, verify_deeply
from services.database.suggest import suggest
from services.database.survey import NotReadableError
from services.database.system import Database
from services.domain.outcome import OutcomeKind
from services.domain.scope import Scope
from services.ports import Job
from tests.contracts.company import Company, mariadb_company, postgres_company, sqlite_company

OWN = Path(__file__).parent / "schemas"
ALL = Scope.ALL_PERSONAL_DATA
POSTGRES, MARIADB = pytest.mark.postgres, pytest.mark.mariadb


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One schema on one server: whom to erase, and the edits that a person makes to the draft.

    `edits` replace the text of the draft; `indexes` are what `check` asks for. `gone` are words that only the customer's
    rows hold, `still` words of other people that must survive, `kept` tables in which no row may change.
    """

    script: str
    email: str
    edits: tuple[tuple[str, str], ...] = ()
    indexes: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    still: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


# Every edit is counted: this is what "few edits" means.
RENTAL = Trial(
    script="rental.sql",
    email="mary.silva@rentalcustomer.example",
    indexes=("CREATE INDEX ON rental (customer_id)",),
    gone=("Mary", "28 Mill Road"),
    still=("Linda", "PAT.OKORO@rentalcustomer.example", "9 Harbour Street", "1 Shared House Avenue"),
    kept=("staff", "store", "film", "inventory", "actor"),
)
SHARING = Trial(
    script="rental.sql",
    email="linda.berg@rentalcustomer.example",
    indexes=("CREATE INDEX ON rental (customer_id)",),
    gone=("Linda",),
    kept=("staff", "store", "address"),
)
TRACKER = Trial(
    script="tracker.sql",
    email="olga.reyes@customer.example",
    edits=(("  # sessions: {", "  sessions: {"),),
    gone=("Olga", "Calle Mayor", "gold", "(14, 'User'"),
    still=("Ben Adler", "ben.adler@customer.example", "Kim Aster", "I cannot remember my password"),
    kept=("queues",),
)
CHAT = Trial(
    script="chat.sql",
    email="iris.novak@chat.example",
    gone=("Novak", "203.0.113.5", "203.0.113.7", "watering can", "4915550101"),
    still=("omar@chat.example", "behind the shed", "Town square", "203.0.113.9", "new@elsewhere.example"),
    kept=("teams", "systems"),
)
# PostgreSQL cannot tell whether a text is JSON before it casts, so there the draft leaves that table to a person.
CHAT_POSTGRES = Trial(
    script="chat.sql",
    email=CHAT.email,
    edits=(("  # tokens: {", "  tokens: {"),),
    gone=CHAT.gone,
    kept=CHAT.kept,
)
FEDERATION = Trial(
    script="federation.sql",
    email="nora.lind@mail.example",
    gone=(
        "nora.old@mail.example",
        "Nora Lind",
        "the boat leaves at seven",
        "203.0.113.21",
        "4670555010",
        "syt_nora",
    ),
    kept=("server_keys",),
)
# MariaDB makes the indexes of foreign keys itself.
WORKSPACE = Trial(
    script="workspace.sql",
    email="ada.may@x.example",
    indexes=(
        "CREATE INDEX comments_author ON comments (author_id)",
        "CREATE INDEX comments_parent ON comments (parent_id)",
        "CREATE INDEX invoices_user ON invoices (user_id)",
        "CREATE INDEX tasks_assignee ON tasks (assignee_id)",
    ),
    gone=("Ada May", "hello there"),
    still=("Bob Ray", "bob@x.example", "Alpha", "Beta", "Acme", "'t1'", "'b'"),
    kept=("projects",),
)
FORUM = Trial(
    script="forum.sql",
    email="hana.k@mail.example",
    gone=("Hana K", "the quick brown fox", "user1@z.example"),
    still=("x@y.example", "ivo@other.example", "Ivo P", "hello hana how are you"),
    kept=("forum_community", "forum_recipient", "forum_client"),
)
TYPES_POSTGRESQL = Trial(script="types_postgresql.sql", email="eve.one@x.example", kept=())
TYPES_MARIADB = Trial(
    script="types_mariadb.sql", email="eve.one@x.example", gone=("1 Mill Road",), kept=("film_text",)
)
CHINOOK = Trial(
    script="Chinook_{}.sql",
    email="luisg@embraer.com.br",
    gone=("Gonçalves", "luisg"),
    kept=("employee", "track", "album"),
)
FIDES = Trial(
    script="fides_example/postgres_sample.sql",
    email="customer-1@example.com",
    # Names of customers without any reference: only a person can know that nobody needs them.
    edits=(("  # loyalty: {action: keep,", "  loyalty: {action: keep,"),),
    gone=("customer-1@example.com", "John Customer', datetime", "Example Card 1"),
    kept=("employee", "product", "report", "type_link_test"),
)
FIDES_MARIADB = Trial(script="fides_example/mysql_example.sql", email="customer-1@example.com")

TRIALS = [
    pytest.param(RENTAL, "postgresql", id="rental-postgresql", marks=POSTGRES),
    pytest.param(SHARING, "postgresql", id="shared-address-postgresql", marks=POSTGRES),
    *(
        pytest.param(trial, server, id=f"{trial.script[:-4]}-{server}", marks=marks)
        for trial, server, marks in (
            (TRACKER, "sqlite", ()),
            (TRACKER, "postgresql", POSTGRES),
            (TRACKER, "mariadb", MARIADB),
            (CHAT, "sqlite", ()),
            (CHAT_POSTGRES, "postgresql", POSTGRES),
            (CHAT, "mariadb", MARIADB),
            (FORUM, "postgresql", POSTGRES),
            (TYPES_POSTGRESQL, "postgresql", POSTGRES),
            (TYPES_MARIADB, "mariadb", MARIADB),
            (WORKSPACE, "sqlite", ()),
            (WORKSPACE, "postgresql", POSTGRES),
            (WORKSPACE, "mariadb", MARIADB),
            (FEDERATION, "sqlite", ()),
            (FEDERATION, "postgresql", POSTGRES),
            (FEDERATION, "mariadb", MARIADB),
        )
    ),
    *(
        pytest.param(
            trial, server, id=f"{trial.script.partition('_')[0]}-{server}", marks=[*marks, pytest.mark.shared]
        )
        for trial, server, marks in (
            (CHINOOK, "sqlite", ()),
            (CHINOOK, "postgresql", (POSTGRES,)),
            (CHINOOK, "mariadb", (MARIADB,)),
            (FIDES, "postgresql", (POSTGRES,)),
        )
    ),
]
_CHINOOK = {"sqlite": "Sqlite", "postgresql": "PostgreSql", "mariadb": "MySql"}


@pytest.fixture
def company(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str, str], Company]]:
    """Makes databases from scripts: ours by name, the founders' by their path in shared/schemas."""
    with ExitStack() as stack:

        def make(script: str, server: str) -> Company:
            path = OWN / script
            if not path.is_file():
                path = request.getfixturevalue("shared") / "schemas" / script.format(_CHINOOK[server])
            text = path.read_text(encoding="utf-8-sig")
            if server == "sqlite":
                return stack.enter_context(sqlite_company(tmp_path / "company.db", text))
            if server == "postgresql":
                return stack.enter_context(postgres_company(request.getfixturevalue("postgres_server"), text))
            return stack.enter_context(mariadb_company(request.getfixturevalue("mariadb_url"), text))

        yield make


def no_progress(_name: str, _number: int, _of: int) -> None:
    pass


def drafted(database: CompanyDatabase, **options: str) -> Draft:
    with database.reading() as connection:
        return suggest(connection, progress=no_progress, **options)


def checked(database: CompanyDatabase, text: str) -> tuple[Problem, ...]:
    with database.reading() as connection:
        return check(connection, parse(text, file="map.yaml"), text=text, progress=no_progress)


def edited(text: str, edits: tuple[tuple[str, str], ...]) -> str:
    for old, new in edits:
        assert text.count(old) == 1, f"the draft does not have {old!r} once:\n{text}"
        text = text.replace(old, new)
    return text


def system_of(database: CompanyDatabase, text: str) -> Database:
    data_map = parse(text, file="map.yaml")
    return Database(name="company", label="Company", database=database, data_map=data_map, clock=FixedClock())


@pytest.mark.parametrize(("trial", "server"), TRIALS)
def test_from_an_unknown_schema_to_a_proven_erasure(
    trial: Trial, server: str, company: Callable[[str, str], Company]
) -> None:
    """The draft needs no more than the edits listed with the schema; what it leads to is complete and touches nobody else."""
    place = company(trial.script, server)
    database = CompanyDatabase(place.url)
    text = edited(as_yaml(drafted(database), source=server), trial.edits)
    place.run(*trial.indexes)
    problems = checked(database, text)
    assert not has_errors(problems), [one for one in problems if one.weight == "error"]
    system = system_of(database, text)
    identity = choose_person(system, parse(text, file="map.yaml").subject, (trial.email,))
    plan = system.plan(identity, ALL)
    assert not plan.problem
    assert plan.touched
    before = place.rows()
    mapped = MappedDatabase(database, parse(text, file="map.yaml"), system="company")
    rehearsal = rehearse(mapped, identity, deep=True, progress=no_progress)
    assert not rehearsal.problem
    assert rehearsal.lines == plan.lines
    assert place.rows() == before, "a rehearsal left something behind"
    job = Job(identity=identity, scope=ALL, planned=plan, key="case:1:company")
    assert system.execute(job) is None
    outcome = system.verify(job)
    assert outcome.kind is OutcomeKind.VERIFIED_GONE, outcome.reason
    whole = verify_deeply(mapped, identity, progress=no_progress)
    assert not whole.problem
    assert whole.tables >= len(plan.lines)
    after = place.rows()
    everything = repr(after).casefold()
    for word in (trial.email, *trial.gone):
        assert word.casefold() in repr(before).casefold(), (
            f"{word} was never there: the test would prove nothing"
        )
        assert word.casefold() not in everything, f"{word} is still there"
    lost = [word for word in trial.still if repr(after).count(word) < repr(before).count(word)]
    assert not lost, "other people lost something"
    kept = [name for name in before if name.lower() in trial.kept]
    assert len(kept) == len(trial.kept), "a table of `kept` is not in the database"
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert system.plan(identity, ALL).touched == 0, "a second run must find nothing"


@pytest.mark.postgres
@pytest.mark.shared
def test_a_fides_dataset_becomes_a_map(company: Callable[[str, str], Company], shared: Path) -> None:
    """A dataset's identities and references, completed by the live schema, lead to the same proven erasure."""
    place = company(FIDES.script, "postgresql")
    database = CompanyDatabase(place.url)
    dataset = shared / "schemas" / "fides_example" / "postgres_example_test_dataset.yml"
    with database.reading() as connection:
        draft = import_dataset(dataset, connection=connection, progress=no_progress)
    text = edited(as_yaml(draft, source="fides"), FIDES.edits)
    assert "the dataset says that it refers to customer.id" in text
    assert not has_errors(checked(database, text))
    system = system_of(database, text)
    identity = choose_person(system, parse(text, file="map.yaml").subject, (FIDES.email,))
    job = Job(identity=identity, scope=ALL, planned=system.plan(identity, ALL), key="case:1:company")
    assert system.execute(job) is None
    assert system.verify(job).kind is OutcomeKind.VERIFIED_GONE
    assert FIDES.email not in repr(place.rows())


@pytest.mark.shared
def test_a_fides_dataset_alone_is_enough_for_a_draft(shared: Path) -> None:
    """Without a database the dataset still gives a map that can be read, with the customers found."""
    draft = import_dataset(shared / "schemas" / "fides_example" / "postgres_example_test_dataset.yml")
    data_map = parse(as_yaml(draft, source="fides"), file="map.yaml")
    assert data_map.subject.table == "customer"
    assert {"login", "payment_card", "visit", "orders"} <= {rule.table for rule in data_map.rules}


@pytest.mark.mariadb
@pytest.mark.shared
def test_nobody_is_found_in_an_empty_table(company: Callable[[str, str], Company]) -> None:
    """An address that leads to no row is refused, and the text does not repeat it."""
    place = company(FIDES_MARIADB.script, "mariadb")
    database = CompanyDatabase(place.url)
    text = as_yaml(drafted(database), source="mariadb")
    with pytest.raises(NotOnePersonError) as refused:
        choose_person(system_of(database, text), parse(text, file="map.yaml").subject, (FIDES_MARIADB.email,))
    assert "no row of customer" in str(refused.value)
    assert FIDES_MARIADB.email not in str(refused.value)


@pytest.mark.postgres
@pytest.mark.shared
def test_another_schema_is_told_and_can_be_asked_for(company: Callable[[str, str], Company]) -> None:
    """What was not looked at is said by suggest and check; with --schema its tables are drafted; --deep leaves none out."""
    place = company(FIDES.script, "postgresql")
    database = CompanyDatabase(place.url)
    text = edited(as_yaml(drafted(database), source="x"), FIDES.edits)
    assert "Not looked at: the schemas backup_schema" in text
    assert any("backup_schema were not looked at" in one.problem for one in checked(database, text))
    system = system_of(database, text)
    data_map = parse(text, file="map.yaml")
    identity = choose_person(system, data_map.subject, (FIDES.email,))
    place.run("INSERT INTO backup_schema.visit VALUES ('customer-1@example.com', now())")
    mapped = MappedDatabase(database, data_map, system="company")
    rehearsal = rehearse(mapped, identity, deep=True, progress=no_progress)
    assert "backup_schema.visit.email (1 rows)" in rehearsal.problem
    with database.reading() as connection:
        wider = suggest(connection, schemas=("backup_schema",), progress=no_progress)
    assert wider.subject.table == "customer", "a copy of the customers' table must not take its place"
    wide = edited(as_yaml(wider, source="x"), FIDES.edits)
    mapped = MappedDatabase(database, parse(wide, file="map.yaml"), system="company")
    rehearsal = rehearse(mapped, identity, deep=True, progress=no_progress)
    assert not rehearsal.problem
    assert any(one.table == "backup_schema.visit" for one in rehearsal.lines)


@pytest.mark.postgres
def test_a_missing_right_is_told_with_the_table(company: Callable[[str, str], Company]) -> None:
    """A user who may not read a table gets its name and the cure, nothing else."""
    place = company("chat.sql", "postgresql")
    role = f"reader_{uuid.uuid4().hex[:12]}"
    place.run(
        f"CREATE ROLE {role} LOGIN PASSWORD 'x'",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
        f"REVOKE ALL ON TABLE posts FROM {role}",
    )
    try:
        url = sa.make_url(place.url).set(username=role, password="x").render_as_string(hide_password=False)
        with pytest.raises(NotReadableError, match="no right to read `posts`"):
            drafted(CompanyDatabase(url))
        place.run(f"GRANT SELECT ON posts TO {role}")
        database = CompanyDatabase(url)
        text = edited(as_yaml(drafted(database), source="x"), CHAT_POSTGRES.edits)
        data_map = parse(text, file="map.yaml")
        identity = choose_person(system_of(database, text), data_map.subject, (CHAT.email,))
        mapped = MappedDatabase(database, data_map, system="company")
        before = place.rows()
        refused = rehearse(mapped, identity, progress=no_progress)
        assert "grant SELECT, UPDATE and DELETE" in refused.problem
        assert place.rows() == before
    finally:
        place.run(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


HOSTILE = """
CREATE TABLE "cust;omer's" ("id:x" INTEGER PRIMARY KEY, "e-mail" VARCHAR(100) UNIQUE, "na""me" VARCHAR(50), "select" VARCHAR(9));
CREATE TABLE "order" ("from" INTEGER PRIMARY KEY, "customer %s id" INTEGER REFERENCES "cust;omer's"("id:x"), "ship name: #" VARCHAR(50));
CREATE TABLE "Robert'); DROP TABLE x;--" ("a b" INTEGER PRIMARY KEY, "the {email}" VARCHAR(100));
CREATE INDEX hostile_order ON "order" ("customer %s id");
INSERT INTO "cust;omer's" VALUES (1, 'o''hara"--@x.example', 'Una O''Hara', 'a'), (2, 'other@x.example', 'Else', 'b');
INSERT INTO "order" VALUES (1, 1, 'Una O''Hara'), (2, 2, 'Else');
INSERT INTO "Robert'); DROP TABLE x;--" VALUES (1, 'O''Hara"--@X.example'), (2, 'other@x.example');
"""


@pytest.mark.parametrize("server", ["sqlite", pytest.param("postgresql", marks=POSTGRES)])
def test_names_and_values_are_data_wherever_they_stand(
    server: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Quotes, percent signs, colons, comments and reserved words in names, and quotes in an address, are never SQL."""
    making = (
        sqlite_company(tmp_path / "hostile.db", HOSTILE)
        if server == "sqlite"
        else postgres_company(request.getfixturevalue("postgres_server"), HOSTILE)
    )
    with making as place:
        database = CompanyDatabase(place.url)
        with database.reading() as connection:
            draft = suggest(connection, subject="cust;omer's", progress=no_progress)
        text = as_yaml(draft, source="x")
        problems = checked(database, text)
        assert not has_errors(problems), (problems, text)
        system, data_map = system_of(database, text), parse(text, file="map.yaml")
        identity = choose_person(system, data_map.subject, ("O'Hara\"--@x.example",))
        mapped = MappedDatabase(database, data_map, system="company")
        rehearsal = rehearse(mapped, identity, deep=True, progress=no_progress)
        assert not rehearsal.problem
        job = Job(identity=identity, scope=ALL, planned=system.plan(identity, ALL), key="case:1:company")
        assert system.execute(job) is None
        assert not verify_deeply(mapped, identity, progress=no_progress).problem
        after = repr(place.rows())
        assert "Hara" not in after
        assert after.count("other@x.example") == 2
