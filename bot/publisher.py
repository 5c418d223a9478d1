"""The one place that posts: carries out the intents of `Posts`, coalesced, reconciled after a crash."""

import logging
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy.exc import SQLAlchemyError

from bot.slack_pace import Pace
from bot.slack_thread import SlackThread, retry_after
from handlers.cards import (
    card_message,
    closing_message,
    direct_message,
    extension_message,
    full_card_message,
    interim_message,
    question_message,
    redacted_question,
    reminder_message,
)
from services import closing
from services.asking import THREAD
from services.domain.case import TERMINAL, State
from services.domain.record import Case
from services.ports import Desk, PostKind
from services.storage import Post, SqlPosts

log = logging.getLogger(__name__)

# Slack: posting about 1/s/channel, chat.update tier 3 (50/min): one refresh of a message per 1.5 s, the last state wins.
BETWEEN_UPDATES = timedelta(seconds=1.5)
AFTER_A_FAULT = timedelta(seconds=10)
AFTER_A_BUG = timedelta(minutes=1)
CARDS = frozenset({PostKind.CARD, PostKind.FULL_CARD})
# Only these are another way's business when Slack refuses them; a colleague who cannot be told changes no case.
TO_CUSTOMERS = frozenset({PostKind.QUESTION, PostKind.CLOSING, PostKind.EXTENSION})
# Codes after which trying again is pointless (Slack: chat.postMessage, errors); a person has to choose another way.
FOR_GOOD = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "msg_too_long",
        "invalid_blocks",
        "restricted_action",
    }
)


class Publisher:
    """Posts and refreshes what is due. Safe to kill anywhere: an intent precedes each post, metadata finds it again."""

    def __init__(self, desk: Desk, posts: SqlPosts, thread: SlackThread, *, workspace_url: str = "") -> None:
        """Take what is published and where; `workspace_url` ("https://acme.slack.com/") makes links, "" leaves them out."""
        self._desk = desk
        self._posts = posts
        self._thread = thread
        self._pace = Pace()
        self._workspace_url = workspace_url
        # Set when Slack refused a card's blocks: from then on, for this process, the plain card (no `plan` block).
        self._plain = False

    def publish_due(self) -> int:
        """Carry out everything that is due now; return how many messages were posted or refreshed."""
        return sum(self._publish_safely(post) for post in self._posts.due(self._desk.clock.now(), limit=500))

    def _publish_safely(self, post: Post) -> bool:
        """Publish one post; what cannot be drawn waits by itself and holds up no other case's."""
        try:
            return self._publish(post)
        except SQLAlchemyError:
            raise
        except Exception as error:  # noqa: BLE001  # a bug in one card must not silence all others; reported by type
            log.error("%s of case %s cannot be posted (%s)", post.kind, post.case_id, type(error).__name__)  # noqa: TRY400  # the text may hold personal data
            self._posts.postpone(post, self._desk.clock.now() + AFTER_A_BUG)
            return False

    def _publish(self, post: Post) -> bool:
        now = self._desk.clock.now()
        if post.ts and post.posted_at and now < post.posted_at + BETWEEN_UPDATES:
            self._posts.postpone(post, post.posted_at + BETWEEN_UPDATES)
            return False
        free_at = self._pace.update_at(now) if post.ts else self._pace.post_at(_place(post), now)
        if now < free_at:
            # Not postponed in the store: whose turn it is then, the order of the cases decides.
            return False
        try:
            return self._update(post, now) if post.ts else self._post(post, now)
        except SlackApiError as error:
            self._after_refusal(post, error, now)
        except (SlackClientError, OSError) as error:
            log.warning(
                "Slack cannot be reached (%s); %s of case %s waits",
                type(error).__name__,
                post.kind,
                post.case_id,
            )
            self._posts.postpone(post, now + AFTER_A_FAULT)
        return False

    def _post(self, post: Post, now: datetime) -> bool:
        # A direct message cannot be looked up (that would need im:history): after a crash it may come twice.
        if post.may_be_posted_already and not post.person:
            ts = self._thread.find(
                channel=post.channel, thread_ts=post.thread_ts, case_id=post.case_id, kind=_named(post)
            )
            if ts:
                self._posts.posted(post, ts=ts, done=0 if post.kind is PostKind.CARD else post.wanted, at=now)
                self._after(post, ts)
                return False
        message = self._draw(post)
        if message is None:
            self._posts.cancel(
                post.case_id, post.slot
            )  # nothing to say any more, for example a question to redact
            return False
        if not self._posts.mark_intent(post, now):
            return False
        self._pace.posted(_place(post), now)
        channel = self._thread.direct(post.person) if post.person else post.channel
        ts = self._thread.post(
            channel=channel,
            thread_ts=post.thread_ts,
            message=message,
            case_id=post.case_id,
            kind=_named(post),
        )
        self._posts.posted(post, ts=ts, done=post.wanted, at=now, channel=channel)
        self._after(post, ts)
        return True

    def _update(self, post: Post, now: datetime) -> bool:
        message = self._draw(post)
        if message is not None and post.ts:
            self._pace.updated(now)
            self._thread.update(
                channel=post.channel, ts=post.ts, message=message, case_id=post.case_id, kind=_named(post)
            )
        self._posts.posted(post, ts=post.ts or "", done=post.wanted, at=now)
        return message is not None

    def _draw(self, post: Post) -> dict[str, Any] | None:
        case, file = self._desk.cases.get(post.case_id), self._desk.cases.file(post.case_id)
        if case is None:
            return None
        match post.kind:
            case PostKind.CARD:
                return card_message(
                    self._desk, case, file, workspace_url=self._workspace_url, plain=self._plain
                )
            case PostKind.FULL_CARD:
                # Into a channel that outsiders or the whole company can read nothing personal is posted (rule 9).
                is_private = self._thread.is_private(post.channel)
                return full_card_message(
                    self._desk,
                    case,
                    file if is_private else None,
                    workspace_url=self._workspace_url,
                    plain=self._plain,
                )
            case PostKind.APPROVAL | PostKind.HAND_OVER | PostKind.NUDGE:
                return direct_message(
                    self._desk,
                    case,
                    post.kind,
                    person=post.person,
                    workspace_url=self._workspace_url,
                )
            case PostKind.QUESTION | PostKind.EXTENSION:
                has_ended = case.state in TERMINAL
                if file is None or (has_ended and not post.ts):
                    return redacted_question() if post.ts else None
                if post.kind is PostKind.QUESTION:
                    if not has_ended and not _is_asked_here(case):
                        return None
                    return question_message(self._desk, case, file)
                return extension_message(case, file)
            case PostKind.CLOSING:
                return closing_message(case, file) if file else None
            case PostKind.REMINDER:
                is_open = case.state is State.AWAITING_CUSTOMER and file is not None
                return reminder_message(self._desk, case, file) if is_open and file else None
            case PostKind.INTERIM:
                is_over = case.state in TERMINAL | {State.NOTIFYING}
                return interim_message(case, file) if file and not is_over else None

    def _after(self, post: Post, ts: str) -> None:
        if post.kind is PostKind.CLOSING:
            closing.delivered(self._desk, case_id=post.case_id, evidence=ts)

    def reconcile_closings(self) -> None:
        """Note the evidence for closing messages that Slack took before a crash kept us from noting it."""
        for case in self._desk.cases.in_states((State.NOTIFYING,)):
            if case.told:
                closing.try_to_complete(self._desk, case.id)
                continue
            for post in self._posts.of_case(case.id):
                if post.kind is PostKind.CLOSING and post.ts:
                    closing.delivered(self._desk, case_id=case.id, evidence=post.ts)

    def _after_refusal(self, post: Post, error: SlackApiError, now: datetime) -> None:
        code = error.response.get("error", "unknown")
        if code == "message_not_found" and post.ts:
            # Somebody deleted our message: what it says still matters, so it is posted afresh.
            self._posts.forget_ts(post.case_id, post.slot)
            return
        if code == "invalid_blocks" and post.kind in CARDS and not self._plain:
            log.warning("Slack refused the blocks of a card: cards are plain from now on")
            self._plain = True
            return
        if code in FOR_GOOD and post.kind in TO_CUSTOMERS and not post.ts:
            closing.undeliverable(self._desk, case_id=post.case_id, kind=post.kind, code=code)
            return
        wait = retry_after(error) or AFTER_A_FAULT
        if code == "ratelimited" and post.ts:
            self._pace.refused_update(now + wait)
        elif code == "ratelimited":
            self._pace.refused_post(_place(post), now + wait)
        log.warning("Slack refused %s of case %s: %s; next try in %s", post.kind, post.case_id, code, wait)
        self._posts.postpone(post, now + wait)


def _is_asked_here(case: Case) -> bool:
    """Whether the question that is open is the thread's: another way's text belongs there, and not in the thread."""
    return case.question is not None and case.question.channel == THREAD


def _place(post: Post) -> str:
    """Return where Slack counts this post's pace: its channel, or the person of a direct message not opened yet."""
    return post.channel or post.person


def _named(post: Post) -> str:
    """Return by what the post is found again in its thread: its kind, or its slot where there are several of a kind."""
    return post.kind if post.person else post.slot
