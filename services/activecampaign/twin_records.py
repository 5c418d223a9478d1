"""What the twin's account holds beside contacts: orders, e-commerce customers, deals, roles in them, notes, links."""

import itertools
from collections.abc import Callable, Mapping
from typing import Any

# What a seed may ask for beside a contact, and the name in the API of what it then gets.
SEEDS = {
    "orders": "ecomOrders",
    "customers": "ecomCustomers",
    "deals": "deals",
    "roles": "contactDeals",
    "notes": "notes",
    "links": "accountContacts",
}
NAMES = tuple(SEEDS.values())
SOMEBODY = "999999"  # the first contact of a deal in which the seeded one has a role only

Row = dict[str, str]


class Records:
    """The records of all kinds, by name and id. They outlive the contact: what becomes of them then is not documented."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Row]] = {name: {} for name in NAMES}
        self._ids = itertools.count(50_001)

    def clear(self) -> None:
        """Forget everything."""
        for rows in self._rows.values():
            rows.clear()

    def seed(self, given: Mapping[str, Any], *, contact: str, email: str) -> None:
        """Add as many records beside this contact as the seed asks for: {"orders": 2, "notes": 1, …}."""
        for asked, name in SEEDS.items():
            for _ in range(int(given.get(asked, 0))):
                self._add(name, contact=contact, email=email)

    def add_note(self, *, contact: str) -> Row:
        """Add a note to a contact, as the API does."""
        number = self._add("notes", contact=contact, email="")
        return dict(self._rows["notes"][number])

    def all(self) -> dict[str, list[Row]]:
        """Return everything, for the page beside the conversation."""
        return {name: [dict(row) for row in rows.values()] for name, rows in self._rows.items()}

    def of(self, name: str, belongs: Callable[[Row], bool]) -> list[Row]:
        """Return the records of one kind for which this holds."""
        return [dict(row) for row in self._rows[name].values() if belongs(row)]

    def under(self, name: str, contact: str) -> list[Row]:
        """Return what stands under a contact: its notes, its roles, and every deal that it has a part in."""
        if name == "notes":
            return self.of(name, lambda row: row["relid"] == contact)
        if name == "deals":
            parts = {row["deal"] for row in self.of("contactDeals", lambda row: row["contact"] == contact)}
            return self.of(name, lambda row: row["contact"] == contact or row["id"] in parts)
        return self.of(name, lambda row: row["contact"] == contact)

    def remove(self, name: str, number: str) -> bool:
        """Delete one record; False when there is none."""
        return self._rows[name].pop(number, None) is not None

    def _add(self, name: str, *, contact: str, email: str) -> str:
        number = str(next(self._ids))
        match name:
            case "ecomOrders" | "ecomCustomers":
                row = {"email": email, "connectionid": "1", "externalid": number}
            case "notes":
                row = {"note": "a word", "relid": contact, "reltype": "Subscriber"}
            case "contactDeals":
                deal = str(next(self._ids))
                self._rows["deals"][deal] = {"id": deal, "contact": SOMEBODY, "title": "another's deal"}
                row = {"contact": contact, "deal": deal}
            case "accountContacts":
                row = {"contact": contact, "account": "7", "jobTitle": "buyer"}
            case _:
                row = {"contact": contact, "title": "a deal", "value": "100"}
        self._rows[name][number] = {**row, "id": number}
        return number
