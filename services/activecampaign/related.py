"""What ActiveCampaign holds beside a contact: e-commerce orders and customers, deals, notes, links to accounts.

Each kind is deleted, kept on a ground, or (where the account has no such feature) not looked at, as systems.yaml says.
Orders and customers carry the address and are read by it. Deals, roles in deals and notes are read under their
contact, so they are deleted and proven gone before the contact is (reference: List All Customers, List All Orders,
Retrieve a list of contact's deals, List all account contacts).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.activecampaign.choices import CHOICES, Choice
from services.activecampaign.client import Api
from services.domain.outcome import Count


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of record: the operator's choice that rules it, its name in the API and in words."""

    choice: str
    name: str
    one: str
    many: str


# In the order of deletion: an order before its customer, a deal before the roles in it.
ORDERS = Kind(choice="ecommerce_orders", name="ecomOrders", one="e-commerce order", many="e-commerce orders")
CUSTOMERS = Kind(
    choice="ecommerce_customers", name="ecomCustomers", one="e-commerce customer", many="e-commerce customers"
)
DEALS = Kind(choice="deals", name="deals", one="deal", many="deals")
ROLES = Kind(choice="deals", name="contactDeals", one="role in a deal", many="roles in deals")
NOTES = Kind(choice="notes", name="notes", one="note", many="notes")
LINKS = Kind(
    choice="account_links", name="accountContacts", one="link to an account", many="links to accounts"
)
KINDS = (ORDERS, CUSTOMERS, DEALS, ROLES, NOTES, LINKS)
# These can be read when the contact is gone; the others are proven gone before it goes.
OUTLIVE_THE_CONTACT = (ORDERS, CUSTOMERS, LINKS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose records are meant: every address, the contacts that are there, and besides those the ones that were."""

    addresses: tuple[str, ...] = field(repr=False)
    live: tuple[str, ...]
    gone: tuple[str, ...] = ()


class Related:
    """The records of one account, under the operator's choices."""

    def __init__(self, api: Api, choices: dict[str, Choice]) -> None:
        self._api = api
        self._choices = {name: choices.get(name, Choice()) for name in CHOICES}

    def choice(self, kind: Kind) -> Choice:
        """Return what happens to this kind."""
        return self._choices[kind.choice]

    def ids(self, kind: Kind, whose: Whose) -> tuple[str, ...]:
        """Return the ids of this kind's records. Raises SystemUnavailableError.

        Whatever a filter let through is dropped: a record counts only when it names the address or the contact itself.
        """
        if kind in {ORDERS, CUSTOMERS}:
            found = (one for address in whose.addresses for one in self._api.of_address(kind.name, address))
        elif kind is LINKS:
            contacts = (*whose.live, *whose.gone)
            found = (one for contact in contacts for one in self._api.linked_to(kind.name, contact))
        else:
            found = (one for contact in whose.live for one in self._api.under_contact(kind.name, contact))
        return tuple(dict.fromkeys(found))

    def lines(self, whose: Whose) -> tuple[Count, ...]:
        """Return one line of the plan for each kind of which there is something. Raises SystemUnavailableError.

        What turns up after the approval is a new line then, and goes back to planning.
        """
        looked_at = (kind for kind in KINDS if self.choice(kind).action != "none")
        counts = ((kind, len(self.ids(kind, whose))) for kind in looked_at)
        return tuple(self._line(kind, number) for kind, number in counts if number)

    def _line(self, kind: Kind, number: int) -> Count:
        choice = self.choice(kind)
        return Count(
            table=kind.many, action=choice.action, number=number, ground=choice.ground, until=choice.until
        )

    def warnings(self, lines: Iterable[Count]) -> tuple[str, ...]:
        """Return what the deciding people must know about the choices and about what was counted."""
        unread = [kind.many for kind in KINDS if self.choice(kind).action == "none"]
        said = [f"not looked at, as systems.yaml says: {', '.join(unread)}"] if unread else []
        if any(one.table == DEALS.many and one.action == "delete" and one.number for one in lines):
            said.append("deals are deleted whole, whoever else has a role in them")
        return tuple(said)

    def delete(self, whose: Whose) -> str:
        """Delete what is to be deleted; return what is still there afterwards, read anew, in words ("" for nothing).

        No status is believed: a note that is gone is answered with 403, and a refusal of a record that is gone is none.
        """
        # Everything is read before anything is deleted: a list that is refused leaves nothing half done.
        found = {kind: self.ids(kind, whose) for kind in KINDS if self.choice(kind).action == "delete"}
        refused = ""
        for kind, ids in found.items():
            for number in ids:
                refused = self._api.remove(kind.name, number) or refused
        touched = [kind for kind, ids in found.items() if ids]
        left = self.left(touched, whose)
        return f"{left} ({refused})" if left and refused else left

    def left(self, kinds: Iterable[Kind], whose: Whose) -> str:
        """Return in words what of these kinds is there and should not be, or ""."""
        counts = (
            (kind, len(self.ids(kind, whose))) for kind in kinds if self.choice(kind).action == "delete"
        )
        return ", ".join(number_of(number, kind.one, kind.many) for kind, number in counts if number)


def number_of(number: int, one: str, many: str) -> str:
    """Return "1 note", "2 notes", or "" for none."""
    return f"{number} {one if number == 1 else many}" if number else ""
