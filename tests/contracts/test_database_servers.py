"""What only servers have: other schemas, partitions, arrays, deferred constraints, deadlocks, rights."""

import threading
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from services.database.connection import CompanyDatabase
from services.database.erasure import count
from services.database.erasure import erase as erase_in
from services.domain.identity import Identity
from services.domain.outcome import OutcomeKind
from tests.contracts.shops import ALL, Shop, by_email, chosen, job

PEOPLE = (
    "CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(80))",
    "INSERT INTO people VALUES (1, 'Maya@example.com'), (2, 'bob@example.com')",
)
SUBJECT = "subject: {table: people, key: id, identify: {email: email}}\ntables:\n"


@pytest.fixture
def pg(postgres_url: str) -> Shop:
    """An empty schema on PostgreSQL."""
    inside = sa.make_url(postgres_url).set(drivername="postgresql+psycopg")
    return Shop(url=postgres_url, engine=sa.create_engine(inside, poolclass=NullPool))


@pytest.fixture
def maria(mariadb_url: str) -> Shop:
    """An empty database on MariaDB."""
    inside = sa.make_url(mariadb_url).set(drivername="mysql+pymysql")
    return Shop(url=mariadb_url, engine=sa.create_engine(inside, poolclass=NullPool))


@pytest.fixture
def other_schema(pg: Shop) -> Iterator[str]:
    """A second schema, beside the one that the connection is in."""
    name = f"test_{uuid.uuid4().hex}"
    pg.run(f"CREATE SCHEMA {name}")
    yield name
    pg.run(f"DROP SCHEMA {name} CASCADE")


def erase(shop: Shop, tables: str) -> None:
    system = shop.system(SUBJECT + tables)
    work = job(system, chosen(system, "maya@example.com"))
    assert system.execute(work) is None
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE


@pytest.mark.postgres
def test_references_from_another_schema_are_never_overlooked(pg: Shop, other_schema: str) -> None:
    """A table elsewhere that refers to the customer has to be decided, and is erased under its full name."""
    owner = pg.engine.connect().exec_driver_sql("SELECT current_schema()").scalar_one()
    pg.run(
        *PEOPLE,
        f'CREATE TABLE {other_schema}."Deals" (id INTEGER, person INTEGER NOT NULL REFERENCES {owner}.people(id))',
        f'INSERT INTO {other_schema}."Deals" VALUES (1, 1), (2, 2)',  # noqa: S608  a name of our own
    )
    plan = pg.system(SUBJECT.replace("tables:\n", "tables: {}\n")).plan(Identity(identifiers=()), ALL)
    assert f"`{other_schema}.Deals`" in plan.problem
    erase(pg, f"  '{other_schema}.Deals': {{action: delete}}\n")
    with pg.engine.connect() as connection:
        left = connection.exec_driver_sql(f'SELECT id FROM {other_schema}."Deals"')  # noqa: S608  a name of our own
        assert left.scalars().all() == [2]


@pytest.mark.mariadb
def test_references_from_another_database_on_mariadb(maria: Shop) -> None:
    """The same where schemas are databases."""
    name = f"test_{uuid.uuid4().hex}"
    own = sa.make_url(maria.url).database
    maria.run(
        *PEOPLE,
        f"CREATE DATABASE {name}",
        f"CREATE TABLE {name}.deals (id INTEGER, person INTEGER NOT NULL, FOREIGN KEY (person) REFERENCES {own}.people(id))",
        f"INSERT INTO {name}.deals VALUES (1, 1), (2, 2)",  # noqa: S608  a name of our own
    )
    try:
        plan = maria.system(SUBJECT.replace("tables:\n", "tables: {}\n")).plan(Identity(identifiers=()), ALL)
        assert f"`{name}.deals`" in plan.problem
        erase(maria, f"  '{name}.deals': {{action: delete}}\n")
        with maria.engine.connect() as connection:
            left = connection.exec_driver_sql(f"SELECT id FROM {name}.deals")  # noqa: S608  a name of our own
            assert left.scalars().all() == [2]
    finally:
        maria.run(f"DROP DATABASE {name}")


@pytest.mark.postgres
def test_foreign_keys_on_some_partitions_count_for_the_table(pg: Shop) -> None:
    """Payments lie in partitions, one of which has no foreign key: all of the customer's go."""
    pg.run(
        *PEOPLE,
        "CREATE TABLE payments (id INTEGER, person INTEGER, paid INTEGER) PARTITION BY RANGE (paid)",
        "CREATE TABLE payments_1 PARTITION OF payments FOR VALUES FROM (1) TO (10)",
        "CREATE TABLE payments_2 PARTITION OF payments FOR VALUES FROM (10) TO (20)",
        "ALTER TABLE payments_1 ADD FOREIGN KEY (person) REFERENCES people(id)",
        "INSERT INTO payments VALUES (1, 1, 1), (2, 2, 1), (3, 1, 11), (4, 2, 11)",
    )
    erase(pg, "  payments: {action: delete}\n")
    with pg.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT id FROM payments ORDER BY id").scalars().all() == [2, 4]


@pytest.mark.postgres
def test_only_the_customers_element_leaves_an_array(pg: Shop) -> None:
    """A team's list of members loses the customer and keeps everybody else."""
    pg.run(
        *PEOPLE,
        "CREATE TABLE teams (id INTEGER PRIMARY KEY, members INTEGER[], mails TEXT[])",
        "INSERT INTO teams VALUES (1, '{1,2,3}', '{maya@example.com,x@example.com}'), (2, '{2}', NULL), (3, '{1,1}', '{}')",
    )
    erase(
        pg,
        '  teams:\n    action: anonymise\n    match: ":key = ANY(members) OR lower(:email) = ANY(mails)"\n'
        "    columns: {members: {remove: key}, mails: {remove: email}}\n",
    )
    with pg.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT members, mails FROM teams ORDER BY id").all()
    assert [tuple(row) for row in rows] == [([2, 3], ["x@example.com"]), ([2], None), ([], [])]


@pytest.mark.postgres
def test_a_circle_is_deferred_or_refused_by_name(pg: Shop) -> None:
    """Two tables that must refer to each other: checked at the end where that is allowed, else refused with the cure."""
    pg.run(
        *PEOPLE,
        "CREATE TABLE a (id INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES people(id), b INTEGER NOT NULL)",
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER NOT NULL REFERENCES a(id))",
        "INSERT INTO a VALUES (1, 1, 1), (2, 2, 2)",
        "INSERT INTO b VALUES (1, 1), (2, 2)",
        'ALTER TABLE a ADD CONSTRAINT "a to b" FOREIGN KEY (b) REFERENCES b(id)',
    )
    tables = "  a: {action: delete}\n  b: {action: delete}\n"
    plan = pg.system(SUBJECT + tables).plan(Identity(identifiers=()), ALL)
    assert "circle" in plan.problem
    assert "`a to b` DEFERRABLE" in plan.problem
    pg.run('ALTER TABLE a ALTER CONSTRAINT "a to b" DEFERRABLE')
    erase(pg, tables)
    rows = pg.rows()
    assert (rows["a"], rows["b"]) == ([(2, 2, 2)], [(2, 2)])


@pytest.mark.postgres
def test_a_deadlock_is_survived(pg: Shop) -> None:
    """Somebody locks rows in the other order: one of the two gives way, and the erasure is done in the end."""
    pg.run(
        *PEOPLE,
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES people(id))",
        "INSERT INTO orders VALUES (1, 1), (2, 2)",
    )
    system = pg.system(SUBJECT + "  orders: {action: delete}\n", busy_seconds=60)
    work = job(system, chosen(system, "maya@example.com"))
    locked = threading.Event()

    def interfere() -> None:
        with pg.engine.connect() as other:
            other.exec_driver_sql("UPDATE orders SET id = 10 WHERE id = 1")
            locked.set()
            try:
                # Waits until the erasure holds the customer's row and wants the order: a deadlock.
                for _ in range(600):
                    waiting = other.exec_driver_sql(
                        "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
                    ).scalar_one()
                    if waiting:
                        break
                    other.exec_driver_sql("SELECT pg_sleep(0.05)")
                other.exec_driver_sql("UPDATE people SET email = email WHERE id = 1")
                other.commit()
            except sa.exc.OperationalError:
                other.rollback()

    thread = threading.Thread(target=interfere)
    thread.start()
    assert locked.wait(60)
    outcome = system.execute(work)
    thread.join(60)
    assert outcome is None, outcome
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE
    assert pg.rows() == {"people": [(2, "bob@example.com")], "orders": [(2, 2)]}


@pytest.mark.postgres
def test_missing_rights_are_named_with_the_cure(pg: Shop) -> None:
    """Without the right to delete, nothing is changed, and the reason says which table and what to grant."""
    role = f"reader_{uuid.uuid4().hex[:12]}"
    schema = pg.engine.connect().exec_driver_sql("SELECT current_schema()").scalar_one()
    pg.run(
        *PEOPLE,
        f"CREATE ROLE {role} LOGIN",
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT SELECT, UPDATE ON people TO {role}",
    )
    try:
        url = sa.make_url(pg.url).set(username=role).render_as_string(hide_password=False)
        shop = Shop(url=url, engine=pg.engine)
        system = shop.system(SUBJECT.replace("tables:\n", "tables: {}\n"))
        outcome = system.execute(job(system, chosen(system, "maya@example.com")))
        assert outcome is not None
        assert outcome.kind is OutcomeKind.FAILED
        assert "table people" in outcome.reason
        assert "grant SELECT, UPDATE and DELETE" in outcome.reason
    finally:
        pg.run(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


@pytest.mark.mariadb
def test_a_wrong_password_is_not_taken_for_a_busy_server(maria: Shop) -> None:
    """Being turned away is told as such, without the address: repeating would not help."""
    url = (
        sa.make_url(maria.url)
        .set(username="nobody_here", password="wrong")
        .render_as_string(hide_password=False)
    )
    plan = (
        Shop(url=url, engine=maria.engine)
        .system(SUBJECT + "  people: {action: delete}\n")
        .plan(Identity(identifiers=by_email("maya@example.com")), ALL)
    )
    assert "check user, password and database name" in plan.problem
    assert "nobody_here" not in plan.problem


@pytest.mark.mariadb
def test_on_mariadb_an_erasure_reads_no_whole_table(maria: Shop) -> None:
    """Rows far from the customer are found by index, also in DELETE and UPDATE: no scan of everybody's rows."""
    maria.run(
        *PEOPLE,
        "INSERT INTO people SELECT seq, CONCAT('p', seq, '@example.com') FROM seq_3_to_400",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES people(id))",
        "CREATE TABLE items (id INTEGER PRIMARY KEY, orders INTEGER NOT NULL REFERENCES orders(id), note VARCHAR(20))",
        "INSERT INTO orders SELECT seq, 1 + seq MOD 400 FROM seq_1_to_4000",
        "INSERT INTO items SELECT seq, 1 + seq MOD 4000, 'x' FROM seq_1_to_8000",
        "ANALYZE TABLE people, orders, items",
    )
    system = maria.system(SUBJECT + "  orders: {action: delete}\n  items: {action: delete}\n")
    work = job(system, chosen(system, "maya@example.com"))
    count = "SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'HANDLER_READ_RND_NEXT'"
    pairs = frozenset((one.table, one.action) for one in work.planned.lines)
    with CompanyDatabase(maria.url).writing() as connection:
        _, statements, person = system._mapped.about(connection, work.identity.identifiers)
        before = int(connection.exec_driver_sql(count).scalar_one())
        erase_in(connection, statements, person, approved=pairs)
        read = int(connection.exec_driver_sql(count).scalar_one()) - before
    assert read < 2000, f"{read} rows were read one after the other"


@pytest.mark.postgres
def test_rows_that_row_security_hides_are_never_called_gone(pg: Shop) -> None:
    """A role that sees only part of a table is refused: nothing found would prove nothing."""
    role = f"veiled_{uuid.uuid4().hex[:12]}"
    schema = pg.engine.connect().exec_driver_sql("SELECT current_schema()").scalar_one()
    pg.run(
        *PEOPLE,
        "ALTER TABLE people ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY partly ON people USING (id > 1)",
        f"CREATE ROLE {role} LOGIN",
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT ALL ON people TO {role}",
    )
    try:
        url = sa.make_url(pg.url).set(username=role).render_as_string(hide_password=False)
        system = Shop(url=url, engine=pg.engine).system(SUBJECT.replace("tables:\n", "tables: {}\n"))
        plan = system.plan(Identity(identifiers=by_email("maya@example.com")), ALL)
        assert "row security may hide rows of `people`" in plan.problem
    finally:
        pg.run(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


@pytest.mark.mariadb
def test_a_table_that_cannot_roll_back_is_refused(maria: Shop) -> None:
    """All or nothing is not possible with MyISAM, so nothing is begun."""
    maria.run(*PEOPLE, "CREATE TABLE old (person INTEGER) ENGINE=MyISAM")
    system = maria.system(SUBJECT + "  old: {action: delete, match: 'person = :key'}\n")
    plan = system.plan(Identity(identifiers=by_email("maya@example.com")), ALL)
    assert "`old` could not be rolled back" in plan.problem
    assert "ENGINE=InnoDB" in plan.problem


@pytest.mark.postgres
def test_statements_that_are_sent_often_are_prepared_and_outlive_a_rollback(pg: Shop) -> None:
    """PostgreSQL parses and plans them once a connection; a rollback, at which psycopg lets it forget them, harms nothing."""
    pg.run(*PEOPLE)
    system = pg.system(SUBJECT + "  people: {action: delete}\n")
    who = chosen(system, "maya@example.com").identifiers
    mine = "SELECT count(*) FROM pg_prepared_statements WHERE starts_with(name, 'deletion_desk')"
    with CompanyDatabase(pg.url)._engine.connect() as connection:
        found: list[int] = []
        for turn in range(20):
            transaction = connection.begin()
            _, statements, person = system._mapped.about(connection, who)
            lines = count(connection, statements, person)
            assert [(one.table, one.number) for one in lines] == [("people", 1)]
            found.append(int(connection.exec_driver_sql(mine).scalar_one()))
            transaction.rollback() if turn == 10 else transaction.commit()
    assert (found[0], found[10], found[-1]) == (0, 1, 1)
