"""The switches of the twin: answers that are kept back, faults, seeds, and what happened."""

import asyncio
import json
import threading
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.activecampaign.twin_account import Account, as_json


class Hold:
    """Answers that are kept back: the effect has happened, the client does not know. One hold at a time."""

    def __init__(self) -> None:
        self._wanted: tuple[str, str] | None = None
        self.reached = threading.Event()
        self._released = threading.Event()

    def set(self, method: str, path: str) -> None:
        """Keep back the next answers to this method and to paths under /api/3/ that begin like this."""
        self.reached.clear()
        self._released.clear()
        self._wanted = (method.upper(), path.strip("/"))

    def release(self) -> None:
        """Let the kept answers go and hold no more."""
        self._wanted = None
        self._released.set()

    async def keep(self, method: str, path: str) -> None:
        """Return when this answer may go."""
        if self._wanted is None or method != self._wanted[0] or not path.startswith(self._wanted[1]):
            return
        self.reached.set()
        while not self._released.is_set():  # noqa: ASYNC110 - released from another thread
            await asyncio.sleep(0.01)


def controls(account: Account, hold: Hold) -> list[Route]:
    """The switches of the demo and the fault campaigns; outside the API, on loopback only."""

    async def state(_: Request) -> Response:
        return JSONResponse(
            {**account.state(), "records": account.records.all(), "faults": asdict(account.faults)}
        )

    async def journal(_: Request) -> Response:
        return JSONResponse([as_json(effect) for effect in account.journal()])

    async def requests(_: Request) -> Response:
        return JSONResponse([{"method": method, "path": path} for method, path in account.requests()])

    async def arrivals(_: Request) -> Response:
        return JSONResponse(account.arrivals())

    async def change(request: Request) -> Response:
        try:
            account.set_faults(**await request.json())
        except (TypeError, json.JSONDecodeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return await state(request)

    async def set_hold(request: Request) -> Response:
        wanted = await request.json()
        hold.set(str(wanted["method"]), str(wanted["path"]))
        return JSONResponse({})

    async def look(_: Request) -> Response:
        return JSONResponse({"reached": hold.reached.is_set()})

    async def release(_: Request) -> Response:
        hold.release()
        return JSONResponse({})

    async def seed(request: Request) -> Response:
        return JSONResponse({"ids": account.seed(await request.json())})

    return [
        Route("/state", state),
        Route("/journal", journal),
        Route("/requests", requests),
        Route("/arrivals", arrivals),
        Route("/faults", change, methods=["POST"]),
        Route("/hold", set_hold, methods=["POST"]),
        Route("/hold", look, methods=["GET"]),
        Route("/release", release, methods=["POST"]),
        Route("/seed", seed, methods=["POST"]),
    ]
