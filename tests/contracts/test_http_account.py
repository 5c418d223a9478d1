"""The account service over HTTP, and what is known about a record before it goes: shared, warned of, blocked."""

# ruff: noqa: ARG001  look-alikes share one signature, and a fixture may be wanted for what it sets up

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.errors import StartError
from bot.systems import _http_api
from services.domain.identity import Identifier, Identity, freeze
from services.domain.outcome import OutcomeKind, allow_fully_removed
from services.domain.scope import Scope
from services.http_api.reading import load
from services.http_api.system import HttpSystem
from services.ports import Job
from services.systems_file import HttpApiConfig
from tests.contracts.lookalike import Answer, Clock, LookAlike, serving

ADA = "ada.canary@example.com"
EMAIL = Identifier(kind="email", value=ADA, proof="wrote from it")
LOGIN = """\
label: Sign-in service
base: https://login.example.com
hosts: [login.example.com]
auth: {kind: query, name: key, secret: LOGIN_KEY}
does: deactivate
rechecks: [1d, 7d]
lookup:
  request: GET /users
  params: {email: "{email}"}
  records: users
  id: id
  match: [email]
  maximum: 5
  done: [200]
  warnings:
    1: {path: role, is: [admin], text: "this is an account of a member of staff"}
    2: {path: hold, is: true, text: "a legal hold is on this account", blocks: yes}
  checks:
    1: {request: "GET /teams", params: {owner: "{id}"}, done: [200], path: "teams.*.id", is: <present>,
        text: "last owner of a team"}
steps:
  1: {request: "PATCH /users/{id}", json: {blocked: true}, repeat: harmless, done: [200]}
  2: {request: "DELETE /users/{id}/sessions", done: [204], gone: [404]}
verify:
  reads:
    1: {request: "GET /users/{id}", gone: [{status: 200, body: {blocked: true}}, {status: 404}],
        done: [{status: 200, body: {blocked: false}}]}
    2: {request: "GET /users/{id}/sessions", gone: [{status: 200, body: {sessions: <empty>}}, {status: 404}],
        done: [200]}
"""


class Login:
    """Users with sessions; one of them may be an admin, on hold, or share the address."""

    def __init__(self) -> None:
        self.users: dict[str, dict[str, Any]] = {
            "u1": {
                "id": "u1",
                "email": "Ada.Canary@example.com",
                "blocked": False,
                "role": "user",
                "hold": False,
            }
        }
        self.sessions = {"u1": ["s1", "s2"]}
        self.keeps_sessions = False
        self.teams: list[Any] = []

    def __call__(self, method: str, path: str, params: dict[str, str], body: Any) -> Answer:
        assert params["key"] == "value-of-LOGIN_KEY"
        if path == "/teams":
            return 200, {"teams": self.teams}
        if path == "/users":
            return 200, {"users": list(self.users.values())}
        name = path.split("/")[2]
        if path.endswith("/sessions"):
            if method == "DELETE" and not self.keeps_sessions:
                self.sessions[name] = []
            return (204, None) if method == "DELETE" else (200, {"sessions": self.sessions[name]})
        if method == "PATCH":
            self.users[name]["blocked"] = body["blocked"]
        return 200, self.users[name]


@pytest.fixture
def server() -> Iterator[LookAlike]:
    with serving() as one:
        yield one


@pytest.fixture
def login(server: LookAlike) -> Login:
    server.play = Login()
    return server.play


@pytest.fixture
def account(server: LookAlike, tmp_path: Path) -> Iterator[HttpSystem]:
    path = tmp_path / "login.yaml"
    path.write_text(LOGIN)
    config = HttpApiConfig(
        name="login",
        label="Account",
        definition=path,
        url="LOGIN_URL",
        runs="first",
        is_account=True,
        does="deactivate",
    )
    one = _http_api(config, Environment(LOGIN_KEY="value-of-LOGIN_KEY", LOGIN_URL=server.url), Clock())
    yield one
    one.close()


class Environment(dict[str, str]):
    """Secrets by name."""

    def get(self, name: str) -> str:  # type: ignore[override]  # the port raises KeyError
        return self[name]


def job(system: HttpSystem, scope: Scope = Scope.ACCOUNT_ONLY) -> Job:
    identity = freeze((EMAIL,), system.find((EMAIL,)))
    return Job(identity=identity, scope=scope, planned=system.plan(identity, scope), key="case:1:login")


def test_an_account_is_deactivated_and_its_sessions_are_gone(
    account: HttpSystem, login: Login, server: LookAlike
) -> None:
    """Both scopes end the account, first of all; sign-in and sessions are each read, and a second run changes nothing."""
    assert all(account.acts_on(scope) for scope in Scope)
    assert account.order == 10
    work = job(account)
    assert [(one.table, one.action, one.number) for one in work.planned.lines] == [
        ("accounts", "deactivate", 1)
    ]
    assert account.verify(work).kind is OutcomeKind.FAILED, "nothing was done yet"
    assert account.execute(work) is None
    outcome = account.verify(work)
    assert outcome.kind is OutcomeKind.VERIFIED_GONE, outcome.reason
    assert login.users["u1"]["blocked"]
    assert login.sessions["u1"] == []
    account.execute(work)
    assert account.verify(work).kind is OutcomeKind.VERIFIED_GONE
    assert set(server.changes()) == {"PATCH /users/u1", "DELETE /users/u1/sessions"}


def test_one_read_that_still_finds_something_fails_the_step(account: HttpSystem, login: Login) -> None:
    """A closed account with a live session is still open."""
    login.keeps_sessions = True
    work = job(account)
    account.execute(work)
    outcome = account.verify(work)
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.reason == "still open: 1 account"


def test_a_record_that_nobody_chose_stops_the_plan_and_the_run(
    account: HttpSystem, login: Login, server: LookAlike
) -> None:
    """An address shared with somebody else: each is a candidate with a warning, and only what was chosen goes (rule 4)."""
    login.users["u2"] = login.users["u1"] | {"id": "u2"}
    login.sessions["u2"] = ["s3"]
    found = account.find((EMAIL,))
    assert len(found) == 2
    assert all("2 records carry one of these addresses" in one.warnings[0] for one in found)
    one_only = freeze((EMAIL,), found[:1])
    plan = account.plan(one_only, Scope.ALL_PERSONAL_DATA)
    assert "1 records carry an address of this customer's, but were not chosen" in plan.problem
    outcome = account.execute(
        Job(identity=one_only, scope=Scope.ALL_PERSONAL_DATA, planned=plan, key="c:1:login")
    )
    assert outcome
    assert outcome.kind is OutcomeKind.FAILED
    assert server.changes() == []


def test_last_mile_warnings_reach_candidate_and_plan_and_a_hold_blocks(
    account: HttpSystem, login: Login, server: LookAlike
) -> None:
    """Staff and last owner are said twice; a legal hold is a problem of the plan, and stops a run that began before it."""
    login.users["u1"]["role"] = "admin"
    login.teams = [{"id": "t1"}]
    said = {"this is an account of a member of staff", "last owner of a team"}
    assert said <= set(account.find((EMAIL,))[0].warnings)
    work = job(account)
    assert said <= set(work.planned.warnings)
    assert not work.planned.problem
    login.users["u1"]["hold"] = True
    assert job(account).planned.problem == "a legal hold is on this account"
    assert "a legal hold is on this account (blocks)" in account.find((EMAIL,))[0].warnings
    outcome = account.execute(work)
    assert outcome
    assert outcome.kind is OutcomeKind.FAILED
    assert server.changes() == []


def test_a_closed_account_is_not_called_fully_removed(account: HttpSystem, login: Login) -> None:
    """Where everything was to go, the plan and the customer are told that the closed account stays on file (rule 5)."""
    work = job(account, Scope.ALL_PERSONAL_DATA)
    assert any("stays on file" in said for said in work.planned.warnings)
    account.execute(work)
    outcome = account.verify(work)
    assert outcome.kind is OutcomeKind.VERIFIED_GONE
    assert "stays on file" in outcome.for_customer
    assert not allow_fully_removed((outcome,))
    closing = job(account)
    assert not any("stays on file" in said for said in closing.planned.warnings), (
        "closing alone promises nothing else"
    )


def test_removal_has_to_be_said_in_systems_yaml(tmp_path: Path) -> None:
    """An account is deactivated unless systems.yaml says `mode: remove`: a definition alone cannot remove it (rule 11)."""
    path = tmp_path / "login.yaml"
    path.write_text(LOGIN.replace("does: deactivate", "does: remove"))
    config = HttpApiConfig(name="login", label="", definition=path, is_account=True, does="deactivate")
    with pytest.raises(StartError, match="mode: remove"):
        _http_api(config, Environment(LOGIN_KEY="k"), Clock())


def test_keys_of_a_database_name_the_account_where_nothing_is_looked_up(
    server: LookAlike, login: Login, tmp_path: Path
) -> None:
    """Without a look-up the chosen row's id is the account's, counted and proven by the reads."""
    start, end = LOGIN.index("lookup:"), LOGIN.index("steps:")
    path = tmp_path / "login.yaml"
    path.write_text(LOGIN[:start] + "subject: {identifier: customers.id, system: shop}\n" + LOGIN[end:])
    one = HttpSystem(
        load(path),
        name="login",
        secrets={"LOGIN_KEY": "value-of-LOGIN_KEY"},
        clock=Clock(),
        base=server.url,
        is_account=True,
    )
    row = Identifier(kind="customers.id", value="u1", system="shop")
    identity = Identity(identifiers=(EMAIL, row))
    plan = one.plan(identity, Scope.ACCOUNT_ONLY)
    assert (plan.found, plan.is_evidence, plan.problem) == (1, True, "")
    work = Job(identity=identity, scope=Scope.ACCOUNT_ONLY, planned=plan, key="case:1:login")
    assert one.execute(work) is None
    assert one.verify(work).kind is OutcomeKind.VERIFIED_GONE
    nobody = Identity(identifiers=(EMAIL,))
    none = Job(
        identity=nobody,
        scope=Scope.ACCOUNT_ONLY,
        planned=one.plan(nobody, Scope.ACCOUNT_ONLY),
        key="case:1:login",
    )
    assert one.verify(none).kind is OutcomeKind.UNVERIFIABLE, "no id is known: nothing could be asked"
    one.close()


def test_two_jobs_of_which_one_could_not_begin_are_each_begun_once(server: LookAlike, tmp_path: Path) -> None:
    """A job that is under way is never started again, and the one that could not begin is begun by the next run (rule 6)."""
    path = tmp_path / "jobs.yaml"
    path.write_text(JOBS)
    begun: list[str] = []
    busy = {"b"}

    def play(method: str, path: str, params: dict[str, str], body: Any) -> Answer:
        if path == "/people":
            return 200, {"people": [{"id": "a", "mail": ADA}, {"id": "b", "mail": ADA}]}
        if method == "GET":
            return 200, {"state": "running"}
        if body["who"] in busy:
            return 409, {"error": "busy"}
        begun.append(body["who"])
        return 200, {"job": f"j-{body['who']}"}

    server.play = play
    one = HttpSystem(load(path), name="jobs", secrets={"K": "k"}, clock=Clock(), base=server.url)
    identity = freeze((EMAIL,), one.find((EMAIL,)))
    plan = one.plan(identity, Scope.ALL_PERSONAL_DATA)
    ask: Callable[[str], Job] = lambda reference: Job(  # noqa: E731
        identity=identity, scope=Scope.ALL_PERSONAL_DATA, planned=plan, key="case:1:jobs", reference=reference
    )
    first = one.execute(ask(""))
    assert first
    assert first.kind is OutcomeKind.RETRY_LATER
    assert begun == ["a"]
    busy.clear()
    second = one.execute(ask(first.reference))
    assert second
    assert second.kind is OutcomeKind.ACCEPTED
    assert begun == ["a", "b"]
    one.close()


JOBS = """\
label: Jobs
base: https://jobs.example.com
hosts: [jobs.example.com]
auth: {kind: header, name: X-Key, secret: K}
lookup: {request: GET /people, params: {q: "{email}"}, records: people, id: id, match: [mail], maximum: 5, done: [200]}
steps:
  1:
    request: POST /erase
    json: {who: "{id}"}
    done: [200]
    retry: [409]
    save: {job: job}
    poll: {request: "GET /erase/{saved.job}", path: state, good: [done], bad: [failed], waiting: [running],
           every: 1h, due: 10d, done: [200]}
verify: {job: yes}
"""
