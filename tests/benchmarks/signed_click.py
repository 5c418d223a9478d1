"""`make bench`: a signed click through the whole app against a bare Bolt app, side by side, as a ratio.

The click is the submission of a modal that the desk answers from its store: signature, parsing, authority, the case
read and compared, an answer at the field. The baseline is a Bolt app with the same settings whose listener answers a
constant. Both run in this process, interleaved, so that only the ratio matters and not the machine.
"""

import json
import logging
import statistics
import tempfile
import time
import urllib.parse
from pathlib import Path

from slack_bolt import App, BoltRequest
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from bot.playground.settings import WorldOptions
from bot.playground.slack import sample
from bot.playground.world import World
from bot.settings import EnvironmentSecrets, load
from bot.wiring import Runtime, build
from handlers import ids
from services.intake import Incoming, take_in

ROUNDS, WARM_UP = 600, 50
SUBMISSION = {
    "type": "view_submission",
    "team": {"id": sample.TEAM},
    "user": {"id": sample.ANA, "team_id": sample.TEAM, "name": "ana"},
    "view": {"type": "modal", "id": "V1", "callback_id": ids.DISMISS_FORM, "state": {"values": {}}},
}


def signed(secret: str, view: dict[str, object]) -> BoltRequest:
    """Return the click as Slack would send it over HTTP."""
    payload = {**SUBMISSION, "view": {**SUBMISSION["view"], **view}}
    body = urllib.parse.urlencode({"payload": json.dumps(payload)})
    now = str(int(time.time()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=now, body=body)
    return BoltRequest(
        body=body,
        headers={
            "content-type": "application/x-www-form-urlencoded",
            "x-slack-request-timestamp": now,
            "x-slack-signature": signature or "",
        },
    )


def bare_app(client: WebClient, secret: str) -> App:
    """Return the baseline: Bolt, the signature check, one listener."""
    app = App(client=client, signing_secret=secret, process_before_response=True)
    app.view(ids.DISMISS_FORM)(lambda ack: ack(response_action="errors", errors={"reason": "no"}))
    return app


def main() -> None:
    """Measure and print."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder) / "world", options=WorldOptions(mode="http"))
        with world:
            world.app.terminate()  # the same desk, but in this process
            runtime = build(load(world.files.env), EnvironmentSecrets(world.files.env))
            try:
                case = opened_case(runtime)
                secret = world.slack.signing_secret
                bare = bare_app(runtime.app.client, secret)
                view = {"private_metadata": json.dumps({"case": case, "version": 0})}
                times: dict[str, list[float]] = {"bare": [], "whole": []}
                for turn in range(ROUNDS + WARM_UP):
                    for name, app in (("bare", bare), ("whole", runtime.app)):
                        request = signed(secret, view)
                        began = time.perf_counter()
                        answer = app.dispatch(request)
                        spent = time.perf_counter() - began
                        if answer.status != 200:
                            raise SystemExit(f"{name}: answered {answer.status}")
                        if turn >= WARM_UP:
                            times[name].append(spent)
            finally:
                runtime.store.close()
                runtime.guard.release()
    bare_ms, whole_ms = (statistics.median(times[name]) * 1000 for name in ("bare", "whole"))
    print(f"signed click, median of {ROUNDS}: bare Bolt {bare_ms:.2f} ms, whole app {whole_ms:.2f} ms")
    print(f"ratio {whole_ms / bare_ms:.2f}")


def opened_case(runtime: Runtime) -> str:
    """Open a case through the same verb that the worker calls, and return its id."""
    taken = take_in(
        runtime.desk,
        Incoming(
            team_id=sample.TEAM,
            channel=sample.SUPPORT,
            ts="1700000000.000100",
            text="Please delete my data",
            at=runtime.desk.clock.now(),
            author=sample.MAYA,
        ),
    )
    if taken.case is None:
        raise SystemExit("the message opened no case")
    return taken.case.id


if __name__ == "__main__":
    main()
