"""The sample company's shop: "Fernleaf" sells plants; a small SQLite database with every sort of personal row."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

COMPANY = "Fernleaf"

# Maya's erasure keeps nothing; Jonas and a few others have invoices, which tax law keeps.
FERNLEAF_MAP = """\
# What happens to a Fernleaf customer's data. Tables are found through foreign keys; this file decides.
subject:
  table: customers
  key: id
  identify: {email: email}
  display: [city, plan, status, created_at]
  same_name: full_name
tables:
  addresses:   {action: delete}
  orders:      {action: anonymise, columns: {customer_id: null, email: null, ship_name: redact, ship_address: redact}}
  order_items: {action: keep, ground: "no personal data"}
  invoices:    {action: keep, keep: {ground: "tax law", until: "10 years after the invoice"}}
  tickets:     {action: delete, match: "lower(requester_email) = :email"}   # no foreign key
  sessions:    {action: delete}
  consents:    {action: delete}
  audit_log:   {action: anonymise, columns: {customer_id: null, payload: {json: ["$.user.email", "$.user.name"]}}}
"""

# The two systems of systems.yaml that look at this database.
FERNLEAF_SYSTEMS = """\
  shop: {kind: database, label: Shop database, url: SHOP_DATABASE_URL, map: shop.yaml}
  account:
    kind: account_sql
    label: Customer account
    url: SHOP_DATABASE_URL
    table: customers
    key: id
    email: email
    keys_from: shop
    deactivate: {status: closed, password_hash: null}
    also_delete: [sessions]
"""

SCHEMA = """
CREATE TABLE customers (
  id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, full_name TEXT NOT NULL, phone TEXT, status TEXT NOT NULL,
  password_hash TEXT, plan TEXT NOT NULL, city TEXT, created_at TEXT NOT NULL);
CREATE TABLE addresses (
  id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers(id), line TEXT NOT NULL, city TEXT);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id), email TEXT, ship_name TEXT, ship_address TEXT,
  total_cents INTEGER NOT NULL, placed_at TEXT NOT NULL);
CREATE TABLE order_items (
  order_id INTEGER NOT NULL REFERENCES orders(id), line_no INTEGER NOT NULL, plant TEXT NOT NULL, quantity INTEGER,
  PRIMARY KEY (order_id, line_no));
CREATE TABLE invoices (
  id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders(id), number TEXT NOT NULL UNIQUE,
  billed_to TEXT NOT NULL, amount_cents INTEGER NOT NULL, issued_at TEXT NOT NULL);
CREATE TABLE tickets (
  id INTEGER PRIMARY KEY, requester_email TEXT NOT NULL, subject TEXT NOT NULL, opened_at TEXT NOT NULL);
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE, ip TEXT,
  started_at TEXT NOT NULL);
CREATE TABLE consents (
  id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers(id), topic TEXT NOT NULL, given_at TEXT);
CREATE TABLE audit_log (
  id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id) ON DELETE SET NULL, action TEXT NOT NULL,
  payload TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX addresses_customer ON addresses(customer_id);
CREATE INDEX orders_customer ON orders(customer_id);
CREATE INDEX invoices_order ON invoices(order_id);
CREATE INDEX sessions_customer ON sessions(customer_id);
CREATE INDEX consents_customer ON consents(customer_id);
CREATE INDEX audit_customer ON audit_log(customer_id);
CREATE INDEX tickets_requester ON tickets(lower(requester_email));
"""

# (id, e-mail, name, city, plan, orders, invoiced orders, tickets, sessions)
PEOPLE = (
    (1, "maya.okafor@example.com", "Maya Okafor", "Lisbon", "green", 3, 0, 2, 2),
    (2, "jonas.weber@example.com", "Jonas Weber", "Leipzig", "premium", 4, 2, 1, 1),
    (3, "sofia@example.com", "Sofia Lindqvist", "Uppsala", "green", 2, 0, 1, 1),
    (4, "sofia.l@example.org", "Sofia Lindqvist", "Uppsala", "free", 1, 0, 0, 1),
    (5, "Aiko.Tanaka@Example.net", "Aiko Tanaka", "Osaka", "green", 2, 0, 1, 2),
    (6, "daniel.costa@example.com", "Daniel Costa", "Porto", "free", 1, 0, 0, 1),
    (7, "d.costa@example.net", "Daniel Costa", "Recife", "premium", 3, 1, 1, 1),
    (8, "priya.nair@example.org", "Priya Nair", "Kochi", "green", 2, 1, 0, 1),
    (9, "lena.hoffmann@example.com", "Lena Hoffmann", "Graz", "premium", 5, 2, 2, 3),
    (10, "tom.byrne@example.net", "Tom Byrne", "Cork", "free", 0, 0, 1, 0),
)
# Known to the shop by a ticket only, and (not to the shop at all) to ActiveCampaign only.
TICKET_ONLY = "visitor@example.net"
ACTIVECAMPAIGN_ONLY = "nadia.haddad@example.org"
PLANTS = ("Monstera", "Calathea", "Boston fern", "Ficus", "Aloe")


def build_shop(path: Path) -> None:
    """Write the shop to a new SQLite file (an existing one is replaced). The same bytes of data every time."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as shop, shop:
        shop.executescript(
            f"PRAGMA synchronous = OFF; BEGIN; {SCHEMA} COMMIT;"
        )  # sample data: speed over durability
        for person in PEOPLE:
            _add_person(shop, *person)
        _insert(shop, "tickets", (None, TICKET_ONLY, "Do you ship to islands?", "2026-08-02"))


def snapshot(path: Path) -> dict[str, list[dict[str, object]]]:
    """Return every row of every table, read without the power to write: what the playground shows and a checker compares."""
    with closing(_read_only(path)) as shop:
        shop.row_factory = sqlite3.Row
        names = [
            row["name"]
            for row in shop.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        quoted = {name: '"' + name.replace('"', '""') + '"' for name in names}
        return {
            name: [dict(row) for row in shop.execute(f"SELECT * FROM {quoted[name]} ORDER BY 1, 2")]  # noqa: S608  names of the file's own tables, quoted
            for name in names
        }


def counts_by_customer(path: Path) -> dict[int, dict[str, int]]:
    """Return per customer id how many rows each table holds that lead to them; a customer who is gone is not listed.

    Rows that merely carry the address (tickets) count for the customer whose address it is.
    """
    rows = snapshot(path)
    orders = {row["id"]: row["customer_id"] for row in rows["orders"]}
    found: dict[int, dict[str, int]] = {}
    for customer in rows["customers"]:
        owner, email = customer["id"], str(customer["email"]).casefold()
        counts = {
            name: sum(row["customer_id"] == owner for row in rows[name])
            for name in ("addresses", "orders", "sessions", "consents", "audit_log")
        }
        counts |= {
            name: sum(orders[row["order_id"]] == owner for row in rows[name])
            for name in ("order_items", "invoices")
        }
        counts["tickets"] = sum(str(row["requester_email"]).casefold() == email for row in rows["tickets"])
        found[int(str(owner))] = {"customers": 1, **counts}
    return found


def _add_person(
    shop: sqlite3.Connection,
    owner: int,
    email: str,
    name: str,
    city: str,
    plan: str,
    orders: int,
    invoiced: int,
    tickets: int,
    sessions: int,
) -> None:
    street = f"{owner * 7} Garden Road"
    _insert(
        shop,
        "customers",
        (
            owner,
            email,
            name,
            f"+44 20 7946 0{owner:03}",
            "active",
            f"scrypt${owner:04x}",
            plan,
            city,
            f"2024-0{owner % 9 + 1}-14",
        ),
    )
    _insert(shop, "addresses", (None, owner, street, city))
    for number in range(1, orders + 1):
        placed = f"2025-{number + 1:02}-1{owner % 10}"
        order = owner * 100 + number
        _insert(
            shop, "orders", (order, owner, email, name, f"{street}, {city}", 1900 * number + owner, placed)
        )
        for line in range(1, number % 3 + 2):
            _insert(shop, "order_items", (order, line, PLANTS[(owner + number + line) % len(PLANTS)], line))
        if number <= invoiced:
            billed = f"{name}, {street}, {city}"
            _insert(shop, "invoices", (None, order, f"F-{order}", billed, 1900 * number + owner, placed))
    for number in range(1, tickets + 1):
        # Written by hand or by a form: the address comes in every case.
        spelling = email.upper() if number % 2 == 0 else email
        _insert(shop, "tickets", (None, spelling, f"Question {number} about my plant", f"2026-0{number}-03"))
    for number in range(1, sessions + 1):
        _insert(
            shop,
            "sessions",
            (None, owner, f"203.0.113.{owner * 10 + number}", f"2026-1{number % 2}-0{number}"),
        )
    _insert(shop, "consents", (None, owner, "newsletter", "2024-05-01"))
    payload = json.dumps({"user": {"email": email, "name": name}, "result": "ok"})
    _insert(shop, "audit_log", (None, owner, "signed_in", payload, "2026-10-01"))


def _insert(shop: sqlite3.Connection, table: str, values: tuple[object, ...]) -> None:
    marks = ", ".join("?" * len(values))
    shop.execute(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608  table names from this module only


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=5)
