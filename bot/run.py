"""Runs the desk in one process until it is told to stop."""

import logging
import signal
import threading
from pathlib import Path
from types import FrameType

import uvicorn

from bot.settings import EnvironmentSecrets, Settings, load
from bot.web import web_app
from bot.wiring import Runtime, build

log = logging.getLogger("bot")


def run_forever(env_file: Path | None) -> None:
    """Build, start, and serve until SIGTERM or SIGINT; what is under way is resumed at the next start."""
    settings = load(env_file)
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for name in ("slack_sdk", "slack_bolt"):
        # At DEBUG they log whole request bodies: modals with the customer's words and addresses (design rule 9).
        logging.getLogger(name).setLevel(
            max(logging.INFO, logging.getLevelNamesMapping()[settings.log_level])
        )
    told_to_stop = _listen_for_signals()
    runtime = build(settings, EnvironmentSecrets(env_file))
    try:
        runtime.start()
        log.info(
            "Deletion Desk is running for team %s, %s mode", runtime.desk.roles.team_id, settings.slack_mode
        )
        if (settings.slack_mode == "http" or runtime.page) and not told_to_stop.is_set():
            _serve_http(runtime, settings)
        else:
            told_to_stop.wait()
    finally:
        runtime.stop()


def _serve_http(runtime: Runtime, settings: Settings) -> None:
    config = uvicorn.Config(
        web_app(
            runtime.app if settings.slack_mode == "http" else None,
            is_healthy=runtime.is_healthy,
            complaints=lambda: [label for label, problem in runtime.ties() if problem],
            pages=runtime.page.routes() if runtime.page else (),
        ),
        host=settings.http_host,
        port=settings.http_port,
        log_level="warning",
        server_header=False,
        # A browser that keeps its connection open must not hold up the end.
        timeout_graceful_shutdown=5,
        access_log=False,
    )
    # The server raises the signal that ended it once more, under the handler that was there before: ours, so that the
    # runtime is stopped in order afterwards.
    uvicorn.Server(config).run()


def _listen_for_signals() -> threading.Event:
    """Return what the first SIGTERM or SIGINT sets, from before the start on; a second one interrupts at once."""
    told_to_stop = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if told_to_stop.is_set():
            raise KeyboardInterrupt
        told_to_stop.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    return told_to_stop
