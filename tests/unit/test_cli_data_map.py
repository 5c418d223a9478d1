"""`deletion-desk data-map` as an operator uses it: exit codes, files never overwritten, nothing personal on the screen."""

import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import main
from services.database import twin

MAYA = "maya.okafor@example.com"
Run = Callable[..., "Result"]


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.out)
        return found


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Calls the command line as a shell does, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["deletion-desk", "data-map", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Result(code=int(ended.value.code or 0), out=captured.out, err=captured.err)

    return call


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    twin.build_shop(path)
    return path


@pytest.fixture
def url(shop: Path) -> str:
    return f"sqlite:///{shop}"


@pytest.fixture
def good(tmp_path: Path) -> str:
    path = tmp_path / "good.yaml"
    path.write_text(twin.FERNLEAF_MAP, encoding="utf-8")
    return str(path)


def test_what_is_drafted_passes_the_check_as_it_is(run: Run, url: str) -> None:
    """suggest → check → plan on the sample shop needs no edit at all; only the marks for review are told."""
    assert run("suggest", "--url", url, "--out", "shop.yaml").code == 0
    checked = run("check", "--url", url, "--map", "shop.yaml")
    assert checked.code == 0, checked.out
    assert "still marked REVIEW" in checked.out
    planned = run("plan", "--url", url, "--map", "shop.yaml", "--email", MAYA)
    assert planned.code == 0, planned.out
    assert "customers" in planned.out


def test_a_draft_never_overwrites_a_map(run: Run, url: str, tmp_path: Path) -> None:
    """A reviewed map is hours of work: --out refuses an existing file."""
    (tmp_path / "shop.yaml").write_text("precious", encoding="utf-8")
    refused = run("suggest", "--url", url, "--out", "shop.yaml")
    assert refused.code == 2
    assert "exists already" in refused.err
    assert (tmp_path / "shop.yaml").read_text(encoding="utf-8") == "precious"


def test_the_address_may_be_named_instead_of_written(
    run: Run, url: str, good: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--url takes the name of a variable, so that no password stands in a command line."""
    monkeypatch.setenv("SHOP_URL", url)
    assert run("check", "--url", "SHOP_URL", "--map", good).code == 0
    unknown = run("check", "--url", "NO_SUCH_URL", "--map", good)
    assert unknown.code == 2
    assert "NO_SUCH_URL" in unknown.err


@pytest.mark.parametrize(
    ("change", "line_has", "word"),
    [
        (("  orders:  ", "  oders:   "), "oders", "Did you mean `orders`?"),
        (("ship_name: redact", "ship_nam: redact"), "orders", "Did you mean `ship_name`?"),
        (("  consents:    {action: delete}\n", ""), "customers", "consents"),
        (("ship_name: redact, ", ""), "orders", "`orders.ship_name` is not decided"),
    ],
)
def test_check_names_what_does_not_fit(
    run: Run, url: str, tmp_path: Path, change: tuple[str, str], line_has: str, word: str
) -> None:
    """A misspelt table or column, an undecided table and an undecided personal column are errors with line and cure."""
    text = twin.FERNLEAF_MAP.replace(*change)
    assert text != twin.FERNLEAF_MAP
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    found = run("check", "--url", url, "--map", "bad.yaml", "--json")
    assert found.code == 1
    problems = found.data["problems"]
    assert isinstance(problems, list)
    fitting = [one for one in problems if word in one["problem"] + one["cure"]]
    assert fitting, problems
    assert line_has in text.splitlines()[fitting[0]["line"] - 1]


def test_check_tells_every_misspelling_at_once(run: Run, url: str, tmp_path: Path) -> None:
    """Nobody wants to mend a map one run of CI at a time."""
    text = twin.FERNLEAF_MAP.replace("  consents:", "  consent:").replace("  sessions:", "  session:")
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    found = run("check", "--url", url, "--map", "bad.yaml")
    assert found.code == 1
    assert "`consents`" in found.out
    assert "`sessions`" in found.out


def test_check_finds_a_foreign_key_without_an_index(run: Run, url: str, shop: Path, good: str) -> None:
    """Without the index each erasure reads the whole table: an error, with the statement that mends it."""
    assert run("check", "--url", url, "--map", good).code == 0
    with closing(sqlite3.connect(shop)) as connection:
        connection.execute("DROP INDEX orders_customer")
    found = run("check", "--url", url, "--map", good)
    assert found.code == 1
    assert "CREATE INDEX orders_customer_id ON orders (customer_id);" in found.out


def test_check_finds_a_new_personal_column(run: Run, url: str, shop: Path, good: str) -> None:
    """A column that somebody adds next year fails the operator's CI until the map says what happens to it."""
    with closing(sqlite3.connect(shop)) as connection:
        connection.execute("ALTER TABLE orders ADD COLUMN gift_recipient_phone TEXT")
        connection.execute("CREATE TABLE newsletter (id INTEGER PRIMARY KEY, email TEXT)")
    found = run("check", "--url", url, "--map", good)
    assert found.code == 1
    assert "gift_recipient_phone" in found.out
    assert "newsletter" in found.out


def test_a_condition_that_the_database_does_not_understand_is_found_before_a_run(
    run: Run, url: str, tmp_path: Path
) -> None:
    """`match` is asked once about nobody: a misspelt column in it is an error of the check, not of an erasure."""
    text = twin.FERNLEAF_MAP.replace("lower(requester_email) = :email", "lower(requestor) = :email")
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    found = run("check", "--url", url, "--map", "bad.yaml")
    assert found.code == 1
    assert "`match` of `tickets`" in found.out


@pytest.mark.parametrize("command", ["check", "plan", "rehearse"])
def test_yaml_with_a_typo_is_one_line_with_file_and_line(
    run: Run, url: str, tmp_path: Path, command: str
) -> None:
    """Broken YAML: one readable line, exit 2."""
    (tmp_path / "bad.yaml").write_text("subject: {table: customers\ntables:\n  a: [", encoding="utf-8")
    email = () if command == "check" else ("--email", MAYA)
    found = run(command, "--url", url, "--map", "bad.yaml", *email)
    assert found.code == 2
    assert "bad.yaml:" in found.err
    assert len(found.err.strip().splitlines()) == 1


@pytest.mark.parametrize("command", ["plan", "rehearse"])
def test_a_map_for_another_schema_is_one_line(run: Run, tmp_path: Path, good: str, command: str) -> None:
    """A map whose tables the database does not have: one line with file and line, exit 2, nothing touched."""
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT)")
    found = run(command, "--url", f"sqlite:///{tmp_path}/other.db", "--map", good, "--email", MAYA)
    assert found.code == 2
    assert "good.yaml:" in found.err
    assert MAYA not in found.err


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://nobody:secretword@127.0.0.1:1/none",
        "sqlite:////no/such/file.db",
        "oracle://x/y",
        "nonsense://",
    ],
)
def test_a_wrong_address_is_one_line_without_the_password(run: Run, good: str, address: str) -> None:
    """A wrong URL is one readable line and exit 2; what it contained is not repeated."""
    found = run("check", "--url", address, "--map", good)
    assert found.code == 2
    assert len(found.err.strip().splitlines()) == 1, found.err
    assert "secretword" not in found.err


def test_an_address_of_nobody_is_refused_with_what_was_found(run: Run, url: str, good: str) -> None:
    """No row: refused, the address masked, rows that carry it without a reference named; --no-row accepts that."""
    found = run("plan", "--url", url, "--map", good, "--email", twin.TICKET_ONLY)
    assert found.code == 2
    assert "tickets" in found.err
    assert twin.TICKET_ONLY not in found.err
    assert run("plan", "--url", url, "--map", good, "--email", twin.TICKET_ONLY, "--no-row").code == 0
    assert run("plan", "--url", url, "--map", good, "--email", MAYA, "--no-row").code == 2


def test_two_rows_are_refused_until_they_are_named(run: Run, url: str, shop: Path, tmp_path: Path) -> None:
    """Two rows with one address: refused with both, masked; --row decides."""
    with closing(sqlite3.connect(shop)) as connection:
        connection.executescript(
            "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT);"
            "INSERT INTO people VALUES (1, 'twice@example.com'), (2, 'Twice@Example.com');"
        )
    text = (
        "subject: {table: people, key: id, identify: {email: email}}\ntables:\n  people: {action: delete}\n"
    )
    (tmp_path / "people.yaml").write_text(text, encoding="utf-8")
    both = ("plan", "--url", url, "--map", "people.yaml", "--email", "twice@example.com")
    found = run(*both)
    assert found.code == 2
    assert "people:1" in found.err
    assert "people:2" in found.err
    assert "twice@" not in found.err.lower()
    assert run(*both, "--row", "people:1", "--row", "people:2", "--json").code == 0
    assert run(*both, "--row", "people:3").code == 2


def test_nothing_personal_is_printed(run: Run, url: str, good: str, shop: Path) -> None:
    """Neither draft nor plan, as table or JSON, shows a value of the database or the whole address."""
    with closing(sqlite3.connect(shop)) as connection:
        values = {
            str(value)
            for row in connection.execute("SELECT email, full_name, phone FROM customers")
            for value in row
            if value
        }
    outputs = [
        run("suggest", "--url", url),
        run("suggest", "--url", url, "--json"),
        run("plan", "--url", url, "--map", good, "--email", MAYA),
        run("plan", "--url", url, "--map", good, "--email", MAYA, "--json", "--deep"),
        run("rehearse", "--url", url, "--map", good, "--email", MAYA, "--deep"),
    ]
    for one in outputs:
        assert one.code == 0, one
        shown = [value for value in values if value.casefold() in (one.out + one.err).casefold()]
        assert not shown, f"{len(shown)} values were printed"


def test_an_address_that_is_a_key_is_not_printed(run: Run, tmp_path: Path) -> None:
    """Where the key of a customer is their address, plan and rehearsal name the row in another way (rule 9)."""
    with closing(sqlite3.connect(tmp_path / "people.db")) as connection, connection:
        connection.execute("CREATE TABLE people (email TEXT PRIMARY KEY)")
        connection.execute("INSERT INTO people VALUES ('maya@example.com')")
    text = "subject: {table: people, key: email, identify: {email: email}}\ntables: {}\n"
    (tmp_path / "people.yaml").write_text(text, encoding="utf-8")
    more = ("--url", f"sqlite:///{tmp_path}/people.db", "--map", "people.yaml", "--email", "maya@example.com")
    for one in (run("plan", *more), run("plan", *more, "--json"), run("rehearse", *more)):
        assert one.code == 0, one
        assert "maya@" not in one.out + one.err


def test_a_rehearsal_changes_nothing(run: Run, url: str, good: str, shop: Path) -> None:
    """rehearse really deletes, proves, and rolls back: every row is there afterwards."""
    before = twin.snapshot(shop)
    found = run("rehearse", "--url", url, "--map", good, "--email", MAYA, "--json")
    assert found.code == 0, found
    assert found.data["ok"] is True
    assert twin.snapshot(shop) == before


def test_a_rehearsal_that_would_fail_says_why(run: Run, url: str, shop: Path, tmp_path: Path) -> None:
    """What an erasure would stumble over, a rehearsal finds: exit 1 with table and cure, and nothing changed."""
    with closing(sqlite3.connect(shop)) as connection:
        connection.execute(
            "CREATE TRIGGER no_more BEFORE DELETE ON customers BEGIN SELECT RAISE(ABORT, 'customers stay'); END"
        )
    (tmp_path / "shop.yaml").write_text(twin.FERNLEAF_MAP, encoding="utf-8")
    before = twin.snapshot(shop)
    found = run("rehearse", "--url", url, "--map", "shop.yaml", "--email", MAYA)
    assert found.code == 1
    assert "customers" in found.out
    assert twin.snapshot(shop) == before


def test_a_full_scan_finds_what_the_map_does_not_know(run: Run, url: str, good: str, shop: Path) -> None:
    """--deep reads tables and columns that no map names, finds an address inside a longer text, and no lookalike."""
    with closing(sqlite3.connect(shop)) as connection:
        connection.executescript(
            "CREATE TABLE scraps (id INTEGER PRIMARY KEY, t TEXT);"
            "INSERT INTO scraps VALUES (1, 'see Maya.Okafor@Example.com, please'), (2, 'notmaya.okafor@example.com'), (3, 'maya.okafor@example.com.au');"
        )
    assert run("rehearse", "--url", url, "--map", good, "--email", MAYA).code == 0
    found = run("rehearse", "--url", url, "--map", good, "--email", MAYA, "--deep", "--json")
    assert found.code == 1
    scan = found.data["scan"]
    assert isinstance(scan, dict)
    assert scan["found"] == [{"table": "scraps", "column": "t", "rows": 1, "kept": False}]


DATASET = """\
dataset:
  - fides_key: shop
    collections:
      - name: customers
        fields:
          - {name: id, data_categories: [user.unique_id], fides_meta: {primary_key: True}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: full_name, data_categories: [user.name]}
      - name: orders
        fields:
          - name: customer_id
            fides_meta: {references: [{dataset: shop, field: customers.id, direction: from}]}
          - {name: ship_name, data_categories: [user.name]}
      - name: audit_log
        fields:
          - name: payload
            fields:
              - name: user
                fields:
                  - {name: email, data_categories: [user.contact.email]}
                  - {name: plan, data_categories: [system.operations]}
          - name: customer_id
            fides_meta: {references: [{dataset: shop, field: customers.id, direction: from}]}
"""


def test_a_dataset_is_imported_with_and_without_its_database(run: Run, url: str, tmp_path: Path) -> None:
    """import-fides drafts from the file alone; with the database the draft passes the check as it is."""
    (tmp_path / "dataset.yml").write_text(DATASET, encoding="utf-8")
    alone = run("import-fides", "dataset.yml")
    assert alone.code == 0
    assert "the dataset files it as user.name" in alone.out
    assert '{json: ["$.user.email"]}' in alone.out
    assert run("import-fides", "dataset.yml", "--url", url, "--out", "both.yaml").code == 0
    assert run("check", "--url", url, "--map", "both.yaml").code == 0


@pytest.mark.parametrize(
    ("change", "line", "word"),
    [
        (("name: orders", "name: oders"), 9, "Did you mean `orders`?"),
        (("name: ship_name", "name: ship_nam"), 13, "Did you mean `ship_name`?"),
        (("          - name: customer_id\n", "          - nam: customer_id\n"), 11, "`name` is missing"),
        (("collections:", "collections: ["), 0, "not valid YAML"),
        (("dataset:", "datasets:"), 1, "no collections"),
    ],
)
def test_a_dataset_with_a_mistake_is_one_line(
    run: Run, url: str, tmp_path: Path, change: tuple[str, str], line: int, word: str
) -> None:
    """A typo in a dataset, or one for another database: one readable line with file and line, exit 2."""
    (tmp_path / "dataset.yml").write_text(DATASET.replace(*change, 1), encoding="utf-8")
    found = run("import-fides", "dataset.yml", "--url", url)
    assert found.code == 2
    assert word in found.err
    assert f"dataset.yml:{line or ''}" in found.err
    assert len(found.err.strip().splitlines()) == 1
