"""The Bolt app: what happens before Slack's ack, and the registration of everything after it."""

import logging
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any

from slack_bolt import App, BoltResponse
from slack_sdk import WebClient
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryState
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.engine import DurableEngine
from bot.worker import MENTION, is_agent
from handlers.commands import WORDS
from handlers.mentions import words_after_mention
from handlers.messages import Post, message_of
from services.ports import Clock, Desk
from services.storage import Inbox

log = logging.getLogger(__name__)


# A form needs its click's trigger, which is good for three seconds: to wait out a 429 would lose click and ack both.
IN_A_HURRY = ("/views.open", "/views.push")


class RateLimitPatience(RateLimitErrorRetryHandler):
    """Waits a 429 out once, as Slack asks, except where somebody waits for a form."""

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if request.url.endswith(IN_A_HURRY):
            return False
        return super()._can_retry(state=state, request=request, response=response, error=error)


def web_client(*, token: str, api_url: str) -> WebClient:
    """Return the Web API client: ten seconds of patience, a 429 waited for once.

    The SDK's own handler for broken connections is left out: it would post a second time what Slack had taken already.
    """
    again = RateLimitPatience(max_retry_count=1)
    return WebClient(token=token, base_url=api_url, timeout=10, retry_handlers=[again])


def posting_client(*, token: str, api_url: str) -> WebClient:
    """Return the publisher's client: it repeats nothing by itself, the publisher postpones and reconciles."""
    return WebClient(token=token, base_url=api_url, timeout=10, retry_handlers=[])


def bolt_app(*, client: WebClient, signing_secret: str, listeners: Executor) -> App:
    """Return the app without listeners.

    `process_before_response`: listeners only validate and enqueue, so answering after them costs nothing, and a
    failed durable write becomes a 500 that Slack delivers again (docs/adr).
    """
    return App(
        client=client,
        signing_secret=signing_secret or "unused-in-socket-mode",
        request_verification_enabled=bool(signing_secret),
        process_before_response=True,
        listener_executor=listeners,
        logger=logging.getLogger("slack_bolt.app"),
    )


def receiving_team(body: dict[str, Any]) -> str:
    """Return through which team's installation an event came to us, "" when it does not say.

    In a channel that another company hosts, `team_id` names that company; `context_team_id` and `authorizations` say
    for whom the event is.
    """
    given = body.get("authorizations")
    authorised = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    context = body.get("context_team_id") or (authorised[0].get("team_id") if authorised else "")
    return str(context or body.get("team_id") or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The middleware that writes candidates to the inbox before the ack: a crash after that loses nothing."""

    desk: Desk
    inbox: Inbox
    engine: DurableEngine
    clock: Clock
    might_be_request: Callable[[str], bool]
    bot_user_id: str
    bot_id: str
    team_id: str
    channels: frozenset[str] = field(default_factory=frozenset)

    def __call__(self, body: dict[str, Any], next: Callable[[], BoltResponse]) -> BoltResponse:  # noqa: A002  # Bolt's name
        """Write or pass. Raises when the inbox cannot be written: Bolt answers 500 and Slack delivers again."""
        if body.get("type") != "event_callback":
            return next()
        if receiving_team(body) != self.team_id:
            log.warning("refused an event of another team")
            return BoltResponse(status=200)
        post = message_of(body)
        if post is None:
            return next()
        # Where another company hosts a shared channel, `team_id` is theirs; the case is ours all the same.
        post = replace(post, team=self.team_id)
        if self._concerns_us(post):
            self.write(replace(post, opened_by=post.user) if self._is_call(post) else post)
        # A mention has a listener that may answer; for plain messages everything is done.
        return next() if post.kind == MENTION else BoltResponse(status=200)

    def write(self, post: Post) -> None:
        """Put a message in the inbox and wake the worker; if only the waking fails, the sweep finds it."""
        self.inbox.put(
            event_id=post.event_id,
            team=post.team,
            channel=post.channel,
            ts=post.ts,
            thread_ts=post.thread_ts,
            user=f"{post.user_team}/{post.user}",
            kind=f"{post.kind}:{post.opened_by}",
            text=post.text,
            name=post.sender_name,
            address=post.sender_address,
            received_at=self.clock.now(),
        )
        try:
            self.engine.enqueue_intake(post.event_id)
        except Exception as error:  # noqa: BLE001  # the message is safe in the inbox; the sweep enqueues it
            log.warning(
                "the engine did not take %s (%s); the sweep will", post.event_id, type(error).__name__
            )

    def _concerns_us(self, post: Post) -> bool:
        if post.bot_id and post.bot_id == self.bot_id:
            return False
        if self.channels and post.channel not in self.channels:
            return False
        if self._is_call(post) or self.might_be_request(post.text):
            return True
        thread = post.thread_ts or post.ts
        return bool(
            (post.thread_ts or post.kind == "edit")
            and self.desk.cases.of_thread(team_id=post.team, channel=post.channel, thread_ts=thread)
        )

    def _is_call(self, post: Post) -> bool:
        """Whether an agent calls the bot by name to open a case, rather than to ask for help."""
        if post.kind != MENTION or not is_agent(self.desk, team_id=post.user_team, user_id=post.user):
            return False
        words = words_after_mention(post.text, self.bot_user_id)
        is_question = words.partition(" ")[0].casefold() in WORDS
        return not is_question and bool(words or post.thread_ts)
