"""ActiveCampaign behind the System port, against its shipped twin over real HTTP, in every variant that FACTS names."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.activecampaign import ActiveCampaign, NotConfigured, Settings
from services.activecampaign.twin import Account, Twin
from services.domain.identity import Identifier, Identity
from services.domain.outcome import Count, Outcome, OutcomeKind
from services.domain.plan import SystemPlan
from services.domain.scope import Scope
from services.ports import Job, System, SystemUnavailableError

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ADA = "ada.canary@example.com"
ALL = Scope.ALL_PERSONAL_DATA


class Clock:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


class Time:
    """Time that passes only by sleeping; `at_pause` is called when a verification or a purge pauses."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.at_pause: Callable[[], object] = lambda: None

    def sleep(self, seconds: float) -> None:
        self.passed += seconds
        if seconds == 7.0:
            self.at_pause()

    def monotonic(self) -> float:
        return self.passed


class Bench:
    """One account, one twin, one system under test."""

    def __init__(self, stack: ExitStack, twin: Twin, **faults: Any) -> None:
        self.twin, self.account = twin, twin.account
        self.account.clear()
        self.account.set_faults(**{"rate": 0, **faults})
        self.time = Time()
        self._stack = stack

    def system(self, **changes: Any) -> ActiveCampaign:
        given = {"base_url": self.twin.url, "token": self.account.admin_token, "pause": 7.0, "timeout": 60.0}
        system = ActiveCampaign(
            Settings(**{**given, "rate": 1000, "allow_http": True, **changes}),
            clock=Clock(),
            sleep=self.time.sleep,
            monotonic=self.time.monotonic,
        )
        self._stack.callback(system.close)
        return system

    def calls(self) -> Counter[str]:
        """How often each call was made since the last look, ids left out."""
        seen = [f"{method} {path.partition('/')[0]}" for method, path in self.account.requests()]
        self.account._requests.clear()
        return Counter(seen)

    def effects(self) -> list[tuple[str, str]]:
        return [(one.effect, one.id) for one in self.account.journal()]


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with Twin(Account(now=lambda: NOW)) as one:
        yield one


@pytest.fixture
def bench(twin: Twin) -> Iterator[Callable[..., Bench]]:
    with ExitStack() as stack:
        yield lambda **faults: Bench(stack, twin, **faults)


def who(*emails: str, contacts: tuple[str, ...] = ()) -> Identity:
    return Identity(
        identifiers=(
            *(Identifier(kind="email", value=one, source="test") for one in emails),
            *(
                Identifier(kind="contact", value=one, system="activecampaign", source="test")
                for one in contacts
            ),
        )
    )


def job(system: System, identity: Identity, planned: SystemPlan | None = None) -> Job:
    return Job(
        identity=identity, scope=ALL, planned=planned or system.plan(identity, ALL), key="c:1:activecampaign"
    )


def run(system: System, identity: Identity) -> Outcome:
    """What the deletion verb does with one system."""
    work = job(system, identity)
    assert not work.planned.problem
    return system.execute(work) or system.verify(work)


@pytest.mark.parametrize("variant", [{}, {"destroys": True}, {"own_archive_ids": True}, {"lag": 1}])
@pytest.mark.parametrize("suffix", ["", "/", "/api/3", "/api/3/"])
def test_contacts_and_every_archived_copy_are_gone(
    bench: Callable[..., Bench], variant: dict[str, Any], suffix: str
) -> None:
    """Whether DELETE archives (under the same id, another one, or late) or destroys: nothing of the person is left."""
    b = bench(**variant)
    b.account.seed([{"email": ADA, "archived": 3}, {"email": "bob@example.com", "archived": 2}])
    system = b.system(base_url=b.twin.url + suffix)
    outcome = run(system, who(ADA))
    assert outcome.kind is OutcomeKind.VERIFIED_GONE
    assert outcome.counts == (
        Count(table="contacts", action="delete", number=1),
        Count(table="contactArchives", action="purge", number=3),
    )
    left = b.account.state()
    assert {row["email"] for row in (*left["contacts"], *left["archived"])} == {"bob@example.com"}
    assert (len(left["contacts"]), len(left["archived"])) == (1, 2), "a stranger's record was touched"


def test_addresses_match_in_any_case(bench: Callable[..., Bench]) -> None:
    """A differently-cased or padded address is the same person, live and archived."""
    b = bench()
    b.account.seed([{"email": "Ada.Canary@Example.COM", "archived": 1}])
    assert run(b.system(), who("  ADA.canary@example.com ")).kind is OutcomeKind.VERIFIED_GONE
    assert b.account.state() == {"contacts": [], "archived": []}


def test_strangers_that_the_filter_lets_through_survive(bench: Callable[..., Bench]) -> None:
    """A filter that is ignored deletes nobody else: local equality decides, over every page."""
    b = bench(ignore_filter=True)
    strangers = [{"email": f"stranger{n}@example.com", "archived": 1} for n in range(230)]
    b.account.seed([*strangers, {"email": ADA, "archived": 1}])
    system = b.system()
    assert [one.key for one in system.find(who(ADA).identifiers)] == ["contacts:462"]
    assert run(system, who(ADA)).kind is OutcomeKind.VERIFIED_GONE
    left = b.account.state()
    assert (len(left["contacts"]), len(left["archived"])) == (230, 230)


def test_paging_goes_on_until_a_short_page(bench: Callable[..., Bench]) -> None:
    """`meta.total` lies: 250 archived copies in front of the person's are three pages of 100, read to the end."""
    b = bench(ignore_filter=True)
    b.account.seed([{"email": "other@example.com", "archived": 250, "live": False}])
    b.account.seed([{"email": ADA, "archived": 1, "live": False}])
    system = b.system()
    plan = system.plan(who(ADA), ALL)
    assert [(one.table, one.number) for one in plan.lines] == [("contacts", 0), ("contactArchives", 1)]
    # the address; the preflight's one and three pages
    calls = b.calls()
    assert (calls["GET contacts"], calls["GET contactArchives"]) == (1, 4)


def test_a_run_costs_a_known_number_of_requests(bench: Callable[..., Bench]) -> None:
    """Five requests a second are shared with everything on the account: none is wasted."""
    b = bench()
    b.account.seed([{"email": ADA}])
    system = b.system()
    work = job(system, who(ADA, contacts=("1",)))
    b.calls()
    assert system.execute(work) is None
    assert b.calls() == {
        "GET users": 1,
        "GET ecomOrders": 1,
        "GET ecomCustomers": 1,
        "GET accountContacts": 1,
        # the address; and the contact's deals, its roles in others', its notes
        "GET contacts": 4,
        "GET contactArchives": 3,
        "DELETE contacts": 1,
        "DELETE contactArchives": 1,
    }
    assert system.verify(work).kind is OutcomeKind.VERIFIED_GONE
    # twice: the address and the id, the archive by the id and by its search, then as a whole, and what outlives a contact;
    # once: whether the archive may be read at all
    assert b.calls() == {
        "GET contacts": 4,
        "GET contactArchives": 5,
        "GET ecomOrders": 2,
        "GET ecomCustomers": 2,
        "GET accountContacts": 2,
    }


@pytest.mark.parametrize("token", ["admin_token", "user_token"])
def test_without_admin_rights_nothing_is_half_deleted(bench: Callable[..., Bench], token: str) -> None:
    """A key that cannot purge is a problem of the plan, and `execute` refuses before it deletes anything (rule 3)."""
    b = bench(not_admin=token == "admin_token")
    b.account.seed([{"email": ADA, "archived": 1}])
    system = b.system(token=getattr(b.account, token))
    plan = system.plan(who(ADA), ALL)
    assert plan.problem == "the API key is not an admin's: archived copies cannot be purged"
    for outcome in (system.execute(job(system, who(ADA), plan)), system.verify(job(system, who(ADA), plan))):
        assert outcome is not None
        assert (outcome.kind, outcome.reason) == (OutcomeKind.FAILED, plan.problem)
    assert b.effects() == []
    assert len(b.account.state()["contacts"]) == 1
    (candidate,) = system.find(who(ADA).identifiers)
    assert "not an admin's" in candidate.warnings[0]


def test_rights_that_come_back_let_the_retry_complete(bench: Callable[..., Bench]) -> None:
    """The operator mends the key; the same job runs to its end."""
    b = bench(not_admin=True)
    b.account.seed([{"email": ADA}])
    system = b.system()
    failed = system.execute(job(system, who(ADA)))
    assert failed is not None
    b.account.set_faults(not_admin=False)
    assert run(system, who(ADA)).kind is OutcomeKind.VERIFIED_GONE


def test_a_wrong_token_is_said_plainly(bench: Callable[..., Bench]) -> None:
    """403, not 401, is what a bad token gets: one sentence, no half-deletion."""
    b = bench()
    b.account.seed([{"email": ADA}])
    system = b.system(token="wrong")
    assert system.plan(who(ADA), ALL).problem == "the API token is not accepted"
    outcome = system.execute(job(system, who(ADA)))
    assert outcome is not None
    assert (outcome.kind, outcome.reason) == (OutcomeKind.FAILED, "the API token is not accepted")
    with pytest.raises(SystemUnavailableError, match="token is not accepted"):
        system.find(who(ADA).identifiers)


def test_down_is_retry_later_everywhere(bench: Callable[..., Bench]) -> None:
    """503 beyond the patience: a problem in the plan, RETRY_LATER with a moment in execute and verify."""
    b = bench()
    b.account.seed([{"email": ADA}])
    system = b.system()
    work = job(system, who(ADA))
    b.account.set_faults(down=True)
    assert system.plan(who(ADA), ALL).problem == "it answered HTTP 503"
    for outcome in (system.execute(work), system.verify(work)):
        assert outcome is not None
        assert (outcome.kind, outcome.due) == (OutcomeKind.RETRY_LATER, NOW + timedelta(seconds=60))
    with pytest.raises(SystemUnavailableError) as caught:
        system.find(who(ADA).identifiers)
    assert caught.value.retry_at == NOW + timedelta(seconds=60)
    b.account.set_faults(down=False)
    assert (system.execute(work) or system.verify(work)).kind is OutcomeKind.VERIFIED_GONE


def test_an_unreachable_server_is_retry_later(bench: Callable[..., Bench]) -> None:
    """A stopped server is no proof of anything: come back later."""
    b = bench()
    with Twin(b.account) as other:
        system = b.system(base_url=other.url)
        work = job(system, who(ADA))
    assert system.verify(work).kind is OutcomeKind.RETRY_LATER
    assert system.plan(who(ADA), ALL).problem == "it cannot be reached"


@pytest.mark.parametrize("destroys", [False, True])
def test_killed_between_delete_and_purge(bench: Callable[..., Bench], destroys: bool) -> None:
    """A run that ended after the DELETE is finished by the next: found by address, although the contact is gone."""
    b = bench(destroys=destroys)
    (number,) = b.account.seed([{"email": ADA, "archived": 1}])
    system = b.system()
    work = job(system, who(ADA, contacts=(number,)))
    b.account.delete(number)
    assert system.execute(work) is None
    outcome = system.verify(work)
    assert (outcome.kind, outcome.counts) == (OutcomeKind.VERIFIED_GONE, work.planned.lines)
    before = b.effects()
    assert system.execute(work) is None
    assert b.effects() == before, "a second execute must change nothing"


def test_killed_while_the_answer_is_held(bench: Callable[..., Bench]) -> None:
    """The effect happened and the answer never came: a second run from scratch does nothing twice."""
    b = bench()
    b.account.seed([{"email": ADA}])
    system = b.system()
    work = job(system, who(ADA))
    b.twin.hold.set("DELETE", "contacts/")
    first = threading.Thread(target=lambda: system.execute(work))
    first.start()
    assert b.twin.hold.reached.wait(60), "the DELETE never came"
    assert b.effects() == [("contact archived", "1")]
    other = b.system()
    assert (other.execute(work) or other.verify(work)).kind is OutcomeKind.VERIFIED_GONE
    b.twin.hold.release()
    first.join(60)
    assert b.effects() == [("contact archived", "1"), ("archive purged", "1")]


def test_a_contact_that_comes_back_is_no_success(bench: Callable[..., Bench]) -> None:
    """A form re-creates the contact after the DELETE said 200: FAILED, with a number and no address."""
    b = bench(recreate=True)
    b.account.seed([{"email": ADA}])
    outcome = run(b.system(), who(ADA))
    assert (outcome.kind, outcome.reason) == (OutcomeKind.FAILED, "still there: 1 contact")


def test_a_contact_that_comes_back_during_the_pause_is_seen(bench: Callable[..., Bench]) -> None:
    """The second reading is not the first one repeated: what returns in between is found."""
    b = bench()
    b.account.seed([{"email": ADA}])
    system = b.system()
    work = job(system, who(ADA))
    assert system.execute(work) is None
    b.time.at_pause = lambda: b.account.seed([{"email": ADA.upper(), "archived": 1}])
    assert system.verify(work).reason == "still there: 1 contact, 1 archived copy"


def test_verify_believes_no_execute(bench: Callable[..., Bench]) -> None:
    """Without a deletion verification fails; it reads for itself."""
    b = bench()
    b.account.seed([{"email": ADA, "archived": 2}])
    system = b.system()
    outcome = system.verify(job(system, who(ADA)))
    assert outcome.reason == "still there: 1 contact, 2 archived copies"


def test_nothing_found_is_a_result_of_its_own(bench: Callable[..., Bench]) -> None:
    """Nobody there before, nobody there after: NOTHING_FOUND, not VERIFIED_GONE (rule 4)."""
    b = bench()
    b.account.seed([{"email": "bob@example.com"}])
    assert run(b.system(), who(ADA)).kind is OutcomeKind.NOTHING_FOUND
    assert b.effects() == []


def test_a_contact_chosen_by_id_is_deleted_under_its_new_address(bench: Callable[..., Bench]) -> None:
    """Chosen by a person, the contact goes although its address is another now; the plan warns of it."""
    b = bench()
    (number,) = b.account.seed([{"email": "ada.new@example.com", "archived": 1}])
    system = b.system()
    identity = who(ADA, contacts=(number,))
    assert "look the customer up again" in system.plan(identity, ALL).warnings[0]
    assert run(system, identity).kind is OutcomeKind.VERIFIED_GONE
    assert b.account.state() == {"contacts": [], "archived": []}


def test_an_archived_copy_under_an_unknown_address_is_for_a_person(bench: Callable[..., Bench]) -> None:
    """Killed after deleting a contact whose address had changed: no proof, no purge of a possible stranger's copy."""
    b = bench()
    (number,) = b.account.seed([{"email": "ada.new@example.com"}])
    system = b.system()
    work = job(system, who(ADA, contacts=(number,)))
    b.account.delete(number)
    assert system.execute(work) is None
    outcome = system.verify(work)
    assert outcome.kind is OutcomeKind.FAILED
    assert "look the customer up again" in outcome.reason
    (candidate,) = system.find(work.identity.identifiers)
    assert run(system, who(ADA, *(one.value for one in candidate.identifiers))).kind is (
        OutcomeKind.VERIFIED_GONE
    )


def test_find_proposes_masked_candidates(bench: Callable[..., Bench]) -> None:
    """A live contact comes with its id and address as identifiers; what is shown hides the address."""
    b = bench()
    b.account.seed([{"email": "Ada.Canary@example.com", "archived": 2, "cdate": "2023-05-06T07:08:09-05:00"}])
    b.account.seed([{"email": "old@example.com", "archived": 1, "live": False}])
    system = b.system()
    live, archived = system.find(who(ADA, "old@example.com", "nobody@example.com").identifiers)
    assert (live.ref, live.shown) == (
        "activecampaign/contacts:3",
        "A•••@example.com, created 2023-05-06, 2 archived copies",
    )
    assert [(one.kind, one.value, one.system) for one in live.identifiers] == [
        ("contact", "3", "activecampaign"),
        ("email", "Ada.Canary@example.com", ""),
    ]
    assert all(one.source for one in live.identifiers)
    assert archived.shown == "o•••@example.com, archived only, 1 archived copy"
    assert [one.kind for one in archived.identifiers] == ["email"]


def test_account_only_leaves_activecampaign_alone(bench: Callable[..., Bench]) -> None:
    """`account_only` counts and does not act."""
    b = bench()
    b.account.seed([{"email": ADA}])
    system = b.system()
    plan = system.plan(who(ADA), Scope.ACCOUNT_ONLY)
    assert (plan.acts, plan.touched, plan.found) == (False, 0, 1)
    assert [system.acts_on(scope) for scope in Scope] == [scope is ALL for scope in Scope]
    assert (system.name, system.label, system.order) == ("activecampaign", "ActiveCampaign", 20)
    assert system.is_mandatory


def test_an_account_without_an_archive_ends_by_hand(bench: Callable[..., Bench]) -> None:
    """`archives: none`: the live contacts are proven absent, the archive is for a named person to attest (rule 3)."""
    b = bench(no_archive=True, destroys=True)
    b.account.seed([{"email": ADA}])
    assert "not an admin's" in b.system().plan(who(ADA), ALL).problem
    system = b.system(archives="none")
    work = job(system, who(ADA))
    assert system.verify(work).kind is OutcomeKind.FAILED, "live contacts come before any attestation"
    assert system.execute(work) is None
    outcome = system.verify(work)
    assert (outcome.kind, outcome.is_settled) == (OutcomeKind.MANUAL, False)
    assert "Delete permanently" in outcome.reason


def test_archives_none_is_refused_where_there_is_an_archive(bench: Callable[..., Bench]) -> None:
    """The attestation is no way round an archive that could be purged and read."""
    b = bench()
    b.account.seed([{"email": ADA}])
    system = b.system(archives="none")
    assert "must not be set" in system.plan(who(ADA), ALL).problem
    outcome = system.execute(job(system, who(ADA)))
    assert outcome is not None
    assert outcome.kind is OutcomeKind.FAILED
    assert b.effects() == []


def test_the_monthly_archive_limit_is_for_a_person(bench: Callable[..., Bench]) -> None:
    """A refused DELETE is FAILED at once, not retried and not believed."""
    b = bench(archive_limit=True)
    b.account.seed([{"email": ADA}])
    outcome = run(b.system(), who(ADA))
    assert outcome.kind is OutcomeKind.FAILED
    assert "monthly archive limit is reached" in outcome.reason


def test_the_clients_own_limit_keeps_within_the_accounts(bench: Callable[..., Bench]) -> None:
    """At five a second the client never has to be told: eleven requests take two pauses and no 429."""
    b = bench()
    system = b.system(rate=5, archives="none")
    b.account.set_faults(no_archive=True)
    identity = who(*(f"nobody{n}@example.com" for n in range(3)))
    system.plan(identity, ALL)
    assert sum(b.calls().values()) == 11
    assert 2.0 <= b.time.passed < 2.1


def test_the_accounts_limit_is_waited_for_in_place(bench: Callable[..., Bench]) -> None:
    """429 with a short Retry-After, because other integrations used the second up: the run goes on by itself."""
    b = bench(rate=3)
    b.account.seed([{"email": ADA}])
    real = threading.Event()
    b.time.sleep = lambda seconds: real.wait(seconds) and None  # type: ignore[method-assign]
    system = b.system(pause=0.0)
    assert system.plan(who(ADA), ALL).found == 1
    assert sum(b.calls().values()) > 4, "the twin should have answered 429 at least once"


def test_digest_is_about_what_is_deleted_not_about_the_key(bench: Callable[..., Bench]) -> None:
    """Another key is the same definition; another account or another way with archives is not."""
    b = bench()
    digest = b.system().digest()
    assert b.system(token="another", base_url=f"{b.twin.url}/api/3").digest() == digest
    assert b.system(archives="none").digest() != digest
    assert "secret-key" not in repr(Settings(base_url="https://x.test", token="secret-key"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "acme"},
        {"base_url": "https://u@x.test"},
        {"token": " "},
        {"token": "schlüssel"},
        {"token": "a\nb"},
        {"rate": 0},
    ],
)
def test_wrong_settings_name_themselves(wrong: dict[str, Any]) -> None:
    """A setting that cannot work is refused with its name when it is read."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings(**{"base_url": "https://x.test", "token": "t", **wrong})


def test_plain_http_needs_to_be_switched_on_and_is_for_this_machine() -> None:
    """The key never travels in the clear."""
    for url, allow_http in (
        ("http://127.0.0.1:1", False),
        ("http://acme.test", True),
        ("ftp://acme.test", True),
    ):
        with pytest.raises(ValueError, match="base_url: must be https"):
            Settings(base_url=url, token="t", allow_http=allow_http)


def test_not_configured_stops_every_case() -> None:
    """Without ActiveCampaign an `all_personal_data` case cannot be planned, searched, run or proven."""
    system = NotConfigured(clock=Clock())
    plan = system.plan(who(ADA), ALL)
    assert (plan.problem, system.is_mandatory) == ("ActiveCampaign is not configured", True)
    with pytest.raises(SystemUnavailableError, match="not configured"):
        system.find(who(ADA).identifiers)
    for outcome in (system.execute(job(system, who(ADA))), system.verify(job(system, who(ADA)))):
        assert outcome is not None
        assert outcome.kind is OutcomeKind.FAILED


def test_both_are_systems(bench: Callable[..., Bench]) -> None:
    """The port's shape, as the type checker sees it too."""
    systems: tuple[System, ...] = (bench().system(), NotConfigured(clock=Clock()))
    assert {one.name for one in systems} == {"activecampaign"}


def test_no_address_reaches_logs_outcomes_journal_or_errors(
    bench: Callable[..., Bench], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Rule 9 through a whole life: found, planned, refused, down, deleted, proven; the address stays in memory."""
    caplog.set_level(logging.DEBUG)
    b = bench()
    b.account.seed([{"email": ADA, "archived": 2}])
    system = b.system()
    said: list[object] = [candidate.shown for candidate in system.find(who(ADA).identifiers)]
    work = job(system, who(ADA))
    for fault in ("not_admin", "down", "recreate"):
        b.account.set_faults(**{fault: True})
        said += [system.plan(who(ADA), ALL), system.execute(work), system.verify(work)]
        try:
            system.find(who(ADA).identifiers)
        except SystemUnavailableError as error:
            said += [error, error.__cause__, error.__context__]
        b.account.set_faults(**{fault: False})
    said += [run(system, who(ADA)), b.account.journal(), b.account.requests(), system._api.archived_of(ADA)]
    out, err = capfd.readouterr()
    text = caplog.text + out + err + repr(said)
    assert "canary" not in text, (
        "an address leaked: look for repr, exception text or a logger that is not silent"
    )
