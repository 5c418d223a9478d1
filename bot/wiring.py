"""The one composition root: settings in, a runtime out; production, tests and demo call the same `build`."""

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from slack_bolt import App
from sqlalchemy.exc import SQLAlchemyError

from bot.customer_channels import connect_channels, is_secure, links_of
from bot.customer_page import CustomerPage
from bot.digests import Digests
from bot.engine import DurableEngine
from bot.errors import SLACK_FAULTS, slack_start_error, store_start_error
from bot.interface import translation
from bot.people import SlackPeople
from bot.privacy_lead import privacy_teller
from bot.publisher import Publisher
from bot.sender import Sender
from bot.settings import Settings
from bot.slack import Intake, bolt_app, posting_client, web_client
from bot.slack_thread import SlackThread
from bot.sockets import Sockets
from bot.systems import connect_systems
from bot.ties import Ties
from bot.worker import Loops, Worker
from handlers import register
from handlers.edge import Edge
from handlers.language import choose as choose_language
from services.classifier.combined import classifier as build_classifier
from services.classifier.prefilter import might_be_request
from services.customer.texts import TemplateTexts
from services.ports import Classifier, Clock, Desk, Secrets, System
from services.storage import ProcessGuard, Store, hold_store, open_store
from services.systems_file import SystemsConfig
from services.systems_file import load as load_systems
from services.transport import silence_library_loggers
from services.working_days import is_working_day

log = logging.getLogger(__name__)


class SystemClock:
    """Implements `ports.Clock` with the machine's time."""

    def now(self) -> datetime:
        """Return the current time in UTC."""
        return datetime.now(UTC)  # noqa: TID251  # the one clock


@dataclass(slots=True, kw_only=True)
class Runtime:
    """A built desk. `start` begins to listen and work, `stop` ends both; usable as a context manager."""

    settings: Settings
    desk: Desk
    store: Store
    app: App
    engine: DurableEngine
    worker: Worker
    publisher: Publisher
    loops: Loops
    executor: ThreadPoolExecutor
    sockets: Sockets | None
    guard: ProcessGuard
    ties: Ties
    sender: Sender
    page: CustomerPage | None

    def start(self) -> None:
        """Launch the engine (recovering what was interrupted), the loops, and the Slack connection."""
        try:
            self.engine.launch(self.desk, self.worker.take_in)
        except SQLAlchemyError as error:
            raise store_start_error("ENGINE_URL", error) from None
        # One process holds the store: what another one began to send was begun by one that is dead.
        self.sender.recover(self.desk.clock.now())
        self.loops.start()
        if self.sockets:
            self.sockets.start()

    def stop(self) -> None:
        """Close the Slack connection first, then finish the turn that is under way."""
        if self.sockets:
            self.sockets.stop()
        self.loops.stop()
        self.executor.shutdown(wait=True)
        self.engine.close()
        for system in self.desk.systems:
            close = getattr(system, "close", None)
            if close is not None:
                close()
        self.store.close()
        self.guard.release()

    def is_healthy(self) -> bool:
        """Whether the store answers and Slack is connected."""
        try:
            self.desk.switch.halted()
        except SQLAlchemyError:
            return False
        return self.ties.reach_us


def _engine(settings: Settings) -> DurableEngine:
    try:
        return DurableEngine(settings.engine_database_url)
    except SQLAlchemyError as error:
        raise store_start_error("ENGINE_URL", error) from None


def _hold(settings: Settings) -> ProcessGuard:
    try:
        return hold_store(settings.database_url)
    except (SQLAlchemyError, OSError) as error:
        raise store_start_error("DATABASE_URL", error) from None


def open_configured_store(settings: Settings, *, case_channel: str = "") -> Store:
    """Return our own store. Raises StartError for a database that cannot be opened."""
    try:
        return open_store(
            settings.database_url,
            settings.master_key.get_secret_value(),
            ids=lambda: uuid.uuid4().hex,
            case_channel=case_channel,
        )
    except (SQLAlchemyError, OSError) as error:
        raise store_start_error("DATABASE_URL", error) from None


def build(
    settings: Settings,
    secrets: Secrets,
    *,
    config: SystemsConfig | None = None,
    clock: Clock | None = None,
    classifier: Classifier | None = None,
    systems: tuple[System, ...] | None = None,
) -> Runtime:
    """Build everything from settings and systems.yaml; the keywords replace single parts (tests, demo).

    Raises what bot/errors.py calls mendable. Nothing is started.
    """
    silence_library_loggers()
    # Compiles the phrases of all languages now. Left to the first messages, every listener would do it at once, and
    # clicks would wait longer than Slack does.
    might_be_request("")
    config = config or load_systems(settings.systems_file)
    choose_language(translation(config.policy.language))
    clock = clock or SystemClock()
    guard = _hold(settings)
    store = open_configured_store(settings, case_channel=config.policy.case_channel)
    client = web_client(token=settings.slack_bot_token.get_secret_value(), api_url=settings.slack_api_url)
    try:
        who = client.auth_test()
    except SLACK_FAULTS as error:
        store.close()
        guard.release()
        raise slack_start_error(error) from None
    posting = posting_client(
        token=settings.slack_bot_token.get_secret_value(), api_url=settings.slack_api_url
    )
    thread = SlackThread(posting, bot_user_id=str(who["user_id"]), clock=clock)
    people = SlackPeople(
        client, config.staff, team_id=str(who["team_id"]), clock=clock, zone=config.policy.zone
    )
    people.refresh()
    engine, texts, links = _engine(settings), TemplateTexts(), links_of(settings, store)
    desk = Desk(
        clock=clock,
        cases=store.cases,
        vault=store.vault,
        switch=store.switch,
        posts=store.posts,
        engine=engine,
        rechecks=store.rechecks,
        classifier=classifier or _classifier(settings),
        texts=texts,
        systems=systems or connect_systems(config, secrets, clock, thread, store.places),
        roles=people,
        policy=config.policy,
        is_working_day=is_working_day,
        dispatches=store.dispatches,
        channels=connect_channels(settings, config, secrets, clock, store.places),
    )
    listeners, executor = ThreadPoolExecutor(20, "listener"), ThreadPoolExecutor(8, "fill")
    app = bolt_app(
        client=client, signing_secret=settings.slack_signing_secret.get_secret_value(), listeners=listeners
    )
    intake = Intake(
        desk=desk,
        inbox=store.inbox,
        engine=engine,
        clock=clock,
        might_be_request=might_be_request,
        bot_user_id=str(who["user_id"]),
        bot_id=str(who["bot_id"]),
        team_id=str(who["team_id"]),
        channels=config.channels,
    )
    app.use(intake)
    sockets = _sockets(settings, app)
    ties = Ties(sockets=sockets, people=people)
    register(
        app,
        Edge(
            desk=desk,
            submit=_submitter(executor),
            client=client,
            take_in_later=intake.write,
            bot_user_id=str(who["user_id"]),
            workspace_url=str(who.get("url") or ""),
            own_health=ties,
        ),
    )
    publisher = Publisher(desk, store.posts, thread, workspace_url=str(who.get("url") or ""))
    sender = Sender(desk, store.dispatches, texts, links)
    worker = Worker(
        desk=desk,
        inbox=store.inbox,
        engine=engine,
        thread=thread,
        publisher=publisher,
        tell_privacy_lead=privacy_teller(client, config.policy.privacy_lead),
        workspace_url=str(who.get("url") or ""),
    )
    return Runtime(
        settings=settings,
        desk=desk,
        store=store,
        app=app,
        engine=engine,
        worker=worker,
        publisher=publisher,
        loops=Loops(
            worker=worker,
            publisher=publisher,
            people=people,
            digests=Digests(desk, thread, workspace_url=str(who.get("url") or "")),
            sender=sender,
            store=store,
            guard=guard,
            clock_now=clock.now,
        ),
        executor=executor,
        sockets=sockets,
        ties=ties,
        guard=guard,
        sender=sender,
        page=CustomerPage(desk=desk, links=links, texts=texts, secure=is_secure(settings)) if links else None,
    )


def _sockets(settings: Settings, app: App) -> Sockets | None:
    if settings.slack_mode != "socket":
        return None
    return Sockets(app, app_token=settings.slack_app_token.get_secret_value(), web_client=app.client)


def _classifier(settings: Settings) -> Classifier:
    return build_classifier(
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.openai_base_url or None,
        model=settings.openai_model,
    )


def _submitter(executor: ThreadPoolExecutor) -> Callable[[Callable[[], None]], None]:
    def carried_out(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  # a future that nobody asks would swallow it; reported by type
            log.error("what followed a click ended with %s", type(error).__name__)  # noqa: TRY400  # no text: it may be personal

    def submit(work: Callable[[], None]) -> None:
        executor.submit(carried_out, work)

    return submit
