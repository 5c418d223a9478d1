"""The one way in which the play touches the world: the look-alikes' HTTP interfaces, by the standard library."""

import http.client
import json
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

Json = dict[str, Any]
Found = TypeVar("Found")
TIMEOUT = 40.0
LONGEST_WAIT = 2.0


class NotPossibleError(Exception):
    """The look-alike would not let this person do that, as Slack's own screen would not."""


class TooLateError(Exception):
    """What had to happen did not happen in time; the text says what was waited for and what was there instead."""


class Server:
    """A server on loopback that speaks JSON."""

    def __init__(self, origin: str) -> None:
        self._address = urlsplit(origin).netloc

    def get(self, path: str, **query: Any) -> Any:
        """Return the answer to GET. Raises NotPossibleError with the server's reason."""
        return self._ask("GET", f"{path}?{urlencode(query)}" if query else path, None)

    def post(self, path: str, body: Json) -> Any:
        """Return the answer to a POST of JSON. Raises NotPossibleError with the server's reason."""
        return self._ask("POST", path, json.dumps(body))

    def _ask(self, method: str, path: str, body: str | None) -> Any:
        link = http.client.HTTPConnection(self._address, timeout=TIMEOUT)
        try:
            headers = {"content-type": "application/json"} if body is not None else {}
            link.request(method, path, body=body, headers=headers)
            answer = link.getresponse()
            text = answer.read().decode()
        finally:
            link.close()
        found = json.loads(text) if text.startswith(("{", "[")) else {"error": text[:200]}
        if answer.status >= 400:
            raise NotPossibleError(str(found.get("error", answer.status)))
        return found


class SlackDoor:
    """The people's side of the Slack look-alike: everything that a person could do or see, over HTTP."""

    def __init__(self, origin: str) -> None:
        self._server = Server(origin)

    def do(self, action: str, **args: Any) -> Any:
        """Do something as a person (say, click, submit, …) and return what they see of it."""
        return self._server.post(f"/people/{action}", args).get("result")

    def visible(self, user: str, channel: str) -> list[Json]:
        """Return the messages that this person sees in a channel, oldest first."""
        return list(self._server.get("/people/visible", user=user, channel=channel)["result"])

    def views(self, user: str) -> list[Json]:
        """Return the person's open modals, bottom first."""
        return list(self._server.get("/people/views", user=user)["result"])

    def letters(self, person: str) -> list[Json]:
        """Return the e-mails to and from an address, oldest first."""
        return list(self._server.get("/mailbox", person=person)["letters"])

    def send_letter(self, *, sender: str, to: str, text: str) -> None:
        """Send an e-mail."""
        self._server.post("/mailbox", {"sender": sender, "to": to, "text": text})

    def until(self, look: Callable[[], Found | None], what: str, *, within: float = 120.0) -> Found:
        """Return what `look` finds, looking again at every change in the workspace. Raises TooLateError."""
        deadline = time.monotonic() + within
        since = 0
        while True:
            if found := look():
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise TooLateError(f"waited {within:g} s for {what}")
            news = self._server.get("/people/changes", since=since, wait=min(left, LONGEST_WAIT))
            since = int(news["seq"])


def poll(look: Callable[[], Found | None], what: str, *, within: float = 120.0, every: float = 0.03) -> Found:
    """Return what `look` finds, for things that happen outside Slack. Raises TooLateError."""
    deadline = time.monotonic() + within
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TooLateError(f"waited {within:g} s for {what}")
        time.sleep(every)
    return found
