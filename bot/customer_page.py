"""The page behind the customer's personal link: asks once more in plain words, and records what is confirmed."""

import base64
import hashlib
import logging
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import parse_qsl

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

import prompts
from services import answering
from services.customer.links import PATH, Links, Ticket
from services.customer.texts import FOLDER, SHARED, TemplateTexts
from services.domain.denials import Denied, Why
from services.domain.question import last_day
from services.domain.record import Case
from services.domain.scope import Scope
from services.ports import Desk

log = logging.getLogger(__name__)

# For each caller: opening is harmless and scanners do it, choosing is done a few times at most.
LOOKS, CHOICES = RateLimitItemPerMinute(60), RateLimitItemPerMinute(20)
# A form of two short words; whatever is longer did not come from this page.
_LONGEST_FORM = 200
_SCOPES: Mapping[str, Scope | None] = {
    "all": Scope.ALL_PERSONAL_DATA,
    "account": Scope.ACCOUNT_ONLY,
    "neither": None,
}
_TITLES = {"all": "all_title", "account": "account_title", "neither": "neither_title"}
Kind = Literal[
    "ask",
    "review",
    "done",
    "joined",
    "used",
    "expired",
    "replaced",
    "ended",
    "begun",
    "busy",
    "trouble",
    "forged",
]
_STATUS: Mapping[Kind, int] = {"forged": 404, "busy": 429, "trouble": 503}


class CustomerPage:
    """Serves the page. A GET changes nothing; a choice counts only when it was confirmed on a second page."""

    def __init__(self, *, desk: Desk, links: Links, texts: TemplateTexts, secure: bool) -> None:
        """Take what it needs; `secure` says that the public address is https."""
        self._desk = desk
        self._links = links
        self._texts = texts
        self._style = prompts.read(f"{FOLDER}/{SHARED}/page.css").strip()
        self._headers = _headers(self._style, secure=secure)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def routes(self) -> list[Route]:
        """Return GET and POST of one address, which holds the signed token and nothing else."""
        return [
            Route(f"{PATH}{{token}}", self._look, methods=["GET"]),
            Route(f"{PATH}{{token}}", self._choose, methods=["POST"]),
        ]

    async def _look(self, request: Request) -> Response:
        if not self._limiter.hit(LOOKS, "look", _caller(request)):
            return self._page("busy")
        return await run_in_threadpool(self._asked, request.path_params["token"])

    async def _choose(self, request: Request) -> Response:
        if not self._limiter.hit(CHOICES, "choose", _caller(request)):
            return self._page("busy")
        try:
            form = await _form(request)
        except ValueError:
            return self._page("forged")
        token, choice, step = request.path_params["token"], form.get("choice", ""), form.get("step", "")
        if choice not in _SCOPES or step == "back":
            return await run_in_threadpool(self._asked, token)
        return await run_in_threadpool(self._chosen, token, choice, step == "confirm")

    def _asked(self, token: str) -> Response:
        ticket = self._links.read(token)
        if ticket is None:
            return self._page("forged")
        case = self._standing(ticket)
        if isinstance(case, Denied):
            return self._explained(case, ticket)
        return self._page("ask", case=case, token=token)

    def _chosen(self, token: str, choice: str, confirmed: bool) -> Response:
        ticket = self._links.read(token)
        if ticket is None:
            return self._page("forged")
        case = self._standing(ticket)
        if isinstance(case, Denied):
            return self._explained(case, ticket)
        if not confirmed:
            return self._page("review", case=case, token=token, choice=choice)
        try:
            given = answering.answer(
                self._desk,
                case_id=ticket.case_id,
                question_id=ticket.question_id,
                scope=_SCOPES[choice],
                words=self._words(case, choice),
                channel=answering.LINK,
            )
        except Exception as error:  # noqa: BLE001  # the customer must not be left believing that it was recorded
            said = "a customer's choice for case %s was not recorded (%s)"
            log.error(said, ticket.case_id, type(error).__name__)  # noqa: TRY400  # the text may be personal
            return self._page("trouble", case=case)
        if isinstance(given, Denied):
            return self._explained(given, ticket)
        return self._page("joined" if given.joined else "done", case=case, choice=choice)

    def _standing(self, ticket: Ticket) -> Case | Denied:
        return answering.standing(self._desk, case_id=ticket.case_id, question_id=ticket.question_id)

    def _explained(self, denied: Denied, ticket: Ticket) -> Response:
        """Return the page that says why the link does not count, in the language the customer was asked in."""
        kinds: dict[Why, Kind] = {
            Why.ANSWERED: "used",
            Why.TOO_LATE: "expired",
            Why.REPLACED: "replaced",
            Why.ALREADY_STARTED: "begun",
            Why.UNKNOWN_CASE: "forged",
        }
        return self._page(
            kinds.get(denied.why, "ended"),
            case=self._desk.cases.get(ticket.case_id),
            more={"used": denied.at, "until": last_day(ticket.until)},
        )

    def _words(self, case: Case, choice: str) -> str:
        """Return the choice as the customer read it, with the English beside it."""
        question = case.question
        language = question.language if question else "en"
        english = self._texts.word(_TITLES[choice], "en")
        shown = self._texts.word(_TITLES[choice], language)
        beside = f" ({english})" if shown != english else ""
        return f"Chosen and confirmed on the page: “{shown}”{beside}"

    def _page(
        self,
        kind: Kind,
        *,
        case: Case | None = None,
        token: str = "",
        choice: str = "",
        more: Mapping[str, Any] | None = None,
    ) -> Response:
        question = case.question if case else None
        facts = {
            "kind": kind,
            "company": self._desk.policy.company,
            "services": sorted(one.label for one in self._desk.systems if one.is_mandatory),
            "ref": case.ref if case else "",
            "until": question.last_day if question else None,
            "choice": choice,
            # Relative, and the token only: whatever proxy is in front of it.
            "action": token,
            "style": _Raw(self._style),
            **(more or {}),
        }
        html = self._texts.page(question.language if question else "en", facts)
        return HTMLResponse(html, status_code=_STATUS.get(kind, 200), headers=self._headers)


class _Raw(str):
    """Our own style sheet, which is not to be escaped."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def _caller(request: Request) -> str:
    return request.client.host if request.client else "unknown"


async def _form(request: Request) -> dict[str, str]:
    """Return the form's fields. Raises ValueError for a body that no form of ours can send."""
    size = request.headers.get("content-length", "")
    if not size.isascii() or not size.isdigit() or int(size) > _LONGEST_FORM:
        raise ValueError("not our form")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind != "application/x-www-form-urlencoded":
        raise ValueError("not our form")
    return dict(parse_qsl((await request.body()).decode("ascii")))


def _headers(style: str, *, secure: bool) -> dict[str, str]:
    """Return the headers of every answer: nothing is loaded, framed, stored or told to anybody."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    headers = {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        ),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    }
    return headers | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})
