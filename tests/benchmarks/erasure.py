"""`make bench`: erasing one customer, as ratios to hand-written SQL through the bare driver, interleaved per subject.

usage: erasure.py [--customers N[,N…]] [--subjects N] [--kinds postgresql,sqlite] [--keep]
"""

import argparse
import os
import random
import sqlite3
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from sample.shop import HAND_WRITTEN, MAP, build_on_postgres, build_on_sqlite
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session

from services.database.connection import CompanyDatabase
from services.database.data_map import parse
from services.database.erasure import erase, foresee, leftovers
from services.database.mapped import MappedDatabase
from services.domain.identity import Identifier

WARM_UP, PROOFS, BIG = 30, 10, 10_000
Pairs = frozenset[tuple[str, str]]
Times = dict[str, list[float]]


class Contest:
    """One database, open once for the bare driver and once for the engine."""

    def __init__(self, kind: str, url: str, bare: Any) -> None:
        self.kind, self.url, self.bare = kind, url, bare
        self.database = CompanyDatabase(url)
        self.mapped = MappedDatabase(self.database, parse(MAP, file="shop.yaml"), system="shop")
        engine = self.database._engine
        self.connection = engine.connect().execution_options(deletion_desk_writes=True)
        self.reader = engine.connect()
        # Counting is one statement, which needs no transaction around it.
        self.counter = engine.connect()
        if kind == "postgresql":
            self.counter = self.counter.execution_options(isolation_level="AUTOCOMMIT")
        # Its own, because a driver keeps only so many statements prepared, and the ORM has many.
        self.by_objects = engine.connect().execution_options(deletion_desk_writes=True)
        base = automap_base()
        base.prepare(autoload_with=engine)
        self.orm = base.classes
        marks = {"random": "md5(random()::text)", "true": "true"}
        if kind == "sqlite":
            marks = {"random": "lower(hex(randomblob(16)))", "true": "1"}
        mark = "?" if kind == "sqlite" else "%s"
        self.sql = [one.format(**marks).replace("?", mark) for one in HAND_WRITTEN]
        with self.reader.begin():
            self.prepared = self.mapped.ready(self.reader)
        self.known: dict[int, tuple[Identifier, ...]] = {}

    def customers(self, number: int) -> list[tuple[int, str]]:
        """Return (id, address) of customers at random who are not erased yet."""
        table = self.prepared.reach.schema.tables["customers"]
        with self.reader.begin():
            query = sa.select(table.c.id, table.c.email).where(table.c.email.like("user%"))
            everybody = [(int(one), str(email)) for one, email in self.reader.execute(query)]
        chosen = random.Random(7).sample(everybody, number)  # noqa: S311  a benchmark
        self.known = {who[0]: self._identifiers(who) for who in chosen}
        return chosen

    def person(self, who: tuple[int, str]) -> tuple[Any, Any]:
        """Return the statements about a customer, and the customer."""
        person = self.mapped.person(self.prepared, self.known[who[0]])
        return self.prepared.about(person.shape), person

    def by_hand(self, who: tuple[int, str]) -> None:
        """The baseline: statement after statement, one transaction."""
        if self.kind == "sqlite":
            self.bare.execute("BEGIN IMMEDIATE")
        for sql in self.sql:
            self.bare.execute(sql, (who[0],))
        self.bare.commit()

    def by_hand_pipelined(self, who: tuple[int, str]) -> None:
        """The same in psycopg's pipeline mode."""
        with self.bare.pipeline():
            for sql in self.sql:
                self.bare.execute(sql, (who[0],))
        self.bare.commit()

    def by_engine(self, who: tuple[int, str]) -> None:
        """The engine with its check inside the transaction; the plan's pairs are the map's."""
        statements, person = self.person(who)
        with self.connection.begin():
            erase(self.connection, statements, person, approved=APPROVED)

    def by_orm(self, who: tuple[int, str]) -> None:
        """Load every row as an object, change or delete it, flush."""
        orm = self.orm
        with Session(self.by_objects) as session, session.begin():
            customer = session.get(orm.customers, who[0])
            own = [
                session.query(one).filter_by(customer_id=who[0]).all() for one in (orm.events, orm.sessions)
            ]
            for order in session.query(orm.orders).filter_by(customer_id=who[0]):
                order.contact_email = order.shipping_address_id = order.billing_address_id = None
                for payment in session.query(orm.payments).filter_by(order_id=order.id):
                    payment.card_holder, payment.card_last4 = "[erased]", None
            for ticket in session.query(orm.tickets).filter_by(customer_id=who[0]):
                ticket.requester_email, ticket.subject = None, "[erased]"
                for message in session.query(orm.ticket_messages).filter_by(ticket_id=ticket.id):
                    message.author_email, message.body = None, "[erased]"
            for row in own[0]:
                session.delete(row)
            session.flush()
            for row in (*own[1], *session.query(orm.addresses).filter_by(customer_id=who[0])):
                session.delete(row)
            customer.email, customer.full_name = f"erased-{random.getrandbits(64):x}", "[erased]"
            customer.phone = customer.birth_date = customer.notes = None
            customer.is_erased = True

    def plan(self, who: tuple[int, str]) -> None:
        """Count what would happen, and what an index can tell about obstacles."""
        statements, person = self.person(who)
        foresee(self.counter, statements, person, thorough=False)

    def prove(self, who: tuple[int, str]) -> None:
        """The read after commit: a new connection, every identifier in every mapped column."""
        with self.database.reading() as connection:
            _, statements, person = self.mapped.about(connection, self._identifiers(who))
            if left := leftovers(connection, statements, person):
                raise SystemExit(f"not erased: {left}")

    def whole(self, who: tuple[int, str]) -> None:
        """One erasure as the product runs it: a connection of its own, the schema looked at again."""
        with self.database.writing() as connection:
            _, statements, person = self.mapped.about(connection, self._identifiers(who))
            erase(connection, statements, person, approved=APPROVED)

    @staticmethod
    def _identifiers(who: tuple[int, str]) -> tuple[Identifier, ...]:
        return (
            Identifier(kind="customers.id", value=str(who[0]), system="shop"),
            Identifier(kind="email", value=who[1]),
        )

    def close(self) -> None:
        """Let go of the connections."""
        self.connection.close()
        self.reader.close()
        self.counter.close()
        self.by_objects.close()
        self.bare.close()


APPROVED: Pairs = frozenset(
    {
        *((table, "delete") for table in ("addresses", "sessions", "events")),
        *(
            (table, "anonymise")
            for table in ("customers", "orders", "payments", "tickets", "ticket_messages")
        ),
    }
)


def measure(contest: Contest, subjects: int) -> dict[str, float]:
    """Return the median milliseconds of each method."""
    methods: dict[str, Callable[[tuple[int, str]], None]] = {
        "hand-written": contest.by_hand,
        "engine": contest.by_engine,
        "ORM": contest.by_orm,
        "plan": contest.plan,
        "engine, connection and schema included": contest.whole,
    }
    if contest.kind == "postgresql":
        methods["hand-written, pipelined"] = contest.by_hand_pipelined
    waiting = contest.customers((subjects + WARM_UP) * len(methods) + PROOFS)
    times: Times = {name: [] for name in methods}
    names = list(methods)
    for turn in range(subjects + WARM_UP):
        for step in range(len(names)):
            name = names[(turn + step) % len(names)]
            who = waiting.pop()
            began = time.perf_counter()
            methods[name](who)
            spent = time.perf_counter() - began
            if turn >= WARM_UP:
                times[name].append(spent)
    found = {name: statistics.median(some) * 1000 for name, some in times.items()}
    found |= {f"{name} (mean)": statistics.fmean(some) * 1000 for name, some in times.items()}
    proofs: list[float] = []
    for who in waiting:
        contest.by_engine(who)
        began = time.perf_counter()
        contest.prove(who)
        proofs.append(time.perf_counter() - began)
    return found | {"proof": statistics.median(proofs) * 1000}


def memory(contest: Contest) -> tuple[float, float]:
    """Return the peak of Python's memory, in kB, for a customer with few rows and for one with 10,000 events."""
    peaks: list[float] = []
    mark = "?" if contest.kind == "sqlite" else "%s"
    insert = f"INSERT INTO events (id, customer_id, kind) VALUES ({mark}, {mark}, 'x')"  # noqa: S608  no value in it
    for rows, who in zip((0, BIG), contest.customers(2), strict=True):
        if rows:
            with closing(contest.bare.cursor()) as cursor:
                cursor.executemany(insert, [(10**9 + number, who[0]) for number in range(rows)])
            contest.bare.commit()
        tracemalloc.start()
        contest.by_engine(who)
        peaks.append(tracemalloc.get_traced_memory()[1] / 1024)
        tracemalloc.stop()
    return peaks[0], peaks[1]


def report(kind: str, customers: int, found: dict[str, float], peaks: tuple[float, float]) -> None:
    """Print the ratios."""
    hand, hand_mean, engine = found["hand-written"], found["hand-written (mean)"], found["engine"]
    print(f"\n{kind}, {customers:,} customers (hand-written: median {hand:.2f} ms)")
    for name, spent in found.items():
        if name.endswith("(mean)") or name in {"plan", "proof"}:
            continue
        print(f"  {name:42} {spent / hand:6.2f} x   (means {found[f'{name} (mean)'] / hand_mean:.2f} x)")
    print(f"  {'plan, of the engine erase':42} {found['plan'] / engine:6.2f} x")
    print(f"  {'proof after commit (scans what has no index)':42} {found['proof'] / hand:6.2f} x")
    print(f"  peak memory: few rows {peaks[0]:.0f} kB, {BIG:,} rows {peaks[1]:.0f} kB", flush=True)


def on_postgresql(customers: int, subjects: int, *, keep: bool) -> dict[str, float] | None:
    """Measure on the server of TEST_POSTGRES_URL, in a database of its own."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if not given:
        print("SKIPPED LOUDLY: TEST_POSTGRES_URL is not set; nothing was measured on PostgreSQL")
        return None
    name = f"deletion_desk_bench_{customers}"
    with psycopg.connect(given, autocommit=True) as admin:
        there = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if not there:
            admin.execute(f"CREATE DATABASE {name}")
    url = sa.make_url(given).set(database=name).render_as_string(hide_password=False)
    try:
        if not there:
            with psycopg.connect(url, autocommit=True) as connection:
                build_on_postgres(connection, customers)
        contest = Contest("postgresql", url, psycopg.connect(url))
        try:
            found = measure(contest, subjects)
            report("PostgreSQL", customers, found, memory(contest))
        finally:
            contest.close()
    finally:
        if not keep:
            with psycopg.connect(given, autocommit=True) as admin:
                admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    return found


def on_sqlite(customers: int, subjects: int) -> dict[str, float]:
    """Measure on a file of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.db"
        build_on_sqlite(path, customers)
        bare = sqlite3.connect(path, isolation_level=None)
        bare.execute("PRAGMA foreign_keys = ON")
        contest = Contest("sqlite", f"sqlite:///{path}", bare)
        try:
            found = measure(contest, subjects)
            report("SQLite", customers, found, memory(contest))
        finally:
            contest.close()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", default="100000")
    parser.add_argument("--subjects", type=int, default=300)
    parser.add_argument("--kinds", default="postgresql,sqlite")
    parser.add_argument("--keep", action="store_true", help="leave the PostgreSQL database for the next run")
    given = parser.parse_args()
    sizes = [int(one) for one in given.customers.split(",")]
    for kind in given.kinds.split(","):
        results = {
            size: on_postgresql(size, given.subjects, keep=given.keep)
            if kind == "postgresql"
            else on_sqlite(size, given.subjects)
            for size in sizes
        }
        first, last = results[sizes[0]], results[sizes[-1]]
        if first and last and first is not last:
            hand = last["hand-written"] / first["hand-written"]
            engine = last["engine"] / first["engine"]
            print(
                f"\n{kind}, from {sizes[0]:,} to {sizes[-1]:,} customers: hand-written {hand:.2f} x, engine {engine:.2f} x, "
                f"ratio {engine / hand:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
