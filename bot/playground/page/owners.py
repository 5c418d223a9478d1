"""Whose rows the shop's rows are, so that the page can show one customer's and see them go."""

from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]
Owners = dict[str, dict[str, str]]


def key_of(row: Row) -> str:
    """Return what names a row within its table: its id, or its order and line."""
    return str(row["id"]) if "id" in row else f"{row['order_id']}/{row['line_no']}"


def owners_of(shop: Mapping[str, Iterable[Row]]) -> Owners:
    """Return per table and row key the address of the customer it belongs to; rows of nobody's are left out."""
    addresses = {row["id"]: str(row["email"]).casefold() for row in shop.get("customers", ())}
    orders = {row["id"]: addresses.get(row["customer_id"], "") for row in shop.get("orders", ())}

    def owner(table: str, row: Row) -> str:
        if table == "customers":
            return str(row["email"]).casefold()
        if "customer_id" in row:
            return addresses.get(row["customer_id"], "")
        if "order_id" in row:
            return orders.get(row["order_id"], "")
        return str(row.get("requester_email", "")).casefold()

    return {
        table: {key_of(row): found for row in rows if (found := owner(table, row))}
        for table, rows in shop.items()
    }
