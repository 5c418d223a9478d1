"""Sends each approver the digest, once a working day."""

import logging
from datetime import date

from slack_sdk.errors import SlackClientError

from bot.slack_thread import SlackThread
from handlers.views.digest import digest_message
from services.ports import Desk
from services.reminding import LONGEST_BREAK, digest, digest_is_due, last_digest, note_digest

log = logging.getLogger(__name__)


class Digests:
    """Due digests, sent directly. After a crash between sending and noting, one may come twice; none is lost."""

    def __init__(self, desk: Desk, thread: SlackThread, *, workspace_url: str = "") -> None:
        self._desk = desk
        self._thread = thread
        self._workspace_url = workspace_url
        self._done: dict[str, date] = {}

    def send_due(self) -> int:
        """Send what is due today and was not sent yet; return how many. What Slack refuses is tried again next time."""
        if not digest_is_due(self._desk):
            return 0
        return sum(self._send(person) for person in sorted(self._desk.roles.approvers))

    def _send(self, person: str) -> bool:
        zone, now = self._desk.policy.zone, self._desk.clock.now()
        today = now.astimezone(zone).date()
        if self._done.get(person) == today:
            return False
        last = last_digest(self._desk, person)
        if last is not None and last.astimezone(zone).date() >= today:
            self._done[person] = today
            return False
        shown = digest(self._desk, since=max(last or now - LONGEST_BREAK, now - LONGEST_BREAK))
        if not shown.is_empty:
            try:
                message = digest_message(shown, workspace_url=self._workspace_url)
                self._thread.tell(person, {"text": message.text, "blocks": message.blocks})
            except (SlackClientError, OSError) as error:
                log.warning("a digest could not be sent (%s)", type(error).__name__)
                return False
            note_digest(self._desk, person, shown)
        self._done[person] = today
        return not shown.is_empty
