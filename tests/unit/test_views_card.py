"""What the case card promises: nothing personal on it, nobody steered, the next step named."""

import json
from dataclasses import replace

import pytest
from slack_sdk.models.blocks import PlanBlock

from handlers import ids
from handlers.reading import addresses_in
from handlers.views.card import render_card, render_full_card
from handlers.views.ending import attest_view
from handlers.views.identifying import search_view
from handlers.views.next_step import next_step
from handlers.views.phrase import masked_phrase
from handlers.views.planning import approve_view
from handlers.views.wording import outcome_words
from services.domain.case import State
from services.domain.identity import Identifier
from services.domain.outcome import AFTERWARDS, Outcome, OutcomeKind
from services.domain.recheck import READER
from services.domain.record import CaseFile, Told
from services.domain.scope import Intent, Reading, Scope
from tests.unit.test_views_samples import NOW, TEXT, a_case, a_file, a_plan, all_cards, all_views, facts

PERSONAL = ("Maya", "Okafor", "maya@example.com", "Yes, all of it", 'how-to"', "wrote from")


def drawn(state: State, **changes) -> str:
    return json.dumps(render_card(a_case(state), facts(a_file(), **changes)).blocks, ensure_ascii=False)


def buttons_of(message) -> dict[str, dict]:
    return {
        one["action_id"]: one
        for block in message.blocks
        if block["type"] == "actions"
        for one in block["elements"]
    }


def test_no_card_shows_the_customers_words_or_name():
    """A shared channel may have outsiders in it: the card says nothing personal (design rule 9)."""
    for card in all_cards(a_file()):
        said = card.text + json.dumps(card.blocks, ensure_ascii=False)
        assert not [word for word in PERSONAL if word in said], "personal data on the card"


def test_a_case_that_a_recheck_opened_says_so():
    """Nobody asked for it: the card says what is back, after which case, and that nothing is erased by itself."""
    found = Reading(intent=Intent.NONE, confidence=1.0, reader=READER)
    case = a_case(
        State.DETECTED, reading=found, problem="ActiveCampaign: 1 record under the customer's addresses"
    )
    card = render_card(case, facts(a_file(), linked="DD-1001"))
    said = card.text + json.dumps(card.blocks, ensure_ascii=False)
    assert "Data is back" in said
    assert "after DD-1001 was completed: ActiveCampaign: 1 record" in said
    assert "Nothing is erased by itself" in said
    assert "Reads as" not in said


def test_the_addresses_of_a_recheck_stand_in_the_form_and_are_not_proven_by_that():
    """The agent need not look them up, but whoever searches by them says how control was shown (design rule 2)."""
    found = Reading(intent=Intent.NONE, confidence=1.0, reader=READER)
    file = CaseFile(text="Nobody wrote this.", searched=(Identifier(kind="email", value="back@example.com"),))
    drawn = json.dumps(search_view(a_case(State.DETECTED, reading=found), file))
    assert "back@example.com" in drawn
    refused = addresses_in("back@example.com", control="wrote to us", file=file)
    assert "the customer did not write this address" in str(refused)


def test_the_deciding_phrase_keeps_only_its_generic_words():
    """The agent sees what decided; a bystander sees no name and no address."""
    assert masked_phrase(TEXT, 7, 21) == "d••••• my data"
    assert masked_phrase(TEXT, 0, 52) == "please d••••• my data M••••• O••••• m••••• e•••••"
    assert masked_phrase("<!channel> 4711", 0, 15) == "c••••• •••••"


def test_neither_scope_is_styled_and_no_button_of_the_card_is_red():
    """Nothing on a card steers towards a scope or looks like the deletion itself (design rule 12)."""
    for card in all_cards(a_file()):
        for one in buttons_of(card).values():
            assert "style" not in one, f"{one['action_id']} is styled"


def test_no_choice_is_made_in_advance_in_any_form():
    """Silence and haste must not choose a scope, an identity or a way of telling (design rule 12)."""
    for view in all_views(a_file()):
        text = json.dumps(view)
        assert "initial_option" not in text, view["title"]["text"]


def test_buttons_carry_case_and_version_only():
    """A value that could be forged or read must hold nothing but ids (design section 5)."""
    for card in all_cards(a_file()):
        for one in buttons_of(card).values():
            values = [option["value"] for option in one["options"]] if "options" in one else [one["value"]]
            assert all(value.partition("|")[2] in {"", "c0ffee:7"} for value in values)
            assert all(value.split("|")[-1] == "c0ffee:7" for value in values)


@pytest.mark.parametrize("state", [State.COMPLETED, State.WITHDRAWN, State.REFUSED])
def test_an_ended_case_leaves_one_line_without_buttons(state):
    """The desk redacts its own messages on closing (design rule 9)."""
    card = render_card(a_case(state, shredded=True), facts(None))
    assert len(card.blocks) == 1
    assert not buttons_of(card)


def test_a_dismissal_can_be_undone_only_while_the_window_is_open():
    """The undo button goes when undoing would be refused."""
    case = a_case(State.DISMISSED)
    assert list(buttons_of(render_card(case, facts(a_file())))) == [ids.UNDO]
    assert "Undo until" in json.dumps(render_card(case, facts(a_file())).blocks)
    assert not buttons_of(render_card(case, facts(a_file(), undo_until=NOW)))
    assert not buttons_of(render_card(replace(case, shredded=True), facts(None)))


def test_the_approver_sees_reply_proof_and_every_warning():
    """An approver is shown the customer's reply, the proof, who it is and all warnings, not just an id to retype (rule 2)."""
    warning = "3 people share this address"
    plan = a_plan()
    part = replace(plan.systems[0], warnings=(warning,))
    plan = replace(plan, systems=(part, *plan.systems[1:]))
    case = a_case(State.AWAITING_APPROVAL, plan=plan)
    file = replace(a_file(), answer_words="yes, all of it", answer_proof="called back on the number on file")
    assert file.identity is not None
    shown = json.dumps(approve_view(case, file, plan, labels={}), ensure_ascii=False)
    for part_shown in (
        "yes, all of it",
        "called back on the number on file",
        warning,
        "Who it is",
        TEXT[:20],
    ):
        assert part_shown in shown, f"the approval form leaves out: {part_shown}"
    for one in file.candidates:
        for said in one.warnings:
            assert said in shown


def test_observe_mode_says_so_and_offers_no_approval():
    """In observe mode nobody is led to believe that something will be deleted."""
    for state in (State.PLANNED, State.AWAITING_APPROVAL):
        card = render_card(a_case(state), facts(a_file(), observe=True))
        assert "Observe mode" in json.dumps(card.blocks)
        assert ids.APPROVE not in buttons_of(card)


def test_an_unread_message_of_the_customers_stands_before_everything_else():
    """A paused case offers reading it, and no step forward (design rule 11)."""
    card = render_card(a_case(State.AWAITING_APPROVAL, paused_at=NOW), facts(a_file()))
    assert "Paused" in json.dumps(card.blocks)
    assert ids.MARK_READ in buttons_of(card)
    assert ids.APPROVE not in buttons_of(card)


def test_the_card_names_who_can_approve_and_who_cannot():
    """Nobody has to find out by a refused click that somebody else is needed (design rule 2)."""
    said = drawn(State.AWAITING_APPROVAL)
    assert "one approval by <@ULEA> and <@UTOM>" in said
    assert "<@UANA> cannot approve" in said
    stuck = render_card(
        a_case(State.AWAITING_APPROVAL, recorders=frozenset({"ULEA", "UTOM"})), facts(a_file())
    )
    assert "nobody on the approver list" in json.dumps(stuck.blocks)


def test_a_run_shows_one_line_a_system_in_words():
    """Progress is readable without colour or pictures, and claims nothing that was not read."""
    case = a_case(State.DELETING)
    said = drawn(State.DELETING, is_plain=True)
    assert "Account: ✓ verified gone (1 record)" in said
    assert "ActiveCampaign: working…" in said
    assert "Shop database: waiting" in said
    failed = Outcome(system="activecampaign", kind=OutcomeKind.FAILED, at=NOW, reason="not an admin's key")
    shown = render_card(
        replace(case, state=State.NEEDS_ATTENTION, outcomes=(failed,)), facts(a_file(), is_plain=True)
    )
    assert "failed: not an admin's key" in json.dumps(shown.blocks)


def test_a_run_is_slacks_plan_block_with_one_task_a_system():
    """Progress is drawn by Slack itself: what was read is complete, what runs is in progress, and nothing more is claimed."""
    (plan,) = [
        one for one in render_card(a_case(State.DELETING), facts(a_file())).blocks if one["type"] == "plan"
    ]
    tasks = {one["task_id"]: one for one in plan["tasks"]}
    assert [one["status"] for one in plan["tasks"]] == ["complete", "in_progress", "pending"]
    assert "verified gone (1 record)" in json.dumps(tasks["account"]["output"], ensure_ascii=False)
    assert "output" not in tasks["activecampaign"], "nothing is said of what was not read"
    PlanBlock(**{key: value for key, value in plan.items() if key != "type"}).validate_json()
    failed = Outcome(system="activecampaign", kind=OutcomeKind.FAILED, at=NOW, reason="not an admin's key")
    attention = render_card(a_case(State.NEEDS_ATTENTION, outcomes=(failed,)), facts(a_file()))
    assert "error" in json.dumps(attention.blocks)


def test_the_card_leads_to_what_the_customer_wrote_and_names_its_receipt_at_the_end():
    """Nobody searches for the message, here or elsewhere; what stays of a closed case is found by its receipt."""
    said = drawn(State.DETECTED, link="https://x.example/archives/C1/p1", elsewhere=("https://x.example/p2",))
    assert "<https://x.example/archives/C1/p1|What the customer wrote>" in said
    assert "<https://x.example/p2|also here>" in said
    assert "R-1042-abcdef01" in drawn(State.COMPLETED, receipt="R-1042-abcdef01")


def test_the_full_card_has_the_words_only_while_the_case_has_them():
    """The private channel sees what the customer wrote; once the case has ended, so has that (design rule 9)."""
    open_card = json.dumps(render_full_card(a_case(State.DETECTED), facts(a_file()), a_file()).blocks)
    assert "maya@example.com" in open_card
    ended = json.dumps(render_full_card(a_case(State.COMPLETED), facts(None), a_file()).blocks)
    assert "maya@example.com" not in ended
    assert "maya@example.com" not in json.dumps(
        render_full_card(a_case(State.DETECTED), facts(None), None).blocks
    )


def test_a_closed_account_says_that_other_data_was_kept():
    """`account_only` never reads like an erasure of everything."""
    plan = a_plan(Scope.ACCOUNT_ONLY)
    kept = Outcome(
        system="shop", kind=OutcomeKind.KEPT, at=NOW, ground="the customer asked only for the account"
    )
    case = a_case(State.COMPLETED, Scope.ACCOUNT_ONLY, plan=plan, outcomes=(kept,))
    assert "Kept: Shop database: kept (the customer asked only for the account)" in json.dumps(
        render_card(case, facts(None)).blocks
    )


def test_a_step_forward_follows_the_state():
    """Each state leads with the button of its next step."""
    first = {
        State.DETECTED: ids.ASK,
        State.AWAITING_CUSTOMER: ids.RECORD,
        State.PLANNED: ids.SHOW_PLAN,
        State.AWAITING_APPROVAL: ids.APPROVE,
        State.APPROVED: ids.STOP,
        State.NEEDS_ATTENTION: ids.RETRY,
        State.NOTIFYING: ids.CLOSE,
    }
    for state, action_id in first.items():
        assert next(iter(buttons_of(render_card(a_case(state), facts(a_file()))))) == action_id
    assert next(iter(buttons_of(render_card(a_case(State.SCOPE_CONFIRMED), facts(a_file()))))) == ids.IDENTIFY


def test_an_overdue_answer_is_said():
    """A missed deadline is on the card, not in a log."""
    case = a_case(State.AWAITING_CUSTOMER, answer_due=NOW.replace(day=20))
    assert "was due by" in json.dumps(render_card(case, facts(a_file())).blocks)


def test_a_channel_of_reply_is_asked_of_nobody_while_the_desk_does_it():
    """Before and after the closing message the words say that it goes by itself, and no button asks for it (rule 7)."""
    waits = Outcome(
        system="conversation", kind=OutcomeKind.MANUAL, at=NOW, reason="later", reference=AFTERWARDS
    )
    assert outcome_words(waits) == "goes by itself after the closing message"
    told = Told(at=NOW, by="the desk", channel="thread", evidence="1.1", text_digest="x")
    case = a_case(State.NOTIFYING, outcomes=(waits,), told=told)
    assert case.open_manual == ()
    assert "goes now by itself" in next_step(case, facts(a_file()))
    assert ids.ATTEST not in buttons_of(render_card(case, facts(a_file())))


def test_what_cannot_be_verified_has_a_button_for_the_approver():
    """A step that no read can prove shows "Sign off", and the form asks for a word without a proof (rule 5)."""
    silent = Outcome(system="pay", kind=OutcomeKind.UNVERIFIABLE, at=NOW, reason="it lets nobody read")
    case = a_case(State.NEEDS_ATTENTION, outcomes=(silent,), problem="pay: cannot be verified")
    assert buttons_of(render_card(case, facts(a_file())))[ids.ATTEST]["text"]["text"] == "Sign off"
    drawn = json.dumps(attest_view(case, {"pay": "Payments"}), ensure_ascii=False)
    assert "I accept this without a proof" in drawn
    assert "Payments" in drawn
