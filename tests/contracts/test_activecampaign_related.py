"""What hangs on a contact in ActiveCampaign: orders, e-commerce customers, deals, roles, notes, links to accounts."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from services.activecampaign import Settings
from services.activecampaign.choices import CHOICES, Choice
from services.activecampaign.twin import Account, Twin
from services.activecampaign.twin_records import SOMEBODY
from services.domain.outcome import Outcome, OutcomeKind, allow_fully_removed
from tests.contracts.test_activecampaign_system import ADA, ALL, NOW, Bench, job, run, who

EVERYTHING = {"orders": 2, "customers": 1, "deals": 1, "roles": 1, "notes": 3, "links": 1}


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with Twin(Account(now=lambda: NOW)) as one:
        yield one


@pytest.fixture
def bench(twin: Twin) -> Iterator[Callable[..., Bench]]:
    with ExitStack() as stack:
        yield lambda **faults: Bench(stack, twin, **faults)


def held(b: Bench) -> dict[str, int]:
    return {name: len(rows) for name, rows in b.account.records.all().items() if rows}


def test_everything_beside_the_contact_goes_and_is_listed(bench: Callable[..., Bench]) -> None:
    """The plan names and counts each sort; afterwards nothing of the person is left, and everything of others is."""
    b = bench()
    b.account.seed([{"email": ADA, "archived": 1, **EVERYTHING}])
    b.account.seed([{"email": "bob@example.com", **EVERYTHING}])
    before = held(b)
    system = b.system()
    work = job(system, who(ADA, contacts=("2",)))
    assert [(one.table, one.action, one.number) for one in work.planned.lines[2:]] == [
        ("e-commerce orders", "delete", 2),
        ("e-commerce customers", "delete", 1),
        ("deals", "delete", 1),
        ("roles in deals", "delete", 1),
        ("notes", "delete", 3),
        ("links to accounts", "delete", 1),
    ]
    assert "deals are deleted whole, whoever else has a role in them" in work.planned.warnings
    assert system.execute(work) is None
    outcome = system.verify(work)
    assert (outcome.kind, outcome.counts) == (OutcomeKind.VERIFIED_GONE, work.planned.lines)
    # The deals in which each of them had a role belong to somebody else and stay.
    assert held(b) == {name: number // 2 for name, number in before.items()} | {"deals": 3}
    others = {row["contact"] for row in b.account.records.all()["deals"]}
    assert SOMEBODY in others
    assert [row["email"] for row in b.account.state()["contacts"]] == ["bob@example.com"]


def test_order_records_first_contact_last(bench: Callable[..., Bench]) -> None:
    """What can only be read under the contact is gone before the contact is: no crash leaves it without a way back."""
    b = bench()
    b.account.seed([{"email": ADA, **EVERYTHING}])
    assert run(b.system(), who(ADA)).kind is OutcomeKind.VERIFIED_GONE
    effects = [effect for effect, _ in b.effects()]
    assert effects[-2:] == ["contact archived", "archive purged"]
    assert len(effects) == 2 + sum(EVERYTHING.values())


def test_kept_on_a_ground_is_named_and_forbids_fully_removed(bench: Callable[..., Bench]) -> None:
    """Kept by configuration: on the plan with ground and time, untouched by the run, and told to the customer."""
    b = bench()
    b.account.seed([{"email": ADA, **EVERYTHING}])
    kept = Choice(action="keep", ground="tax law", until="10 years")
    system = b.system(related=(("ecommerce_orders", kept), ("ecommerce_customers", kept)))
    outcome = run(system, who(ADA))
    assert outcome.kind is OutcomeKind.VERIFIED_GONE
    assert [(one.table, one.number, one.ground, one.until) for one in outcome.kept_counts] == [
        ("e-commerce orders", 2, "tax law", "10 years"),
        ("e-commerce customers", 1, "tax law", "10 years"),
    ]
    assert not allow_fully_removed([outcome])
    assert held(b) == {"ecomOrders": 2, "ecomCustomers": 1, "deals": 1}
    assert system.digest() != b.system().digest(), "another choice is another definition"


def test_an_account_without_crm_says_what_to_do(bench: Callable[..., Bench]) -> None:
    """A list that is refused is no empty list: a problem with its cure, until the operator says `none`."""
    b = bench(no_crm=True)
    b.account.seed([{"email": ADA, "orders": 1}])
    system = b.system()
    plan = system.plan(who(ADA), ALL)
    assert "its deals cannot be read (HTTP 403)" in plan.problem
    assert "write `none`" in plan.problem
    outcome = system.execute(job(system, who(ADA), plan))
    assert outcome is not None
    assert outcome.kind is OutcomeKind.FAILED
    assert b.effects() == []
    none = Choice(action="none")
    system = b.system(related=(("deals", none), ("notes", none), ("account_links", none)))
    assert "not looked at, as systems.yaml says: deals, roles in deals, notes, links to accounts" in (
        system.plan(who(ADA), ALL).warnings
    )
    assert run(system, who(ADA)).kind is OutcomeKind.VERIFIED_GONE


def test_a_server_that_says_yes_and_does_nothing(bench: Callable[..., Bench]) -> None:
    """200 to every DELETE proves nothing: the read decides, and the contact is not touched while its records stand."""
    b = bench()
    b.account.seed([{"email": ADA, "orders": 2, "notes": 1}])
    system = b.system()
    work = job(system, who(ADA))
    b.account.set_faults(deaf=True)
    outcome = system.execute(work)
    assert outcome is not None
    assert (outcome.kind, outcome.reason) == (
        OutcomeKind.FAILED,
        "still there: 2 e-commerce orders, 1 note; the contact was not touched",
    )
    assert "DELETE contacts" not in b.calls()
    assert system.verify(work).reason == "still there: 1 contact, 2 e-commerce orders"
    b.account.set_faults(deaf=False)
    assert (system.execute(work) or system.verify(work)).kind is OutcomeKind.VERIFIED_GONE


def test_a_refusal_of_what_is_gone_is_none(bench: Callable[..., Bench], mocker: Any) -> None:
    """Two workers, one note: the second is answered 403 "No Result found" and finds nothing left, which is what counts."""
    b = bench()
    b.account.seed([{"email": ADA, "notes": 1}])
    system = b.system()
    removed = b.account.remove

    def somebody_was_faster(name: str, number: str) -> bool:
        removed(name, number)
        return False

    mocker.patch.object(b.account, "remove", somebody_was_faster)
    assert run(system, who(ADA)).kind is OutcomeKind.VERIFIED_GONE


def test_strangers_records_survive_a_filter_that_is_ignored(bench: Callable[..., Bench]) -> None:
    """Only what names the person's address or contact is theirs, however much the server sends."""
    b = bench(ignore_filter=True)
    b.account.seed([{"email": f"stranger{n}@example.com", "orders": 1, "links": 1} for n in range(130)])
    b.account.seed([{"email": ADA.upper(), "orders": 1, "links": 1}])
    assert run(b.system(), who(ADA)).kind is OutcomeKind.VERIFIED_GONE
    assert held(b) == {"ecomOrders": 130, "accountContacts": 130}


def test_somebody_with_orders_and_no_contact(bench: Callable[..., Bench]) -> None:
    """Orders under the address are found, deleted and proven gone although there is no contact."""
    b = bench()
    b.account.seed([{"email": ADA, "live": False, "orders": 2, "customers": 1}])
    outcome = run(b.system(), who(ADA))
    assert (outcome.kind, held(b)) == (OutcomeKind.VERIFIED_GONE, {})


def test_an_order_that_comes_back_is_seen(bench: Callable[..., Bench]) -> None:
    """A shop that synchronises again during the pause: the second reading finds it."""
    b = bench()
    b.account.seed([{"email": ADA, "orders": 1}])
    system = b.system()
    work = job(system, who(ADA))
    assert system.execute(work) is None
    b.time.at_pause = lambda: b.account.seed([{"email": ADA, "live": False, "orders": 1}])
    assert system.verify(work).reason == "still there: 1 e-commerce order"


def test_a_copy_in_another_case_is_found_in_the_archive_itself(bench: Callable[..., Bench]) -> None:
    """Should the archive's search mind the case after all: a short archive is read as a whole, and shows the copy."""
    b = bench(minds_case=True)
    b.account.seed([{"email": ADA, "archived": 0}])
    b.account.seed([{"email": ADA.title(), "archived": 1, "live": False}])
    assert run(b.system(), who(ADA)).kind is OutcomeKind.VERIFIED_GONE
    assert b.account.state() == {"contacts": [], "archived": []}


def test_a_long_archive_is_searched_not_listed(bench: Callable[..., Bench]) -> None:
    """5,000 archived strangers cost a few pages once, then two requests: five a second have to suffice for everybody."""
    b = bench()
    b.account.seed([{"email": "stranger@example.com", "archived": 5000, "live": False}])
    b.account.seed([{"email": ADA, "archived": 2}])
    system = b.system()
    work = job(system, who(ADA))
    b.calls()
    assert system.execute(work) is None
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE
    assert b.calls()["GET contactArchives"] <= 7
    assert len(b.account.state()["archived"]) == 5000


def test_the_archive_limit_is_no_failure_of_what_is_gone(bench: Callable[..., Bench], mocker: Any) -> None:
    """Refused, but the contact is not there any more (somebody was faster): the read decides, not the status."""
    b = bench(archive_limit=True)
    b.account.seed([{"email": ADA}])
    system = b.system()
    work = job(system, who(ADA))
    contact = b.account.contact

    def then_somebody_deletes_it(number: str) -> dict[str, str] | None:
        row = contact(number)
        b.account.delete(number)
        return row

    mocker.patch.object(b.account, "contact", then_somebody_deletes_it)
    outcome: Outcome | None = system.execute(work)
    assert outcome is None
    mocker.stopall()
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE


def test_every_choice_is_known() -> None:
    """A choice for something unknown is refused with what is known."""
    assert len(CHOICES) == 5
    with pytest.raises(ValueError, match="related: emails is not known; known are ecommerce_orders"):
        Settings(base_url="https://x.test", token="t", related=(("emails", Choice()),))
