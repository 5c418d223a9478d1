"""/world/…: what the page reads of the world, and the switches that a playground has and production has not."""

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.playground.app_process import AppError
from bot.playground.page.watch import LONGEST_WAIT, Watch
from bot.playground.world import World

Json = dict[str, Any]
Deed = Callable[[Json], None]
# What the page offers of ActiveCampaign's faults.
_FAULTS = frozenset({"down", "not_admin", "archive_limit"})


def world_routes(world: World, watch: Watch) -> list[Route]:
    """Return GET /world/changes and POST /world/{faults,hold,app,reset}, which take and answer JSON."""

    def set_faults(given: Json) -> None:
        if not given or not set(given) <= _FAULTS:
            raise ValueError(f"only these can be switched: {', '.join(sorted(_FAULTS))}")
        world.account.set_faults(**given)

    def hold(given: Json) -> None:
        watch.holding = bool(given["held"])
        if watch.holding:
            # The answer to every deletion is kept back: the effect has happened, the app does not know.
            world.activecampaign.hold.set("DELETE", "contact")
        else:
            world.activecampaign.hold.release()

    def app(given: Json) -> None:
        deeds: dict[str, Callable[[], None]] = {"kill": world.kill_app, "start": world.restart_app}
        deeds[given["do"]]()

    def reset(_given: Json) -> None:
        watch.holding = False
        world.app.terminate()
        watch.close()
        world.reset()

    deeds: dict[str, Deed] = {"faults": set_faults, "hold": hold, "app": app, "reset": reset}

    async def changes(request: Request) -> Response:
        query = request.query_params
        try:
            number, wait = int(query.get("since", "0")), float(query.get("wait", LONGEST_WAIT))
        except ValueError:
            return JSONResponse({"ok": False, "error": "since and wait are numbers"}, status_code=400)
        return JSONResponse(await run_in_threadpool(watch.since, number, query.get("epoch", ""), wait))

    async def act(request: Request) -> Response:
        deed = deeds.get(request.path_params["deed"])
        # Asking for JSON keeps other sites in the same browser out: they would need a CORS preflight.
        if deed is None or not request.headers.get("content-type", "").startswith("application/json"):
            return JSONResponse({"ok": False, "error": "no such switch"}, status_code=404)
        try:
            await run_in_threadpool(deed, await request.json())
        except (ValueError, TypeError, KeyError, AttributeError) as wrong:
            return JSONResponse({"ok": False, "error": f"bad request: {wrong}"}, status_code=400)
        except AppError as failed:
            return JSONResponse({"ok": False, "error": str(failed)}, status_code=500)
        return JSONResponse({"ok": True})

    return [Route("/world/changes", changes), Route("/world/{deed}", act, methods=["POST"])]
