"""The Web API clients: nothing is posted twice underneath the publisher's own bookkeeping."""

import socket
import threading
from collections.abc import Iterator

import pytest
from slack_sdk.errors import SlackClientError

from bot.slack import posting_client, web_client


@pytest.fixture
def taken() -> Iterator[tuple[str, list[bytes]]]:
    """A Slack that takes each request and drops the connection before it answers."""
    requests: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                requests.append(connection.recv(65536))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/api/", requests
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(60)


@pytest.mark.parametrize("make", [web_client, posting_client])
def test_a_post_whose_answer_was_lost_is_not_repeated_by_the_sdk(
    make, taken: tuple[str, list[bytes]]
) -> None:
    """Slack may have taken it: only the publisher, which looks for it by its metadata, posts again (rule 6)."""
    url, requests = taken
    with pytest.raises((SlackClientError, OSError)):
        make(token="xoxb-1", api_url=url).chat_postMessage(channel="C1", text="once")
    assert len(requests) == 1
