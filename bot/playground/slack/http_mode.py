"""HTTP mode: posts signed requests to the app's request URL, as Slack does."""

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import httpx

from bot.playground.slack.delivery import COMMANDS, EVENTS, mark_acked
from bot.playground.slack.journal import Delivery
from bot.playground.slack.workspace import Json

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


def signed_headers(body: str, *, secret: str, now: int) -> dict[str, str]:
    """Return Slack's v0 signature headers for a raw body."""
    base = f"v0:{now}:{body}".encode()
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": str(now), "x-slack-signature": f"v0={digest}"}


def body_of(kind: str, payload: Json) -> tuple[str, str]:
    """Return (raw body, content type): JSON events, form-encoded clicks and commands."""
    if kind == EVENTS:
        return json.dumps(payload), _JSON
    return urlencode(payload if kind == COMMANDS else {"payload": json.dumps(payload)}), _FORM


class HttpMode:
    """Delivers to one request URL; a 2xx within the timeout is the ack. Redirects are not followed."""

    def __init__(self, *, url: str, signing_secret: str) -> None:
        self._url = url
        self._secret = signing_secret

    async def offer(self, delivery: Delivery, *, within: float) -> None:
        """Post once; the app's JSON answer becomes the ack's payload."""
        body, content_type = body_of(delivery.kind, delivery.payload)
        headers = {"content-type": content_type} | signed_headers(
            body, secret=self._secret, now=int(time.time())
        )
        if delivery.attempt:
            headers |= {
                "x-slack-retry-num": str(delivery.attempt),
                "x-slack-retry-reason": delivery.retry_reason or "",
            }
        started = time.monotonic()
        try:
            async with httpx.AsyncClient(timeout=within, trust_env=False) as client:
                response = await client.post(self._url, content=body, headers=headers)
        except httpx.TimeoutException:
            delivery.problem = "http_timeout"
            return
        except httpx.TransportError:
            delivery.problem = "connection_failed"
            return
        if response.is_success:
            mark_acked(delivery, started=started, answer=_answer(response))
        else:
            no_retry = response.headers.get("x-slack-no-retry") == "1"
            delivery.problem = "no_retry" if no_retry else "http_error"


def _answer(response: httpx.Response) -> Json | None:
    if not response.content:
        return None
    if response.headers.get("content-type", "").startswith(_JSON):
        found = response.json()
        return found if isinstance(found, dict) and found else None
    return {"text": response.text}
