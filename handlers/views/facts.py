"""What a card says beyond its case, and the message that is drawn of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from handlers.views.blocks import Block


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """What the card says beyond the case: nothing of the customer's except the masked phrase.

    `approvers` are the ids of the people on the list, `closing_on_its_way` whether the closing message waits to be
    posted, `linked` the name of the earlier case. `link` leads to what the customer wrote, `elsewhere` to what they
    wrote in other places; `receipt` names the receipt of a case that has ended. `is_plain` leaves out blocks that not
    every workspace takes.
    """

    now: datetime
    labels: Mapping[str, str] = field(default_factory=dict)
    phrase: str = ""
    observe: bool = False
    halted: bool = False
    customer_wrote_at: datetime | None = None
    approvers: tuple[str, ...] = ()
    undo_until: datetime | None = None
    closing_on_its_way: bool = False
    linked: str = ""
    link: str = ""
    elsewhere: tuple[str, ...] = ()
    receipt: str = ""
    is_plain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as chat.postMessage takes it: always both, because an update without blocks removes them."""

    text: str
    blocks: list[Block]
