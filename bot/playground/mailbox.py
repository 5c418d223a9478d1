"""The mail between support and customers outside Slack: a box that both write to, in the open, on loopback."""

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

# How support writes; everybody else in the box is a customer.
SUPPORT_ADDRESS = "support@fernleaf.example"
LONGEST_LETTER = 40_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message by e-mail. `at` is seconds since the epoch; `number` counts from 1."""

    number: int
    at: float
    sender: str
    to: str
    text: str


class Mailbox:
    """Every letter of the sample company, oldest first; safe for several threads."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._letters: list[Letter] = []

    def post(self, *, sender: str, to: str, text: str) -> Letter:
        """Put a letter in the box and return it. Raises ValueError for one without sender, receiver or text."""
        if not (sender.strip() and to.strip() and text.strip()):
            raise ValueError("a letter needs a sender, somebody it goes to, and a text")
        if len(text) > LONGEST_LETTER:
            raise ValueError(f"a letter takes at most {LONGEST_LETTER} characters")
        with self._changed:
            letter = Letter(
                number=len(self._letters) + 1,
                at=self._clock(),
                sender=sender.strip(),
                to=to.strip(),
                text=text,
            )
            self._letters.append(letter)
            self._changed.notify_all()
        return letter

    def letters(self, person: str | None = None) -> list[Letter]:
        """Return all letters, or those to and from one address (in any case)."""
        with self._changed:
            known = list(self._letters)
        if person is None:
            return known
        wanted = person.strip().casefold()
        return [one for one in known if wanted in {one.sender.casefold(), one.to.casefold()}]

    def clear(self) -> None:
        """Empty the box."""
        with self._changed:
            self._letters.clear()
            self._changed.notify_all()

    def routes(self) -> list[Route]:
        """Return GET /mailbox (`?person=` filters) and POST /mailbox ({sender, to, text} as JSON)."""

        async def read(request: Request) -> Response:
            letters = self.letters(request.query_params.get("person"))
            return JSONResponse({"ok": True, "letters": [asdict(one) for one in letters]})

        async def write(request: Request) -> Response:
            # Asking for JSON keeps other sites in the same browser out: they would need a CORS preflight.
            if not request.headers.get("content-type", "").startswith("application/json"):
                return JSONResponse({"ok": False, "error": "send JSON"}, status_code=415)
            try:
                given: Any = await request.json()
                letter = self.post(sender=given["sender"], to=given["to"], text=given["text"])
            except (ValueError, KeyError, TypeError, AttributeError) as wrong:
                return JSONResponse({"ok": False, "error": f"bad letter: {wrong}"}, status_code=400)
            return JSONResponse({"ok": True, "letter": asdict(letter)})

        return [
            Route("/mailbox", read, methods=["GET"]),
            Route("/mailbox", write, methods=["POST"]),
        ]
