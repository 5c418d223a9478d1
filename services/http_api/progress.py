"""What is remembered between two runs of a system: since when, and for every job its place and its numbers."""

import hashlib
import json
import re
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

_OPAQUE = re.compile(r"[A-Za-z0-9_.:=-]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One record's way through the steps: `step` is the next one, `saved` the values that answers gave."""

    step: int
    saved: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Work under way. Holds no id or address of a person."""

    since: datetime
    tracks: tuple[Track, ...] = ()

    def text(self) -> str:
        """Return it as an outcome's reference."""
        return json.dumps({"since": self.since.isoformat(), "tracks": [asdict(one) for one in self.tracks]})


def progress_of(reference: str) -> Progress | None:
    """Return what `text` gave, or None for no reference."""
    if not reference:
        return None
    read = json.loads(reference)
    tracks = tuple(Track(step=one["step"], saved=one["saved"]) for one in read["tracks"])
    return Progress(since=datetime.fromisoformat(read["since"]), tracks=tracks)


def is_opaque(value: str) -> bool:
    """Whether a saved value looks like the number of a job and not like an address or a name with spaces."""
    return bool(_OPAQUE.fullmatch(value))


def request_key(job_key: str, record: str) -> str:
    """Return a UUID in v4 format, the same for the same case, system and record, whatever the revision."""
    case, _, rest = job_key.partition(":")
    digest = hashlib.sha256(f"{case}|{rest.partition(':')[2]}|{record}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))
