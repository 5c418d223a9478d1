"""Socket Mode: tickets, hello, and one envelope to one of the app's sockets."""

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.playground.slack.delivery import COMMANDS, mark_acked
from bot.playground.slack.journal import Delivery
from bot.playground.slack.workspace import Json

MAX_SOCKETS = 10


@dataclass(slots=True, eq=False)
class _Socket:
    number: int
    link: WebSocket
    is_leaving: bool = False


class SocketMode:
    """The app's open sockets. Slack chooses the socket: here they take turns."""

    def __init__(self, app_id: str, *, refresh_grace: float = 1.0) -> None:
        self._app_id = app_id
        self._refresh_grace = refresh_grace
        self._ghosts = 0
        self._tickets: set[str] = set()
        self._sockets: list[_Socket] = []
        self._waiting: dict[str, asyncio.Future[Json | None]] = {}
        self._opened = 0
        self._closing: list[asyncio.Task[None]] = []
        self._turn = 0

    @property
    def connections(self) -> int:
        """How many sockets are registered now."""
        return len(self._sockets)

    def haunt(self, ghosts: int) -> None:
        """Keep that many half-open sockets registered: they count in `hello`, and envelopes sent to them are lost."""
        self._ghosts = ghosts

    async def refresh(self, reason: str = "refresh_requested") -> int:
        """Ask every open socket to make way for a new one, and close it a little later; return how many were asked."""
        leaving = [socket for socket in self._sockets if not socket.is_leaving]
        for socket in leaving:
            socket.is_leaving = True
            await socket.link.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "lookalike"}}
            )
        self._closing = [asyncio.create_task(self._close_later(socket)) for socket in leaving]
        return len(leaving)

    async def _close_later(self, socket: _Socket) -> None:
        await asyncio.sleep(self._refresh_grace)
        if socket in self._sockets:
            with contextlib.suppress(RuntimeError, OSError):  # the app was faster
                await socket.link.close()

    def issue_ticket(self) -> str:
        """Return a ticket that opens one socket once (apps.connections.open)."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, link: WebSocket) -> None:
        """Serve one socket until the app closes it."""
        ticket = link.query_params.get("ticket", "")
        if ticket not in self._tickets or len(self._sockets) >= MAX_SOCKETS:
            await link.close(code=1008)
            return
        self._tickets.discard(ticket)
        await link.accept()
        self._opened += 1
        socket = _Socket(self._opened, link)
        self._sockets.append(socket)
        try:
            await link.send_json(
                {
                    "type": "hello",
                    "num_connections": len(self._sockets) + self._ghosts,
                    "connection_info": {"app_id": self._app_id},
                    "debug_info": {"host": "lookalike", "approximate_connection_time": 18060},
                },
            )
            while True:
                self._take_ack(await link.receive_json())
        except WebSocketDisconnect:
            pass
        except RuntimeError:
            pass  # closed by `refresh` while the app was being listened to
        finally:
            self._sockets.remove(socket)

    def _take_ack(self, message: Json) -> None:
        waiting = self._waiting.pop(message.get("envelope_id", ""), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(message.get("payload"))

    async def offer(self, delivery: Delivery, *, within: float) -> None:
        """Send one envelope to the socket whose turn it is and wait for its ack."""
        # A socket that was asked to leave gets nothing more, unless there is no other one yet.
        staying = [socket for socket in self._sockets if not socket.is_leaving] or self._sockets
        if not staying:
            delivery.problem = "no_active_connection"
            return
        self._turn += 1
        turn = self._turn % (len(staying) + self._ghosts)
        if turn >= len(staying):
            await asyncio.sleep(within)  # swallowed by a half-open socket
            delivery.problem = "timeout"
            return
        socket = staying[turn]
        delivery.socket = socket.number
        takes_answer = delivery.kind == COMMANDS or delivery.payload.get("type") == "view_submission"
        envelope: Json = {
            "envelope_id": delivery.envelope_id,
            "type": delivery.kind,
            "accepts_response_payload": takes_answer,
            "payload": delivery.payload,
        }
        if "event_id" in delivery.payload:
            envelope |= {"retry_attempt": delivery.attempt, "retry_reason": delivery.retry_reason or ""}
        waiting = self._waiting[delivery.envelope_id] = asyncio.get_running_loop().create_future()
        started = time.monotonic()
        try:
            await socket.link.send_json(envelope)
            answer = await asyncio.wait_for(waiting, within)
        except TimeoutError:
            delivery.problem = "timeout"
        except (WebSocketDisconnect, RuntimeError, OSError):
            # Starlette raises RuntimeError for a socket that closed between the choice and the send.
            delivery.problem = "connection_failed"
        else:
            mark_acked(delivery, started=started, answer=answer if takes_answer else None)
        finally:
            self._waiting.pop(delivery.envelope_id, None)
