"""The operator's choices, from systems.yaml: how long, how many, and whether anything may be deleted at all."""

from dataclasses import dataclass, field
from datetime import UTC, timedelta, tzinfo

from services.domain.plan import Tolerance
from services.domain.reminding import Reminding


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The operator's choices, from systems.yaml.

    `case_channel` is a private channel in which every case has its full card; `complaint` is how the customer can
    complain about a refusal ("" for the general sentence); `language` is what people at work read.
    `zone` is the company's time zone: deadlines and working days are counted by its clocks. `country` names the
    calendar of its own working days (for the digest and the reminders). `rechecks` are the times after the end of an
    `all_personal_data` case at which its systems are read again; none: never.

    `languages` are those in which the operator has read the texts for customers and found them right; `link_life` is
    how long a customer's own buttons and link count. `ways` are those in which agents may reach customers ("thread",
    "copied", "email", "help_desk"), () for all that are set up. `remind_after` is when the desk itself reminds a silent
    customer, once; 0: never.
    """

    company: str
    observe: bool = False
    regimes: tuple[str, ...] = ()
    zone: tzinfo = UTC
    country: str = ""
    reminding: Reminding = field(default_factory=Reminding)
    cooling_off_all: timedelta = timedelta(hours=24)
    cooling_off_account: timedelta = timedelta(0)
    undo_window: timedelta = timedelta(days=7)
    tolerance: Tolerance = field(default_factory=Tolerance)
    max_records: int = 5000
    max_cases_a_day: int = 20
    rechecks: tuple[timedelta, ...] = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
    privacy_lead: str = ""
    backups: str = ""
    languages: tuple[str, ...] = ("en",)
    ways: tuple[str, ...] = ()
    remind_after: timedelta = timedelta(0)
    link_life: timedelta = timedelta(days=14)
    case_channel: str = ""
    complaint: str = ""
    language: str = "en"
