"""The whole playground world: look-alikes, sample company, mailbox, and the real app as a child process."""

import contextlib
import shutil
import socket
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from bot.playground.app_process import AppProcess
from bot.playground.company import Doors, Files, contacts, settle_in, write_env
from bot.playground.mail_server import MailServer
from bot.playground.mailbox import Mailbox
from bot.playground.settings import WorldOptions
from bot.playground.slack import SlackLookalike, sample_workspace
from services.activecampaign.twin import Account, Faults, Twin
from services.database.twin import snapshot

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What the outside systems hold at one moment: every row of the shop, every contact, live and archived."""

    at: datetime
    shop: dict[str, list[Row]]
    contacts: list[Row] = field(default_factory=list)
    archived: list[Row] = field(default_factory=list)
    beside: dict[str, list[Row]] = field(default_factory=dict)
    """What ActiveCampaign holds beside contacts, by the API's names: orders, deals, notes …"""


class World:
    """Fernleaf on loopback. A context manager; or `start` and `stop`, both idempotent.

    `slack` is the Slack look-alike (people act through it, mailbox included: /mailbox), `activecampaign` the twin,
    `mailbox` the e-mail outside Slack, `app` the child process, `files` where everything lies.
    """

    def __init__(self, folder: Path, *, options: WorldOptions | None = None) -> None:
        self.options = options or WorldOptions()
        self.files = Files(folder=folder.absolute())
        self.mailbox = Mailbox()
        self.mail = MailServer(self.mailbox)
        self.account = Account(now=now)
        self.activecampaign = Twin(self.account)
        self.slack = SlackLookalike(
            sample_workspace(), self.options.lookalike(), routes=self.mailbox.routes()
        )
        # Customers reach the confirmation page here, in either mode.
        self.http_port = _free_port()
        self.app = AppProcess(
            env_file=self.files.env, log_file=self.files.log, is_connected=self._app_is_connected
        )
        self.master_key = ""
        self._began: Picture | None = None
        self._running = False

    @property
    def folder(self) -> Path:
        """Where everything of this world lies; its content is replaced at the start."""
        return self.files.folder

    @property
    def began(self) -> Picture:
        """What the outside systems held when the world began."""
        if self._began is None:
            raise RuntimeError("the world was not started yet")
        return self._began

    def start(self, *, wait: bool = True) -> Self:
        """Start everything; with `wait` return when the app is connected. Raises AppError with the app's log."""
        if self._running:
            return self
        self._running = True
        try:
            self.mail.start()
            self._prepare()
            self.activecampaign.start()
            self.slack.start()
            self.app.start()
            if wait:
                self.ready()
        except BaseException:
            self.stop()
            raise
        return self

    def ready(self) -> None:
        """Wait until the app is connected. Raises AppError with the end of its log when it does not come up."""
        self.app.ready(self.options.start_deadline)

    def stop(self) -> None:
        """End the app first, then the look-alikes. The folder stays for whoever wants to look."""
        if not self._running:
            return
        self._running = False
        self.app.terminate()
        self.slack.stop()
        self.mail.stop()
        with contextlib.suppress(RuntimeError):  # a twin that was never started cannot be joined
            self.activecampaign.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def picture(self) -> Picture:
        """Return what the outside systems hold now."""
        state = self.account.state()
        return Picture(
            at=now(),
            shop=snapshot(self.files.shop),
            contacts=state["contacts"],
            archived=state["archived"],
            beside=self.account.records.all(),
        )

    def kill_app(self) -> None:
        """Kill the app with SIGKILL and wait until Slack has noticed that its connection is gone."""
        self.app.kill9()
        deadline = time.monotonic() + 5
        while self.slack.connections and time.monotonic() < deadline:
            time.sleep(0.01)

    def restart_app(self) -> None:
        """Start the app again (ending it first if it runs) and wait until it is connected."""
        self.app.terminate()
        self.app.start()
        self.ready()

    def reset(self) -> None:
        """Begin anew under the same addresses: people, company, contacts, mail and the app's own database."""
        self.app.terminate()
        self.slack.begin_anew(sample_workspace())
        self.activecampaign.hold.release()
        self.account.clear()
        self.account.set_faults(**asdict(Faults()))
        self.mailbox.clear()
        self._prepare()
        self.app.start()
        self.ready()

    def _prepare(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        settle_in(self.files, self.options)
        self.master_key = write_env(
            self.files,
            self.options,
            Doors(
                slack_api=self.slack.base_url,
                bot_token=self.slack.bot_token,
                app_token=self.slack.app_token,
                signing_secret=self.slack.signing_secret,
                activecampaign=self.activecampaign.url,
                activecampaign_token=self.account.admin_token,
                http_port=self.http_port,
                smtp_port=self.mail.port,
            ),
        )
        if self.options.mode == "http":
            self.slack.set_request_url(f"http://127.0.0.1:{self.http_port}/slack/events")
        self.account.seed(contacts())
        self._began = self.picture()

    def _app_is_connected(self) -> bool:
        if self.options.mode == "socket":
            return self.slack.connections > 0
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}/health", timeout=1) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def now() -> datetime:
    """Return the time by which the twins date their journals."""
    return datetime.fromtimestamp(time.time(), tz=UTC)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
