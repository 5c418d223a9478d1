"""How ActiveCampaign is spoken to: the few calls of its API v3 that a deletion needs, with its oddities absorbed here."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from services.activecampaign.answers import (
    ARCHIVE_LIMIT,
    NOT_ITS_API,
    Contact,
    NoFeatureError,
    address_in,
    body_of,
    contact_of,
    digits,
    id_of,
    is_note_of,
    is_of,
    rows_of,
    spellings,
)
from services.activecampaign.settings import Settings
from services.domain.identity import folded
from services.pace import LocalPlaces, Pace, Places
from services.ports import Clock, SystemUnavailableError
from services.transport import Broken, Patience, Request, Response, RetryLater, client, send

PAGE = 100
UNASKED_PAGE = 20  # what the API gives when it ignores `limit`


class Api:
    """The account's API. Every method raises `SystemUnavailableError` when there is no usable answer.

    `retry_at` is set on it when coming back later may help, and is None when a person has to do something.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock,
        places: Places | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = client(
            settings.root,
            headers={"Api-Token": settings.token, "Accept": "application/json"},
            allowed_hosts={settings.host},
            timeout=settings.timeout,
            allow_http=settings.allow_http,
        )
        self._pace = Pace(
            places or LocalPlaces(monotonic=monotonic),
            name=f"activecampaign {settings.host}",
            per_second=settings.rate,
            sleep=sleep,
            monotonic=monotonic,
        )
        self._patience = Patience(budget=settings.budget)
        self._clock, self._sleep, self._monotonic = clock, sleep, monotonic

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def check_token(self) -> None:
        """Raise unless the token is accepted (a bad one is answered with 403, not 401)."""
        answer = self._ask("GET", "users/me")
        match body_of(answer):
            case {"user": {"id": str() | int()}}:
                return
            case _:
                raise SystemUnavailableError(NOT_ITS_API)

    def has_archive(self) -> bool:
        """Return whether the archive may be used. False is a 404: no such endpoint, or the key is not an admin's."""
        answer = self._ask("GET", "contactArchives", limit=1)
        if answer.status == 404:
            return False
        rows_of(answer, "contactArchives")
        return True

    def contacts_of(self, address: str) -> tuple[Contact, ...]:
        """Return the live contacts with exactly this address, in any case.

        Whatever else a filter let through is dropped here: nobody is ever chosen by the server's word alone.
        """
        return self._contacts("contacts", "email", address)

    def contact(self, contact_id: str) -> Contact | None:
        """Return the live contact of that id, or None when there is none."""
        return self._by_id("contacts", "contact", contact_id)

    def archived_of(self, address: str) -> tuple[Contact, ...]:
        """Return the archived copies with exactly this address (`search` with a whole address matches exactly)."""
        return self._contacts("contactArchives", "search", address)

    def archived_copy(self, contact_id: str) -> Contact | None:
        """Return the archived copy of that id, or None when there is none (or no right to see it)."""
        return self._by_id("contactArchives", "contactArchive", contact_id)

    def archived_if_few(self, *, pages: int) -> tuple[Contact, ...] | None:
        """Return every archived copy of the account, or None when there are more than so many pages of them."""
        found: list[Contact] = []
        for row in self._all("contactArchives"):
            found.append(contact_of(row))
            if len(found) > pages * PAGE:
                return None
        return tuple(found)

    def of_address(self, name: str, address: str) -> tuple[str, ...]:
        """Return the ids of the records (`ecomCustomers`, `ecomOrders`) that carry exactly this address."""
        rows = (row for one in spellings(address) for row in self._all(name, **{"filters[email]": one}))
        return tuple(
            dict.fromkeys(id_of(row) for row in rows if address_in(row.get("email")) == folded(address))
        )

    def under_contact(self, name: str, contact_id: str) -> tuple[str, ...]:
        """Return the ids of the contact's own `deals`, `contactDeals` or `notes`; none when the contact is gone.

        A deal in which somebody else comes first is not the contact's own: there it has a role (`contactDeals`).
        """
        mine = is_note_of if name == "notes" else is_of
        try:
            rows = tuple(self._all(f"contacts/{digits(contact_id)}/{name}", name=name))
        except NoFeatureError:
            if self.contact(contact_id) is None:
                return ()
            raise
        return tuple(id_of(row) for row in rows if mine(row, contact_id))

    def linked_to(self, name: str, contact_id: str) -> tuple[str, ...]:
        """Return the ids of the links (`accountContacts`) between the contact and accounts."""
        rows = self._all(name, **{"filters[contact]": digits(contact_id)})
        return tuple(id_of(row) for row in rows if is_of(row, contact_id))

    def delete(self, contact_id: str) -> str:
        """Ask for a contact to be deleted. Returns why it was refused, or "". Repeatable; only a read proves anything."""
        answer = self._ask("DELETE", f"contacts/{digits(contact_id)}")
        if _refusal(answer, "") and b"limit" in answer.content.lower():
            return ARCHIVE_LIMIT
        return _refusal(answer, "delete a contact")

    def purge(self, archive_id: str) -> str:
        """Ask for an archived copy to be destroyed. As `delete`."""
        answer = self._ask("DELETE", f"contactArchives/{digits(archive_id)}")
        return _refusal(answer, "purge an archived copy")

    def remove(self, name: str, record_id: str) -> str:
        """Ask for another record to be deleted. As `delete`."""
        return _refusal(self._ask("DELETE", f"{name}/{digits(record_id)}"), f"delete a record of {name}")

    def _contacts(self, name: str, parameter: str, address: str) -> tuple[Contact, ...]:
        # Whether the filter minds the case is not documented: ask in both spellings.
        rows = (row for one in spellings(address) for row in self._all(name, **{parameter: one}))
        found = {one.id: one for one in map(contact_of, rows) if one.address == folded(address)}
        return tuple(found.values())

    def _by_id(self, name: str, key: str, contact_id: str) -> Contact | None:
        answer = self._ask("GET", f"{name}/{digits(contact_id)}")
        if answer.status == 404:
            return None
        found = contact_of(body_of(answer).get(key))
        if found.id != contact_id:
            raise SystemUnavailableError("it answered with another contact than it was asked for")
        return found

    def _ask(self, method: str, path: str, **params: str | int) -> Response:
        result = send(
            self._http,
            Request(method=method, path=path, params=params),
            clock=self._clock,
            patience=self._patience,
            turn=self._pace.turn,
            sleep=self._sleep,
            monotonic=self._monotonic,
        )
        match result:
            case Response():
                return result
            case RetryLater():
                raise SystemUnavailableError(f"it {result.reason}", retry_at=result.at, asked=result.asked)
            case Broken():
                raise SystemUnavailableError(f"it {result.reason}")

    def _all(self, path: str, *, name: str = "", **params: str | int) -> Iterator[dict[str, Any]]:
        """Page until a short page: `meta.total` is a string and unreliable."""
        name = name or path
        seen: set[str] = set()
        while True:
            answer = self._ask("GET", path, **params, limit=PAGE, offset=len(seen))
            page = rows_of(answer, name)
            fresh = {id_of(row): row for row in page if id_of(row) not in seen}
            seen.update(fresh)
            yield from fresh.values()
            if len(page) < PAGE and len(page) != UNASKED_PAGE:
                return
            if not fresh:
                raise SystemUnavailableError("its list does not end: the same page came twice")


def _refusal(answer: Response, what: str) -> str:
    if answer.is_success or answer.status == 404:
        return ""
    return f"it refused to {what} (HTTP {answer.status})"
