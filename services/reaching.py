"""The contracts of the ways to the customer: posts in the thread, and channels outside Slack."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class PostKind(StrEnum):
    """What the desk may have to say: in a case's thread, in the private case channel, or to one person directly."""

    CARD = "card"
    FULL_CARD = "full_card"
    QUESTION = "question"
    CLOSING = "closing"
    APPROVAL = "approval"
    HAND_OVER = "hand_over"
    EXTENSION = "extension"
    REMINDER = "reminder"
    INTERIM = "interim"
    NUDGE = "nudge"


class Posts(Protocol):
    """Intents to post: written first, carried out by one publisher, reconciled by metadata after a crash."""

    def want(self, case_id: str, kind: PostKind) -> None:
        """Ask for this post to exist and be current. Idempotent; the publisher posts or updates it in time."""
        ...

    def want_direct(self, case_id: str, kind: PostKind, *, person: str, occasion: int) -> bool:
        """Ask for a direct message to this person about the case, redrawn whenever the case changes.

        `person` "" puts it in the case's thread. Idempotent for the same occasion (a number such as the case's
        revision); another occasion is another message. Returns whether it was new.
        """
        ...

    def cancel(self, case_id: str, kind: PostKind) -> None:
        """Take a wish back that is not carried out yet; what Slack shows already stays. Idempotent."""
        ...

    def unsent(self, case_id: str) -> bool:
        """Whether a post for the customer (question or closing) still waits: its text is in the file, so no shredding."""
        ...


class MessageKind(StrEnum):
    """What the customer may be told outside Slack."""

    ASK = "ask"
    REMIND = "remind"
    CLOSING = "closing"
    REFUSED = "refused"
    INTERIM = "interim"
    EXTENDED = "extended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """The intent to send one message to the customer outside Slack: written first, carried out at most once.

    Holds no text and no address: both are in the case's file. `id` is opaque and names the intent for good.
    """

    id: str
    case_id: str
    kind: MessageKind
    channel: str


class Dispatches(Protocol):
    """The intents to write to customers; they come into being with `Cases.save`."""

    def cancel(self, case_id: str, *, but: str = "") -> None:
        """Take back what has not been begun, and put what is uncertain to rest, except the intent `but`. Idempotent."""
        ...

    def unsent(self, case_id: str) -> bool:
        """Whether something for the customer still waits, is under way or uncertain: the file must not be shredded."""
        ...

    def uncertain(self, case_id: str) -> tuple[Dispatch, ...]:
        """Return the intents of a case of which it is not known whether they were carried out, oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One message on its way. `key` is the intent's id, `to` the address or the help desk's conversation."""

    key: str
    to: str
    subject: str
    text: str


class Reached(StrEnum):
    """What is known of a message after a channel was asked to take it."""

    SENT = "sent"
    NOT_SENT = "not_sent"
    LATER = "later"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How it ended. `evidence` names the message at the channel; `reason` is one sentence for the card, no personal data.

    SENT: accepted by the channel. NOT_SENT: surely not sent, and trying again would not help. LATER: surely not sent,
    may be tried again. UNCERTAIN: it may have gone out; only a person may decide to send it again.
    """

    reached: Reached
    evidence: str = ""
    reason: str = ""


class CustomerChannel(Protocol):
    """A way to a customer that the desk can use by itself, outside Slack (there `Posts` does it, with read-back).

    Every method sends at most one message and never raises for what can be anticipated: that is a `Delivery`.
    """

    @property
    def name(self) -> str:
        """The name that a case's record keeps ("email", "help_desk")."""
        ...

    @property
    def label(self) -> str:
        """What people call it."""
        ...

    @property
    def carries_link(self) -> bool:
        """Whether a question by this channel holds a personal link, whose use proves control of the address."""
        ...

    def recipient(self, typed: str) -> str:
        """Return the one address or conversation that these words name, "" when they name none or several."""
        ...

    def ask(self, parcel: Parcel) -> Delivery:
        """Put the question to the customer."""
        ...

    def remind(self, parcel: Parcel) -> Delivery:
        """Remind the customer of the question."""
        ...

    def tell(self, parcel: Parcel) -> Delivery:
        """Tell the customer how it ended or stands."""
        ...
