"""E-mail to the customer by SMTP: at most one send for each call, and every ending known for what it is."""

import contextlib
import logging
import smtplib
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import Literal

from services.domain.identity import emails_in, folded, is_written_as_folded
from services.ports import Clock
from services.reaching import Delivery, Parcel, Reached

log = logging.getLogger(__name__)

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed over. `security` "none" is for a server on this machine only. `ca_file` adds a private CA."""

    host: str
    port: int
    sender: str
    sender_name: str = ""
    security: Security = "starttls"
    user: str = ""
    password: str = ""
    ca_file: str | None = None
    timeout: float = 30.0


class _NotAcceptedError(Exception):
    """The server said no before the message was its own; `code` is SMTP's."""

    def __init__(self, code: int) -> None:
        super().__init__(f"SMTP {code}")
        self.code = code


class Email:
    """Implements `CustomerChannel`. Logs and reasons name codes, never an address or a text (design rule 9)."""

    name = "email"
    label = "E-mail"
    carries_link = True

    def __init__(self, server: MailServer, *, clock: Clock) -> None:
        """Take the server. Raises ValueError, naming the setting, for what cannot work."""
        if emails_in(server.sender) != (folded(server.sender),):
            raise ValueError("SMTP_FROM is not one e-mail address")
        self._server = server
        self._clock = clock
        self._tls = ssl.create_default_context(cafile=server.ca_file)

    def recipient(self, typed: str) -> str:
        """Return the one e-mail address in these words, case-folded, "" when there is none or there are several.

        Nor is there one where folding would make another address of it.
        """
        found = emails_in(typed)
        return found[0] if len(found) == 1 and is_written_as_folded(typed) else ""

    def ask(self, parcel: Parcel) -> Delivery:
        """Send the question."""
        return self._send(parcel)

    def remind(self, parcel: Parcel) -> Delivery:
        """Send the reminder."""
        return self._send(parcel)

    def tell(self, parcel: Parcel) -> Delivery:
        """Send what became of it."""
        return self._send(parcel)

    def check(self) -> str:
        """Return what is wrong with the connection ("" when mail could be handed over); sends nothing."""
        try:
            self._connect().quit()
        except (smtplib.SMTPException, OSError) as error:
            return f"the mail server cannot be used ({_code(error)})"
        return ""

    def _send(self, parcel: Parcel) -> Delivery:
        """Hand the message over. Before the text is sent every fault means: not sent. After that, only a code tells."""
        try:
            message = self._message(parcel)
        except ValueError:
            return Delivery(reached=Reached.NOT_SENT, reason="the address cannot be written to")
        try:
            connection = self._connect()
        except (smtplib.SMTPException, OSError) as error:
            log.warning("the mail server cannot be used (%s)", _code(error))
            refused = isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPNotSupportedError)
            reason = f"the mail server cannot be used ({_code(error)})"
            return Delivery(reached=Reached.NOT_SENT if refused else Reached.LATER, reason=reason)
        with contextlib.closing(connection):
            try:
                self._envelope(connection, parcel.to)
            except _NotAcceptedError as refusal:
                return _refused(refusal.code)
            except (smtplib.SMTPException, OSError) as error:
                return Delivery(reached=Reached.LATER, reason=f"the connection broke ({_code(error)})")
            return self._text(connection, message)

    def _text(self, connection: smtplib.SMTP, message: bytes) -> Delivery:
        try:
            code, _answer = connection.data(message)
        except smtplib.SMTPDataError as error:
            return _refused(error.smtp_code)
        except (smtplib.SMTPException, OSError) as error:
            # The server may have taken it before the connection broke: nobody here can know.
            log.warning("the connection broke while a mail was handed over (%s)", _code(error))
            return Delivery(reached=Reached.UNCERTAIN, reason=_code(error))
        if code != 250:
            return _refused(code)
        with contextlib.suppress(smtplib.SMTPException, OSError):
            connection.quit()
        return Delivery(reached=Reached.SENT, evidence=f"SMTP {code}")

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.timeout, context=self._tls
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
        try:
            if server.security == "starttls":
                connection.starttls(
                    context=self._tls
                )  # raises when the server offers none: never sent in the clear
            connection.ehlo_or_helo_if_needed()
            if server.user:
                connection.login(server.user, server.password)
        except (smtplib.SMTPException, OSError):
            connection.close()
            raise
        return connection

    def _envelope(self, connection: smtplib.SMTP, to: str) -> None:
        options = []
        if not to.isascii():
            if not connection.has_extn("smtputf8"):
                raise _NotAcceptedError(553)
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        for code, _answer in (connection.mail(self._server.sender, options), connection.rcpt(to)):
            if code not in {250, 251}:
                raise _NotAcceptedError(code)

    def _message(self, parcel: Parcel) -> bytes:
        """Return the mail as bytes. Raises ValueError for an address that does not belong in a header."""
        if not parcel.to or self.recipient(parcel.to) != folded(parcel.to):
            raise ValueError("not one e-mail address")
        server = self._server
        # Seven bits: not every server on the way takes more (RFC 6152).
        policy = SMTP if parcel.to.isascii() else SMTPUTF8
        message = EmailMessage(policy=policy.clone(cte_type="7bit"))
        message["From"] = Address(display_name=server.sender_name, addr_spec=server.sender)
        message["To"] = Address(addr_spec=parcel.to)
        message["Subject"] = " ".join(parcel.subject.split())
        message["Date"] = format_datetime(self._clock.now())
        # The intent's own name: should it ever be sent twice, mail programs see one message.
        message["Message-ID"] = f"<{parcel.key}@{server.sender.rpartition('@')[2]}>"
        # No holiday notes in return (RFC 3834), and no way for a list to take it for its own.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(parcel.text)
        return message.as_bytes()


def _refused(code: int) -> Delivery:
    """Return what a code of refusal means: 4xx may be tried again, 5xx never."""
    reached = Reached.LATER if 400 <= code < 500 else Reached.NOT_SENT
    return Delivery(reached=reached, reason=f"the mail server refused it (SMTP {code})")


def _code(error: Exception) -> str:
    """Return a fault without the words of the server, which may quote the address."""
    code = getattr(error, "smtp_code", None)
    return f"SMTP {code}" if isinstance(code, int) else type(error).__name__
