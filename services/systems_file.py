"""The one loader of systems.yaml: which systems there are, who may act, which limits hold; every error names its line.

```yaml
company: Fernleaf                       # what the customer is told
mode: enforce                           # or observe: cannot delete
people:                                 # people (U…) and user groups (S…)
  {agents: [U1, S1], approvers: [U2], operators: [U3], privacy_lead: U2,
   substitutes: {U4: {of: U2, from: 2026-12-20, until: 2027-01-03}}}   # may approve in the other's place
channels: [C1]                          # watched channels; empty or absent: every channel that the bot is in
regimes: [gdpr]                         # absent: jurisdiction unknown, the earliest deadline counts
time_zone: Europe/Berlin                # deadlines and working days by its clocks; absent: UTC
country: DE-BE                          # whose public holidays are no working days; absent: weekends only
reminders: {before: [7d, 3d, 1d], silent: 3d, digest: "09:00"}   # of deadlines, silent customers; approvers' digest
cooling_off: {all_personal_data: 24h, account_only: 0s}
undo_dismissal: 7d
rechecks: [1d, 7d, 30d]                 # after the end, everything is read again; 0d: never
limits: {records: 5000, cases_a_day: 20}
tolerance: {rows: 20, share: 0.2}
backups: "overwritten within 30 days"
customer: {channels: [thread, email, help_desk, copied], languages: [en, de], link_life: 14d,
           help_desk: {definition: zendesk, url: ZENDESK_URL}}   # shipped: zendesk, intercom, helpscout
case_channel: C2                        # private: every case has its full card there too; complaint: "You may …"
systems:
  shop: {kind: database, label: Shop database, url: SHOP_DATABASE_URL, map: shop.yaml}
  account: {kind: account_sql, label: Account, url: SHOP_DATABASE_URL, table: customers, key: id, email: email,
            keys_from: shop, mode: deactivate, deactivate: {status: closed}, also_delete: [sessions]}
  activecampaign: {kind: activecampaign, url: ACTIVECAMPAIGN_URL, token: ACTIVECAMPAIGN_TOKEN, archives: purge, rate: 5,
                   related: {deals: {keep: "sales records", until: "10 years"}, notes: delete, account_links: none}}
  stripe: {kind: http_api, label: Stripe, definition: stripe}      # shipped; or a file: definition: ours.yaml
  conversation: {kind: conversation, label: Slack conversation, action: manual}
```

What else each kind may say stands in services/system_entries.py and docs/systems.md.

`customer`: the ways in which agents may reach customers (absent: all that are set up), the languages whose texts you have
read and found right (`prompts/customer/`; English always), and how long a personal link counts. `url` and `token` are
names of secrets, never the secrets themselves. `map` is relative to the file. `keys_from` names
the database system whose chosen records tell the account service which accounts are meant; without it the account
service proposes candidates of its own. `related` says of each sort of record
beside a contact (ecommerce_orders, ecommerce_customers, deals, notes, account_links) whether it is deleted (absent: it
is), kept on a ground, or `none`: the account does not have it, and it is not looked at. `conversation` may be `{action: keep, ground: …, until: …}`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from services.domain.people import Staff
from services.domain.policy import Policy
from services.marked_yaml import Section, SystemsFileError, nearest
from services.policy_file import read_people, read_policy
from services.system_entries import (
    AccountConfig,
    ByHandConfig,
    ConversationConfig,
    DatabaseConfig,
    HttpApiConfig,
    read_account,
    read_by_hand,
    read_conversation,
    read_database,
    read_http_api,
    secret_name,
)

__all__ = [
    "AccountConfig",
    "ActiveCampaignConfig",
    "ByHandConfig",
    "ConversationConfig",
    "DatabaseConfig",
    "HttpApiConfig",
    "SystemConfig",
    "SystemsConfig",
    "load",
]

RELATED = ("ecommerce_orders", "ecommerce_customers", "deals", "notes", "account_links")
SYSTEM_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveCampaignConfig:
    """ActiveCampaign: names of the secrets, and whether archived copies are purged or attested by a person.

    `related` holds (sort of record, "delete", "keep" or "none", ground, until) as far as the file says something of it.
    `pause` lies between the two readings that prove absence; `rate` are the requests a second that the desk allows itself.
    """

    name: str
    label: str
    url: str
    token: str
    archives: str = "purge"
    related: tuple[tuple[str, str, str, str], ...] = ()
    pause: timedelta = timedelta(seconds=2)
    rate: int = 5


SystemConfig = (
    DatabaseConfig | AccountConfig | ActiveCampaignConfig | ConversationConfig | HttpApiConfig | ByHandConfig
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemsConfig:
    """Everything that systems.yaml says. `channels` empty: every channel that the bot is in.

    `help_desk` says how replies are posted into the help desk's conversations, where that is set up.
    """

    policy: Policy
    systems: tuple[SystemConfig, ...]
    help_desk: HttpApiConfig | None = None
    staff: Staff = field(default_factory=Staff)
    channels: frozenset[str] = field(default_factory=frozenset)

    @property
    def secret_names(self) -> frozenset[str]:
        """The names of all secrets that the systems need; a definition of an HTTP API names its own besides."""
        urls = {
            one.url
            for one in self.systems
            if not isinstance(one, ConversationConfig | ByHandConfig) and one.url
        }
        with_token = (
            one for one in self.systems if isinstance(one, ActiveCampaignConfig | ConversationConfig)
        )
        return frozenset(urls | {one.token for one in with_token if one.token})


def load(path: Path) -> SystemsConfig:
    """Return what the file says. Raises `SystemsFileError`; reads nothing but the file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) else "not a text in UTF-8"
        cure = "Create it from the example, or correct the setting that names it."
        raise SystemsFileError(f"cannot be read ({reason})", file=str(path), line=1, cure=cure) from None
    top = Section.parse(text, file=str(path), title="systems.yaml", error=SystemsFileError)
    people, customer = top.section("people", required=True), top.section("customer")
    staff = read_people(people)
    desk = customer.section("help_desk") if "help_desk" in customer else None
    config = SystemsConfig(
        policy=read_policy(top, people, customer),
        systems=_systems(top.section("systems", required=True), folder=path.parent),
        help_desk=read_http_api("help_desk", desk, folder=path.parent) if desk else None,
        staff=staff,
        channels=frozenset(top.texts("channels")),
    )
    for section in (desk, customer, people, top):
        if section is not None:
            section.close()
    return config


def _systems(part: Section, *, folder: Path) -> tuple[SystemConfig, ...]:
    readers: dict[str, Callable[[str, Section], SystemConfig]] = {
        "database": lambda name, one: read_database(name, one, folder=folder),
        "account_sql": read_account,
        "account_http": lambda name, one: read_http_api(name, one, folder=folder, is_account=True),
        "activecampaign": _activecampaign,
        "conversation": read_conversation,
        "http_api": lambda name, one: read_http_api(name, one, folder=folder),
        "by_hand": read_by_hand,
    }
    found: list[SystemConfig] = []
    for name, detail in part.sections():
        if not SYSTEM_NAME.fullmatch(name):
            part.fail(name, f"`{name}` cannot name a system", "Use small letters, digits and underscores.")
        found.append(readers[detail.choice("kind", tuple(readers))](name, detail))
        detail.close()
    for kind, word in ((ConversationConfig, "conversation"), (ActiveCampaignConfig, "activecampaign")):
        if len([one for one in found if isinstance(one, kind)]) > 1:
            part.fail("", f"there are two systems of kind `{word}`", "Keep one.")
    if not any(isinstance(one, ConversationConfig) for one in found):
        cure = "Add `conversation: {kind: conversation, action: manual}`: the messages are personal data too."
        part.fail("", "the system `conversation` is missing", cure)
    databases = {one.name for one in found if isinstance(one, DatabaseConfig)}
    names = tuple(one.name for one in found)
    for one in found:
        if isinstance(one, HttpApiConfig) and one.erased_by and one.erased_by not in names:
            near = nearest(one.erased_by, names) or "Name a system of this file, or leave it out."
            part.fail(one.name, f"`erased_by: {one.erased_by}` is no system", near)
    for one in found:
        if isinstance(one, AccountConfig) and one.keys_from and one.keys_from not in databases:
            near = (
                nearest(one.keys_from, tuple(databases)) or "Name a system of kind database, or leave it out."
            )
            part.fail(one.name, f"`keys_from: {one.keys_from}` is no database system", near)
    return tuple(found)


def _activecampaign(name: str, one: Section) -> ActiveCampaignConfig:
    return ActiveCampaignConfig(
        name=name,
        label=one.text("label", "ActiveCampaign"),
        url=secret_name(one, "url"),
        token=secret_name(one, "token"),
        archives=one.choice("archives", ("purge", "attest"), "purge"),
        related=_related(one.section("related")),
        pause=one.duration("pause", timedelta(seconds=2)),
        rate=int(one.number("rate", 5, least=1)),
    )


def _related(part: Section) -> tuple[tuple[str, str, str, str], ...]:
    """Return what is to happen to the records beside a contact, as far as the file says it."""
    found: list[tuple[str, str, str, str]] = []
    for name in RELATED:
        if part.is_section(name):
            kept = part.section(name)
            found.append((name, "keep", kept.text("keep"), kept.text("until", "")))
            kept.close()
        elif name in part:
            action = part.choice(name, ("delete", "none", "keep"))
            if action == "keep":
                part.fail(name, f"`{name}: keep` does not say why", 'Write `{keep: "the ground"}`.')
            found.append((name, action, "", ""))
    part.close()
    return tuple(found)
