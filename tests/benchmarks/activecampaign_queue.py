"""`make bench`: 1,000 approved cases against an ActiveCampaign that allows five requests a second.

Store, durable engine and client are the real ones on SQLite files; the look-alike is a process of its own that writes
down when each request arrives. Measured for a while in the middle of the work: the most requests in any second, wherever
it begins, and the share of the allowed requests that were made. The baseline is what the account allows.
"""

import base64
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from services.activecampaign.twin import Account, Faults, Twin
from services.domain.case import State
from services.domain.identity import Identifier, Identity
from services.domain.ledger import Entry
from services.domain.record import Case, CaseFile, NewCase
from tests.contracts.running_desk import RunningDesk
from tests.properties.world import MAYA

CASES, ALLOWED, LEAST = 1000, 5, 0.9
WARM_UP, MEASURED = 10.0, 60.0
ROOT = Path(__file__).parents[2]


def serve() -> None:
    """Be the look-alike, until standard input ends."""
    with Twin(Account(now=lambda: datetime.now(UTC), faults=Faults(rate=0))) as twin:
        print(twin.url, twin.account.admin_token, flush=True)
        sys.stdin.read()


@contextmanager
def lookalike() -> Iterator[tuple[str, str]]:
    """Start the look-alike; return its address and key."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "tests.benchmarks.activecampaign_queue", "twin"]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as child:  # noqa: S603  # this very file
        try:
            url, token = (child.stdout.readline() if child.stdout else "").split()
            yield url, token
        finally:
            child.kill()


def control(url: str, path: str, body: Any = None) -> Any:
    """Read or throw a switch of the look-alike."""
    method = "GET" if body is None else "POST"
    return httpx.request(method, f"{url}/twin/{path}", json=body, timeout=60, trust_env=False).json()


def queue_up(desk: RunningDesk, url: str) -> None:
    """Approve one case by every verb, and 999 more as copies of it, each with an address and a contact of its own."""
    control(url, "seed", [{"email": MAYA.value}])
    first = desk.approved()
    file = desk.store.cases.file(first.id)
    people = [f"p{number}@example.com" for number in range(1, CASES)]
    ids = control(url, "seed", [{"email": one} for one in people])["ids"]
    for number, (email, contact) in enumerate(zip(people, ids, strict=True), start=1):
        identity = Identity(
            identifiers=(
                Identifier(kind="email", value=email, source="bench", proof="bench"),
                Identifier(kind="contact", value=contact, system="activecampaign", source="bench"),
            )
        )
        copy_case(desk, first, file, identity, ts=f"{number}.5")


def copy_case(desk: RunningDesk, first: Case, file: CaseFile | None, identity: Identity, *, ts: str) -> None:
    """Write an approved case for somebody else, with the approvals bound to its own plan."""
    if file is None or first.plan is None or first.chosen is None:
        raise SystemExit("the first case is not approved")
    macs = tuple(desk.store.vault.mac(one.canonical) for one in identity.identifiers)
    plan = replace(first.plan, identifiers=macs)
    new = NewCase(
        team_id=first.team_id,
        channel=first.channel,
        thread_ts=ts,
        message_ts=ts,
        reading=first.reading,
        opened_at=first.opened_at,
        answer_due=first.answer_due,
        regime=first.regime,
    )
    opened, _ = desk.store.cases.open(new, file, actor="bench", facts=())
    approved = replace(
        first,
        id=opened.id,
        number=opened.number,
        message_ts=ts,
        thread_ts=ts,
        version=2,
        plan=plan,
        chosen=replace(first.chosen, identifiers=macs),
        approvals=tuple(replace(one, plan_hash=plan.hash) for one in first.approvals),
    )
    entry = Entry(
        case_id=opened.id,
        version=2,
        at=desk.clock.now(),
        actor="bench",
        action="approve",
        before=opened.state,
        after=State.APPROVED,
    )
    if not desk.store.cases.save(approved, entry, file=replace(file, identity=identity)):
        raise SystemExit("a copy could not be written")


def work_on(desk: RunningDesk, seconds: float) -> None:
    """Sweep like the worker does, for so long."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        desk.turn()
        time.sleep(0.5)


def main() -> None:
    """Measure, print, and exit 1 when a limit is not kept."""
    logging.disable(logging.CRITICAL)
    key = base64.urlsafe_b64encode(os.urandom(32)).decode()
    with tempfile.TemporaryDirectory() as folder, lookalike() as (url, token):
        about: dict[str, Any] = {"folder": Path(folder), "url": url, "token": token, "key": key}
        desk = RunningDesk(**about)
        desk.launch()
        queue_up(desk, url)
        desk.close()
        control(url, "faults", {"rate": ALLOWED})
        before = len(control(url, "arrivals"))
        desk = RunningDesk(**about, rate=ALLOWED, pause=2.0)
        desk.launch()
        work_on(desk, WARM_UP + MEASURED)
        arrivals = control(url, "arrivals")[before:]
        ended = desk.store.cases.in_states((State.NOTIFYING,))
        attention = desk.store.cases.in_states((State.NEEDS_ATTENTION,))
        desk.close()
    began = arrivals[0] + WARM_UP
    measured = [one for one in arrivals if began <= one < began + MEASURED - 1]
    worst = max(sum(start <= one < start + 1.0 for one in arrivals) for start in arrivals)
    busy = len(measured) / (MEASURED - 1) / ALLOWED
    print(
        f"{CASES} queued cases, {ALLOWED} requests a second allowed: at most {worst} in any second, "
        f"{busy:.0%} of what is allowed used ({len(ended)} cases erased meanwhile, {len(attention)} need attention)"
    )
    if worst > ALLOWED or busy < LEAST or attention:
        raise SystemExit(f"the limit is {ALLOWED} in any second and at least {LEAST:.0%} used")


if __name__ == "__main__":
    if sys.argv[1:] == ["twin"]:
        serve()
    else:
        main()
