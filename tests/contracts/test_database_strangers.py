"""Nobody else's rows are taken for the customer's, and none of theirs is overlooked, however a database compares texts."""

import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from services.accounts.sql import SqlAccount
from services.database.connection import CompanyDatabase
from services.domain.identity import Identifier, Identity, freeze
from services.domain.outcome import OutcomeKind
from services.domain.scope import Scope
from services.system_entries import AccountConfig
from tests.contracts.shops import FixedClock, Shop, by_email, chosen, job

ENGINES = [
    "sqlite",
    pytest.param("postgres_url", marks=pytest.mark.postgres),
    pytest.param("mariadb_url", marks=pytest.mark.mariadb),
]
PEOPLE = (
    "CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(80), login VARCHAR(80))",
    "INSERT INTO people VALUES (1, 'maya@example.com', 'Weiß'), (2, 'bob@example.com', 'bob')",
    "CREATE TABLE hits (id INTEGER PRIMARY KEY, who VARCHAR(80))",
)
SUBJECT = "subject: {table: people, key: id, identify: {email: email, login: login}}\ntables:\n"
HITS = "  hits: {action: delete, by: {who: email}}\n"
ACCOUNT = AccountConfig(
    name="account", label="Account", url="X", table="people", key="id", email="email", mode="remove"
)


@pytest.fixture(params=ENGINES)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    """Two people and an empty table without any reference, on each database."""
    if request.param == "sqlite":
        path = tmp_path / "shop.db"
        path.touch()
        made = Shop(url=f"sqlite:///{path}", engine=sa.create_engine(f"sqlite:///{path}", poolclass=NullPool))
    else:
        made = server(request.getfixturevalue(request.param))
    made.run(*PEOPLE)
    return made


def server(url: str) -> Shop:
    driver = "postgresql+psycopg" if url.startswith("postgresql") else "mysql+pymysql"
    return Shop(url=url, engine=sa.create_engine(sa.make_url(url).set(drivername=driver), poolclass=NullPool))


def known_as(email: str) -> Identity:
    return Identity(
        identifiers=(
            Identifier(kind="people.id", value="1", system="shop"),
            Identifier(kind="email", value=email),
        )
    )


def erase(shop: Shop, identity: Identity, tables: str) -> None:
    system = shop.system(SUBJECT + tables)
    work = job(system, identity)
    assert system.execute(work) is None
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE


def left_in(shop: Shop, query: str) -> list[object]:
    with shop.engine.connect() as connection:
        return list(connection.exec_driver_sql(query).scalars())


def test_a_name_with_letters_beyond_ascii_is_found(shop: Shop) -> None:
    """Python folds ß to two letters and no database's lower() does: a login with one must not be overlooked."""
    shop.run("INSERT INTO hits VALUES (1, 'WEIß'), (2, 'weiß'), (3, 'bob')")
    erase(shop, chosen(shop.system(SUBJECT + HITS), "maya@example.com"), HITS.replace("email", "login"))
    assert left_in(shop, "SELECT id FROM hits") == [3]


@pytest.mark.parametrize("index", ["", "CREATE INDEX by_who ON hits (who)"])
def test_blanks_after_an_address_hide_nothing(shop: Shop, index: str) -> None:
    """An import leaves blanks behind an address: the row is the customer's, and a proof that overlooks it is none."""
    shop.run(
        "INSERT INTO hits VALUES (1, 'Maya@example.com  '), (2, 'maya@example.com'), (3, 'bob@example.com ')"
    )
    if index:
        shop.run(index)
    erase(shop, chosen(shop.system(SUBJECT + HITS), "maya@example.com"), HITS)
    assert left_in(shop, "SELECT id FROM hits") == [3]


def test_an_address_with_ss_is_not_the_one_with_a_sharp_s(shop: Shop) -> None:
    """weiss@ may be somebody else than weiß@: their rows stay."""
    shop.run("INSERT INTO hits VALUES (1, 'weiss@example.com'), (2, 'WEIß@example.com')")
    erase(shop, known_as("weiß@example.com"), HITS)
    assert left_in(shop, "SELECT id FROM hits") == [1]


def test_a_capital_that_every_database_lowers_in_another_way(shop: Shop) -> None:
    """İ becomes i, i with a dot or stays: the address is found as it is spelt, and izmir@ is somebody else."""
    shop.run("INSERT INTO hits VALUES (1, 'İzmir@example.com'), (2, 'izmir@example.com')")
    erase(shop, known_as("İzmir@example.com"), HITS)
    assert left_in(shop, "SELECT id FROM hits") == [2]


def test_a_name_that_begins_like_a_token_is_no_token(shop: Shop) -> None:
    """A customer's own "user-maya" is not taken for "user-{}" that an erasure wrote; a token itself stays as it is."""
    shop.run(
        "CREATE TABLE nicks (id INTEGER PRIMARY KEY, who INTEGER REFERENCES people(id), nick VARCHAR(40))",
        "INSERT INTO nicks VALUES (1, 1, 'user-maya'), (2, 2, 'user-bob')",
    )
    tables = "  people: {action: anonymise, columns: {email: null, login: null}}\n"
    tables += "  nicks: {action: anonymise, columns: {nick: {token: 'user-{}'}}}\n"
    identity = chosen(shop.system(SUBJECT + tables), "maya@example.com")
    erase(shop, identity, tables)
    token, other = left_in(shop, "SELECT nick FROM nicks ORDER BY id")
    assert str(token).startswith("user-")
    assert (token != "user-maya", other) == (True, "user-bob")
    assert job(shop.system(SUBJECT + tables), identity).planned.found == 0


@pytest.mark.mariadb
def test_keys_that_differ_by_case_only_on_mariadb(mariadb_url: str) -> None:
    """Where keys are compared by every letter, a reference in a column that ignores case is still one customer's."""
    shop = server(mariadb_url)
    shop.run(
        "CREATE TABLE people (id VARCHAR(9) COLLATE utf8mb4_bin PRIMARY KEY, email VARCHAR(80), login VARCHAR(9))",
        "INSERT INTO people VALUES ('ab', 'maya@example.com', ''), ('AB', 'bob@example.com', '')",
        "CREATE TABLE hits (id INTEGER PRIMARY KEY, who VARCHAR(9) COLLATE utf8mb4_general_ci)",
        "INSERT INTO hits VALUES (1, 'ab'), (2, 'AB')",
    )
    tables = "  hits: {action: delete, links: {who: people.id}}\n"
    erase(shop, chosen(shop.system(SUBJECT + tables), "maya@example.com"), tables)
    assert left_in(shop, "SELECT id FROM hits") == [2]


@pytest.mark.mariadb
def test_an_account_of_a_similar_address_is_not_proposed_on_mariadb(mariadb_url: str) -> None:
    """MariaDB's usual collation takes muller@ for müller@; masked, nobody could tell the two apart."""
    shop = server(mariadb_url)
    shop.run(*PEOPLE, "UPDATE people SET email = 'muller@example.com' WHERE id = 2")
    shop.run("UPDATE people SET email = 'Müller@example.com' WHERE id = 1")
    system = SqlAccount(config=ACCOUNT, database=CompanyDatabase(mariadb_url), clock=FixedClock())
    assert [one.key for one in system.find(by_email("müller@example.com"))] == ["people:1"]


@pytest.mark.postgres
def test_an_account_is_not_removed_over_a_cascade_from_another_schema(postgres_url: str) -> None:
    """Rows elsewhere that would go with the account are undeclared, whichever schema they are in (rule 11)."""
    shop, other = server(postgres_url), f"test_{uuid.uuid4().hex}"
    (own,) = left_in(shop, "SELECT current_schema()")
    shop.run(
        *PEOPLE,
        f"CREATE SCHEMA {other}",
        f"CREATE TABLE {other}.notes (id INTEGER, who INTEGER REFERENCES {own}.people(id) ON DELETE CASCADE)",
    )
    try:
        _is_refused(postgres_url, f"{other}.notes")
    finally:
        shop.run(f"DROP SCHEMA {other} CASCADE")


@pytest.mark.mariadb
def test_an_account_is_not_removed_over_a_cascade_from_another_database(mariadb_url: str) -> None:
    """The same where schemas are databases."""
    shop, other = server(mariadb_url), f"test_{uuid.uuid4().hex}"
    (own,) = left_in(shop, "SELECT DATABASE()")
    refers = f"FOREIGN KEY (who) REFERENCES {own}.people(id) ON DELETE CASCADE"
    shop.run(
        *PEOPLE, f"CREATE DATABASE {other}", f"CREATE TABLE {other}.notes (id INTEGER, who INTEGER, {refers})"
    )
    try:
        _is_refused(mariadb_url, f"{other}.notes")
    finally:
        shop.run(f"DROP DATABASE {other}")


def _is_refused(url: str, table: str) -> None:
    system = SqlAccount(config=ACCOUNT, database=CompanyDatabase(url), clock=FixedClock())
    identity = freeze((), system.find(by_email("maya@example.com")))
    assert f"would touch {table}" in system.plan(identity, Scope.ACCOUNT_ONLY).problem
