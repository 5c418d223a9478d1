"""One story for the twin and for a real account: what the twin promises is what ActiveCampaign does.

The real one runs when ACTIVECAMPAIGN_TEST_URL and ACTIVECAMPAIGN_TEST_TOKEN (of an Admin user) are set. It makes one
contact under an address nobody has, and erases it: one of the account's archivings of this month.
"""

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.activecampaign import ActiveCampaign, Settings
from services.activecampaign.twin import Account, Twin
from services.domain.outcome import OutcomeKind
from services.ports import SystemUnavailableError
from tests.contracts.test_activecampaign_system import ALL, job, who


class Clock:
    """The machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An account, real or not, and its Admin key."""

    url: str
    token: str

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Make something in the account, as a form or an integration would."""
        root = f"{self.url.rstrip('/').removesuffix('/api/3')}/api/3"
        answer = httpx.post(
            f"{root}/{path}", json=body, headers={"Api-Token": self.token}, timeout=60, trust_env=False
        )
        assert answer.status_code in {200, 201}, f"POST {path} answered {answer.status_code}"
        made: dict[str, Any] = answer.json()
        return made

    def system(self, **changes: Any) -> ActiveCampaign:
        """Return the system under test, with the pause and rate that are used for real."""
        settings = {"base_url": self.url, "token": self.token, "timeout": 60.0, "budget": 60.0, **changes}
        return ActiveCampaign(Settings(**settings, allow_http=True), clock=Clock())


@pytest.fixture(params=["twin", pytest.param("real", marks=pytest.mark.activecampaign)])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    if request.param == "twin":
        with Twin(Account(now=lambda: datetime.now(UTC))) as one:
            yield Place(url=one.url, token=one.account.admin_token)
        return
    url, token = (os.environ.get(f"ACTIVECAMPAIGN_TEST_{name}", "") for name in ("URL", "TOKEN"))
    if not url or not token:
        pytest.skip(
            "SKIPPED LOUDLY: ACTIVECAMPAIGN_TEST_URL and _TOKEN are not set; no real account was ever asked here"
        )
    request.getfixturevalue("socket_enabled")
    yield Place(url=url, token=token)


def test_a_contact_lives_and_dies(place: Place) -> None:
    """Made, found under another case, planned with its note, deleted, purged, proven absent twice; then nothing found."""
    email = f"Deletion-Desk.{uuid.uuid4().hex}@example.com"
    made = place.post("contacts", {"contact": {"email": email, "firstName": "Test"}})["contact"]
    place.post("notes", {"note": {"note": "a test", "relid": made["id"], "reltype": "Subscriber"}})
    system = place.system()
    try:
        (candidate,) = system.find(who(email.upper()).identifiers)
        assert candidate.key == f"contacts:{made['id']}"
        assert email not in repr(candidate.shown)
        identity = who(email.upper(), contacts=(str(made["id"]),))
        work = job(system, identity)
        assert not work.planned.problem, work.planned.problem
        counted = {one.table: one.number for one in work.planned.lines}
        assert counted == {"contacts": 1, "contactArchives": 0, "notes": 1}
        assert system.execute(work) is None
        outcome = system.verify(work)
        assert (outcome.kind, outcome.reason) == (OutcomeKind.VERIFIED_GONE, "")
        again = job(system, identity)
        assert system.execute(again) is None
        assert system.verify(again).kind is OutcomeKind.NOTHING_FOUND
        assert system.find(who(email).identifiers) == ()
    finally:
        system.close()


def test_a_key_that_is_none_is_refused_plainly(place: Place) -> None:
    """Whatever the account answers to a wrong key: one sentence, and nothing is done."""
    system = place.system(token="0" * 64)
    try:
        assert system.plan(who("nobody@example.com"), ALL).problem == "the API token is not accepted"
        with pytest.raises(SystemUnavailableError, match="token is not accepted"):
            system.find(who("nobody@example.com").identifiers)
    finally:
        system.close()
