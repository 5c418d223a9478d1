"""E-mail against real SMTP servers on loopback: what is sent, what is not, and what nobody can know."""

import datetime as dt
import ipaddress
import logging
import ssl
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.playground.mail_server import AnyPort
from services.customer.email import Email, MailServer
from services.ports import CustomerChannel
from services.reaching import Parcel, Reached
from tests.properties.fakes import HandClock
from tests.properties.world import START

TEXT = "Guten Tag,\n\nplease choose: https://privacy.example/c/abc\n.\nLumen ✓"
PARCEL = Parcel(key="c0ffee", to="maya@example.org", subject="Lumen: please\ntell us", text=TEXT)


class Server:
    """Answers as told; keeps what it took."""

    def __init__(self) -> None:
        self.rcpt, self.data = "250 OK", "250 taken"
        self.drops = False
        self.taken: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append(envelope)
        if self.drops:
            transport: Any = server.transport
            transport.abort()
        return self.data


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[Server, int]]]:
    running: list[AnyPort] = []

    def start(**more: Any) -> tuple[Server, int]:
        server = Server()
        running.append(AnyPort(server, hostname="127.0.0.1", port=0, **more))
        running[-1].start()
        return server, running[-1].port

    yield start
    for one in running:
        one.stop()


def channel(port: int, **more: Any) -> CustomerChannel:
    settings = {"host": "127.0.0.1", "port": port, "sender": "support@lumen.example", "security": "none"}
    return Email(MailServer(**settings | more), clock=HandClock(at=START))


def test_what_is_sent_is_what_was_written(serve: Callable[..., tuple[Server, int]]) -> None:
    """One message, whole, in seven bits, named by its intent, from the address on file for answers."""
    server, port = serve()
    delivery = channel(port, sender_name="Lumen support").ask(PARCEL)
    assert delivery.reached is Reached.SENT
    (envelope,) = server.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("support@lumen.example", ["maya@example.org"])
    assert envelope.content.isascii()
    message = message_from_bytes(envelope.content, policy=default)
    assert message.get_content().replace("\r\n", "\n").strip() == TEXT
    assert message["Subject"] == "Lumen: please tell us", "no line break of a subject becomes a header"
    assert message["Message-ID"] == "<c0ffee@lumen.example>"
    assert message["From"].addresses[0].display_name == "Lumen support"
    assert message["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("answers", "reached"),
    [
        ({"rcpt": "550 no such user maya@example.org"}, Reached.NOT_SENT),
        ({"rcpt": "450 try again maya@example.org"}, Reached.LATER),
        ({"data": "554 refused for maya@example.org"}, Reached.NOT_SENT),
        ({"data": "451 try again"}, Reached.LATER),
        ({"drops": True}, Reached.UNCERTAIN),
    ],
)
def test_every_ending_is_told_apart_and_names_nobody(
    serve: Callable[..., tuple[Server, int]],
    answers: dict[str, Any],
    reached: Reached,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A refusal is no send, a broken connection after the text is nothing that a program may decide (design rule 6)."""
    server, port = serve()
    for name, value in answers.items():
        setattr(server, name, value)
    with caplog.at_level(logging.DEBUG):
        delivery = channel(port).tell(PARCEL)
    assert delivery.reached is reached
    assert delivery.reason
    ours = [one.getMessage() for one in caplog.records if one.name.startswith(("services", "bot"))]
    for said in (delivery.reason, *ours):
        assert "maya" not in said, "the words of a server may quote the address"


def test_a_server_that_is_down_has_sent_nothing() -> None:
    """Not reachable means: surely not sent, try again later."""
    assert channel(1).remind(PARCEL).reached is Reached.LATER


def test_nothing_goes_out_in_the_clear(serve: Callable[..., tuple[Server, int]]) -> None:
    """A server that offers no encryption gets neither password nor message, unless it is the machine itself."""
    server, port = serve()
    delivery = channel(port, security="starttls", user="desk", password="secret").ask(PARCEL)
    assert delivery.reached is Reached.NOT_SENT
    assert server.taken == []


def test_encrypted_with_a_certificate_that_is_checked(
    serve: Callable[..., tuple[Server, int]], tmp_path: Path
) -> None:
    """STARTTLS and sign-in work with the operator's own authority; with a certificate nobody knows nothing is sent."""
    certificate = self_signed(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    server, port = serve(
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=lambda *_: AuthResult(success=True),
    )
    known = channel(port, security="starttls", user="desk", password="secret", ca_file=str(certificate))
    assert known.ask(PARCEL).reached is Reached.SENT
    unknown = channel(port, security="starttls", user="desk", password="secret")
    assert unknown.ask(PARCEL).reached is not Reached.SENT
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    "typed",
    ["", "maya", "a@b.example c@d.example", "x@y.example\nBcc: z@z.example", "eva@straße.example"],
)
def test_only_one_address_is_an_address(typed: str) -> None:
    """Nothing typed can add a second receiver, or is folded into another one's address ("strasse")."""
    assert channel(1).recipient(typed) == ""
    assert channel(1).ask(Parcel(key="1", to=typed, subject="x", text="x")).reached is Reached.NOT_SENT


def test_a_sender_that_is_no_address_is_refused_at_the_start() -> None:
    """A mistake in the settings is said at the start, not at the first customer."""
    with pytest.raises(ValueError, match="SMTP_FROM"):
        channel(1, sender="Lumen support")


def self_signed(folder: Path) -> Path:
    """Write a fresh certificate for loopback with its key, and return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "loopback.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
