"""A system that the code has never heard of, added from its public API description by writing YAML only."""

# ruff: noqa: ARG001, ARG002  look-alikes share one signature

from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.playground.app_process import PROJECT
from bot.slack_thread import SlackThread
from bot.systems import connect_systems
from services.domain.identity import Identifier, freeze
from services.domain.outcome import OutcomeKind
from services.domain.scope import Scope
from services.http_api.reading import load as load_definition
from services.http_api.system import HttpSystem
from services.ports import Job
from services.systems_file import load
from tests.contracts.lookalike import Answer, Clock, serving

ADA = Identifier(kind="email", value="ada.canary@example.com", proof="wrote from it")
SYSTEMS = """\
company: Fernleaf
people: {approvers: [ULEA]}
systems:
  helpdesk: {kind: http_api, label: Help desk, definition: freshdesk.yaml, url: FRESHDESK_URL, runs: last}
  conversation: {kind: conversation, action: manual}
"""
FRESHDESK = """\
label: Freshdesk
documented:
  - https://developers.freshdesk.com/api/#list_all_contacts
  - https://developers.freshdesk.com/api/#hard_delete_contact
notes:
  proof: {text: "that a permanently deleted contact is answered with 404", confidence: unconfirmed}
base: https://example.freshdesk.com
hosts: ["*.freshdesk.com"]
auth: {kind: basic, user: FRESHDESK_KEY}
limits: {per_second: 1}
lookup:
  request: GET /api/v2/contacts
  params: {email: "{email}"}
  records: .
  id: id
  match: [email, "other_emails.*"]
  maximum: 10
  done: [200]
  denied: [401, 403]
  checks:
    1: {request: "GET /api/v2/tickets", params: {requester_id: "{id}"}, done: [200], path: "*.id", is: <present>,
        text: "tickets of this contact go with it"}
steps:
  1: {request: "DELETE /api/v2/contacts/{id}/hard_delete", params: {force: "true"}, done: [204], gone: [404],
      denied: [401, 403]}
verify:
  lookup: yes
  read: {request: "GET /api/v2/contacts/{id}", done: [200], gone: [404], denied: [401, 403]}
residue: {card: "archived exports are not touched"}
"""


class Freshdesk:
    """The documented shape: lists are bare arrays, a hard delete answers 204."""

    def __init__(self) -> None:
        self.contacts: dict[str, dict[str, Any]] = {
            "101": {"id": 101, "email": "someone@example.com", "other_emails": ["Ada.Canary@Example.com"]},
            "102": {"id": 102, "email": "eve@example.com", "other_emails": []},
        }

    def __call__(self, method: str, path: str, params: dict[str, str], body: Any) -> Answer:
        if path == "/api/v2/contacts":
            return 200, list(self.contacts.values())
        if path == "/api/v2/tickets":
            return 200, [{"id": 1}]
        name = path.split("/")[4]
        if method == "DELETE":
            assert params == {"force": "true"}
            return (204, None) if self.contacts.pop(name, None) else (404, None)
        return (200, self.contacts[name]) if name in self.contacts else (404, None)


class Environment(dict[str, str]):
    """Secrets by name."""

    def get(self, name: str) -> str:  # type: ignore[override]  # the port raises KeyError
        return self[name]


def test_a_public_api_becomes_a_system_by_two_yaml_files(tmp_path: Path) -> None:
    """Looked up, warned of, planned, erased after the closing message and proven, without a line of Python for it."""
    (tmp_path / "systems.yaml").write_text(SYSTEMS)
    (tmp_path / "freshdesk.yaml").write_text(FRESHDESK)
    with serving() as server:
        server.play = freshdesk = Freshdesk()
        thread = SlackThread(None, bot_user_id="UBOT", clock=Clock())  # type: ignore[arg-type]  # never asked here
        environment = Environment(FRESHDESK_KEY="k", FRESHDESK_URL=server.url)
        systems = connect_systems(load(tmp_path / "systems.yaml"), environment, Clock(), thread)
        one = next(system for system in systems if system.name == "helpdesk")
        identity = freeze((ADA,), one.find((ADA,)))
        plan = one.plan(identity, Scope.ALL_PERSONAL_DATA)
        assert (plan.order, plan.found, plan.problem) == (40, 1, "")
        assert "tickets of this contact go with it" in plan.warnings
        assert any(said.startswith("not confirmed: ") for said in plan.warnings)
        work = Job(
            identity=identity, scope=Scope.ALL_PERSONAL_DATA, planned=plan, key="case:1:helpdesk", told=True
        )
        assert one.execute(work) is None
        assert one.verify(work).kind is OutcomeKind.VERIFIED_GONE
        assert set(freshdesk.contacts) == {"102"}
        assert server.changes() == ["DELETE /api/v2/contacts/101/hard_delete"]
        one.close()  # type: ignore[attr-defined]  # an HTTP system has connections


def test_the_worked_example_of_the_documentation_works(tmp_path: Path) -> None:
    """docs/http-api.md shows a definition that loads and does what the page says: job, warning, hold and proof."""
    page = (PROJECT / "docs" / "http-api.md").read_text(encoding="utf-8")
    example = page.split("## A worked example")[1].split("```yaml\n")[1].split("```")[0]
    (tmp_path / "news.yaml").write_text(example)
    people = [{"uid": "7", "mail": ADA.value, "plan": "business"}]
    holds: list[Any] = []

    def play(method: str, path: str, params: dict[str, str], body: Any) -> Answer:
        if path == "/token":
            return 200, {"access_token": "t", "expires_in": 60}
        if path == "/people":
            return 200, {"people": people}
        if path.endswith("/holds"):
            return 200, {"holds": holds}
        if method == "DELETE":
            people.clear()
            return 202, {"job": "j1"}
        return 200, {"state": "done" if path == "/jobs/j1" else "failed"}

    with serving() as server:
        server.play = play
        definition = load_definition(tmp_path / "news.yaml")
        secrets = {"NEWS_ID": "i", "NEWS_SECRET": "s"}
        one = HttpSystem(definition, name="news", secrets=secrets, clock=Clock(), base=server.url)
        identity = freeze((ADA,), one.find((ADA,)))
        plan = one.plan(identity, Scope.ALL_PERSONAL_DATA)
        assert {"a paid plan is running", definition.residue_card} <= set(plan.warnings)
        holds.append({"id": 1})
        assert one.plan(identity, Scope.ALL_PERSONAL_DATA).problem == "a legal hold"
        holds.clear()
        work = Job(identity=identity, scope=Scope.ALL_PERSONAL_DATA, planned=plan, key="case:1:news")
        accepted = one.execute(work)
        assert accepted
        assert accepted.kind is OutcomeKind.ACCEPTED
        proven = one.verify(replace(work, reference=accepted.reference))
        assert proven.kind is OutcomeKind.VERIFIED_GONE, proven.reason
        one.close()
