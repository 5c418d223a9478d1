"""Two agents decide opposite scopes at the same instant, again and again, through the real app's own forms."""

import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from slack_bolt import BoltRequest

from bot.playground.slack.sample import ANA, BEN, SUPPORT, TEAM
from bot.playground.world import World
from bot.settings import EnvironmentSecrets, load
from bot.wiring import Runtime, build
from handlers import ids
from services.asking import ask
from services.domain.people import Actor
from services.domain.record import Case
from services.domain.scope import Scope
from services.intake import Incoming, take_in

ROUNDS = 500 * int(os.environ.get("LOAD", "1"))
SCOPES = (Scope.ALL_PERSONAL_DATA, Scope.ACCOUNT_ONLY)


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    """The app as production builds it, on the playground's look-alikes, in this process instead of a child's."""
    world = World(tmp_path / "world")
    world._running = True  # so that `stop` ends everything, though no child process is started
    world.mail.start()
    world._prepare()
    try:
        world.activecampaign.start()
        world.slack.start()
        runtime = build(load(world.files.env), EnvironmentSecrets(world.files.env))
        try:
            yield runtime
        finally:
            runtime.stop()
    finally:
        world.stop()


def asked_case(runtime: Runtime) -> Case:
    """Return a case whose customer was asked."""
    desk = runtime.desk
    at = desk.clock.now() - timedelta(hours=1)
    ts = f"{at.timestamp():.6f}"
    incoming = Incoming(team_id=TEAM, channel=SUPPORT, ts=ts, text="delete my data", at=at, author="U_MAYA")
    case = take_in(desk, incoming).case
    assert case is not None
    ana = Actor(team_id=TEAM, user_id=ANA)
    asked = ask(desk, case_id=case.id, version=case.version, actor=ana, channel="copied", intro="Hello")
    assert isinstance(asked, Case)
    return asked


def submission(case: Case, user: str, scope: Scope) -> str:
    """Return what Slack sends when somebody submits the form “Record the answer” that was drawn for this version."""
    chosen = {
        ids.SCOPE: {"type": "radio_buttons", "selected_option": {"value": scope}},
        ids.WORDS: {"type": "plain_text_input", "value": f"the customer said: {scope}"},
        ids.PROOF: {"type": "radio_buttons", "selected_option": {"value": "signed_in"}},
        ids.CHANNEL: {"type": "static_select", "selected_option": {"value": "email"}},
    }
    return json.dumps(
        {
            "type": "view_submission",
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "view": {
                "id": "V1",
                "hash": "1.a",
                "type": "modal",
                "callback_id": ids.RECORD_FORM,
                "private_metadata": json.dumps({"case": case.id, "version": case.version}),
                "state": {"values": {block: {ids.VALUE: state} for block, state in chosen.items()}},
            },
        }
    )


@pytest.mark.load
def test_one_of_two_opposite_answers_wins_and_the_other_is_told_who(runtime: Runtime) -> None:
    """In every round exactly one of two simultaneous opposite answers counts; the other agent reads who was first, and
    nothing of what they typed is used. The ledger holds one entry a round, and verifies.
    """
    case, wins = asked_case(runtime), Counter[str]()
    start = threading.Barrier(2)

    def submit(user: str, scope: Scope) -> str:
        body = submission(case, user, scope)
        start.wait()
        answer = runtime.app.dispatch(BoltRequest(mode="socket_mode", body=body))
        assert answer.status == 200, answer.body
        return answer.body or ""

    with ThreadPoolExecutor(2, "agent") as agents:
        for number in range(ROUNDS):
            sides = SCOPES if number % 2 else SCOPES[::-1]
            ana, ben = agents.submit(submit, ANA, sides[0]), agents.submit(submit, BEN, sides[1])
            said = {ANA: ana.result(), BEN: ben.result()}
            winners = [user for user, answer in said.items() if answer == ""]
            assert len(winners) == 1, f"round {number}: {said}"
            (winner,) = winners
            loser = BEN if winner == ANA else ANA
            assert f"<@{winner}> recorded the answer" in said[loser], said[loser]
            now = runtime.desk.cases.get(case.id)
            assert now is not None
            assert now.version == case.version + 1
            assert now.answer is not None
            assert (now.answer.by, now.answer.scope) == (winner, sides[0] if winner == ANA else sides[1])
            wins[winner] += 1
            case = now
    assert sum(wins.values()) == ROUNDS
    entries = [one.entry for one in runtime.desk.cases.ledger(case.id)]
    assert [one.action for one in entries].count("record_answer") == ROUNDS
    assert runtime.desk.cases.ledger_flaws() == ()
