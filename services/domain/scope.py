"""What a customer may want (scope), what a message reads as (intent), and the reading that connects the two."""

from dataclasses import dataclass
from enum import StrEnum


class Intent(StrEnum):
    """What the classifier reads in a message. It decides only whether a case opens (design rule 1)."""

    ERASE_DATA = "erase_data"
    CLOSE_ACCOUNT = "close_account"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


class Scope(StrEnum):
    """What the customer confirmed. Neither is a default of the other (design rule 12)."""

    ALL_PERSONAL_DATA = "all_personal_data"
    ACCOUNT_ONLY = "account_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reader's answer about one message.

    `start` and `end` delimit the deciding phrase in the text that was given (character offsets, end exclusive);
    both are 0 when no phrase decided. `reader` is "rules", "model" or "rules + model". `speaks_of_data` is true
    when the message mentions data in any way: only without it may the message itself confirm `account_only`.
    `other_privacy` marks another privacy request (access, correction, objection) for the privacy lead.
    `prompt_digest` names the version of the prompt when a model took part. `fallback` says why the model did not
    answer although one is configured ("" otherwise).

    What may help the agent and decides nothing: `laws`, the regimes that the message names (domain/deadlines.py);
    `identifiers`, where it names an account, a number or the like by which the customer can be found (places, not
    words: this record is not secret); `third_party`, whether it speaks of somebody else's data too.
    """

    intent: Intent
    confidence: float
    start: int = 0
    end: int = 0
    reader: str = "rules"
    language: str = ""
    speaks_of_data: bool = True
    other_privacy: bool = False
    prompt_digest: str = ""
    fallback: str = ""
    laws: tuple[str, ...] = ()
    identifiers: tuple[tuple[int, int], ...] = ()
    third_party: bool = False
