"""Fernleaf, the sample company: its systems.yaml, its .env, and who is known to ActiveCampaign."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.playground.mailbox import SUPPORT_ADDRESS
from bot.playground.settings import WorldOptions
from bot.playground.slack import sample
from services.database.twin import COMPANY, FERNLEAF_MAP, FERNLEAF_SYSTEMS, PEOPLE, build_shop

MAYA, JONAS = "maya.okafor@example.com", "jonas.weber@example.com"
# One person, two accounts; and somebody whom only ActiveCampaign knows.
SOFIA, SOFIA_TOO = "sofia@example.com", "sofia.l@example.org"
NOOR = "noor.haddad@example.net"
# What ActiveCampaign holds beside their contacts.
BESIDE: Mapping[str, Mapping[str, int]] = {
    MAYA: {"orders": 2, "customers": 1, "notes": 1},
    SOFIA: {"deals": 1, "links": 1},
}
# Who writes in Slack under an own account, and the address that is on file for them.
IN_SLACK: Mapping[str, str] = {sample.MAYA: MAYA, sample.JONAS: JONAS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where the parts of one Fernleaf lie, all in one folder."""

    folder: Path

    @property
    def env(self) -> Path:
        """The settings that the app is started with."""
        return self.folder / ".env"

    @property
    def systems(self) -> Path:
        """What is connected, and who may act."""
        return self.folder / "systems.yaml"

    @property
    def data_map(self) -> Path:
        """What happens to each table of the shop."""
        return self.folder / "shop.yaml"

    @property
    def shop(self) -> Path:
        """The shop's database."""
        return self.folder / "shop.db"

    @property
    def store(self) -> Path:
        """The desk's own database."""
        return self.folder / "desk.db"

    @property
    def engine(self) -> Path:
        """The durable engine's database."""
        return self.folder / "desk-engine.db"

    @property
    def log(self) -> Path:
        """What the app printed."""
        return self.folder / "app.log"


def settle_in(files: Files, options: WorldOptions) -> None:
    """Write the shop, its data map and systems.yaml into the folder; what was there is replaced."""
    files.folder.mkdir(parents=True, exist_ok=True)
    build_shop(files.shop)
    files.data_map.write_text(FERNLEAF_MAP, encoding="utf-8")
    files.systems.write_text(systems_yaml(options), encoding="utf-8")


def systems_yaml(options: WorldOptions) -> str:
    """Return the operator's file: two agents, two approvers, one operator, and every kind of system."""
    ground = "ground: support records, until: two years" if options.conversation == "keep" else ""
    conversation = ", ".join(filter(None, [f"kind: conversation, action: {options.conversation}", ground]))
    return f"""\
company: {COMPANY}
mode: {"observe" if options.observe else "enforce"}
people:
  agents: [{sample.ANA}, {sample.BEN}]
  approvers: [{sample.PRIVACY_LEADS}]  # a user group: Lea and Tom
  operators: [{sample.OLGA}]
  privacy_lead: {sample.LEA}
channels: [{sample.SUPPORT}]
{f"case_channel: {sample.PRIVACY}" if options.case_channel else ""}
regimes: [gdpr]
cooling_off: {{all_personal_data: {options.cooling_off}s, account_only: 0s}}
undo_dismissal: {options.undo_dismissal}s
rechecks: [{", ".join(f"{seconds}s" for seconds in options.rechecks)}]
backups: overwritten within 30 days
systems:
{FERNLEAF_SYSTEMS.rstrip()}
  activecampaign:
    kind: activecampaign
    url: ACTIVECAMPAIGN_URL
    token: ACTIVECAMPAIGN_TOKEN
    pause: {options.pause}s
  conversation: {{{conversation}}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where the look-alikes are, for the .env."""

    slack_api: str
    bot_token: str
    app_token: str
    signing_secret: str
    activecampaign: str
    activecampaign_token: str
    http_port: int
    smtp_port: int


def write_env(files: Files, options: WorldOptions, doors: Doors) -> str:
    """Write the .env with a fresh master key, as an operator would; return that key."""
    master_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    values = {
        "SLACK_BOT_TOKEN": doors.bot_token,
        "SLACK_MODE": options.mode,
        "SLACK_APP_TOKEN": doors.app_token if options.mode == "socket" else "",
        "SLACK_SIGNING_SECRET": doors.signing_secret if options.mode == "http" else "",
        "SLACK_API_URL": doors.slack_api,
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": doors.http_port,
        "DATABASE_URL": options.store_url or f"sqlite:///{files.store}",
        "ENGINE_URL": "" if options.store_url else f"sqlite:///{files.engine}",
        "MASTER_KEY": master_key,
        "SYSTEMS_FILE": files.systems,
        "PUBLIC_URL": f"http://127.0.0.1:{doors.http_port}",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": doors.smtp_port,
        "SMTP_SECURITY": "none",
        "SMTP_FROM": SUPPORT_ADDRESS,
        "SMTP_FROM_NAME": f"{COMPANY} support",
        "OPENAI_API_KEY": "playground" if options.openai_base_url else "",
        "OPENAI_BASE_URL": options.openai_base_url,
        "LOG_LEVEL": options.log_level,
        "SHOP_DATABASE_URL": f"sqlite:///{files.shop}",
        "ACTIVECAMPAIGN_URL": doors.activecampaign,
        "ACTIVECAMPAIGN_TOKEN": doors.activecampaign_token,
    }
    text = "".join(f"{name}={_quoted(value)}\n" for name, value in values.items())
    files.env.write_text(text, encoding="utf-8")
    files.env.chmod(0o600)
    return master_key


def contacts() -> list[dict[str, object]]:
    """Return ActiveCampaign's contacts: the shop's customers, an old archived copy of Maya, and Noor."""
    everybody: list[dict[str, object]] = [
        {
            "email": email,
            "firstName": name.split()[0],
            "lastName": name.split()[-1],
            "archived": 1 if email == MAYA else 0,
            **BESIDE.get(email, {}),
        }
        for _, email, name, *_ in PEOPLE
    ]
    return [*everybody, {"email": NOOR, "firstName": "Noor", "lastName": "Haddad"}]


def _quoted(value: object) -> str:
    """Return a value as .env files take it; a folder's name may hold blanks, quotes and signs."""
    text = str(value)
    if text.replace("/", "").replace(":", "").replace(".", "").replace("-", "").replace("_", "").isalnum():
        return text
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'" if text else ""
