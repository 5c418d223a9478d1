"""How an API is spoken to: placeholders filled, secrets added, answers turned into meanings or a reason to stop."""

import base64
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from services.http_api.answers import Meaning, excerpt
from services.http_api.definition import Call, Definition
from services.http_api.reading import allows
from services.http_api.templates import EmptyValueError, fill
from services.pace import LocalPlaces, Pace, Places
from services.ports import Clock, SystemUnavailableError
from services.transport import LOOPBACK, Broken, Patience, Request, Response, RetryLater, client, send

LATER = timedelta(minutes=5)


class NotAnsweredError(SystemUnavailableError):
    """There is no usable answer; `maybe_done` says whether the request may have had its effect all the same."""

    def __init__(
        self, reason: str, *, retry_at: datetime | None = None, asked: bool = False, maybe_done: bool
    ) -> None:
        super().__init__(reason, retry_at=retry_at, asked=asked)
        self.maybe_done = maybe_done


class Api:
    """One API with its secrets. Every method raises `SystemUnavailableError` when there is no usable answer."""

    def __init__(
        self,
        definition: Definition,
        *,
        secrets: Mapping[str, str],
        clock: Clock,
        base: str = "",
        places: Places | None = None,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        root = base or definition.base
        host = urlsplit(root).hostname or ""
        if host not in LOOPBACK and not allows(definition.hosts, host):
            raise ValueError(f"{host or 'the base URL'}: not among the hosts that the definition allows")
        self._definition, self._secrets, self._clock = definition, secrets, clock
        self._http = client(
            root.rstrip("/"),
            headers={"Accept": "application/json"},
            allowed_hosts={host},
            timeout=definition.timeout.total_seconds(),
            allow_http=host in LOOPBACK,
        )
        self._pace = Pace(
            places or LocalPlaces(monotonic=monotonic),
            name=f"http_api {host}",
            per_second=definition.per_second,
            sleep=sleep,
            monotonic=monotonic,
        )
        self._patience, self._sleep, self._monotonic = patience, sleep, monotonic
        self._token: tuple[str, datetime] | None = None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(self, call: Call, given: Mapping[str, str]) -> tuple[Meaning, Response]:
        """Send the call. Returns only DONE or GONE; everything else is raised, the unknown with a masked excerpt."""
        values = {f"value.{key}": self._secrets[name] for key, name in self._definition.values.items()}
        filled = {**given, **values, "now": self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")}
        known = self._token
        answer = self._send(self._request(call, filled))
        if answer.status == 401 and known is not None and self._token is known:
            # A token that was good once may have been revoked: turned away is not done, so ask with a new one.
            self._token = None
            answer = self._send(self._request(call, filled))
        match call.table.read(answer):
            case Meaning.DONE | Meaning.GONE as meaning:
                return meaning, answer
            case Meaning.DENIED:
                raise SystemUnavailableError(
                    f"it refused (HTTP {answer.status}): check the key and its rights"
                )
            case Meaning.RETRY:
                at = self._clock.now() + LATER
                raise SystemUnavailableError(f"it is not ready (HTTP {answer.status})", retry_at=at)
            case Meaning.UNKNOWN:
                # A client's error (4xx) says that nothing was done; anything else that is not described may be both.
                raise NotAnsweredError(
                    f"it gave an answer that is not described ({excerpt(answer)})",
                    maybe_done=not 400 <= answer.status < 500,
                )

    def _request(self, call: Call, filled: Mapping[str, str]) -> Request:
        try:
            headers, params = self._auth()
            return Request(
                method=call.method,
                path=fill(call.path, filled, in_path=True),
                params={**fill(dict(call.params), filled), **params},
                json=fill(call.json, filled),
                form=fill(dict(call.form), filled) if call.form else None,
                headers={**fill(dict(call.headers), filled), **headers},
                repeatable=call.repeatable,
            )
        except EmptyValueError as empty:
            raise SystemUnavailableError(f"nothing was sent: {{{empty.name}}} is empty") from None

    def _send(self, request: Request) -> Response:
        result = send(
            self._http,
            request,
            clock=self._clock,
            turn=self._pace.turn,
            patience=self._patience,
            sleep=self._sleep,
            monotonic=self._monotonic,
        )
        match result:
            case Response():
                return result
            case RetryLater():
                raise NotAnsweredError(
                    f"it {result.reason}",
                    retry_at=result.at,
                    asked=result.asked,
                    maybe_done=result.maybe_done,
                )
            case Broken():
                raise NotAnsweredError(f"it {result.reason}", maybe_done=result.maybe_done)

    def _auth(self) -> tuple[dict[str, str], dict[str, str]]:
        auth = self._definition.auth
        secret = {part: self._secrets[name] for part, name in auth.secrets.items()}
        match auth.kind:
            case "header":
                return {auth.name: f"{auth.prefix} {secret['secret']}".strip()}, {}
            case "bearer":
                return {"Authorization": f"Bearer {secret['secret']}"}, {}
            case "query":
                return {}, {auth.name: secret["secret"]}
            case "basic":
                pair = f"{secret.get('user', '')}:{secret.get('password', '')}"
                return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, {}
            case _:
                return {"Authorization": f"Bearer {self._oauth(secret)}"}, {}

    def _oauth(self, secret: Mapping[str, str]) -> str:
        if self._token and self._clock.now() < self._token[1]:
            return self._token[0]
        auth = self._definition.auth
        pair = ":".join(quote(secret[part], safe="") for part in ("client_id", "client_secret"))
        form = {"grant_type": "client_credentials", **({"scope": auth.scope} if auth.scope else {})}
        headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        try:
            answer = self._send(
                Request(method="POST", path=auth.path, form=form, headers=headers, repeatable=True)
            )
        except NotAnsweredError as problem:
            # Whatever became of the token: the request that it is for was not sent.
            raise NotAnsweredError(
                problem.reason, retry_at=problem.retry_at, asked=problem.asked, maybe_done=False
            ) from None
        body: Any = answer.json() if answer.is_success else None
        match body:
            case {"access_token": str() as token} if token:
                life = body.get("expires_in")
                seconds = (
                    float(life) if isinstance(life, int | float) and not isinstance(life, bool) else 300.0
                )
                self._token = (token, self._clock.now() + timedelta(seconds=max(0.0, seconds - 30)))
                return token
            case _:
                raise SystemUnavailableError(f"it gave no access token ({excerpt(answer)})")
