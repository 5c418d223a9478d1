"""The tables of the store, and how moments are kept in them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Insert,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.dialects import postgresql, sqlite


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in, stored in UTC, aware (UTC) out. A naive datetime is a bug and raises `ValueError`."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC."""
        del dialect
        return None if value is None else in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that it is UTC (SQLite forgets), or convert from the session's zone (PostgreSQL)."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def in_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC. Raises `ValueError` for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone: pass an aware datetime, the Clock gives UTC")
    return moment.astimezone(UTC)


METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

# Ids, decisions and counts, in the clear. `body` is the rest of the Case record.
CASES = Table(
    "cases",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("team_id", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("message_ts", String(64), nullable=False),
    Column("thread_ts", String(64), nullable=False),
    Column("state", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("answer_due", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime),
    Column("resume_at", UtcDateTime),
    Column("started_at", UtcDateTime),
    Column("body", JSON, nullable=False),
    UniqueConstraint("team_id", "channel", "message_ts"),
    Index(None, "team_id", "channel", "thread_ts"),
    Index(None, "state", "answer_due"),
    Index(None, "started_at"),
)

# The personal part, sealed, and the key that opens it, wrapped: apart, and both gone after shredding.
CASE_FILES = Table(
    "case_files",
    METADATA,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
CASE_KEYS = Table(
    "case_keys",
    METADATA,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

# What outlives a shredded case: the HMACs of the identity.
SUBJECTS = Table(
    "subjects",
    METADATA,
    Column("mac", String(64), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

# No foreign key to cases: a refused click on a case that never existed is recorded too.
LEDGER = Table(
    "ledger",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("case_id", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index(None, "case_id", "seq"),
)
LEDGER_HEAD = Table(
    "ledger_head",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Column("hash", String(64), nullable=False),
)

INBOX = Table(
    "inbox",
    METADATA,
    Column("event_id", String(255), primary_key=True),
    Column("team", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("ts", String(64), nullable=False),
    Column("thread_ts", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("payload", LargeBinary),
    Column("done", Boolean, nullable=False),
    Index(None, "done", "received_at"),
)

# Intents to post: counters and places only, the words are made at posting time.
POSTS = Table(
    "posts",
    METADATA,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("channel", String(64), nullable=False),
    Column("thread_ts", String(64), nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("ts", String(64)),
    Column("intent_at", UtcDateTime),
    Column("posted_at", UtcDateTime),
    Column("not_before", UtcDateTime),
)

# Intents to write to customers outside Slack. No text, no address: both are in the sealed file.
DISPATCHES = Table(
    "dispatches",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("status", String(16), nullable=False),
    Column("wanted_at", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime),
    Column("intent_at", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("noted", Boolean, nullable=False),
    Index(None, "status", "wanted_at"),
    Index(None, "case_id"),
)

# One row: the brake.
SWITCH = Table(
    "switch",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("halted", Boolean, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
# What a completed case's rechecks look for, sealed under a key of its own; both go after the last one, the row stays.
RECHECKS = Table(
    "rechecks",
    METADATA,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("planned", JSON, nullable=False),
    Column("not_before", UtcDateTime),
    Column("wrapped", LargeBinary),
    Column("sealed", LargeBinary),
    Index(None, "not_before"),
)

# Per rate-limited account, until when each of its places is taken: times only.
PACES = Table(
    "paces",
    METADATA,
    Column("name", String(255), primary_key=True),
    Column("until", JSON, nullable=False),
)

# One row: proof that the master key is the one this store was made with.
VAULT_CHECK = Table(
    "vault_check",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("value", String(64), nullable=False),
)


def upsert(dialect: Dialect, table: Table) -> Any:
    """Return the dialect's INSERT that knows ON CONFLICT (both spell it the same way, SQLAlchemy has it per dialect)."""
    inserts: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
    statement: Insert = inserts[dialect.name](table)
    return statement
