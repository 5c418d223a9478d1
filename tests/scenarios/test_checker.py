"""The checker itself: for every promise that it watches, evidence in which the promise is broken is reported."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.playground.checker import Expectation, broken
from bot.playground.evidence import Evidence, gather, moment
from bot.playground.slack.journal import Call, Delivery
from bot.playground.world import World
from services.activecampaign.twin import Effect
from services.domain.case import State


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("checker") / "world") as started:
        yield started


@pytest.fixture(scope="module")
def seen(world: World) -> tuple[Evidence, Expectation]:
    """Evidence of one case that was detected, and what is to be expected of it."""
    ts = world.slack.say("U_MAYA", "C_SUPPORT", "Please delete my data. maya.okafor@example.com")

    def card() -> bool:
        return any(one.get("text", "").startswith("DD-") for one in world.slack.visible("U_ANA", "C_SUPPORT"))

    assert world.slack.wait_until(card, 20)
    world.slack.settle(10)
    expected = Expectation(message_ts=ts, state=State.DETECTED, personal=("maya.okafor@example.com",))
    return gather(world), expected


def _said(evidence: Evidence, *expected: Expectation) -> str:
    return "\n".join(broken(evidence, expected))


def test_nothing_is_reported_where_every_promise_is_kept(seen: tuple[Evidence, Expectation]) -> None:
    """A case that stands as it must gives no complaint."""
    assert _said(*seen) == ""


def test_a_stranger_s_row_that_changed_is_reported(seen: tuple[Evidence, Expectation]) -> None:
    """A changed, a vanished and a new row, and a vanished contact, are each reported."""
    evidence, expected = seen
    shop = evidence.ended.shop
    first, second, *rest = shop["customers"]
    changed = shop | {"customers": [first | {"city": "elsewhere"}, *rest, second | {"id": 99}]}
    ended = replace(evidence.ended, shop=changed, contacts=evidence.ended.contacts[1:])
    said = _said(replace(evidence, ended=ended), expected)
    for part in (
        "customers row (1,)",
        "customers row (2,)",
        "customers row (99,) appeared",
        "ActiveCampaign contact 2",
    ):
        assert part in said, said


def test_an_effect_without_a_case_is_reported(seen: tuple[Evidence, Expectation]) -> None:
    """A contact that was deleted although no case had begun is reported, and so is a deed done twice."""
    evidence, expected = seen
    effect = Effect(at=evidence.ended.at + timedelta(seconds=1), effect="contact archived", id="2")
    said = _said(replace(evidence, effects=[effect, effect]), expected)
    assert "no case had begun" in said
    assert "happened 2 times" in said


def test_a_second_card_is_reported(seen: tuple[Evidence, Expectation]) -> None:
    """Two posts of kind card for one case are reported."""
    evidence, expected = seen
    card = evidence.posted(evidence.cases[0], "card")
    assert "2 posts of kind card" in _said(replace(evidence, calls=[*evidence.calls, *card]), expected)


@pytest.mark.parametrize(
    "args",
    [
        {"text": "hello <!channel>"},
        {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "<!here>"}}]},
        {
            "text": "x",
            "blocks": '[{"type": "rich_text", "elements": [{"type": "broadcast", "range": "channel"}]}]',
        },
        {"text": "ask <@U_MAYA>"},
    ],
)
def test_a_ping_is_reported(args: dict[str, object], seen: tuple[Evidence, Expectation]) -> None:
    """A post that would ping the channel or the customer is reported, wherever the ping stands."""
    evidence, expected = seen
    call = Call(at=0.0, method="chat.postMessage", args=args, writes=True, answer={"ok": True})
    assert "pings people" in _said(replace(evidence, calls=[*evidence.calls, call]), expected)


def test_what_slack_refused_is_reported(seen: tuple[Evidence, Expectation]) -> None:
    """Invalid blocks are a broken promise even if nobody noticed."""
    evidence, expected = seen
    call = Call(
        at=0.0, method="views.open", args={}, writes=True, answer={"ok": False, "error": "invalid_blocks"}
    )
    assert "refused views.open" in _said(replace(evidence, calls=[*evidence.calls, call]), expected)


def test_late_and_missing_acks_are_reported(seen: tuple[Evidence, Expectation]) -> None:
    """A click without an answer, a lost event and an ack after more than 3 s are each reported."""
    evidence, expected = seen
    late = Delivery(at=0.0, kind="interactive", payload={}, envelope_id="1", acked=True, ack_latency=3.2)
    lost = Delivery(at=0.0, kind="interactive", payload={}, envelope_id="2", problem="timeout")
    event = Delivery(
        at=0.0, kind="events_api", payload={}, envelope_id="3", event_id="Ev1", problem="timeout"
    )
    said = _said(replace(evidence, deliveries=[late, lost, event]), expected)
    for part in ("acknowledged after 3.2 s", "got no answer", "was never acknowledged"):
        assert part in said, said


def test_personal_data_and_a_broken_ledger_are_reported(seen: tuple[Evidence, Expectation]) -> None:
    """An address in the log is reported (without repeating it), and so is every flaw of the ledger."""
    evidence, expected = seen
    leaky = replace(
        evidence, texts={"the app's log": "sent to Maya.Okafor@example.com"}, flaws=("entry 2 was changed",)
    )
    said = _said(leaky, expected)
    assert "personal data of the customer is left in the app's log" in said
    assert "maya" not in said.casefold()
    assert "does not verify: entry 2 was changed" in said


def test_a_customer_who_was_told_too_early_is_reported(
    seen: tuple[Evidence, Expectation], world: World
) -> None:
    """A closing text before verification, with words that no outcome allows, is reported for each fault."""
    evidence, expected = seen
    letter = world.mailbox.post(
        sender="support@fernleaf.example",
        to="maya.okafor@example.com",
        text="Your data has been fully removed.",
    )
    assert moment(letter.at) > evidence.began.at
    to_maya = replace(expected, addresses=("maya.okafor@example.com",))
    said = _said(replace(evidence, letters=[letter]), to_maya)
    for part in (
        "although nothing was verified",
        "before verification was over",
        "the outcomes do not allow it",
    ):
        assert part in said, said


def test_a_case_that_ended_otherwise_is_reported(seen: tuple[Evidence, Expectation]) -> None:
    """Another state, a missing case, and a case that should not be there are reported."""
    evidence, expected = seen
    assert "is in detected, not in completed" in _said(evidence, replace(expected, state=State.COMPLETED))
    assert "no case was opened" in _said(evidence, replace(expected, message_ts="1.0"))
    assert "should open none" in _said(evidence, replace(expected, state=None))
