"""Intents to write to customers, on both databases, and the sender that carries them out at most once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.sender import MOST_ATTEMPTS, Sender
from services import asking, sending
from services.customer.links import Links
from services.customer.texts import TemplateTexts
from services.domain.case import State
from services.domain.identity import Candidate, Identifier
from services.domain.record import Case
from services.reaching import Delivery, MessageKind, Parcel, Reached
from services.storage import Status, Store
from tests.properties.fakes import HandClock
from tests.properties.world import ANA, Shelf, make_world

MAYA = "maya@example.org"


class Way:
    """A channel that does as told and counts."""

    name, label, carries_link = "email", "E-mail", True

    def __init__(self) -> None:
        self.reached = Reached.SENT
        self.parcels: list[Parcel] = []
        self.dies = False

    def recipient(self, typed: str) -> str:
        return typed

    def ask(self, parcel: Parcel) -> Delivery:
        self.parcels.append(parcel)
        if self.dies:
            raise KeyboardInterrupt  # what a process feels of being killed
        return Delivery(reached=self.reached, evidence="SMTP 250", reason="SMTP 451")

    remind = tell = ask


class OnFile(Shelf):
    """A system that has Maya's address on file."""

    def find(self, identifiers: tuple[Identifier, ...]) -> tuple[Candidate, ...]:
        return (Candidate(system=self.name, key="1", reason="", shown="m•••", identifiers=identifiers),)


class Bench:
    """A desk on a real store, one channel, and the sender."""

    def __init__(self, store: Store, scenes: Any) -> None:
        self.store, self.way, self.clock = store, Way(), HandClock(at=scenes.now)
        self.desk = replace(
            make_world().desk,
            clock=self.clock,
            cases=store.cases,
            vault=store.vault,
            switch=store.switch,
            posts=store.posts,
            dispatches=store.dispatches,
            texts=TemplateTexts(),
            systems=(OnFile(name="shop", order=30),),
            channels=(self.way,),
        )
        self.sender = self.fresh_sender()
        case = scenes.opened(store)
        asked = asking.ask(
            self.desk,
            case_id=case.id,
            version=case.version,
            actor=ANA,
            channel="email",
            intro="Hello",
            address=MAYA,
        )
        assert isinstance(asked, Case)
        self.case_id = case.id

    def fresh_sender(self) -> Sender:
        """The sender as a new process has it."""
        links = Links(key=b"k" * 32, public_url="https://privacy.example")
        return Sender(self.desk, self.store.dispatches, TemplateTexts(), links)

    @property
    def case(self) -> Case:
        found = self.store.cases.get(self.case_id)
        assert found
        return found


@pytest.fixture
def bench(store: Store, scenes: Any) -> Bench:
    return Bench(store, scenes)


def test_sent_once_with_its_link(bench: Bench) -> None:
    """The intent is carried out once; the mail holds the link, and the store holds neither link nor text nor address."""
    assert bench.sender.send_due() == 1
    assert bench.sender.send_due() == 0
    (parcel,) = bench.way.parcels
    assert parcel.to == MAYA
    assert "https://privacy.example/c/" in parcel.text
    assert asking.LINK_PLACE not in parcel.text
    assert parcel.key == bench.case.question.id
    sent = [one.entry for one in bench.store.cases.ledger(bench.case_id) if one.entry.action == "sent"]
    assert len(sent) == 1
    assert MAYA not in repr(sent)
    assert bench.case.state is State.AWAITING_CUSTOMER


def test_killed_while_sending_is_never_sent_again_by_itself(bench: Bench) -> None:
    """The process dies between intent and record: the next one asks a person instead of sending (design rule 6)."""
    bench.way.dies = True
    with pytest.raises(KeyboardInterrupt):
        bench.sender.send_due()
    bench.way.dies = False
    after = bench.fresh_sender()
    after.recover(bench.clock.now() + timedelta(seconds=1))
    for _ in range(3):
        assert after.send_due() == 0
    assert len(bench.way.parcels) == 1
    assert bench.case.uncertain == "ask"
    said = sending.attest(
        bench.desk, case_id=bench.case_id, version=bench.case.version, actor=ANA, arrived=False
    )
    assert isinstance(said, Case)
    assert after.send_due() == 1, "a person's word sends it once more, with a link of its own"
    assert len({one.text for one in bench.way.parcels}) == 2


def test_killed_before_the_case_knows_makes_it_good(bench: Bench) -> None:
    """The channel's answer is on record, the case does not know yet: the next turn tells it, once."""
    (one,) = bench.store.dispatches.due(bench.clock.now())
    assert bench.store.dispatches.mark_intent(one, bench.clock.now())
    bench.store.dispatches.end(one, Status.UNCERTAIN)
    bench.fresh_sender().send_due()
    assert bench.case.uncertain == "ask"
    assert bench.store.dispatches.unnoted() == ()


def test_two_senders_send_one_mail(bench: Bench) -> None:
    """Whoever marks the intent first sends; the other finds it taken."""
    (one,) = bench.store.dispatches.due(bench.clock.now())
    assert bench.store.dispatches.mark_intent(one, bench.clock.now())
    assert not bench.store.dispatches.mark_intent(one, bench.clock.now())
    assert bench.sender.send_due() == 0


def test_what_surely_was_not_sent_is_tried_again_and_then_said(bench: Bench) -> None:
    """A server that is down for long is told to a person instead of being asked for ever."""
    bench.way.reached = Reached.LATER
    for _ in range(MOST_ATTEMPTS + 2):
        bench.sender.send_due()
        bench.clock.forward(timedelta(hours=2))
    assert len(bench.way.parcels) == MOST_ATTEMPTS
    assert bench.case.question is None
    assert "was not sent" in bench.case.problem


def test_a_question_overtaken_by_another_is_not_sent(bench: Bench) -> None:
    """Asked another way before the mail went out: only one question reaches the customer."""
    asking.ask(
        bench.desk,
        case_id=bench.case_id,
        version=bench.case.version,
        actor=ANA,
        channel="copied",
        intro="Hello",
    )
    assert bench.sender.send_due() == 0
    assert bench.way.parcels == []
    assert not bench.store.dispatches.unsent(bench.case_id)


def test_a_message_that_is_begun_keeps_the_file(bench: Bench) -> None:
    """While it is not known whether the customer was told, nothing is shredded; a person's word lets it go."""
    assert bench.store.dispatches.unsent(bench.case_id)
    bench.sender.send_due()
    assert not bench.store.dispatches.unsent(bench.case_id)


def test_one_faulty_message_holds_up_no_other(bench: Bench, mocker: Any) -> None:
    """A bug with one message is reported by its type and waits by itself."""
    mocker.patch.object(bench.sender, "_parcel", side_effect=TypeError("maya@example.org"))
    assert bench.sender.send_due() == 0
    assert bench.store.dispatches.due(bench.clock.now()) == ()
    mocker.stopall()
    bench.clock.forward(timedelta(minutes=5))
    assert bench.sender.send_due() == 1


def test_the_wish_is_written_with_the_decision_or_not_at_all(bench: Bench) -> None:
    """A decision that lost its race leaves no intent behind."""
    stale = bench.case.version - 1
    lost = asking.ask(
        bench.desk,
        case_id=bench.case_id,
        version=stale,
        actor=ANA,
        channel="email",
        intro="Hello",
        address=MAYA,
    )
    assert not isinstance(lost, Case)
    assert len(bench.store.dispatches.due(bench.clock.now())) == 1


@pytest.mark.parametrize("kind", list(MessageKind))
def test_every_kind_has_a_text_and_a_time(bench: Bench, kind: MessageKind) -> None:
    """No kind of message is without a word for the card, and none outlives its sense."""
    dispatch = replace(bench.store.dispatches.due(bench.clock.now())[0], kind=kind)
    file = bench.store.cases.file(bench.case_id)
    assert file
    assert isinstance(sending.text_of(file, kind), str)
    assert sending.still_wanted(bench.case, dispatch) in {True, False}
    noted = sending.could_not(bench.desk, dispatch, reason="the mail server refused it (SMTP 550)")
    assert isinstance(noted, Case)
    assert "was not sent" in noted.problem


def test_what_was_overtaken_while_under_way_is_not_taken_up_again(bench: Bench) -> None:
    """The server said "later" to a message that the agent had sent anew meanwhile: the customer gets one (rule 6)."""
    dispatches = bench.store.dispatches
    (first,) = dispatches.due(bench.clock.now())
    assert dispatches.mark_intent(first, bench.clock.now())
    bench.clock.forward(timedelta(seconds=5))
    asked = asking.ask(
        bench.desk,
        case_id=bench.case_id,
        version=bench.case.version,
        actor=ANA,
        channel="email",
        intro="Hello again",
        address=MAYA,
    )
    assert isinstance(asked, Case)
    dispatches.postpone(first, bench.clock.now())
    assert [one.id for one in dispatches.due(bench.clock.now())] == [asked.question.id]
    assert dispatches.unnoted() == ()
