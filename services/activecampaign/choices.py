"""What the operator may choose for the records beside a contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

CHOICES = ("ecommerce_orders", "ecommerce_customers", "deals", "notes", "account_links")


Action = Literal["delete", "keep", "none"]
ACTIONS: Mapping[str, Action] = {"delete": "delete", "keep": "keep", "none": "none"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What happens to one kind of record. `ground` and `until` say why and how long it is kept."""

    action: Action = "delete"
    ground: str = ""
    until: str = ""
