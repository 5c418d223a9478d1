"""The twin itself, as an outsider sees it over HTTP: the oddities that FACTS lists, and its control endpoints."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.activecampaign.twin import Account, Faults, Twin

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def twin() -> Iterator[Twin]:
    with Twin(Account(now=lambda: NOW, faults=Faults(rate=0))) as one:
        yield one


@pytest.fixture
def admin(twin: Twin) -> Iterator[httpx.Client]:
    yield from _client(twin, twin.account.admin_token)


@pytest.fixture
def user(twin: Twin) -> Iterator[httpx.Client]:
    yield from _client(twin, twin.account.user_token)


def _client(twin: Twin, token: str) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=f"{twin.url}/api/3", headers={"Api-Token": token}, trust_env=False, timeout=60
    ) as one:
        yield one


def control(twin: Twin, method: str, path: str, body: Any = None) -> Any:
    with httpx.Client(base_url=f"{twin.url}/twin", trust_env=False) as one:
        return one.request(method, path, json=body).json()


def test_a_missing_or_bad_token_is_403(twin: Twin) -> None:
    """Not 401: the real API answers 403."""
    for token in ("", "wrong"):
        for one in _client(twin, token):
            assert one.get("/users/me").status_code == 403


def test_a_user_without_admin_rights_sees_404(twin: Twin, user: httpx.Client) -> None:
    """A 404 that means "not allowed", on the archive and on deleting."""
    (number,) = twin.account.seed([{"email": "a@example.com"}])
    assert user.get("/contacts").status_code == 200
    assert user.get("/contactArchives").status_code == 404
    assert user.delete(f"/contacts/{number}").status_code == 404
    assert len(twin.account.state()["contacts"]) == 1


def test_lists_are_paged_20_and_at_most_100_with_an_unreliable_total(twin: Twin, admin: httpx.Client) -> None:
    """The default page has 20, the largest 100, and `meta.total` is a string that does not help."""
    twin.account.seed({"email": f"p{n}@example.com"} for n in range(130))
    first = admin.get("/contacts").json()
    assert (len(first["contacts"]), first["meta"]["total"]) == (20, "20")
    assert len(admin.get("/contacts", params={"limit": 500}).json()["contacts"]) == 100
    assert len(admin.get("/contacts", params={"limit": 100, "offset": 100}).json()["contacts"]) == 30
    assert len(admin.get("/contacts", params={"email": "P7@example.com"}).json()["contacts"]) == 1


def test_deleting_archives_with_empty_bodies_and_changing_words(twin: Twin, admin: httpx.Client) -> None:
    """200 with an empty body or `{}`, then 404s in several wordings; purging twice is 200 both times."""
    twin.account.seed([{"email": "a@example.com"}, {"email": "b@example.com"}])
    assert [admin.delete(f"/contacts/{n}").text for n in (1, 2)] == ["", "{}"]
    words = {admin.delete("/contacts/1").json()["message"] for _ in range(3)}
    assert len(words) == 3
    assert [row["id"] for row in admin.get("/contactArchives").json()["contactArchives"]] == ["1", "2"]
    assert [admin.delete("/contactArchives/1").status_code for _ in range(2)] == [200, 200]
    assert admin.post("/contactArchives/deleteList", json={"ids": [2]}).status_code == 200
    assert [(one.effect, one.id) for one in twin.account.journal()] == [
        ("contact archived", "1"),
        ("contact archived", "2"),
        ("archive purged", "1"),
        ("archive purged", "2"),
    ]


def test_the_rate_limit_carries_the_documented_headers(twin: Twin, admin: httpx.Client) -> None:
    """One request too many in a second is 429 with Retry-After; the others say how many are left."""
    twin.account.set_faults(rate=1)
    first, second = admin.get("/users/me"), admin.get("/users/me")
    assert (first.status_code, first.headers["RateLimit-Remaining"]) == (200, "0")
    assert (second.status_code, second.headers["Retry-After"]) == (429, "1")
    assert second.headers["RateLimit-Limit"] == "1"


def test_the_controls_do_over_http_what_the_methods_do(twin: Twin, admin: httpx.Client) -> None:
    """A demo that runs in another process can seed, break, hold, release, and read what happened."""
    assert control(twin, "POST", "/seed", [{"email": "a@example.com"}]) == {"ids": ["1"]}
    assert control(twin, "POST", "/faults", {"down": True})["faults"]["down"] is True
    assert admin.get("/users/me").status_code == 503
    control(twin, "POST", "/faults", {"down": False})
    assert "no such fault" in control(twin, "POST", "/faults", {"nonsense": True})["error"]
    assert "not a bool" in control(twin, "POST", "/faults", {"down": "yes"})["error"]
    control(twin, "POST", "/hold", {"method": "delete", "path": "contacts/"})
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(admin.delete("/contacts/1").status_code))
    asking.start()
    assert twin.hold.reached.wait(60)
    assert (control(twin, "GET", "/hold"), answers) == ({"reached": True}, [])
    journal = control(twin, "GET", "/journal")
    assert journal == [{"at": NOW.isoformat(), "effect": "contact archived", "id": "1"}]
    control(twin, "POST", "/release")
    asking.join(60)
    assert answers == [200]
    assert admin.delete("/contacts/1").status_code == 404
    assert control(twin, "GET", "/requests")[-1] == {"method": "DELETE", "path": "contacts/1"}
    assert [row["email"] for row in control(twin, "GET", "/state")["archived"]] == ["a@example.com"]


def test_other_names_for_this_machine_are_refused(admin: httpx.Client) -> None:
    """A page on the web that lets its own name point here cannot throw the switches."""
    assert admin.get("/users/me", headers={"Host": "evil.test"}).status_code == 400


def test_a_twin_comes_back_on_its_port(twin: Twin) -> None:
    """The demo restarts on the address that its settings name."""
    port = int(twin.url.rpartition(":")[2])
    twin.stop()
    with Twin(twin.account, port=port) as again:
        assert again.url == twin.url
        assert control(again, "GET", "/journal") == []
