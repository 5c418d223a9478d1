"""The middleware before the ack: which events are ours, and what becomes of the others."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from slack_bolt import BoltResponse

from bot.slack import Intake, receiving_team
from tests.properties.world import make_world

OURS, THEIRS = "T-HOME", "T-ELSEWHERE"


@dataclass
class Kept:
    """An inbox and an engine that only remember."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def put(self, **row: Any) -> None:
        self.rows.append(row)

    def enqueue_intake(self, event_id: str) -> None:
        assert event_id


def body(**changes: Any) -> dict[str, Any]:
    event = {"type": "message", "channel": "C1", "ts": "100.1", "user": "U_MAYA", "text": "delete my data"}
    return {"type": "event_callback", "event_id": "Ev1", "team_id": OURS, "event": event} | changes


def taken(event: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the middleware wrote; it always acknowledges."""
    world, kept = make_world(), Kept()
    intake = Intake(
        desk=world.desk,
        inbox=kept,  # type: ignore[arg-type]  # the two calls that matter
        engine=kept,  # type: ignore[arg-type]  # as above
        clock=world.clock,
        might_be_request=lambda _: True,
        bot_user_id="UBOT",
        bot_id="BBOT",
        team_id=OURS,
    )
    answer = intake(event, lambda: BoltResponse(status=200))
    assert answer.status == 200, "Slack would deliver it again and again"
    return kept.rows


@pytest.mark.parametrize(
    "changes",
    [
        {"team_id": THEIRS},
        {"team_id": ""},
        {"team_id": OURS, "context_team_id": THEIRS},
        {"team_id": OURS, "authorizations": [{"team_id": THEIRS}]},
        {"team_id": THEIRS, "authorizations": "odd"},
    ],
)
def test_an_event_for_another_team_is_refused(changes: dict[str, Any]) -> None:
    """One installation serves one company: what came through another team's installation is acked and forgotten."""
    assert taken(body(**changes)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"context_team_id": OURS, "team_id": THEIRS},
        {"authorizations": [{"team_id": OURS}], "team_id": THEIRS},
    ],
)
def test_a_request_in_a_channel_that_another_company_hosts_is_ours(changes: dict[str, Any]) -> None:
    """In a shared channel `team_id` may be the host's: the request still opens a case of ours, under our team."""
    (row,) = taken(body(**changes))
    assert row["team"] == OURS
    assert receiving_team(body(**changes)) == OURS
