"""What the desk has to say in each case's thread: intents written first, so that a crash never posts anything twice."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from services import ports
from services.ports import PostKind
from services.storage.engine import reading
from services.storage.tables import CASES, POSTS, upsert

_FOR_THE_CUSTOMER = (
    PostKind.QUESTION.value,
    PostKind.CLOSING.value,
    PostKind.INTERIM.value,
    PostKind.EXTENSION.value,
)
# Each wish is a message of its own, not a newer state of the last one.
_EACH_ANEW = frozenset({PostKind.REMINDER, PostKind.INTERIM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One message of the desk's, wanted or posted. Holds no text: the words are made when it is posted.

    `person` is whom a direct message is for ("" in a channel; `channel` is "" until it was opened), `occasion` which
    one of several it is. `wanted` counts the wishes, `done` says up to which wish the message in Slack is current. `ts` is the message in
    Slack. `intent_at` is when somebody set out to post it; `posted_at` when Slack last took it.
    """

    case_id: str
    kind: PostKind
    channel: str
    thread_ts: str
    wanted: int
    done: int
    ts: str | None
    intent_at: datetime | None
    posted_at: datetime | None
    not_before: datetime | None
    person: str = ""
    occasion: int = 0

    @property
    def slot(self) -> str:
        """The post's own name within its case, as the table keeps it."""
        is_one_of_several = self.person or self.occasion
        return f"{self.kind.value}/{self.person}/{self.occasion}" if is_one_of_several else self.kind.value

    @property
    def may_be_posted_already(self) -> bool:
        """Whether a crash came between the intent and its record: look for the message by its metadata first."""
        return self.ts is None and self.intent_at is not None


class SqlPosts(ports.Posts):
    """The posts of all cases."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def want(self, case_id: str, kind: PostKind) -> None:
        """Ask for this post to exist and be current. Raises `LookupError` for a case that does not exist."""
        with self._engine.begin() as connection:
            case = connection.execute(
                select(CASES.c.channel, CASES.c.thread_ts).where(CASES.c.id == case_id)
            ).first()
            if case is None:
                raise LookupError(f"no case {case_id}: a post needs a case")
            want_post(connection, case_id, kind, channel=case.channel, thread_ts=case.thread_ts)

    def want_direct(self, case_id: str, kind: PostKind, *, person: str, occasion: int) -> bool:
        """Ask for a direct message, or one more in the thread; False when this very one was asked for before."""
        slot = f"{kind.value}/{person}/{occasion}"
        with reading(self._engine) as connection:
            if connection.execute(select(POSTS.c.kind).where(_key(case_id, slot))).first():
                return False
            case = connection.execute(
                select(CASES.c.channel, CASES.c.thread_ts).where(CASES.c.id == case_id)
            ).one()
        place = (
            {"channel": "", "thread_ts": ""}
            if person
            else {"channel": case.channel, "thread_ts": case.thread_ts}
        )
        row = {"case_id": case_id, "kind": slot, "wanted": 1, "done": 0, **place}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(POSTS).values(row))
        except IntegrityError:
            return False  # another thread was faster with the same wish
        return True

    def unsent(self, case_id: str) -> bool:
        """Whether a post for the customer (question or closing) still waits; a card alone never holds up shredding."""
        query = (
            select(POSTS.c.kind)
            .where(POSTS.c.case_id == case_id, POSTS.c.kind.in_(_FOR_THE_CUSTOMER))
            .where(POSTS.c.wanted > POSTS.c.done)
            .limit(1)
        )
        with reading(self._engine) as connection:
            return connection.execute(query).first() is not None

    def due(self, now: datetime, *, limit: int = 100) -> tuple[Post, ...]:
        """Return what Slack does not show yet and is not postponed, longest waiting cases first; changes nothing."""
        query = (
            select(POSTS)
            .join(CASES)
            .where(POSTS.c.wanted > POSTS.c.done)
            .where(or_(POSTS.c.not_before.is_(None), POSTS.c.not_before <= now))
            .order_by(CASES.c.number, POSTS.c.kind)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return tuple(_post(row) for row in connection.execute(query))

    def of_case(self, case_id: str) -> tuple[Post, ...]:
        """Return everything that was ever wanted in this case's thread."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(POSTS).where(POSTS.c.case_id == case_id).order_by(POSTS.c.kind))
            return tuple(_post(row) for row in rows)

    def mark_intent(self, post: Post, at: datetime) -> bool:
        """Note, before Slack is called, that the message is being posted; False when somebody else set out first.

        `post` must be as `due` returned it. Whoever finds `may_be_posted_already` looks in the thread first and
        then either records what is there (`posted`) or marks the intent anew.
        """
        mine = (
            update(POSTS)
            .where(_key(post.case_id, post.slot))
            .where(POSTS.c.ts.is_not_distinct_from(post.ts))
            .where(POSTS.c.intent_at.is_not_distinct_from(post.intent_at))
            .values(intent_at=at)
        )
        with self._engine.begin() as connection:
            return connection.execute(mine).rowcount == 1

    def posted(self, post: Post, *, ts: str, done: int, at: datetime, channel: str = "") -> None:
        """Record that Slack shows the message, current up to wish number `done` (`post.wanted` when it was drawn).

        `channel` is where a direct message went. Idempotent; a wish that came meanwhile stays due, and a late record
        never makes a newer one undone.
        """
        newest = func.max if self._engine.dialect.name == "sqlite" else func.greatest
        self._change(
            post.case_id,
            post.slot,
            channel=channel or post.channel,
            ts=ts,
            done=newest(POSTS.c.done, done),
            posted_at=at,
            intent_at=None,
            not_before=None,
        )

    def postpone(self, post: Post, until: datetime) -> None:
        """Keep the post back until then (Slack said when to come again); an intent stays on record."""
        self._change(post.case_id, post.slot, not_before=until)

    def forget_ts(self, case_id: str, kind: str) -> None:
        """Slack surely has no such message (deleted, or refused when posting): post it afresh next time."""
        self._change(case_id, kind, ts=None, intent_at=None, posted_at=None, done=0)

    def cancel(self, case_id: str, kind: str) -> None:
        """Take a wish back that is not carried out yet; what Slack shows already stays. Idempotent."""
        self._change(case_id, kind, done=POSTS.c.wanted, intent_at=None, not_before=None)

    def _change(self, case_id: str, kind: str, **values: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(POSTS).where(_key(case_id, kind)).values(**values))


def want_post(connection: Connection, case_id: str, kind: PostKind, *, channel: str, thread_ts: str) -> None:
    """Write the wish in the caller's transaction."""
    wish = upsert(connection.dialect, POSTS).values(
        case_id=case_id, kind=kind.value, channel=channel, thread_ts=thread_ts, wanted=1, done=0
    )
    again: dict[str, Any] = {"wanted": POSTS.c.wanted + 1}
    if kind in _EACH_ANEW:
        again |= {"ts": None, "intent_at": None, "posted_at": None}
    connection.execute(wish.on_conflict_do_update(index_elements=["case_id", "kind"], set_=again))


def refresh_direct(connection: Connection, case_id: str) -> None:
    """Have the direct messages about a case redrawn, in the caller's transaction."""
    direct = (POSTS.c.case_id == case_id) & POSTS.c.kind.contains("/", autoescape=True)
    connection.execute(update(POSTS).where(direct).values(wanted=POSTS.c.wanted + 1))


def _key(case_id: str, slot: str) -> Any:
    return (POSTS.c.case_id == case_id) & (POSTS.c.kind == str(slot))


def _post(row: Any) -> Post:
    columns = row._asdict()
    kind, _, rest = columns["kind"].partition("/")
    person, _, occasion = rest.partition("/")
    return Post(
        **columns | {"kind": PostKind(kind)},
        person=person,
        occasion=int(occasion or 0),
    )
