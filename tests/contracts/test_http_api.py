"""The declarative connector against look-alikes of the documented shapes, over real HTTP on loopback."""

# ruff: noqa: ARG001, ARG002, PT018  look-alikes share one signature; "an outcome, and of this kind" is one claim

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.errors import StartError
from bot.systems import _http_api
from services.domain.identity import Identifier, Identity, freeze
from services.domain.outcome import Outcome, OutcomeKind
from services.domain.scope import Scope
from services.http_api.reading import SHIPPED, load
from services.http_api.system import HttpSystem
from services.marked_yaml import SystemsFileError
from services.ports import Job, System, SystemUnavailableError
from services.systems_file import HttpApiConfig
from services.systems_file import load as load_systems
from tests.contracts.lookalike import Answer, Clock, LookAlike, serving

ADA, EVE = "ada.canary@example.com", "eve@example.com"


@pytest.fixture
def server() -> Iterator[LookAlike]:
    with serving() as one:
        yield one


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def system(server: LookAlike, clock: Clock) -> Iterator[Callable[[str | Path], HttpSystem]]:
    made: list[HttpSystem] = []

    def build(name: str | Path) -> HttpSystem:
        definition = load(Path(name))
        secrets = {one: f"value-of-{one}" for one in definition.secret_names}
        one = HttpSystem(
            definition, name="api", secrets=secrets, clock=clock, base=server.url, sleep=lambda _: None
        )
        made.append(one)
        return one

    yield build
    for one in made:
        one.close()


IDENTITY = Identity(
    identifiers=(
        Identifier(kind="email", value="Ada.Canary@example.com"),
        Identifier(kind="customers.id", value="17", system="shop"),
    )
)


def chosen(system: System) -> Identity:
    """The customer with every record that the system proposes, as an agent would tick them."""
    return freeze(IDENTITY.identifiers, system.find(IDENTITY.identifiers))


def job(
    system: System, reference: str = "", revision: int = 1, scope: Scope = Scope.ALL_PERSONAL_DATA
) -> Job:
    identity = chosen(system)
    plan = system.plan(identity, scope)
    assert plan.problem == "", plan.problem
    key = f"case:{revision}:api"
    return Job(identity=identity, scope=scope, planned=plan, key=key, reference=reference)


def run(system: HttpSystem) -> Outcome:
    one = job(system)
    return system.execute(one) or system.verify(one)


class Crm:
    """Records by id, erased by any change to their path; a filter that is ignored and returns strangers too."""

    def __init__(self, wrap: Callable[[list[Any]], Any], row: Callable[[str, str], Any], **done: Any) -> None:
        self.rows, self.wrap, self.row, self.done = {"1": ADA.title(), "2": EVE}, wrap, row, done

    def __call__(self, method: str, path: str, params: dict[str, str], body: Any) -> Answer:
        named = [part for part in path.split("/") if part in {"1", "2"}]
        named += [params["ids"]] if "ids" in params else []
        named += [body["objectId"]] if isinstance(body, dict) and "objectId" in body else []
        if not named:
            return 200, self.wrap([self.row(key, email) for key, email in self.rows.items()])
        if method == "GET":
            return (200, self.row(named[0], self.rows[named[0]])) if named[0] in self.rows else (404, {})
        if self.rows.pop(named[0], None) is None:
            return 404, {}
        return self.done.get("status", 200), self.done.get("body")


def flat(key: str, email: str) -> dict[str, Any]:
    return {"id": key, "email": email}


def nested(key: str, email: str) -> dict[str, Any]:
    return {"id": key, "properties": {"email": email}}


@pytest.mark.parametrize(
    ("name", "play", "kind"),
    [
        ("intercom", Crm(lambda rows: {"data": rows}, flat, body={"deleted": True}), OutcomeKind.ACCEPTED),
        ("hubspot", Crm(lambda rows: {"results": rows}, nested, status=204), OutcomeKind.VERIFIED_GONE),
        ("posthog", Crm(lambda rows: {"results": rows}, nested, status=204), OutcomeKind.ACCEPTED),
        (
            "sendgrid",
            Crm(
                lambda rows: {"result": {row["email"]: {"contact": row} for row in rows}},
                flat,
                status=202,
                body={"job_id": "j1"},
            ),
            OutcomeKind.VERIFIED_GONE,
        ),
    ],
)
def test_record_systems_erase_the_person_and_no_stranger(
    system: Callable[[str], HttpSystem],
    server: LookAlike,
    clock: Clock,
    name: str,
    play: Crm,
    kind: OutcomeKind,
) -> None:
    """A filter that lets strangers through harms none of them, and the end is read, also after a window."""
    play.rows = {"1": ADA.title(), "2": EVE}
    server.play = play
    one = system(name)
    planned = job(one)
    assert planned.planned.found == 1, "count only records whose own address is the customer's"
    outcome = one.execute(planned) or one.verify(planned)
    assert outcome.kind is kind, outcome.reason
    assert set(play.rows) == {"2"}
    assert len(server.changes()) == 1
    if kind is OutcomeKind.ACCEPTED:
        assert outcome.due and outcome.finish_by, "the customer is told when it will be over"
        clock.time = outcome.due + timedelta(seconds=1)
        last = one.verify(
            Job(
                **{field: getattr(planned, field) for field in ("identity", "scope", "planned", "key")},
                reference=outcome.reference,
            )
        )
        assert last.kind is OutcomeKind.VERIFIED_GONE, last.reason


def test_a_record_that_is_still_seen_is_accepted_until_its_time(
    system: Callable[[str], HttpSystem], server: LookAlike, clock: Clock
) -> None:
    """SendGrid accepts and deletes later: neither believed at once, nor failed at once, nor waited for without end."""
    row = {"result": {ADA: {"contact": {"id": "c1", "email": ADA}}}}
    server.play = lambda method, *_: (202, {"job_id": "j"}) if method == "DELETE" else (200, row)
    one = system("sendgrid")
    first = one.execute(job(one))
    assert first
    assert first.kind is OutcomeKind.ACCEPTED
    clock.time += timedelta(days=3)
    assert one.verify(job(one, first.reference)).kind is OutcomeKind.FAILED


def test_stripe_believes_the_read_and_not_the_list(
    system: Callable[[str], HttpSystem], server: LookAlike
) -> None:
    """Stripe answers 200 with `deleted: true` for a deleted customer: that is the proof."""
    gone: set[str] = set()

    def play(method: str, path: str, params: dict[str, str], body: Any) -> Answer:
        if path == "/v1/customers":
            rows = [] if gone else [{"id": "cus_1", "email": ADA, "delinquent": True}]
            return 200, {"object": "list", "data": rows, "has_more": False}
        if path in {"/v1/subscriptions", "/v1/invoices"}:
            assert params["customer"] == "cus_1"
            rows = [{"id": "sub_1"}] if path == "/v1/subscriptions" else []
            return 200, {"object": "list", "data": rows}
        gone.update({"cus_1"} if method == "DELETE" else ())
        return 200, {"id": "cus_1", **({"deleted": True} if gone else {})}

    server.play = play
    one = system("stripe")
    warnings = job(one).planned.warnings
    assert "the last invoice of this customer was not paid" in warnings
    assert any("a subscription is running" in said for said in warnings)
    assert not any("an invoice of this customer is open" in said for said in warnings)
    assert run(one).kind is OutcomeKind.VERIFIED_GONE
    assert server.headers[0]["Authorization"].startswith("Basic ")


def test_stripe_redaction_waits_for_ready_then_for_succeeded(
    system: Callable[[str], HttpSystem], server: LookAlike, clock: Clock
) -> None:
    """Two polled steps survive between runs with the job's number alone; a later revision starts no second job."""
    state = {"status": "validating"}

    def play(method: str, path: str, params: dict[str, str], body: Any) -> Answer:
        if path == "/v1/customers":
            return 200, {"object": "list", "data": [{"id": "cus_1", "email": ADA}]}
        if method == "POST":
            state["status"] = "redacting" if path.endswith("/run") else "validating"
        return 200, {"id": "prj_1", "object": "privacy.redaction_job", **state}

    server.play = play
    one = system("stripe_redaction")
    first = one.execute(job(one))
    assert first
    assert first.kind is OutcomeKind.RETRY_LATER
    assert "prj_1" in first.reference
    assert "cus_1" not in first.reference
    assert "ada" not in first.reference
    clock.time += timedelta(minutes=2)
    state["status"] = "ready"
    second = one.execute(job(one, first.reference, revision=2))
    assert second and second.kind is OutcomeKind.ACCEPTED, second
    assert one.verify(job(one, second.reference, revision=3)).kind is OutcomeKind.ACCEPTED
    state["status"] = "succeeded"
    assert one.verify(job(one, second.reference, revision=3)).kind is OutcomeKind.VERIFIED_GONE
    assert server.changes() == [
        "POST /v1/privacy/redaction_jobs",
        "POST /v1/privacy/redaction_jobs/prj_1/run",
    ]


def test_zendesk_takes_both_steps_and_refuses_staff(
    system: Callable[[str], HttpSystem], server: LookAlike
) -> None:
    """The second step makes it permanent; an agent's account blocks the plan."""
    user: dict[str, Any] = {"id": 9, "email": ADA, "name": "Ada", "role": "end-user", "active": True}

    def play(method: str, path: str, params: dict[str, str], body: Any) -> Answer:
        if path.endswith("search"):
            return 200, {"users": [user] if user["active"] else [], "next_page": None}
        if method == "DELETE" and "deleted_users" in path:
            user.update(email=None, name="Permanently Deleted User")
        if method == "DELETE":
            user["active"] = False
        return 200, {"deleted_user" if "deleted_users" in path else "user": user}

    server.play = play
    one = system("zendesk")
    assert run(one).kind is OutcomeKind.VERIFIED_GONE
    assert server.changes() == ["DELETE /api/v2/users/9", "DELETE /api/v2/deleted_users/9"]
    user.update(email=ADA, active=True, role="admin")
    assert "staff" in one.plan(IDENTITY, Scope.ALL_PERSONAL_DATA).problem


def test_mailchimp_asks_by_the_md5_of_the_small_address(
    system: Callable[[str], HttpSystem], server: LookAlike
) -> None:
    """The member's name in the path is the MD5 of the address in small letters."""
    member, gone = hashlib.md5(ADA.encode(), usedforsecurity=False).hexdigest(), set[str]()

    def play(method: str, path: str, params: dict[str, str], body: Any) -> Answer:
        gone.update({"x"} if method == "POST" else ())
        if method == "POST":
            return 204, None
        return (404, {"status": 404}) if gone else (200, {"id": member, "email_address": ADA})

    server.play = play
    assert run(system("mailchimp")).kind is OutcomeKind.VERIFIED_GONE
    assert server.seen[0][1] == f"/3.0/lists/value-of-MAILCHIMP_LIST_ID/members/{member}"


@pytest.mark.parametrize(
    ("name", "started", "state"),
    [
        (
            "segment",
            {"data": {"regulateId": "r1"}},
            lambda end: {"data": {"regulation": {"overallStatus": end}}},
        ),
        ("mixpanel", {"status": "ok", "results": {"task_id": "7"}}, lambda end: {"results": {"status": end}}),
        ("opendsr", {"subject_request_id": "x"}, lambda end: {"request_status": end}),
    ],
)
def test_jobs_end_well_badly_unknown_or_too_late(
    system: Callable[[str], HttpSystem],
    server: LookAlike,
    clock: Clock,
    name: str,
    started: Any,
    state: Callable[[str], Any],
) -> None:
    """An asynchronous deletion is ACCEPTED until its good end; a bad, unknown or missing end is FAILED."""
    definition = load(Path(name))
    poll = definition.steps[0].poll
    assert poll
    end = [poll.waiting[0]]
    server.play = lambda method, *_: (
        (201 if name == "opendsr" else 200, started) if method == "POST" else (200, state(end[0]))
    )
    one = system(name)
    first = one.execute(job(one))
    assert first and first.kind is OutcomeKind.ACCEPTED, first
    assert ADA not in first.reference
    assert len(server.changes()) == 1
    for value, kind in (
        (poll.waiting[0], OutcomeKind.ACCEPTED),
        (poll.good[0], OutcomeKind.VERIFIED_GONE),
        (poll.bad[0], OutcomeKind.FAILED),
        ("SOMETHING_NEW", OutcomeKind.FAILED),
    ):
        end[0] = value
        assert one.verify(job(one, first.reference)).kind is kind, value
    clock.time += timedelta(days=31)
    end[0] = poll.waiting[0]
    assert one.verify(job(one, first.reference)).kind is OutcomeKind.FAILED


NEW = """\
label: Newsletter
base: https://api.newsletter.example
hosts: [api.newsletter.example]
auth: {kind: oauth2, client_id: NEWS_ID, client_secret: NEWS_SECRET, path: /token}
lookup:
  request: GET /people
  params: {q: "{email|casefold}"}
  records: people
  id: uid
  match: [mail]
  maximum: 3
  done: [200]
steps:
  1:
    request: DELETE /people/{id}
    done: [{status: 200, body: {ok: true}}]
verify: {lookup: yes}
"""


def news(tmp_path: Path, text: str = NEW) -> Path:
    path = tmp_path / "news.yaml"
    path.write_text(text)
    return path


class Newsletter:
    """The new API: a token, people, and a deletion that can be told what to answer."""

    def __init__(self) -> None:
        self.people = [{"uid": "a/b", "mail": ADA}]
        self.answer: Answer = (200, {"ok": True})

    def __call__(self, method: str, path: str, params: dict[str, str], body: Any) -> Answer:
        if path == "/token":
            return 200, {"access_token": "t", "expires_in": 600}
        if method == "DELETE" and self.answer[0] == 200 and self.answer[1] == {"ok": True}:
            self.people.clear()
        return self.answer if method == "DELETE" else (200, {"people": self.people})


def test_a_new_system_needs_only_yaml(
    system: Callable[[Path], HttpSystem], server: LookAlike, tmp_path: Path
) -> None:
    """A system that the code has never heard of is erased and proven by one file."""
    server.play = Newsletter()
    assert run(system(news(tmp_path))).kind is OutcomeKind.VERIFIED_GONE
    assert server.changes() == ["POST /token", "DELETE /people/a%2Fb"], "one token; ids are encoded whole"


def test_a_revoked_token_is_renewed_once_and_a_wrong_one_is_said(
    system: Callable[[Path], HttpSystem], server: LookAlike, tmp_path: Path
) -> None:
    """OAuth2: the token is kept, renewed when the API turns it away, and a second refusal is a refusal."""
    news_api, valid, issued = Newsletter(), {"t1"}, list[str]()

    def play(method: str, path: str, params: dict[str, str], body: Any) -> Answer:
        if path == "/token":
            assert body == {"grant_type": "client_credentials"}
            issued.append(f"t{len(issued) + 1}")
            return 200, {"access_token": issued[-1], "expires_in": 600}
        if server.headers[-1]["Authorization"].removeprefix("Bearer ") not in valid:
            return 401, {"error": "invalid_token"}
        return news_api(method, path, params, body)

    server.play = play
    one = system(news(tmp_path))
    assert len(one.find(IDENTITY.identifiers)) == 1
    assert issued == ["t1"], "the token is kept"
    valid.clear()
    valid.add("t2")
    assert len(one.find(IDENTITY.identifiers)) == 1
    assert issued == ["t1", "t2"]
    valid.clear()
    with pytest.raises(SystemUnavailableError, match=r"not described|refused"):
        one.find(IDENTITY.identifiers)
    assert issued == ["t1", "t2", "t3"], "renewed once, not for ever"


@pytest.mark.parametrize(
    "answer", [(200, {"ok": False, "who": ADA}), (200, "<html>Ada Canary</html>"), (418, None)]
)
def test_an_answer_never_seen_is_a_failure_that_quotes_nobody(
    system: Callable[[Path], HttpSystem], server: LookAlike, tmp_path: Path, answer: Answer
) -> None:
    """A 2xx with the wrong body is no success, and the excerpt holds no personal data."""
    server.play = play = Newsletter()
    play.answer = answer
    outcome = run(system(news(tmp_path)))
    assert outcome.kind is OutcomeKind.FAILED
    assert "not described" in outcome.reason
    assert "ada" not in outcome.reason.casefold()


@pytest.mark.parametrize("asked", [True, False])
def test_a_wait_that_the_system_asks_for_is_known_to_the_plan(
    system: Callable[[Path], HttpSystem], server: LookAlike, clock: Clock, tmp_path: Path, asked: bool
) -> None:
    """Left alone for two hours because it asked for it: the run waits by itself. Down without a word: a person is told."""
    server.play = lambda *_: (429 if asked else 503, None)
    server.retry_after = "7200" if asked else ""
    plan = system(news(tmp_path)).plan(IDENTITY, Scope.ALL_PERSONAL_DATA)
    assert plan.problem
    assert plan.retry_at == (clock.now() + timedelta(hours=2) if asked else None)


@pytest.mark.parametrize("empty", ["", " ", ".."])
def test_an_empty_id_is_never_sent(
    system: Callable[[Path], HttpSystem], server: LookAlike, tmp_path: Path, empty: str
) -> None:
    """A record without an id stops the step before any request that could hit everybody."""
    server.play = play = Newsletter()
    play.people = [{"uid": empty, "mail": ADA}]
    one = system(news(tmp_path))
    plan = one.plan(IDENTITY, Scope.ALL_PERSONAL_DATA)
    outcome = one.execute(Job(identity=IDENTITY, scope=Scope.ALL_PERSONAL_DATA, planned=plan, key="c:1:api"))
    assert outcome
    assert outcome.kind is OutcomeKind.FAILED
    assert server.changes() == ["POST /token"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("maximum: 3", "maximun: 3", "maximum"),
        ("base: https://api.newsletter.example", "base: https://evil.example", "hosts"),
        ("client_id: NEWS_ID", "client_id: s3cr3t-value", "name of a secret"),
        ("label: Newsletter", "label: sk_live_abcdefghijkl", "a secret stands in the file"),
        ("verify: {lookup: yes}\n", "", "no `verify`"),
        ("  match: [mail]\n", "", "no local match"),
        ("{id}", "{idd}", "Did you mean `id`?"),
        ("|casefold", "|casefol", "Did you mean `casefold`?"),
        ("label: Newsletter", "label: Newsletter\nlable: x", "unknown key `lable`"),
    ],
)
def test_mistakes_are_refused_at_load(tmp_path: Path, old: str, new: str, says: str) -> None:
    """Every mistake names file, line and cure, and repeats no secret."""
    path = news(tmp_path, NEW.replace(old, new))
    with pytest.raises(SystemsFileError) as refused:
        load(path)
    assert says in str(refused.value)
    assert str(refused.value).startswith(f"{path}:")
    assert refused.value.cure
    assert "s3cr3t" not in str(refused.value)
    assert "abcdefghijkl" not in str(refused.value)


def test_systems_yaml_names_a_shipped_definition(tmp_path: Path, clock: Clock) -> None:
    """`kind: http_api` with a shipped name builds a system; a missing secret is named before anything starts."""
    path = tmp_path / "systems.yaml"
    path.write_text(
        "company: Fernleaf\npeople: {approvers: [ULEA]}\nsystems:\n"
        "  pay: {kind: http_api, label: Stripe, definition: stripe}\n"
        "  conversation: {kind: conversation, action: manual}\n"
    )
    config = load_systems(path).systems[0]
    assert isinstance(config, HttpApiConfig)
    built = _http_api(config, Environment(STRIPE_SECRET_KEY="k"), clock)
    assert (built.name, built.label, built.order, built.is_mandatory) == ("pay", "Stripe", 20, False)
    assert not built.acts_on(Scope.ACCOUNT_ONLY)
    built.close()
    with pytest.raises(StartError, match="STRIPE_SECRET_KEY is missing"):
        _http_api(config, Environment(), clock)


class Environment(dict[str, str]):
    """Secrets by name."""

    def get(self, name: str) -> str:  # type: ignore[override]  # the port raises KeyError
        return self[name]


def test_every_shipped_definition_says_where_it_is_documented() -> None:
    """Eleven definitions ship, each with its sources."""
    shipped = [load(path) for path in sorted(SHIPPED.glob("*.yaml"))]
    assert len(shipped) == 11
    assert all(one.documented for one in shipped), "add `documented:` with the address of the page"
