"""From systems.yaml to the systems themselves: which adapter serves which entry, with which secret."""

from urllib.parse import urlsplit

from bot.errors import StartError
from bot.slack_thread import SlackThread
from services.accounts.sql import SqlAccount
from services.activecampaign import ActiveCampaign, NotConfigured
from services.activecampaign import Settings as ActiveCampaignSettings
from services.activecampaign.choices import ACTIONS, Choice
from services.customer.after_closing import AfterClosing
from services.customer.by_hand import ByHand
from services.customer.conversation import Conversation
from services.database.connection import CompanyDatabase
from services.database.data_map import load as load_data_map
from services.database.system import Database
from services.database.warned import Warned
from services.http_api.reading import load as load_definition
from services.http_api.system import HttpSystem
from services.pace import Places
from services.ports import Clock, Secrets, System
from services.systems_file import (
    AccountConfig,
    ActiveCampaignConfig,
    ByHandConfig,
    ConversationConfig,
    DatabaseConfig,
    HttpApiConfig,
    SystemConfig,
    SystemsConfig,
)

# What would create the customer again goes with the account; a channel of reply goes with the conversation.
ORDER = {"first": 10, "with_others": 20, "last": 40}


def connect_systems(
    config: SystemsConfig,
    secrets: Secrets,
    clock: Clock,
    thread: SlackThread,
    places: Places | None = None,
) -> tuple[System, ...]:
    """Return one adapter for each system of systems.yaml, and a stand-in for an ActiveCampaign that is missing.

    `places` is where all workers count an account's requests; without it each process counts its own. Raises `StartError` or `SystemsFileError`; no system is spoken to yet.
    """
    built = [_system(one, secrets, clock, thread, places) for one in config.systems]
    if not any(isinstance(one, ActiveCampaignConfig) for one in config.systems):
        built.append(NotConfigured(clock=clock))
    return tuple(built)


def secrets_of(config: SystemConfig) -> tuple[str, ...]:
    """Return the names of the secrets that an entry needs, those of its definition included. Raises `SystemsFileError`."""
    names: list[str]
    match config:
        case DatabaseConfig() | AccountConfig():
            names = [config.url]
        case ActiveCampaignConfig():
            names = [config.url, config.token]
        case HttpApiConfig():
            names = [config.url, *sorted(load_definition(config.definition).secret_names)]
        case ConversationConfig():
            names = [config.token]
        case ByHandConfig():
            return ()
    return tuple(name for name in names if name)


def _system(
    config: SystemConfig, secrets: Secrets, clock: Clock, thread: SlackThread, places: Places | None
) -> System:
    match config:
        case DatabaseConfig():
            return _database(config, secrets, clock)
        case AccountConfig():
            return SqlAccount(
                config=config, database=_company_database(secrets, config.url, config.name), clock=clock
            )
        case ActiveCampaignConfig():
            url = _secret(secrets, config.url, config.name)
            try:
                settings = ActiveCampaignSettings(
                    base_url=url,
                    token=_secret(secrets, config.token, config.name),
                    archives="none" if config.archives == "attest" else "purge",
                    related=tuple(
                        (name, Choice(action=ACTIONS[action], ground=ground, until=until))
                        for name, action, ground, until in config.related
                    ),
                    pause=config.pause.total_seconds(),
                    rate=config.rate,
                    allow_http=urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"},
                )
            except ValueError as error:
                raise StartError(f"{config.url}: {error}") from None
            return ActiveCampaign(settings, clock=clock, name=config.name, label=config.label, places=places)
        case HttpApiConfig():
            api = _http_api(config, secrets, clock, places)
            return AfterClosing(api, clock=clock) if config.runs == "last" else api
        case ConversationConfig():
            return _conversation(config, secrets, clock, thread)
        case ByHandConfig():
            return ByHand(
                name=config.name,
                label=config.label,
                action="keep" if config.action == "keep" else "manual",
                do=config.do,
                clock=clock,
                ground=config.ground,
                until=config.until,
                order=ORDER[config.runs],
            )


def _database(config: DatabaseConfig, secrets: Secrets, clock: Clock) -> System:
    database = _company_database(secrets, config.url, config.name)
    data_map = load_data_map(config.map)
    system = Database(name=config.name, label=config.label, database=database, data_map=data_map, clock=clock)
    if not config.warnings:
        return system
    kind = data_map.subject.kind
    return Warned(system, database=database, kind=kind, questions=config.warnings, clock=clock)


def _conversation(config: ConversationConfig, secrets: Secrets, clock: Clock, thread: SlackThread) -> System:
    deletes = config.action == "delete"
    system = Conversation(
        name=config.name,
        label=config.label,
        action="keep" if config.action == "keep" else "delete" if deletes else "manual",
        thread=thread.as_admin(_secret(secrets, config.token, config.name)) if config.token else thread,
        clock=clock,
        ground=config.ground,
        until=config.until,
    )
    return AfterClosing(system, clock=clock) if deletes and config.after else system


def _http_api(
    config: HttpApiConfig, secrets: Secrets, clock: Clock, places: Places | None = None
) -> HttpSystem:
    definition = load_definition(config.definition)
    if config.is_account and definition.does != config.does:
        raise StartError(
            f"{config.name}: its definition says `does: {definition.does}` and systems.yaml `mode: {config.does}`; "
            "an account is deactivated unless systems.yaml says `mode: remove`"
        )
    try:
        return HttpSystem(
            definition,
            name=config.name,
            label=config.label,
            secrets={one: _secret(secrets, one, config.name) for one in definition.secret_names},
            clock=clock,
            base=_secret(secrets, config.url, config.name) if config.url else "",
            places=places,
            is_account=config.is_account,
            erased_by=config.erased_by,
            order=ORDER[config.runs],
        )
    except ValueError as error:
        raise StartError(f"{config.url or config.name}: {error}") from None


def _secret(secrets: Secrets, name: str, system: str) -> str:
    try:
        return secrets.get(name)
    except KeyError:
        raise StartError(
            f"{name} is missing: the system '{system}' in systems.yaml needs it; set it in the environment or in .env"
        ) from None


def _company_database(secrets: Secrets, name: str, system: str) -> CompanyDatabase:
    try:
        return CompanyDatabase(_secret(secrets, name, system))
    except ValueError as error:
        raise StartError(f"{name}: {error}") from None
