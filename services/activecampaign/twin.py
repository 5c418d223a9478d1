"""The shipped look-alike of ActiveCampaign: its API v3 over real HTTP on loopback, no kinder than the real one."""

import socket
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from services.activecampaign.twin_account import Account, Effect, Faults
from services.activecampaign.twin_controls import Hold, controls
from services.activecampaign.twin_records import NAMES
from services.transport import silence_library_loggers

__all__ = ["Account", "Effect", "Faults", "Hold", "Twin", "build_app"]

Handler = Callable[[Request], Awaitable[Response]]


class _Rate:
    """The account's limit: a sliding second, with the documented headers."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._seen: deque[float] = deque()

    def headers(self) -> tuple[bool, dict[str, str]]:
        """Count a request; return whether it is one too many, and the headers that say how many are left."""
        limit = self._account.faults.rate
        if not limit:
            return False, {}
        now = time.monotonic()
        while self._seen and now - self._seen[0] >= 1.0:
            self._seen.popleft()
        is_over = len(self._seen) >= limit
        if not is_over:
            self._seen.append(now)
        left = {"RateLimit-Limit": str(limit), "RateLimit-Remaining": str(limit - len(self._seen))}
        return is_over, {**left, "Retry-After": "1"} if is_over else left


def build_app(account: Account, hold: Hold) -> Starlette:
    """Return the twin as an ASGI app: the API under /api/3, the control endpoints under /twin."""
    rate = _Rate(account)

    def api(work: Handler, *, admins_only: bool = False, of_crm: bool = False) -> Handler:
        async def answer(request: Request) -> Response:
            path = request.url.path.removeprefix("/api/3/")
            account.note_request(request.method, path, at=time.monotonic())
            is_over, headers = rate.headers()
            token = request.headers.get("Api-Token", "")
            if account.faults.down:
                response: Response = JSONResponse({"message": "Service Unavailable"}, 503)
            elif account.faults.busy:
                response = JSONResponse({"message": "Too Many Requests"}, 429)
                headers = {**headers, "Retry-After": account.faults.busy}
            elif is_over:
                response = JSONResponse({"message": "Too Many Requests"}, 429)
            elif token not in {account.admin_token, account.user_token}:
                response = JSONResponse({"message": "You are not authorized"}, 403)
            elif admins_only and not account.is_admin(token):
                response = _missing(account, request)
            elif of_crm and account.faults.no_crm:
                response = JSONResponse({"message": "Permission denied"}, 403)
            elif path.startswith("contactArchives") and account.faults.no_archive:
                response = Response("<html><body>Not Found</body></html>", 404, media_type="text/html")
            else:
                response = await work(request)
            response.headers.update(headers)
            await hold.keep(request.method, path)
            return response

        return answer

    async def me(_: Request) -> Response:
        return JSONResponse({"user": {"id": "1", "username": "api"}})

    async def contacts(request: Request) -> Response:
        return _page(request, "contacts", account.contacts(request.query_params.get("email")))

    async def create(request: Request) -> Response:
        row = account.create((await request.json())["contact"])
        if row is None:
            duplicate = {"title": "Email address already exists in the system", "code": "duplicate"}
            return JSONResponse({"errors": [duplicate]}, 422)
        return JSONResponse({"contact": row}, 201)

    async def note(request: Request) -> Response:
        given = (await request.json())["note"]
        return JSONResponse({"note": account.records.add_note(contact=str(given["relid"]))}, 201)

    async def contact(request: Request) -> Response:
        row = account.contact(request.path_params["number"])
        return JSONResponse({"contact": row}) if row else _missing(account, request)

    async def delete(request: Request) -> Response:
        number = request.path_params["number"]
        if account.faults.deaf:
            return JSONResponse({})
        if account.faults.archive_limit and account.contact(number):
            return JSONResponse({"message": "Monthly archive limit reached"}, 403)
        if not account.delete(number):
            return _missing(account, request)
        return Response(status_code=200) if int(number) % 2 else JSONResponse({})

    async def archived(request: Request) -> Response:
        return _page(request, "contactArchives", account.archived(request.query_params.get("search")))

    async def archived_copy(request: Request) -> Response:
        row = account.archived_copy(request.path_params["number"])
        return JSONResponse({"contactArchive": row}) if row else _missing(account, request)

    async def purge(request: Request) -> Response:
        if not account.faults.deaf:
            account.purge(request.path_params["number"])
        return JSONResponse({})

    async def purge_list(request: Request) -> Response:
        for number in (await request.json()).get("ids", []):
            account.purge(str(number))
        return JSONResponse({})

    def of_address(name: str) -> Handler:
        async def listed(request: Request) -> Response:
            asked = request.query_params.get("filters[email]")
            return _page(
                request, name, account.records.of(name, lambda row: account.matches(row["email"], asked))
            )

        return listed

    async def links(request: Request) -> Response:
        asked = request.query_params.get("filters[contact]")
        rows = account.records.of("accountContacts", lambda row: account.matches(row["contact"], asked))
        return _page(request, "accountContacts", rows)

    async def under_contact(request: Request) -> Response:
        number, name = request.path_params["number"], request.path_params["name"]
        if account.contact(number) is None or name not in NAMES:
            return _missing(account, request)
        return _page(request, name, account.records.under(name, number))

    async def remove(request: Request) -> Response:
        name, number = request.url.path.split("/")[-2], request.path_params["number"]
        if not account.faults.deaf and not account.remove(name, number):
            # Seen on notes: 403 for what is not there.
            status = 403 if name == "notes" else 404
            return JSONResponse({"message": account.missing(number)}, status)
        return JSONResponse({})

    routes = [
        Route("/users/me", api(me)),
        Route("/ecomOrders", api(of_address("ecomOrders"))),
        Route("/ecomCustomers", api(of_address("ecomCustomers"))),
        Route("/accountContacts", api(links, of_crm=True)),
        Route("/contacts/{number:int}/{name:str}", api(_by_text(under_contact), of_crm=True)),
        *(_removal(name, api(_by_text(remove))) for name in NAMES),
        Route("/contacts", api(contacts), methods=["GET"]),
        Route("/contacts", api(create), methods=["POST"]),
        Route("/notes", api(note, of_crm=True), methods=["POST"]),
        Route("/contacts/{number:int}", api(_by_text(contact)), methods=["GET"]),
        Route("/contacts/{number:int}", api(_by_text(delete), admins_only=True), methods=["DELETE"]),
        Route("/contactArchives", api(archived, admins_only=True)),
        Route("/contactArchives/deleteList", api(purge_list, admins_only=True), methods=["POST"]),
        Route(
            "/contactArchives/{number:int}", api(_by_text(archived_copy), admins_only=True), methods=["GET"]
        ),
        Route("/contactArchives/{number:int}", api(_by_text(purge), admins_only=True), methods=["DELETE"]),
    ]
    return Starlette(
        routes=[Mount("/api/3", routes=routes), Mount("/twin", routes=controls(account, hold))],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )


def _by_text(work: Handler) -> Handler:
    async def with_text(request: Request) -> Response:
        request.path_params["number"] = str(request.path_params["number"])
        return await work(request)

    return with_text


def _removal(name: str, work: Handler) -> Route:
    return Route(f"/{name}/{{number:int}}", work, methods=["DELETE"])


def _missing(account: Account, request: Request) -> Response:
    return JSONResponse({"message": account.missing(str(request.path_params.get("number", "")))}, 404)


def _page(request: Request, name: str, rows: list[dict[str, str]]) -> Response:
    limit = min(100, _whole(request.query_params.get("limit"), 20))
    offset = _whole(request.query_params.get("offset"), 0)
    page: list[dict[str, Any]] = rows[offset : offset + limit]
    # The real total is a string, and sometimes another number than there are.
    return JSONResponse({name: page, "meta": {"total": str(len(page)), "page_input": None}})


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default


class Twin:
    """The look-alike on a port of this machine, in a thread of its own; a context manager."""

    def __init__(self, account: Account, *, port: int = 0) -> None:
        self.account = account
        self.hold = Hold()
        # asyncio switches Nagle's delay off only on sockets that name the protocol.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            build_app(account, self.hold),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        silence_library_loggers()  # `access_log` alone comes back with the next handler, and prints addresses
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [self._socket]},
            name="activecampaign-twin",
            daemon=True,
        )

    def start(self) -> Self:
        """Serve; returns when it answers. Raises RuntimeError when it does not come up."""
        self._thread.start()
        deadline = time.monotonic() + 60
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the ActiveCampaign look-alike did not start")
            time.sleep(0.005)
        return self

    def stop(self) -> None:
        """Let held answers go and end the server."""
        self.hold.release()
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
