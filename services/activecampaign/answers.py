"""How ActiveCampaign's answers are read: its rows and records, and everything that is none of them."""

from dataclasses import dataclass, field
from typing import Any

from services.domain.identity import folded
from services.ports import SystemUnavailableError
from services.transport import Response

BAD_TOKEN = "the API token is not accepted"  # noqa: S105 - a sentence, no secret
NOT_ADMIN = "the API key is not an admin's: archived copies cannot be purged"
ARCHIVE_LIMIT = "the account's monthly archive limit is reached: wait for its next month, or ask ActiveCampaign's support to raise it"
NOT_ITS_API = "it sent an answer that is not its API's"
HAS_ARCHIVE = "the account has an archive endpoint: `archives: none` must not be set"


class NoFeatureError(SystemUnavailableError):
    """A list is refused: the account has no such feature, or the API user no right to it."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(
            f"its {name} cannot be read (HTTP {status}): give the API user the right, or write `none` for them under "
            "`related` in systems.yaml where the account has no such feature"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact or an archived copy of one, as far as a deletion looks at it."""

    id: str
    email: str = field(repr=False)
    created: str = ""

    @property
    def address(self) -> str:
        """The address as it is compared: stripped and case-folded."""
        return folded(self.email)


def rows_of(answer: Response, name: str) -> list[dict[str, Any]]:
    """Return the rows under `name`. An answer without them is no empty list: it says nothing about anybody."""
    if answer.status == 404 and name == "contactArchives":
        raise SystemUnavailableError(NOT_ADMIN)
    if answer.status in {403, 404} and name not in {"contacts", "contactArchives"}:
        raise NoFeatureError(name, answer.status)
    rows = body_of(answer).get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SystemUnavailableError(NOT_ITS_API)
    return rows


def body_of(answer: Response) -> dict[str, Any]:
    """Return the object that a successful answer holds. HTML, half an answer or an error under status 200 is none."""
    _expect_success(answer)
    body = answer.json()
    if not isinstance(body, dict) or body.get("errors") or body.get("error"):
        raise SystemUnavailableError(NOT_ITS_API)
    return body


def contact_of(row: Any) -> Contact:
    """Return the contact that a row describes."""
    match row:
        case {"id": str() | int() as number, "email": str() | None as email}:
            return Contact(id=str(number), email=email or "", created=str(row.get("cdate") or "")[:10])
        case _:
            raise SystemUnavailableError("it sent a contact without id or address")


def id_of(row: dict[str, Any]) -> str:
    """Return a record's id."""
    match row.get("id"):
        case str() | int() as number if not isinstance(number, bool):
            return digits(str(number))
        case _:
            raise SystemUnavailableError("it sent a record without an id")


def address_in(text: Any) -> str:
    """Return an address that an answer holds, as it is compared; "" for what is no text."""
    return folded(text) if isinstance(text, str) else ""


def spellings(address: str) -> tuple[str, ...]:
    """Return the ways in which an address is asked for: as it stands, and folded."""
    return tuple(dict.fromkeys((address.strip(), folded(address))))


def is_of(row: dict[str, Any], contact_id: str) -> bool:
    """Whether a record names this contact as its own."""
    return str(row.get("contact")) == contact_id


def is_note_of(row: dict[str, Any], contact_id: str) -> bool:
    """Whether a note is about this contact."""
    return address_in(row.get("reltype")) == "subscriber" and str(row.get("relid")) == contact_id


def digits(number: str) -> str:
    """Return the number as it may stand in a path."""
    if not (number.isascii() and number.isdigit()):
        raise SystemUnavailableError("a contact's id is not a number: choose the contact again")
    return number


def _expect_success(answer: Response) -> None:
    if answer.status in {401, 403}:
        raise SystemUnavailableError(BAD_TOKEN)
    if not answer.is_success:
        raise SystemUnavailableError(f"it refused to be read (HTTP {answer.status})")
