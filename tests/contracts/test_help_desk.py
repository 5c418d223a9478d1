"""Replies in the help desk, against servers on loopback that answer in the shapes of the documentation."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from services.http_api.reply import SHIPPED, HelpDesk, load
from services.marked_yaml import SystemsFileError
from services.ports import CustomerChannel
from services.reaching import Parcel, Reached
from tests.properties.fakes import HandClock
from tests.properties.world import START

TEXT = "Hello,\n\nplease choose <1>, 2 or 3."
HTML = "Hello,<br><br>please choose &lt;1&gt;, 2 or 3."
SECRETS = {
    name: f"value-of-{name.lower()}"
    for name in (
        "ZENDESK_USER",
        "ZENDESK_TOKEN",
        "INTERCOM_TOKEN",
        "INTERCOM_ADMIN_ID",
        "HELPSCOUT_APP_ID",
        "HELPSCOUT_APP_SECRET",
    )
}


class Desk(ThreadingHTTPServer):
    """Answers by (method, path); keeps what was asked. `drop` breaks the connection after reading the request."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], tuple[int, Any]] = {}
        self.asked: list[tuple[str, str, Any]] = []
        self.drop = ""
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    def answer(self) -> None:
        desk: Desk = self.server  # type: ignore[assignment]
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        body = json.loads(raw) if raw.startswith("{") else raw
        desk.asked.append((self.command, self.path, body))
        if desk.drop == self.command:
            self.connection.close()
            return
        status, answer = desk.answers.get((self.command, self.path), (404, {}))
        data = json.dumps(answer).encode() if answer is not None else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = answer  # noqa: N815  # http.server's names

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def desk() -> Iterator[Desk]:
    server = Desk()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def channels(desk: Desk) -> Iterator[dict[str, HelpDesk]]:
    made = {
        name: HelpDesk(
            load(Path(name)),
            secrets=SECRETS,
            clock=HandClock(at=START),
            base=f"http://127.0.0.1:{desk.server_port}",
        )
        for name in ("zendesk", "intercom", "helpscout")
    }
    yield made
    for one in made.values():
        one.close()


def parcel(to: str = "77") -> Parcel:
    return Parcel(key="c0ffee", to=to, subject="", text=TEXT)


def test_every_shipped_definition_is_a_channel() -> None:
    """Three help desks ship, each says where it was read, none holds a secret."""
    names = sorted(one.stem for one in SHIPPED.glob("*.yaml"))
    assert names == ["helpscout", "intercom", "zendesk"]
    for name in names:
        definition = load(Path(name))
        assert definition.api.documented
        assert not definition.reply.repeatable, "a reply is never sent twice by itself"


def test_zendesk_gets_a_public_comment(desk: Desk, channels: dict[str, HelpDesk]) -> None:
    """PUT on the ticket with a public comment, the text as it is."""
    channel: CustomerChannel = channels["zendesk"]
    desk.answers["PUT", "/api/v2/tickets/77"] = (200, {"ticket": {"id": 77}})
    assert channel.ask(parcel()).reached is Reached.SENT
    assert desk.asked == [
        ("PUT", "/api/v2/tickets/77", {"ticket": {"comment": {"body": TEXT, "public": True}}})
    ]


def test_intercom_gets_an_admins_comment(desk: Desk, channels: dict[str, HelpDesk]) -> None:
    """POST to the conversation, as the admin that the operator names, the text as HTML that says the same."""
    desk.answers["POST", "/conversations/77/reply"] = (200, {"type": "conversation", "id": "77"})
    assert channels["intercom"].remind(parcel()).reached is Reached.SENT
    ((_, _, body),) = desk.asked
    assert body["admin_id"] == "value-of-intercom_admin_id"
    assert (body["message_type"], body["type"], body["body"]) == ("comment", "admin", HTML)


def test_help_scout_is_read_first(desk: Desk, channels: dict[str, HelpDesk]) -> None:
    """A token, the conversation for its customer, then the reply to exactly that customer."""
    desk.answers["POST", "/v2/oauth2/token"] = (200, {"access_token": "t", "expires_in": 7200})
    desk.answers["GET", "/v2/conversations/77"] = (200, {"primaryCustomer": {"email": "maya@example.org"}})
    desk.answers["POST", "/v2/conversations/77/reply"] = (201, None)
    assert channels["helpscout"].tell(parcel()).reached is Reached.SENT
    assert desk.asked[-1][2] == {"customer": {"email": "maya@example.org"}, "text": HTML, "draft": False}


@pytest.mark.parametrize(
    ("status", "reached"),
    [
        (401, Reached.NOT_SENT),
        (404, Reached.NOT_SENT),
        (422, Reached.NOT_SENT),
        (500, Reached.UNCERTAIN),
        (202, Reached.UNCERTAIN),
    ],
)
def test_every_answer_is_told_apart(
    desk: Desk, channels: dict[str, HelpDesk], status: int, reached: Reached
) -> None:
    """A refusal sent nothing; an answer that is not described, or an error of the server's, may have sent it."""
    desk.answers["POST", "/conversations/77/reply"] = (status, {})
    delivery = channels["intercom"].ask(parcel())
    assert delivery.reached is reached
    assert "maya" not in delivery.reason
    posted = [one for one in desk.asked if one[0] == "POST"]
    assert len(posted) == 1, "at most one reply for each intent"


def test_not_even_a_put_is_repeated(desk: Desk, channels: dict[str, HelpDesk]) -> None:
    """Zendesk's reply is a PUT: repeated after an error of the server's it would stand there twice."""
    desk.answers["PUT", "/api/v2/tickets/77"] = (500, {})
    assert channels["zendesk"].ask(parcel()).reached is Reached.UNCERTAIN
    desk.answers["PUT", "/api/v2/tickets/77"] = (429, {})
    assert channels["zendesk"].ask(parcel()).reached is Reached.LATER
    assert len(desk.asked) == 2


def test_a_connection_that_breaks_after_the_request_is_uncertain(
    desk: Desk, channels: dict[str, HelpDesk]
) -> None:
    """Nobody knows whether the reply was posted; it is not posted again."""
    desk.drop = "POST"
    assert channels["intercom"].ask(parcel()).reached is Reached.UNCERTAIN
    assert len(desk.asked) == 1


def test_a_conversation_that_cannot_be_read_gets_no_reply(desk: Desk, channels: dict[str, HelpDesk]) -> None:
    """Reading comes first: without the customer nothing is posted, and nothing is uncertain."""
    desk.answers["POST", "/v2/oauth2/token"] = (200, {"access_token": "t", "expires_in": 7200})
    desk.answers["GET", "/v2/conversations/77"] = (200, {"primaryCustomer": None})
    assert channels["helpscout"].ask(parcel()).reached is Reached.NOT_SENT
    assert [one[1] for one in desk.asked if one[1].endswith("reply")] == []


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("77", "77"),
        ("https://acme.zendesk.com/agent/tickets/77", "77"),
        ("see https://acme.zendesk.com/agent/tickets/77 and /tickets/78", ""),
        ("../users/1", ""),
        ("77/../../users", ""),
        ("", ""),
    ],
)
def test_only_one_conversation_is_a_conversation(
    channels: dict[str, HelpDesk], typed: str, number: str
) -> None:
    """What an agent pastes names one conversation by its number, or none."""
    assert channels["zendesk"].recipient(typed) == number


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("conversation: 'x'", "needs one group"),
        ("conversation: '('", "no regular expression"),
    ],
)
def test_mistakes_in_a_definition_name_their_line(tmp_path: Path, text: str, problem: str) -> None:
    """An operator's own definition is refused with file, line and cure."""
    whole = (SHIPPED / "zendesk.yaml").read_text(encoding="utf-8")
    own = tmp_path / "own.yaml"
    own.write_text(
        "\n".join(text if line.startswith("conversation:") else line for line in whole.splitlines()),
        encoding="utf-8",
    )
    with pytest.raises(SystemsFileError, match=problem):
        load(own)
