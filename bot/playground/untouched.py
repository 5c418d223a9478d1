"""Compares the shop and ActiveCampaign before and after: who may have changed, and what must not have."""

from collections.abc import Iterator

from bot.playground.world import Picture, Row
from services.database.twin import PEOPLE

# What may stand with a name on it when somebody was erased: tax law keeps invoices (the shop's data map says so).
KEPT_TABLES = frozenset({"invoices"})
# What closing an account may change: the account's own row, and its sessions end.
ACCOUNT_COLUMNS = frozenset({"status", "password_hash"})
_NAMES = {email.casefold(): name for _, email, name, *_ in PEOPLE}
Key = tuple[object, ...]


def strangers_changed(
    before: Picture,
    after: Picture,
    *,
    erased: frozenset[str],
    closed: frozenset[str],
    contacts: frozenset[str],
) -> list[str]:
    """Return what changed although nobody asked for it. Addresses are case-folded; nobody is named in the answer."""
    owners = _owners(before)
    found: list[str] = []
    for table, rows in before.shop.items():
        now = {_key(table, row): row for row in after.shop.get(table, [])}
        for row in rows:
            key = _key(table, row)
            owner = owners.get((table, key), "")
            if now.get(key) == row or owner in erased:
                continue
            if owner in closed and _is_closing(table, row, now.get(key)):
                continue
            found.append(f"{table} row {key} changed or vanished, and belongs to nobody who asked for that")
        new = now.keys() - {_key(table, row) for row in rows}
        found += [f"{table} row {key} appeared from nowhere" for key in sorted(new, key=str)]
    for place, old, new_rows in (
        ("ActiveCampaign contact", before.contacts, after.contacts),
        ("archived ActiveCampaign contact", before.archived, after.archived),
    ):
        kept = {row["id"]: row for row in new_rows}
        found += [
            f"{place} {row['id']} changed or vanished, and belongs to nobody who asked for that"
            for row in old
            if kept.get(row["id"]) != row and str(row["email"]).casefold() not in contacts
        ]
    theirs = beside_of(before)
    for name, rows in before.beside.items():
        kept = {row["id"]: row for row in after.beside.get(name, [])}
        found += [
            f"ActiveCampaign {name} {row['id']} changed or vanished, and belongs to nobody who asked for that"
            for row in rows
            if kept.get(row["id"]) != row and theirs.get(row["id"], "") not in contacts
        ]
    return found


def beside_of(picture: Picture) -> dict[str, str]:
    """Return whose each of ActiveCampaign's records beside the contacts is: its id, and the address (case-folded)."""
    contacts = {row["id"]: str(row["email"]).casefold() for row in picture.contacts}
    return {
        row["id"]: str(
            row.get("email") or contacts.get(row.get("contact") or row.get("relid"), "")
        ).casefold()
        for rows in picture.beside.values()
        for row in rows
    }


def still_there(before: Picture, after: Picture, address: str) -> list[str]:
    """Return where a person who was erased can still be found in the shop."""
    address = address.casefold()
    name = _NAMES.get(address, "").casefold()
    owners = _owners(before)
    found: list[str] = []
    for table, row in _rows(after):
        text = " ".join(str(value) for value in row.values()).casefold()
        mine = owners.get((table, _key(table, row))) == address
        if table in KEPT_TABLES:
            continue
        if address in text or (mine and name and name in text):
            found.append(f"{table} row {_key(table, row)} still carries the address or name")
    return found


def contacts_left(before: Picture, after: Picture, address: str) -> list[str]:
    """Return where a person can still be found in ActiveCampaign, archived copies and everything else included."""
    folded = address.casefold()
    owners = beside_of(before) | beside_of(after)
    beside = [
        f"{name} {row['id']} is still there"
        for name, rows in after.beside.items()
        for row in rows
        if owners.get(row["id"]) == folded
    ]
    return beside + [
        f"{place} {row['id']} is still there"
        for place, rows in (("contact", after.contacts), ("archived contact", after.archived))
        for row in rows
        if str(row["email"]).casefold() == folded
    ]


def is_account_closed(after: Picture, address: str) -> bool:
    """Whether the customer's account is closed, with the row still there."""
    rows = [row for row in after.shop["customers"] if str(row["email"]).casefold() == address.casefold()]
    return bool(rows) and all(row["status"] == "closed" and row["password_hash"] is None for row in rows)


def _is_closing(table: str, row: Row, now: Row | None) -> bool:
    if table == "sessions":
        return now is None
    if table != "customers" or now is None:
        return False
    return {name for name, value in row.items() if now.get(name) != value} <= ACCOUNT_COLUMNS


def _owners(picture: Picture) -> dict[tuple[str, Key], str]:
    """Return whose each row is, by the address (case-folded) that the row leads to."""
    address = {row["id"]: str(row["email"]).casefold() for row in picture.shop["customers"]}
    orders = {row["id"]: address.get(row["customer_id"], "") for row in picture.shop["orders"]}
    found: dict[tuple[str, Key], str] = {}
    for table, row in _rows(picture):
        if table == "customers":
            owner = address[row["id"]]
        elif "customer_id" in row:
            owner = address.get(row["customer_id"], "")
        elif "order_id" in row:
            owner = orders.get(row["order_id"], "")
        else:
            owner = str(row.get("requester_email", "")).casefold()
        found[table, _key(table, row)] = owner
    return found


def _rows(picture: Picture) -> Iterator[tuple[str, Row]]:
    for table, rows in picture.shop.items():
        for row in rows:
            yield table, row


def _key(table: str, row: Row) -> Key:
    return (row["order_id"], row["line_no"]) if table == "order_items" else (row["id"],)
