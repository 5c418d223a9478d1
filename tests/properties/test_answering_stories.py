"""The customer's own answer: it counts once, on the question that was asked, and never widens anything by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services import answering, asking, closing, interim, oversight, sending
from services.domain.case import State
from services.domain.denials import Denied, Why
from services.domain.people import DESK, Actor
from services.domain.record import Case
from services.domain.scope import Scope
from services.ports import PostKind
from services.reaching import Delivery, MessageKind, Parcel, Reached
from tests.properties.story import approved, do, run, why, write
from tests.properties.world import ANA, MAYA, MAYA_TOO, Mood, World, make_world

EVERYTHING, ACCOUNT = Scope.ALL_PERSONAL_DATA, Scope.ACCOUNT_ONLY


class Mail:
    """A channel that takes everything."""

    name, label, carries_link = "email", "E-mail", True

    def recipient(self, typed: str) -> str:
        return typed.strip().casefold()

    def ask(self, parcel: Parcel) -> Delivery:
        return Delivery(reached=Reached.SENT, evidence=parcel.key)

    remind = tell = ask


@pytest.fixture
def world() -> World:
    made = make_world()
    made.desk = replace(made.desk, channels=(Mail(),))
    return made


@pytest.fixture
def case(world: World) -> Case:
    """A case that was asked by e-mail at an address on file."""
    opened = write(world, "erase_data please delete my data").case
    asked = ask(world, opened)
    assert isinstance(asked, Case)
    return asked


def ask(world: World, case: Case, *, address: str = MAYA.value, channel: str = "email") -> Case | Denied:
    return asking.ask(
        world.desk,
        case_id=case.id,
        version=case.version,
        actor=ANA,
        channel=channel,
        intro="Hello",
        address=address,
    )


def answer(world: World, case: Case, scope: Scope | None = EVERYTHING, *, question: str = "") -> object:
    return answering.answer(
        world.desk,
        case_id=case.id,
        question_id=question or case.question.id,
        scope=scope,
        words="Erase everything",
        channel=answering.LINK,
    )


def test_the_answer_is_recorded_with_its_proof(world: World, case: Case) -> None:
    """By the desk, at the customer's click, with the words and the address whose control it shows (design rule 2)."""
    given = answer(world, case)
    assert isinstance(given, answering.Given)
    recorded = world.cases.get(case.id)
    assert (recorded.state, recorded.scope) == (State.SCOPE_CONFIRMED, EVERYTHING)
    assert (recorded.answer.by, recorded.answer.proof) == (DESK.user_id, "confirmation_link")
    assert recorded.answer.address == world.desk.vault.mac(MAYA.canonical)
    assert MAYA.value not in repr(recorded), "the address is in the sealed file alone"


def test_it_counts_once(world: World, case: Case) -> None:
    """The same link used again, for the same or another choice, changes nothing and is told so."""
    answer(world, case, ACCOUNT)
    before = world.cases.get(case.id)
    for scope in (EVERYTHING, ACCOUNT, None):
        assert why(answer(world, case, scope)) is Why.ANSWERED
    assert world.cases.get(case.id) == before


def test_an_answer_never_replaces_one_on_record(world: World, case: Case) -> None:
    """An agent recorded "only the account"; the link then says "everything": that holds the case, it widens nothing."""
    do(world, case, "record_answer", scope=ACCOUNT)
    given = answer(world, case, EVERYTHING)
    now = world.cases.get(case.id)
    assert given.joined
    assert now.scope is ACCOUNT
    assert now.paused_at is not None, "nothing goes on until an agent has read it (rule 11)"
    assert "Erase everything" in world.cases.file(case.id).replies[-1].text
    assert why(answer(world, case, EVERYTHING)) is Why.ANSWERED


def test_neither_ends_the_case_and_deletes_nothing(world: World, case: Case) -> None:
    """ "This was not me" is an answer of its own weight."""
    answer(world, case, None)
    now = world.cases.get(case.id)
    assert now.state is State.WITHDRAWN
    assert not now.started
    assert world.effects == []


def test_only_the_newest_question_and_only_in_time(world: World, case: Case) -> None:
    """An older link, a made-up one and one past its last day decide nothing."""
    again = ask(world, case)
    assert why(answer(world, again, question=case.question.id)) is Why.REPLACED
    assert why(answer(world, again, question="0" * 24)) is Why.REPLACED
    world.clock.forward(timedelta(days=40))
    assert why(answer(world, again)) is Why.TOO_LATE
    assert world.cases.get(case.id).state is State.AWAITING_CUSTOMER


def test_the_last_day_is_the_one_the_customer_was_told(world: World, case: Case) -> None:
    """Until the end of that day, wherever on earth the customer is."""
    last, until = case.question.last_day, case.question.until
    assert until.date() == last + timedelta(days=1), "it ends when the day has ended in UTC-12"
    assert case.question.until - world.clock.now() <= world.desk.policy.link_life + timedelta(days=2)


def test_only_an_address_on_file_is_asked(world: World) -> None:
    """No system knows the address: nothing is sent, and nothing is recorded as asked."""
    case = write(world, "erase_data please delete my data").case
    assert why(ask(world, case, address="stranger@example.net")) is Why.NOT_ON_FILE
    assert world.cases.get(case.id).question is None
    assert not world.cases.dispatches.rows


def test_a_system_that_cannot_be_asked_leaves_it_open(world: World) -> None:
    """Whether the address is on file is not known: that is no yes."""
    case = write(world, "erase_data please delete my data").case
    for shelf in world.shelves:
        shelf.mood = Mood.DOWN
    assert why(ask(world, case)) is Why.NOT_SEARCHED


def test_the_identity_includes_the_confirmed_address(world: World, case: Case) -> None:
    """Who controls one address has confirmed for that address; another person's records cannot ride on it."""
    answer(world, case)
    do(world, world.cases.get(case.id), "search", addresses=(MAYA_TOO,))
    assert why(do(world, world.cases.get(case.id), "choose_identity")) is Why.OTHER_ADDRESS
    do(world, world.cases.get(case.id), "search", addresses=(MAYA, MAYA_TOO))
    chosen = do(world, world.cases.get(case.id), "choose_identity")
    assert isinstance(chosen, Case)


def test_buttons_belong_to_whoever_was_asked(world: World) -> None:
    """A colleague's, a stranger's and an approver's press is refused and recorded; the customer's counts."""
    case = write(world, "erase_data please delete my data").case
    file = world.cases.files[case.id]
    world.cases.files[case.id] = replace(file, customer_user="UMAYA", customer_team="T-HOME")
    asked = ask(world, case, channel="thread", address="")

    def press(who: Actor) -> object:
        return answering.click(
            world.desk,
            case_id=case.id,
            question_id=asked.question.id,
            who=who,
            scope=ACCOUNT,
            words="Close the account only",
        )

    for other in (
        ANA,
        Actor(team_id="T-HOME", user_id="UZED"),
        Actor(team_id="T-ELSEWHERE", user_id="UMAYA"),
    ):
        assert why(press(other)) is Why.NOT_THE_CUSTOMER
    assert world.cases.get(case.id).answer is None
    refused = [one.entry for one in world.cases.ledger(case.id) if one.entry.action == "refused_click"]
    assert len(refused) == 3
    assert isinstance(press(Actor(team_id="T-HOME", user_id="UMAYA")), answering.Given)
    assert world.cases.get(case.id).answer.proof == "customer_button"


def test_a_second_person_still_approves(world: World, case: Case) -> None:
    """The customer's click replaces the recording of the answer, not the plan, the decision and the approval."""
    answer(world, case)
    for name in ("search", "choose_identity", "make_plan", "send_for_approval"):
        do(world, world.cases.get(case.id), name)
    now = world.cases.get(case.id)
    assert now.state is State.AWAITING_APPROVAL
    assert why(do(world, now, "approve", ANA)) in {Why.SAME_PERSON, Why.NOT_AN_APPROVER}
    assert not now.approvals


def test_reminding_goes_the_way_that_was_asked(world: World, case: Case) -> None:
    """By e-mail again with the same link, by the desk alone; after a question sent by hand only an agent can."""
    reminded = asking.remind(world.desk, case_id=case.id, version=case.version)
    assert reminded.reminded_at == world.clock.now()
    assert reminded.question == case.question
    kinds = [one.kind for one, status in world.cases.dispatches.rows.values() if status == "wanted"]
    assert kinds == [MessageKind.ASK, MessageKind.REMIND]
    assert why(asking.remind(world.desk, case_id=case.id, version=case.version)) is Why.FASTER


def test_the_desk_reminds_a_silent_customer_once_if_it_was_told_to(world: World, case: Case) -> None:
    """After the operator's time, by the way that was asked, once; never where the operator did not say so."""
    world.clock.forward(timedelta(days=6))
    oversight.sweep(world.desk)
    assert world.cases.get(case.id).reminded_at is None
    world.desk = replace(world.desk, policy=replace(world.desk.policy, remind_after=timedelta(days=5)))
    for _ in range(3):
        oversight.sweep(world.desk)
    kinds = [one.kind for one, _ in world.cases.dispatches.rows.values()]
    assert kinds == [MessageKind.ASK, MessageKind.REMIND]
    assert world.cases.get(case.id).state is State.AWAITING_CUSTOMER, "silence is never an answer"


def test_nobody_is_reminded_of_a_link_that_has_ended(world: World, case: Case) -> None:
    """A reminder whose link no longer counts would only annoy: the question has to be asked again."""
    world.clock.forward(timedelta(days=40))
    assert why(asking.remind(world.desk, case_id=case.id)) is Why.TOO_LATE


def test_by_hand_only_an_agent_reminds(world: World) -> None:
    """The desk cannot repeat what a person sent; the person says that they did."""
    case = write(world, "erase_data please delete my data").case
    asked = ask(world, case, channel="copied", address="")
    assert why(asking.remind(world.desk, case_id=case.id)) is Why.NO_SUCH_CHANNEL
    reminded = asking.remind(world.desk, case_id=case.id, version=asked.version, actor=ANA)
    assert reminded.reminded_at is not None
    assert (case.id, PostKind.REMINDER) not in world.posts.wanted


def test_an_uncertain_question_waits_for_a_persons_word(world: World, case: Case) -> None:
    """Nobody knows whether it went out: no reminder, no second mail, until somebody says so; the card says why."""
    ((dispatch, _status),) = world.cases.dispatches.rows.values()
    world.cases.dispatches.rows[dispatch.id] = (dispatch, "uncertain")
    now = sending.is_uncertain(world.desk, dispatch)
    assert now.uncertain == "ask"
    assert "not certain" in now.problem
    assert why(asking.remind(world.desk, case_id=case.id)) is Why.UNCERTAIN
    again = sending.attest(world.desk, case_id=case.id, version=now.version, actor=ANA, arrived=False)
    assert again.uncertain == ""
    wanted = [one for one, status in world.cases.dispatches.rows.values() if status == "wanted"]
    assert [one.id for one in wanted] == [again.question.id], "a new intent with a link of its own"
    assert why(answer(world, again, question=case.question.id)) is Why.REPLACED


def test_using_the_link_shows_that_the_mail_arrived(world: World, case: Case) -> None:
    """An uncertain question is certain once the customer has answered it."""
    ((dispatch, _status),) = world.cases.dispatches.rows.values()
    sending.is_uncertain(world.desk, dispatch)
    answer(world, case)
    now = world.cases.get(case.id)
    assert (now.uncertain, now.problem) == ("", "")


def test_a_question_that_could_not_be_sent_was_never_asked(world: World, case: Case) -> None:
    """The server refused it for good: no answer may count after it (design rule 2)."""
    ((dispatch, _status),) = world.cases.dispatches.rows.values()
    sending.could_not(world.desk, dispatch, reason="the mail server refused it (SMTP 550)")
    assert world.cases.get(case.id).question is None
    assert why(do(world, world.cases.get(case.id), "record_answer", scope=EVERYTHING)) is Why.ASK_FIRST


def test_a_greeting_cannot_claim_what_was_not_verified(world: World) -> None:
    """The agent's own words may not say "fully removed" where the outcomes do not (design rule 5)."""
    case = run(world, approved(world, ACCOUNT))
    assert case.state is State.NOTIFYING
    denied = closing.attest_sent(
        world.desk, case_id=case.id, version=case.version, actor=ANA, intro="All of it was FULLY  removed."
    )
    assert why(denied) is Why.FALSE_CLAIM
    assert world.cases.get(case.id).told is None


def test_in_between_the_customer_is_told_only_what_was_verified(world: World) -> None:
    """While a system is waited for: what is gone and what follows, by the way chosen; the case is not completed by it."""
    world.shelves[2].mood = Mood.SLOW
    case = run(world, approved(world))
    assert case.state is State.AWAITING_SYSTEMS
    told = interim.tell(
        world.desk, case_id=case.id, version=case.version, actor=ANA, channel="email", address=MAYA.value
    )
    assert isinstance(told, Case)
    assert (told.state, told.told) == (State.AWAITING_SYSTEMS, None)
    text = dict(world.cases.file(case.id).letters)[MessageKind.INTERIM]
    assert text.startswith("interim")
    kinds = {one.kind for one, status in world.cases.dispatches.rows.values() if status == "wanted"}
    assert kinds == {MessageKind.INTERIM}
    stranger = interim.tell(
        world.desk, case_id=case.id, version=told.version, actor=ANA, channel="email", address="z@example.net"
    )
    assert why(stranger) is Why.NOT_ON_FILE
