"""Tells the privacy lead of other privacy requests: access, correction, objection are no deletion cases."""

import logging
from collections.abc import Callable

from slack_sdk import WebClient

from bot.errors import SLACK_FAULTS

log = logging.getLogger(__name__)


def privacy_teller(client: WebClient, lead: str) -> Callable[[str, str], None]:
    """Return what tells the privacy lead (channel, ts) of a message that asks for something else; nobody without a lead."""

    def tell(channel: str, ts: str) -> None:
        if not lead:
            return
        try:
            link = client.chat_getPermalink(channel=channel, message_ts=ts)["permalink"]
            client.chat_postMessage(
                channel=lead,
                text=f"This reads as another privacy request (access, correction, objection), not a deletion: {link}",
                unfurl_links=False,
                unfurl_media=False,
            )
        except SLACK_FAULTS as error:
            log.error("the privacy lead was not told of a message (%s)", type(error).__name__)  # noqa: TRY400  # the text may hold the request

    return tell
