"""What reaches the customer: only true words, only while they make sense, only an address that is theirs."""

from dataclasses import replace

import pytest

from services import asking, closing, extension, holding, oversight, sending, wording
from services.domain.case import State
from services.domain.denials import Why
from services.domain.identity import Identifier, Identity
from services.domain.record import Case, HoldKind
from services.domain.scope import Scope
from services.ports import PostKind
from services.reaching import MessageKind
from services.wording import claims_falsely
from tests.properties.story import approved, do, run, why, write
from tests.properties.test_answering_stories import Mail, answer, ask
from tests.properties.world import ANA, LEA, MAYA, World, make_world


@pytest.fixture
def world() -> World:
    made = make_world()
    policy = replace(made.desk.policy, regimes=("gdpr",))
    made.desk = replace(made.desk, channels=(Mail(),), policy=policy)
    return made


@pytest.fixture
def case(world: World) -> Case:
    opened = write(world, "erase_data please delete my data").case
    assert opened
    return opened


def extend(world: World, case: Case, *, channel: str = "email", reason: str = "many systems") -> object:
    return extension.extend(
        world.desk,
        case_id=case.id,
        version=case.version,
        actor=ANA,
        reason=reason,
        channel=channel,
        address=MAYA.value,
    )


@pytest.mark.parametrize(
    "said",
    [
        "all of it was *fully* removed",
        "FULLY\u00a0REMOVED",
        "ful\u200bly re\u00admoved",
        "fully-removed",
        "\uff46ully removed",  # a wide letter, which reads the same
    ],
)
def test_a_claim_in_other_clothes_is_the_same_claim(world: World, said: str) -> None:
    """Emphasis, hidden characters, hyphens and wide letters change nothing about what the customer reads (rule 5)."""
    assert claims_falsely(world.desk, "closing_partial", said)
    assert not claims_falsely(world.desk, "closing_partial", "we removed the dust, fully aware of it")


def test_no_words_of_an_agents_own_claim_what_was_not_verified(world: World, case: Case) -> None:
    """Question, extension and refusal carry an agent's words too: none may say that everything is gone (rule 5)."""
    claim = "Your data was fully removed"
    asked = asking.ask(
        world.desk, case_id=case.id, version=case.version, actor=ANA, channel="thread", intro=claim
    )
    refused = oversight.refuse(
        world.desk, case_id=case.id, version=case.version, actor=ANA, ground=claim, channel="copied"
    )
    extended = extend(world, case, channel="copied", reason=claim)
    assert {why(asked), why(refused), why(extended)} == {Why.FALSE_CLAIM}
    assert world.cases.get(case.id) == case


def test_an_extension_that_was_not_told_is_none(world: World, case: Case) -> None:
    """The mail, or the thread, took it surely not: the first deadline holds again (GDPR Art. 12(3), rule 12)."""
    asked = ask(world, case)
    extended = extend(world, asked)
    assert isinstance(extended, Case)
    assert extended.answer_due > case.answer_due
    (letter,) = [one for one, _ in world.cases.dispatches.rows.values() if one.kind is MessageKind.EXTENDED]
    sending.could_not(world.desk, letter, reason="SMTP 550")
    now = world.cases.get(case.id)
    assert (now.extension, now.answer_due, now.regime) == (None, case.answer_due, case.regime)
    assert "was not sent" in now.problem

    again = extend(world, now, channel="thread")
    assert isinstance(again, Case), "it can be told another way"
    closing.undeliverable(world.desk, case_id=case.id, kind=PostKind.EXTENSION, code="is_archived")
    now = world.cases.get(case.id)
    assert (now.extension, now.answer_due) == (None, case.answer_due)
    assert now.question == asked.question, "a refused note about time says nothing of the question"


@pytest.mark.parametrize("way", ["refuse", "record_answer", "dismiss"])
def test_a_question_that_is_settled_is_not_mailed_afterwards(world: World, case: Case, way: str) -> None:
    """Refused, answered or dismissed while the mail server was down: the question does not turn up later."""
    asked = ask(world, case)
    ((letter, _status),) = world.cases.dispatches.rows.values()
    assert sending.still_wanted(asked, letter)
    more = {"record_answer": {"scope": Scope.ACCOUNT_ONLY}}.get(way, {})
    assert isinstance(do(world, asked, way, **more), Case)
    assert not sending.still_wanted(world.cases.get(case.id), letter)


def test_what_was_told_in_between_does_not_come_after_the_end(world: World, case: Case) -> None:
    """How it stood is of no use to somebody who is told how it ended."""
    ask(world, case)
    ((letter, _status),) = world.cases.dispatches.rows.values()
    interim = replace(letter, kind=MessageKind.INTERIM)
    assert sending.still_wanted(replace(case, state=State.AWAITING_SYSTEMS), interim)
    assert not sending.still_wanted(replace(case, state=State.NOTIFYING), interim)


def test_asked_by_mail_the_thread_asks_no_more(world: World, case: Case) -> None:
    """A thread that cannot be posted to neither asks beside the mail nor takes the mail's question back."""
    asking.ask(world.desk, case_id=case.id, version=case.version, actor=ANA, channel="thread", intro="Hello")
    mailed = ask(world, world.cases.get(case.id))
    assert (case.id, PostKind.QUESTION) not in world.posts.wanted
    closing.undeliverable(world.desk, case_id=case.id, kind=PostKind.QUESTION, code="is_archived")
    assert world.cases.get(case.id).question == mailed.question
    answer(world, mailed)
    assert world.cases.get(case.id).state is State.SCOPE_CONFIRMED


def test_folding_makes_no_other_address_to_write_to(world: World, case: Case) -> None:
    """ "straße" is not "strasse": what folding would send to another mailbox or domain is not offered (rule 2)."""
    file = world.cases.file(case.id)
    sharp = Identifier(kind="email", value="eva@straße.example", source="on file: shop")
    known = replace(file, identity=Identity(identifiers=(MAYA, sharp)))
    assert asking.addresses_of(known, "email") == (MAYA.value.casefold(),)


def refuse_for_no_data(world: World, case: Case) -> object:
    return oversight.refuse(
        world.desk,
        case_id=case.id,
        version=case.version,
        actor=ANA,
        ground="We looked under your address.",
        channel="email",
        address=MAYA.value,
        legal_ground=oversight.NO_DATA,
    )


def test_that_we_hold_nothing_is_told_only_after_a_run_that_found_nothing(world: World) -> None:
    """Not before a run, and not where one system held something: only a search of every one proves it (rules 4, 5)."""
    case = approved(world)
    assert why(refuse_for_no_data(world, case)) is Why.DATA_FOUND
    for shelf in world.shelves[1:]:
        shelf.holds.clear()
    found_some = run(world, case)
    assert found_some.state is not State.NEEDS_ATTENTION
    assert wording.searched_in_vain(world.desk, found_some) == ()


def test_a_case_that_found_nothing_anywhere_ends_with_just_that(world: World) -> None:
    """The customer reads where we searched, by the same ways as a refusal, and the legal ground stays on record."""
    for shelf in world.shelves:
        shelf.holds.clear()
    case = run(world, approved(world))
    assert case.state is State.NEEDS_ATTENTION
    refused = refuse_for_no_data(world, case)
    assert isinstance(refused, Case)
    assert (refused.state, refused.ended.reason) == (State.REFUSED, "no_data")
    said = world.cases.file(case.id).closing_text
    assert said.startswith("nothing_found")
    assert all(shelf.label in said for shelf in world.shelves)
    kinds = {one.kind for one, status in world.cases.dispatches.rows.values() if status == "wanted"}
    assert kinds == {MessageKind.REFUSED}


@pytest.mark.parametrize("channel", ["", "copied", "thread", "email"])
def test_a_withdrawal_is_confirmed_where_the_agent_wants_that(world: World, case: Case, channel: str) -> None:
    """In the same write as the end of the case, to an address on file only; without a way nobody is written to."""
    asked = ask(world, case)
    world.cases.dispatches.cancel(case.id)
    world.posts.wanted.clear()
    stranger = do(world, asked, "withdraw", channel="email", address="z@example.net")
    assert why(stranger) is Why.NOT_ON_FILE
    ended = do(world, asked, "withdraw", channel=channel, address=MAYA.value)
    assert isinstance(ended, Case)
    assert ended.state is State.WITHDRAWN
    assert world.cases.file(case.id).closing_text.startswith("withdrawn" if channel else "")
    assert bool(world.cases.file(case.id).closing_text) == bool(channel)
    assert ((case.id, PostKind.CLOSING) in world.posts.wanted) == (channel == "thread")
    kinds = [one.kind for one, status in world.cases.dispatches.rows.values() if status == "wanted"]
    assert kinds == ([MessageKind.WITHDRAWN] if channel == "email" else [])
    assert not closing.shred_if_ended(world.desk, ended) or channel in {"", "copied"}, (
        "told before it is shredded"
    )


def test_a_hold_outlives_the_end_of_the_case(world: World, case: Case) -> None:
    """A dispute that is refused: what the customer wrote is not destroyed until an approver lifts the hold."""
    held = holding.place_hold(
        world.desk,
        case_id=case.id,
        version=case.version,
        actor=LEA,
        kind=HoldKind.DISPUTE,
        reason="they contest an invoice",
    )
    assert isinstance(held, Case)
    refused = do(world, held, "refuse", channel="copied")
    assert isinstance(refused, Case)
    oversight.sweep(world.desk)
    kept = world.cases.get(case.id)
    assert not kept.shredded
    assert world.cases.file(case.id).text
    holding.lift_hold(
        world.desk, case_id=case.id, version=kept.version, actor=LEA, reason="settled out of court"
    )
    oversight.sweep(world.desk)
    assert world.cases.get(case.id).shredded
    assert world.cases.file(case.id) is None
