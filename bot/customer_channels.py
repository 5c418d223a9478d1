"""From settings and systems.yaml to the ways to the customer: e-mail with its link and page, the help desk."""

from bot.errors import StartError
from bot.settings import Settings
from services.customer.email import Email, MailServer
from services.customer.links import Links
from services.http_api.reply import HelpDesk
from services.http_api.reply import load as load_reply
from services.pace import Places
from services.ports import Clock, CustomerChannel, Secrets
from services.storage import Store
from services.systems_file import HttpApiConfig, SystemsConfig


def connect_channels(
    settings: Settings, config: SystemsConfig, secrets: Secrets, clock: Clock, places: Places
) -> tuple[CustomerChannel, ...]:
    """Return the channels that are set up. Raises StartError when systems.yaml names one that is not."""
    found: list[CustomerChannel] = []
    if settings.smtp_host:
        found.append(_email(settings, clock))
    if config.help_desk:
        found.append(_help_desk(config.help_desk, secrets, clock, places))
    ways = config.policy.ways
    missing = {"email", "help_desk"} & set(ways) - {one.name for one in found}
    if "email" in missing:
        raise StartError("systems.yaml names the channel email: set SMTP_HOST, SMTP_FROM and PUBLIC_URL")
    if missing:
        raise StartError("systems.yaml names the channel help_desk: describe it under customer, help_desk")
    return tuple(one for one in found if not ways or one.name in ways)


def _help_desk(config: HttpApiConfig, secrets: Secrets, clock: Clock, places: Places) -> HelpDesk:
    definition = load_reply(config.definition)
    try:
        return HelpDesk(
            definition,
            secrets={one: secrets.get(one) for one in definition.api.secret_names},
            clock=clock,
            base=secrets.get(config.url) if config.url else "",
            places=places,
        )
    except KeyError as missing:
        raise StartError(
            f"{missing.args[0]} is missing: the help desk in systems.yaml needs it; set it in the environment or in .env"
        ) from None
    except ValueError as error:
        raise StartError(f"{config.url or 'help_desk'}: {error}") from None


def links_of(settings: Settings, store: Store) -> Links | None:
    """Return the maker of personal links, or None without a public address for the page."""
    if not settings.public_url:
        return None
    return Links(key=store.vault.link_key, public_url=settings.public_url)


def is_secure(settings: Settings) -> bool:
    """Whether the page's public address is encrypted."""
    return settings.public_url.startswith("https://")


def _email(settings: Settings, clock: Clock) -> Email:
    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_from,
        sender_name=settings.smtp_from_name,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        ca_file=settings.smtp_ca_file or None,
    )
    try:
        return Email(server, clock=clock)
    except (ValueError, OSError) as error:
        wrong = "SMTP_CA_FILE cannot be read" if isinstance(error, OSError) else str(error)
        raise StartError(wrong) from None
