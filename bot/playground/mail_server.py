"""The playground's mail server: takes what the app sends by SMTP and puts it into the customer's inbox."""

from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.playground.mailbox import LONGEST_LETTER, Mailbox

HOST = "127.0.0.1"


class AnyPort(Controller):
    """aiosmtpd's server in a thread, on a free port: the address is known once it listens."""

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd's own


class MailServer:
    """A real SMTP server on loopback. `start` and `stop` are idempotent; `port` is known once it was started."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._controller = AnyPort(_Inbox(mailbox), hostname=HOST, port=0)
        self._running = False

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._controller.port)

    def start(self) -> None:
        """Listen on a free port."""
        if not self._running:
            self._running = True
            self._controller.start()

    def stop(self) -> None:
        """Close it."""
        if self._running:
            self._running = False
            self._controller.stop()


class _Inbox:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message = message_from_bytes(content, policy=default)
        body = message.get_body(("plain",))
        text = str(body.get_content()) if body else ""
        for to in envelope.rcpt_tos:
            self._mailbox.post(
                sender=envelope.mail_from or "",
                to=to,
                text=f"{message['subject']}\n\n{text}"[:LONGEST_LETTER],
            )
        return "250 taken"
