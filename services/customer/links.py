"""The customer's personal link: signed, so that none can be made up, with a day on which it ends, and nothing personal in it."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from itsdangerous import BadSignature, URLSafeSerializer

from services.domain.record import Case

PATH = "/c/"
_SALT = "customer link"
_LONGEST = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a genuine link says: which question of which case, and until when. Whether it still counts, the case knows.

    The case is the stored one-time row: using the link marks its question as used in the same write as the answer.
    """

    case_id: str
    question_id: str
    until: datetime


class Links:
    """Makes and reads the links of one installation; `key` is a secret of its own, `public_url` where the page is."""

    def __init__(self, *, key: bytes, public_url: str) -> None:
        self._signer = URLSafeSerializer(key, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256})
        self._base = public_url.rstrip("/")

    def address_of(self, case: Case) -> str:
        """Return the link to the case's open question. Raises ValueError when there is none that ends."""
        question = case.question
        if question is None or not question.id or question.until is None:
            raise ValueError("a case without an open question has no link")
        token = self._signer.dumps([case.id, question.id, int(question.until.timestamp())])
        return f"{self._base}{PATH}{token}"

    def read(self, token: str) -> Ticket | None:
        """Return what the token says, or None when it was not made here. Never raises, for any text."""
        if len(token) > _LONGEST:
            return None
        try:
            case_id, question_id, until = self._signer.loads(token)
            return Ticket(
                case_id=str(case_id),
                question_id=str(question_id),
                until=datetime.fromtimestamp(until, tz=UTC),
            )
        except (BadSignature, ValueError, TypeError, OverflowError, OSError):
            return None
