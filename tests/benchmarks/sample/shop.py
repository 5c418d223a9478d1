"""The shop of the founders' sketches (nine tables, about 18 rows a customer), built on PostgreSQL or SQLite."""

import importlib.util
import math
import re
import sqlite3
from pathlib import Path
from types import ModuleType
from typing import Any

SKETCH = Path(__file__).resolve().parents[4] / "shared" / "sketches" / "shop_schema.py"
MAP = """
subject: {table: customers, key: id, identify: {email: email}}
tables:
  customers: {action: anonymise, columns: {email: token, full_name: redact, phone: null, birth_date: null, notes: null,
    is_erased: {constant: true}}}
  addresses: {action: delete}
  orders: {action: anonymise, columns: {contact_email: null, shipping_address_id: null, billing_address_id: null}}
  order_items: {action: keep, ground: no personal data}
  payments: {action: anonymise, columns: {card_holder: redact, card_last4: null}}
  tickets: {action: anonymise, columns: {requester_email: null, subject: redact}}
  ticket_messages: {action: anonymise, columns: {author_email: null, body: redact}}
  sessions: {action: delete}
  events: {action: delete}
"""
# What a careful engineer would write for the same map: 3 DELETE and 5 UPDATE. ? is the customer's id.
HAND_WRITTEN = (
    "DELETE FROM events WHERE customer_id = ?",
    "DELETE FROM sessions WHERE customer_id = ?",
    (
        "UPDATE payments SET card_holder = '[erased]', card_last4 = NULL WHERE order_id IN "
        "(SELECT id FROM orders WHERE customer_id = ?)"
    ),
    "UPDATE orders SET contact_email = NULL, shipping_address_id = NULL, billing_address_id = NULL WHERE customer_id = ?",
    "DELETE FROM addresses WHERE customer_id = ?",
    (
        "UPDATE ticket_messages SET author_email = NULL, body = '[erased]' WHERE ticket_id IN "
        "(SELECT id FROM tickets WHERE customer_id = ?)"
    ),
    "UPDATE tickets SET requester_email = NULL, subject = '[erased]' WHERE customer_id = ?",
    (
        "UPDATE customers SET email = 'erased-' || {random}, full_name = '[erased]', phone = NULL, birth_date = NULL, "
        "notes = NULL, is_erased = {true} WHERE id = ?"
    ),
)


def sketch() -> ModuleType:
    """Return the founders' module. Raises `SystemExit` where their folder is not beside the checkout."""
    if not SKETCH.is_file():
        raise SystemExit(
            "SKIPPED LOUDLY: ../shared/sketches is not beside this checkout, so there is nothing to measure on"
        )
    spec = importlib.util.spec_from_file_location("shop_schema", SKETCH)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{SKETCH} cannot be read")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def build_on_postgres(connection: Any, customers: int) -> None:
    """Fill an empty database through an autocommitting psycopg connection."""
    shop = sketch()
    connection.execute("SET synchronous_commit = off")
    for table in shop.TABLES:
        connection.execute(f"CREATE TABLE {table} ({shop.DDL[table].format(json='jsonb')})")
    for table, sql in shop._fill_sql("pg", customers, 1):
        connection.execute(f"INSERT INTO {table} {sql}")
    for table in shop.TABLES:
        connection.execute(f"ALTER TABLE {table} ADD PRIMARY KEY ({shop.PK[table]})")
    connection.execute("CREATE UNIQUE INDEX customers_email_key ON customers (email)")
    for table, column in shop.INDEXES:
        connection.execute(f"CREATE INDEX ON {table} ({column})")
    for table, column, parent in shop.FKS:
        connection.execute(f"ALTER TABLE {table} ADD FOREIGN KEY ({column}) REFERENCES {parent} (id)")
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")


def build_on_sqlite(path: Path, customers: int) -> None:
    """Write a new SQLite file, in WAL mode."""
    shop = sketch()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-500000;")
    connection.create_function("floor", 1, math.floor, deterministic=True)
    connection.create_function("pow", 2, math.pow, deterministic=True)
    connection.execute("CREATE TEMP TABLE gs(value INTEGER PRIMARY KEY)")
    connection.execute(
        "INSERT INTO gs WITH RECURSIVE r(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM r WHERE v < ?) SELECT v FROM r",
        (customers * 4,),
    )
    for table in shop.TABLES:
        columns = shop.DDL[table].format(json="text")
        is_plain = table != "order_items"
        columns = columns.replace("id bigint NOT NULL", "id INTEGER PRIMARY KEY", 1) if is_plain else columns
        keys = "".join(
            f", FOREIGN KEY ({column}) REFERENCES {parent}(id)"
            for child, column, parent in shop.FKS
            if child == table
        )
        end = ")" if is_plain else ", PRIMARY KEY (order_id, line_no)) WITHOUT ROWID"
        connection.execute(f"CREATE TABLE {table} ({columns}{keys}{end}")
    for table, sql in shop._fill_sql("sqlite", customers, 1):
        series = r"(SELECT value AS i FROM gs WHERE value <= \1) AS g"
        sql = re.sub(r"\(SELECT value AS i FROM generate_series\(1, (\d+)\)\) AS g", series, sql)  # noqa: PLW2901
        connection.execute("BEGIN")
        connection.execute(f"INSERT INTO {table} {sql}")
        connection.execute("COMMIT")
    connection.execute("CREATE UNIQUE INDEX customers_email_key ON customers (email)")
    for table, column in shop.INDEXES:
        connection.execute(f"CREATE INDEX {table}_{column} ON {table} ({column})")
    connection.executescript("ANALYZE; PRAGMA journal_mode=WAL;")
    connection.close()
