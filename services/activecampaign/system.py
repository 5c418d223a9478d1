"""ActiveCampaign as a system: live contacts deleted, archived copies purged, and both lists read twice as the proof."""

import time
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, assert_never

from services.activecampaign.answers import HAS_ARCHIVE, NOT_ADMIN, Contact
from services.activecampaign.client import Api
from services.activecampaign.proposals import CONTACT, archived_candidate, live_candidate
from services.activecampaign.related import OUTLIVE_THE_CONTACT, Related, Whose, number_of
from services.activecampaign.settings import Settings
from services.domain.identity import Candidate, Identifier, Identity, folded
from services.domain.outcome import Count, Outcome, OutcomeKind
from services.domain.plan import SystemPlan
from services.domain.scope import Scope
from services.pace import Places
from services.ports import Clock, Job, SystemUnavailableError

BY_HAND = (
    "the live contacts are gone; archived copies must be deleted by hand: in ActiveCampaign open "
    "“View archived contacts”, search each of the customer's addresses, choose “Delete permanently”, then attest it"
)
FEW_PAGES = 5
MOVED = "a chosen contact is filed under another address now: look the customer up again"


class ActiveCampaign:
    """The mandatory system (design rule 3). Holds no state between calls but connections and the rate limit."""

    order = 20
    is_mandatory = True

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock,
        name: str = "activecampaign",
        label: str = "ActiveCampaign",
        places: Places | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.label = label
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._api = Api(settings, clock=clock, places=places, sleep=sleep, monotonic=monotonic)
        self._is_long = False  # once the archive was seen to be long, it is searched only
        self._related = Related(self._api, dict(settings.related))

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def acts_on(self, scope: Scope) -> bool:
        """Only `all_personal_data` touches ActiveCampaign."""
        match scope:
            case Scope.ALL_PERSONAL_DATA:
                return True
            case Scope.ACCOUNT_ONLY:
                return False
        assert_never(scope)

    def digest(self) -> str:
        """Return the hash of the settings that decide what is deleted; the API key is no part of it."""
        return self._settings.digest

    def find(self, identifiers: tuple[Identifier, ...]) -> tuple[Candidate, ...]:
        """Return the contacts under these addresses or ids, and addresses of which only archived copies are left.

        An archive that may not be read is a warning here and a problem in `plan`.
        """
        asked = Identity(identifiers=identifiers)
        live = self._live(asked)
        warnings: tuple[str, ...] = ()
        copies: tuple[Contact, ...] = ()
        if self._settings.archives == "purge" and self._api.has_archive():
            named = asked.of(system=self.name, kind=CONTACT)
            copies = (*self._copies(_all_addresses(asked, live)), *self._copies_named(named))
        elif self._settings.archives == "purge":
            warnings = (f"{NOT_ADMIN}, nor could they be searched",)
        about: dict[str, Any] = {"system": self.name, "label": self.label, "warnings": warnings}
        for_live = [
            live_candidate(contact, [one for one in copies if one.address == contact.address], **about)
            for contact in live
        ]
        rest = {one.id: one for one in copies if one.address not in _addresses_of(live)}.values()
        for_rest = [
            archived_candidate([one for one in rest if one.address == address], **about)
            for address in dict.fromkeys(one.address for one in rest)
        ]
        return (*for_live, *for_rest)

    def plan(self, identity: Identity, scope: Scope) -> SystemPlan:
        """Check the rights and count contacts, archived copies and what hangs on them. Never raises: see `problem`."""
        lines: tuple[Count, ...] = ()
        warnings: list[str] = []
        problem, retry_at = "", None
        try:
            self._check_rights()
            live = self._live(identity)
            if _addresses_of(live) - _addresses(identity):
                warnings.append(MOVED)
            lines = (Count(table="contacts", action="delete", number=len(live)),)
            if self._settings.archives == "purge":
                copies = self._copies(_all_addresses(identity, live))
                lines += (Count(table="contactArchives", action="purge", number=len(copies)),)
            else:
                warnings.append("archived copies must be deleted by hand and attested")
            beside = self._related.lines(self._whose(identity, live))
            lines += beside
            warnings += self._related.warnings(beside)
        except SystemUnavailableError as unavailable:
            problem = unavailable.reason
            retry_at = unavailable.retry_at if unavailable.asked else None
        return SystemPlan(
            system=self.name,
            label=self.label,
            order=self.order,
            digest=self.digest(),
            acts=self.acts_on(scope),
            lines=lines,
            warnings=tuple(warnings),
            problem=problem,
            retry_at=retry_at,
        )

    def execute(self, job: Job) -> Outcome | None:
        """Delete what hangs on the contacts, the contacts, and every archived copy; no status is believed.

        The rights come first: a contact is never deleted when its archived copy could not be purged after it. What can
        only be read under the contact is proven gone before the contact goes. Repeating it after a crash finds what is
        left by address, whichever half had been done.
        """
        try:
            self._check_rights()
            live = self._live(job.identity)
            if left := self._related.delete(self._whose(job.identity, live)):
                return self._outcome(
                    OutcomeKind.FAILED, reason=f"still there: {left}; the contact was not touched"
                )
            refused = [said for contact in live if (said := self._api.delete(contact.id))]
            if refused and self._live(job.identity):
                return self._outcome(OutcomeKind.FAILED, reason=refused[0])
            if self._settings.archives == "purge":
                addresses = _all_addresses(job.identity, live)
                self._purge(addresses)
                if live:  # what was just archived may be listed late
                    self._sleep(self._settings.pause)
                    self._purge(addresses)
        except SystemUnavailableError as unavailable:
            return self._unanswered(unavailable)
        return None

    def verify(self, job: Job) -> Outcome:
        """Read everything by every address and id, twice with a pause: contacts can come back, lists can lag."""
        try:
            self._check_archive()
            for is_second in (False, True):
                if is_second:
                    self._sleep(self._settings.pause)
                if left := self._left(job.identity, by_search=not is_second):
                    return self._outcome(OutcomeKind.FAILED, reason=left)
        except SystemUnavailableError as unavailable:
            return self._unanswered(unavailable)
        if self._settings.archives == "none":
            return self._outcome(OutcomeKind.MANUAL, reason=BY_HAND, counts=job.planned.lines)
        if job.planned.found:
            return self._outcome(OutcomeKind.VERIFIED_GONE, counts=job.planned.lines)
        return self._outcome(OutcomeKind.NOTHING_FOUND)

    def _check_rights(self) -> None:
        self._api.check_token()
        self._check_archive()

    def _check_archive(self) -> None:
        has_archive = self._api.has_archive()
        if has_archive and self._settings.archives == "none":
            raise SystemUnavailableError(HAS_ARCHIVE)
        if not has_archive and self._settings.archives == "purge":
            raise SystemUnavailableError(NOT_ADMIN)

    def _live(self, identity: Identity) -> tuple[Contact, ...]:
        """The live contacts under the identity's addresses, and those that were chosen by id."""
        found = {one.id: one for address in _spelled(identity) for one in self._api.contacts_of(address)}
        for contact_id in identity.of(system=self.name, kind=CONTACT):
            if contact_id not in found and (contact := self._api.contact(contact_id)):
                found[contact_id] = contact
        return tuple(found.values())

    def _whose(self, identity: Identity, live: Collection[Contact]) -> Whose:
        there = tuple(one.id for one in live)
        chosen = identity.of(system=self.name, kind=CONTACT)
        return Whose(
            addresses=tuple(_all_addresses(identity, live)),
            live=there,
            gone=tuple(one for one in chosen if one not in there),
        )

    def _copies(self, addresses: Collection[str], *, by_search: bool = False) -> tuple[Contact, ...]:
        """The archived copies under these addresses: out of the whole archive where it is short, else by its search.

        The search is documented to match a whole address; only the archive itself shows that it minds no case.
        """
        everything = None if by_search or self._is_long else self._api.archived_if_few(pages=FEW_PAGES)
        if everything is not None:
            wanted = {folded(one) for one in addresses}
            return tuple(one for one in everything if one.address in wanted)
        self._is_long = self._is_long or not by_search
        found = {one.id: one for address in addresses for one in self._api.archived_of(address)}
        return tuple(found.values())

    def _copies_named(self, contact_ids: Collection[str]) -> tuple[Contact, ...]:
        return tuple(one for number in contact_ids if (one := self._api.archived_copy(number)))

    def _purge(self, addresses: Collection[str]) -> None:
        for copy in self._copies(addresses):
            self._api.purge(copy.id)

    def _left(self, identity: Identity, *, by_search: bool) -> str:
        """Say what is still there, or return "" when nothing is."""
        live = self._live(identity)
        copies: dict[str, Contact] = {}
        strays: tuple[Contact, ...] = ()
        if self._settings.archives == "purge":
            addresses = _all_addresses(identity, live)
            named = self._copies_named(identity.of(system=self.name, kind=CONTACT))
            wanted = {folded(one) for one in addresses}
            strays = tuple(one for one in named if one.address not in wanted)
            found = self._copies(addresses, by_search=by_search)
            copies = {one.id: one for one in (*found, *named) if one.address in wanted}
        beside = self._related.left(OUTLIVE_THE_CONTACT, self._whose(identity, live))
        parts = (
            number_of(len(live), "contact", "contacts"),
            number_of(len(copies), "archived copy", "archived copies"),
            beside,
        )
        if any(parts):
            return f"still there: {', '.join(part for part in parts if part)}"
        # A copy keeps the id of its contact, but under an unknown address it may be a stranger's: a person decides.
        return f"archived: {MOVED}" if strays else ""

    def _unanswered(self, unavailable: SystemUnavailableError) -> Outcome:
        if unavailable.retry_at:
            return self._outcome(OutcomeKind.RETRY_LATER, reason=unavailable.reason, due=unavailable.retry_at)
        return self._outcome(OutcomeKind.FAILED, reason=unavailable.reason)

    def _outcome(
        self,
        kind: OutcomeKind,
        *,
        reason: str = "",
        counts: tuple[Count, ...] = (),
        due: datetime | None = None,
    ) -> Outcome:
        at = self._clock.now()
        return Outcome(system=self.name, kind=kind, at=at, reason=reason, counts=counts, due=due)


def _addresses(identity: Identity) -> set[str]:
    return {address for address in identity.emails if address}


def _addresses_of(contacts: Collection[Contact]) -> set[str]:
    return {contact.address for contact in contacts if contact.address}


def _all_addresses(identity: Identity, live: Collection[Contact]) -> dict[str, None]:
    """Every address that is the person's, each once and in order, the contacts' own included."""
    return dict.fromkeys((*_spelled(identity), *sorted(_addresses_of(live) - _addresses(identity))))


def _spelled(identity: Identity) -> tuple[str, ...]:
    """The addresses as they were given, each once whatever its case."""
    given = (one.value.strip() for one in identity.identifiers if one.kind == "email")
    return tuple({folded(one): one for one in given if one}.values())
