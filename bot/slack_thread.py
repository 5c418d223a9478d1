"""A case's thread in Slack, for the publisher and the conversation system: post, update, find again, count."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from services.ports import Clock, SystemUnavailableError

EVENT_TYPE = "deletion_desk_post"
LOOK_AGAIN = timedelta(minutes=5)
GONE = frozenset({"thread_not_found", "message_not_found"})
GONE_FILE = frozenset({"file_not_found", "file_deleted"})
PASSING = frozenset(
    {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)
CLOSED_TO_US = frozenset({"channel_not_found", "not_in_channel", "is_archived", "missing_scope"})


def retry_after(error: SlackApiError) -> timedelta | None:
    """Return how long Slack asks to wait (429), or None where it does not say. Header names come in any case."""
    for name, value in error.response.headers.items():
        said = value[0] if isinstance(value, list) and value else value
        if name.lower() == "retry-after" and str(said).isdecimal():
            return timedelta(seconds=int(said))
    return None


class SlackThread:
    """Reads and writes threads by the Web API; `admin` is what may delete other people's messages.

    Posts carry metadata (case id, kind) by which they are found again.
    """

    def __init__(
        self, client: WebClient, *, bot_user_id: str, clock: Clock, admin: WebClient | None = None
    ) -> None:
        self._client, self._admin = client, admin
        self._bot_user_id = bot_user_id
        self._clock = clock
        self._private: dict[str, tuple[datetime, bool]] = {}

    def as_admin(self, token: str) -> "SlackThread":
        """Return the same with the user token of an admin, who may delete other people's messages."""
        admin = WebClient(token=token, base_url=self._client.base_url, timeout=10, retry_handlers=[])
        return SlackThread(self._client, bot_user_id=self._bot_user_id, clock=self._clock, admin=admin)

    def post(self, *, channel: str, thread_ts: str, message: dict[str, Any], case_id: str, kind: str) -> str:
        """Post into the thread and return the ts. Raises SlackApiError."""
        answer = self._client.chat_postMessage(
            channel=channel,
            thread_ts=thread_ts or None,
            unfurl_links=False,
            unfurl_media=False,
            metadata={"event_type": EVENT_TYPE, "event_payload": {"case": case_id, "kind": kind}},
            **message,
        )
        return str(answer["ts"])

    def update(self, *, channel: str, ts: str, message: dict[str, Any], case_id: str, kind: str) -> None:
        """Replace text and blocks of an own message; both, because text alone would remove the blocks."""
        self._client.chat_update(
            channel=channel,
            ts=ts,
            metadata={"event_type": EVENT_TYPE, "event_payload": {"case": case_id, "kind": kind}},
            **message,
        )

    def find(self, *, channel: str, thread_ts: str, case_id: str, kind: str) -> str | None:
        """Return the ts of the post with this metadata, if it is in the thread already (after a crash)."""
        for message in self._replies(channel, thread_ts) if thread_ts else self._latest(channel):
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            mine = metadata.get("event_type") == EVENT_TYPE and message.get("user") == self._bot_user_id
            if mine and payload.get("case") == case_id and payload.get("kind") == kind:
                return str(message["ts"])
        return None

    def direct(self, person: str) -> str:
        """Return the channel of the direct messages with this person. Raises SlackApiError. Idempotent."""
        return str(self._client.conversations_open(users=[person])["channel"]["id"])

    def tell(self, person: str, message: dict[str, Any]) -> None:
        """Send somebody a direct message that is about no single case. Raises SlackApiError; may be repeated."""
        self._client.chat_postMessage(
            channel=self.direct(person), unfurl_links=False, unfurl_media=False, **message
        )

    def is_private(self, channel: str) -> bool:
        """Whether only invited colleagues can read the channel: private, and shared with no other company.

        Read once in a while, not at every post; what cannot be read counts as not private.
        """
        known = self._private.get(channel)
        now = self._clock.now()
        if known is None or known[0] < now:
            try:
                info = self._client.conversations_info(channel=channel)["channel"]
                is_shared = any(info.get(name) for name in ("is_ext_shared", "is_shared", "is_org_shared"))
                known = (now + LOOK_AGAIN, bool(info.get("is_private")) and not is_shared)
            except (SlackClientError, OSError):
                known = (now, False)
            self._private[channel] = known
        return known[1]

    def message(self, *, channel: str, thread_ts: str, ts: str) -> dict[str, Any] | None:
        """Return one message of a thread, or None when it is not there or in a channel that we cannot read."""
        try:
            return next((one for one in self._replies(channel, thread_ts) if one.get("ts") == ts), None)
        except SlackApiError as error:
            if error.response["error"] in GONE | CLOSED_TO_US:
                return None
            raise

    def after(self, *, channel: str, thread_ts: str, ts: str) -> tuple[dict[str, Any], ...]:
        """Return what others wrote in the thread after that message, oldest first. Raises SlackApiError."""
        try:
            return tuple(
                one
                for one in self._replies(channel, thread_ts)
                if float(one["ts"]) > float(ts)
                and one.get("user") != self._bot_user_id
                and one.get("subtype") != "tombstone"
            )
        except SlackApiError as error:
            if error.response["error"] in GONE | CLOSED_TO_US:
                return ()
            raise

    def messages_left(self, *, channel: str, thread_ts: str, author: str) -> int:
        """Return how many of the customer's messages still stand (see `Thread` in services/customer)."""
        try:
            return sum(
                self._is_customers(one, thread_ts, author) for one in self._replies(channel, thread_ts)
            )
        except SlackApiError as error:
            if error.response["error"] in GONE:
                return 0
            later = self._clock.now() + (retry_after(error) or timedelta(minutes=1))
            raise SystemUnavailableError(
                f"Slack answered {error.response['error']}", retry_at=later
            ) from None
        except (SlackClientError, OSError) as error:
            raise SystemUnavailableError(f"Slack cannot be reached ({type(error).__name__})") from None

    def delete_messages(self, *, channel: str, thread_ts: str, author: str) -> None:
        """Delete the customer's messages and their files with the admin's token (see `Thread` in services/customer)."""
        if self._admin is None:
            raise SystemUnavailableError("no admin's token is configured")
        with self._answering():
            theirs = [
                one for one in self._replies(channel, thread_ts) if self._is_customers(one, thread_ts, author)
            ]
        # Replies first: a thread whose head is gone may be harder to find again after a crash.
        for message in sorted(theirs, key=lambda one: str(one["ts"]), reverse=True):
            for file in message.get("files") or []:
                self._delete(GONE_FILE, "files.delete", file=str(file.get("id") or ""))
            self._delete(GONE, "chat.delete", channel=channel, ts=str(message["ts"]))

    def _delete(self, gone: frozenset[str], method: str, **arguments: str) -> None:
        with self._answering(gone=gone):
            if self._admin is not None:
                self._admin.api_call(method, params=arguments)

    @contextmanager
    def _answering(self, *, gone: frozenset[str] = frozenset()) -> Iterator[None]:
        """Turn what Slack refuses into `SystemUnavailableError`; an error among `gone` is no error."""
        try:
            yield
        except SlackApiError as error:
            code = str(error.response["error"])
            if code in gone:
                return
            later = self._clock.now() + (retry_after(error) or timedelta(minutes=1))
            retry_at = later if code in PASSING else None
            raise SystemUnavailableError(f"Slack answered {code}", retry_at=retry_at) from None
        except (SlackClientError, OSError) as error:
            later = self._clock.now() + timedelta(minutes=1)
            reason = f"Slack cannot be reached ({type(error).__name__})"
            raise SystemUnavailableError(reason, retry_at=later) from None

    def _is_customers(self, message: dict[str, Any], thread_ts: str, author: str) -> bool:
        if message.get("subtype") == "tombstone" or message.get("user") == self._bot_user_id:
            return False
        return message.get("user") == author if author else message.get("ts") == thread_ts

    def _latest(self, channel: str) -> list[dict[str, Any]]:
        """Return the newest messages of a channel: what was posted before a crash is among them."""
        page = self._client.conversations_history(channel=channel, include_all_metadata=True, limit=200)
        return list(page.get("messages") or [])

    def _replies(self, channel: str, thread_ts: str) -> Iterator[dict[str, Any]]:
        cursor = ""
        while True:
            page = self._client.conversations_replies(
                channel=channel, ts=thread_ts, cursor=cursor or None, include_all_metadata=True, limit=200
            )
            yield from page.get("messages") or []
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return
