"""What can be chosen about a playground: how the app is connected, and how fast its clocks run."""

from dataclasses import dataclass
from typing import Literal

from bot.playground.slack import LookalikeSettings

Mode = Literal["socket", "http"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldOptions:
    """Choices for one World. Durations in whole seconds; the defaults suit a script that nobody watches live.

    `mode` is how Slack reaches the app. `pause` lies between the two readings that prove ActiveCampaign empty. `redelivery_scale` multiplies Slack's waits before it repeats an event.
    `rechecks` are the seconds after the end of a case at which everything is read again.
    `conversation` is what the plan does with the customer's own messages. `openai_base_url` points the app at an
    OpenAI-compatible server; "" leaves the reading to the embedded rules. `store_url` is a PostgreSQL database for the
    app's own store and engine; "" keeps both in SQLite files of the world's folder. `case_channel` gives every case a
    full card in #privacy-cases.
    """

    mode: Mode = "socket"
    observe: bool = False
    cooling_off: int = 1
    undo_dismissal: int = 3
    rechecks: tuple[int, ...] = (86_400, 7 * 86_400, 30 * 86_400)
    pause: int = 0
    redelivery_scale: float = 0.05
    conversation: Literal["manual", "keep"] = "manual"
    openai_base_url: str = ""
    store_url: str = ""
    case_channel: bool = True
    log_level: str = "INFO"
    start_deadline: float = 30.0

    def lookalike(self) -> LookalikeSettings:
        """Return the settings of the Slack look-alike.

        The last redelivery keeps 15 minutes' distance instead of 5: scaled down, a busy machine needs that long to
        start a killed app anew.
        """
        return LookalikeSettings(time_scale=self.redelivery_scale, redelivery_delays=(0.0, 60.0, 900.0))


# On the page a person should see the cooling-off pass, and have time to change their mind.
PAGE = WorldOptions(cooling_off=20, pause=1, undo_dismissal=60, redelivery_scale=0.1)
