"""The ways in besides the card: App Home, shortcuts, words typed half, direct messages, handing over, taking longer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.playground.slack.sample import ANA, BEN, LEA, MAYA, OLGA, OTTO, SUPPORT
from handlers import ids
from handlers.cards import direct_message
from handlers.home import publish
from services.domain.case import State
from services.domain.people import Actor
from services.ports import PostKind
from tests.unit.test_handlers_slack import Stage, stage

__all__ = ["stage"]


def home(stage: Stage, user: str, words: str) -> str:
    """Open the home tab and return it once it says these words."""
    assert stage.slack.open_home(user) is None
    assert stage.slack.wait_until(lambda: words in str(stage.slack.home(user))), str(stage.slack.home(user))
    return str(stage.slack.home(user))


def test_the_home_tab_shows_what_waits_and_what_is_open(stage: Stage):
    """An agent begins the day there: due first, what waits for them on top, nothing personal."""
    stage.open()
    stage.answered()
    shown = home(stage, ANA, "Waits for you")
    assert "Open cases, due first" in shown
    assert stage.case.ref in shown
    assert "maya@example.org" not in shown
    assert "Health of the systems" not in shown, "the systems are the operator's business"


def test_an_operator_sees_how_the_systems_are_by_a_real_read(stage: Stage):
    """What does not answer is known before a customer's case finds out."""
    stage.world.shelves[1].mood = type(stage.world.shelves[1].mood)("down")
    shown = home(stage, OLGA, "does not answer")
    assert "answers" in shown


def test_a_stranger_sees_no_case_on_the_home_tab(stage: Stage):
    """Customers and people of other companies may open the tab; it tells them how to ask."""
    stage.open()
    shown = home(stage, MAYA, "say so in the support channel")
    assert stage.case.ref not in shown


def test_an_approver_approves_from_the_home_tab(stage: Stage):
    """What waits can be done where it is seen; afterwards it no longer waits there."""
    stage.open()
    stage.planned()
    stage.submit(ANA, "Plan")
    home(stage, LEA, "Review and approve")
    tab = stage.slack.home(LEA)
    assert tab is not None
    stage.slack.act_in_view(LEA, tab["id"], ids.APPROVE)
    assert stage.submit(LEA, "Approve", typed=stage.case.ref).outcome == "updated"
    assert stage.case.state is State.APPROVED
    assert stage.slack.wait_until(lambda: "Review and approve" not in str(stage.slack.home(LEA)))


def test_the_home_tab_of_somebody_who_lost_their_role_is_emptied(stage: Stage):
    """Authority is what holds now, not what held when the tab was opened (design rule 2)."""
    stage.open()
    home(stage, BEN, stage.case.ref)
    stranger = Actor(team_id="T-OTHER", user_id=BEN)
    publish(stage.edge, stranger, with_health=False)
    assert stage.case.ref not in str(stage.slack.home(BEN))


def test_the_global_shortcut_opens_a_case_from_a_link(stage: Stage):
    """From anywhere; a wrong link is said at the field, and nothing typed is lost."""
    ts = stage.slack.say(MAYA, SUPPORT, "I would like to be forgotten")
    assert stage.slack.global_shortcut(ANA, ids.START).acked
    wrong = stage.submit(ANA, "Open a case", link="no link")
    assert ids.LINK in wrong.errors
    link = f"https://fernleaf.slack.example/archives/{SUPPORT}/p{ts.replace('.', '')}"
    assert stage.submit(ANA, "Open a case", link=link).outcome == "updated"
    assert [(one.kind, one.ts, one.opened_by) for one in stage.later] == [("command", ts, ANA)]
    assert stage.slack.global_shortcut(MAYA, ids.START).acked
    assert "agent list" in str(stage.view(MAYA, "Not done"))


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("DD-1001", "Deletion request?"),
        ("1001", "Deletion request?"),
        ("mine", "Cases you took part in"),
        ("due", "Due within a week"),
        ("list waiting", "Cases that wait for you"),
        ("find", "One e-mail address"),
        ("find nobody@example.org", "Cases of n•••@example.org"),
        ("someone@example.org", "Cases of s•••@example.org"),
        ("approve", "Cases that wait for your approval"),
        ("approve DD-1001", "waits for no approval"),
        ("approve 7", "There is no case DD-7"),
        ("remind", "Which case?"),
        ("remind 1001", "waits neither"),
        ("export", "Which case?"),
        ("export DD-1001", "has not ended yet"),
        ("stop DD-1001", "stopped on its own card"),
        ("ex", "/deletion export"),
        ("aprove DD-1001", "/deletion approve"),
    ],
)
def test_half_typed_input_gets_a_friendly_answer(stage: Stage, typed: str, answer: str):
    """Whoever types half a command is told the other half; nobody has to know the words by heart."""
    stage.open()
    assert stage.slack.command(BEN, SUPPORT, "/deletion", typed).acked
    assert stage.told(BEN, answer)


def test_a_command_opens_the_form_it_is_about(stage: Stage):
    """`approve` and `remind` lead to the same forms as the card."""
    stage.open()
    stage.click(ANA, ids.ASK)
    stage.submit(ANA, "Ask", channel="by_hand")
    stage.slack.command(ANA, SUPPORT, "/deletion", f"remind {stage.case.ref}")
    stage.view(ANA, "Ask")
    stage.slack.close(ANA, stage.view(ANA, "Ask")["id"])
    stage.click(ANA, ids.RECORD)
    stage.submit(ANA, "Answer", scope="all_personal_data", words="all", channel="email", proof="signed_in")
    stage.click(ANA, ids.IDENTIFY)
    stage.submit(ANA, "Who is this?", control="signed in")
    view = stage.view(ANA, "Who is this?")
    fields = [block["block_id"] for block in view["blocks"] if block["block_id"].startswith(ids.CANDIDATE)]
    stage.submit(ANA, "Who is this?", **dict.fromkeys(fields, "theirs"))
    stage.submit(ANA, "Plan")
    stage.slack.command(LEA, SUPPORT, "/deletion", f"approve {stage.case.ref}")
    assert stage.submit(LEA, "Approve", typed=stage.case.ref).outcome == "updated"


def test_a_receipt_is_exported_by_the_command(stage: Stage):
    """Only once the case has ended, signed, and shown to the asker alone."""
    stage.open()
    stage.click(ANA, ids.WITHDRAW)
    stage.submit(ANA, "Taken back", words="changed my mind")
    stage.slack.command(ANA, SUPPORT, "/deletion", f"export {stage.case.ref}")
    assert stage.told(ANA, "signature")
    assert not stage.slack.wait_until(
        lambda: "signature" in str(stage.slack.visible(BEN, SUPPORT)), timeout=0.1
    )


def test_a_case_is_handed_over_by_a_form_and_never_to_a_stranger(stage: Stage):
    """The card names whose hands it is in; a choice that cannot be is said at the field."""
    stage.open()
    stage.click(ANA, ids.HAND_OVER)
    refused = stage.submit(ANA, "Hand over", taker=MAYA)
    assert ids.TAKER in refused.errors
    assert stage.submit(ANA, "Hand over", taker=BEN, note="she calls back at five").outcome == "closed"
    assert stage.case.agent == BEN
    stage.redraw()
    assert f"In the hands of <@{BEN}>" in str(stage.slack.visible(MAYA, SUPPORT))
    stage.click(BEN, ids.SHOW_MESSAGE)
    assert "she calls back at five" in str(stage.view(BEN, stage.case.ref)["blocks"])


def test_taking_longer_needs_reasons_and_moves_the_deadline_once(stage: Stage):
    """Possible in time and once; the customer is told why (GDPR Art. 12(3))."""
    stage.open()
    stage.world.cases.cases[stage.case_id] = replace(stage.case, regimes=("gdpr",))
    before = stage.case.answer_due
    stage.click(ANA, ids.EXTEND)
    done = stage.submit(
        ANA, "Take longer", ground="Several systems have to be read by hand.", channel="by_hand"
    )
    assert done.outcome == "updated"
    assert stage.case.answer_due > before
    stage.slack.close(ANA, stage.view(ANA, "Extended")["id"])
    stage.redraw()
    assert "Take longer" not in str(stage.slack.visible(ANA, SUPPORT)), "once is all the law allows"


def test_an_agent_says_which_law_applies(stage: Stage):
    """Nothing is ticked in advance; without a law or a reason the field says so; the card says who set what."""
    stage.open()
    before = stage.case.answer_due
    stage.click(ANA, ids.LAWS)
    form = str(stage.view(ANA, "Which law?"))
    assert "Nobody has said which laws apply" in form
    assert "initial_option" not in form
    no_reason = stage.submit(ANA, "Which law?", laws=["gdpr", "ccpa"], reason="  ")
    assert ids.REASON in no_reason.errors
    done = stage.submit(ANA, "Which law?", laws=["gdpr", "ccpa"], reason="She wrote from Lyon.")
    assert done.outcome == "closed"
    assert (stage.case.regimes, stage.case.regime) == (("gdpr", "ccpa"), "GDPR")
    assert stage.case.answer_due > before
    stage.redraw()
    card = str(stage.slack.visible(MAYA, SUPPORT))
    assert f"Law: GDPR, CCPA, set by <@{ANA}>" in card
    assert "Lyon" not in card
    stage.click(BEN, ids.LAWS)
    assert "She wrote from Lyon." in str(stage.view(BEN, "Which law?"))


def test_nobody_from_outside_says_which_law_applies(stage: Stage):
    """A customer's click on the menu is answered, opens nothing and is on the record."""
    stage.open()
    stage.click(MAYA, ids.LAWS)
    assert stage.told(MAYA, "Only people on the agent list")
    assert stage.world.cases.ledger(stage.case_id)[-1].entry.action == "refused_click"


def test_too_late_for_an_extension_is_said(stage: Stage):
    """An extension that is told after the first deadline is none."""
    stage.open()
    stage.world.clock.forward(timedelta(days=400))
    stage.click(ANA, ids.EXTEND)
    assert "Too late" in str(stage.view(ANA, "Not done"))


def test_a_direct_message_asks_for_approval_and_says_when_it_no_longer_waits(stage: Stage):
    """The approver reads nothing personal there, presses one button, and is never left with a stale one."""
    stage.open()
    stage.planned()
    stage.submit(ANA, "Plan")
    direct = stage.slack.workspace.direct_channel(LEA).id
    shown = direct_message(stage.world.desk, stage.case, PostKind.APPROVAL, person=LEA)
    assert "maya" not in str(shown).casefold()
    ts = str(stage.client.chat_postMessage(channel=direct, **shown)["ts"])
    assert stage.slack.click(LEA, direct, ts, ids.APPROVE).acked
    assert stage.submit(LEA, "Approve", typed=stage.case.ref).outcome == "updated"
    later = str(direct_message(stage.world.desk, stage.case, PostKind.APPROVAL, person=LEA))
    assert "you have approved" in later
    assert ids.APPROVE not in later


def test_an_outsider_gets_nothing_from_any_way_in(stage: Stage):
    """Somebody of another company in a shared channel: no case, no form, an answer (design rules 2 and 10)."""
    stage.open()
    publish(stage.edge, Actor(team_id="T-OTHER", user_id=OTTO), with_health=True)
    assert stage.case.ref not in str(stage.slack.home(OTTO))
    stage.redraw()
    option = f"{ids.HAND_OVER}|{stage.case_id}:{stage.case.version}"
    assert stage.slack.click(OTTO, SUPPORT, stage.card, ids.MORE, value=option).acked
    assert stage.told(OTTO, "own company's agents")


def test_an_added_address_is_proven_separately_and_nothing_typed_is_lost(stage: Stage):
    """Each field says what it lacks; whoever comes back to add one finds what was typed (design rule 2)."""
    stage.open()
    stage.answered()
    stage.click(ANA, ids.IDENTIFY)
    proof = {"control": "replied from the address on file"}
    wrong = stage.submit(ANA, "Who is this?", **proof, added_address="two@example.org one@example.org")
    assert set(wrong.errors) == {ids.ADDED}
    wrong = stage.submit(ANA, "Who is this?", **proof, added_address="m.old@example.org")
    assert set(wrong.errors) == {ids.ADDED_PROOF}
    wrong = stage.submit(ANA, "Who is this?", control="", added_address="")
    assert set(wrong.errors) == {ids.CONTROL}
    stage.submit(
        ANA, "Who is this?", **proof, added_address="m.old@example.org", added_proof="signed in with it"
    )
    form = stage.view(ANA, "Who is this?")
    assert form["callback_id"] == ids.IDENTITY_FORM
    searched = stage.world.cases.file(stage.case_id).searched
    assert [one.proof for one in searched] == ["replied from the address on file", "signed in with it"]
    stage.slack.act_in_view(ANA, form["id"], ids.SEARCH_MORE)
    assert stage.slack.wait_until(lambda: stage.slack.views(ANA)[-1]["callback_id"] == ids.SEARCH_FORM)
    typed = stage.slack.views(ANA)[-1]["state"]["values"]
    assert typed[ids.ADDED][ids.VALUE]["value"] == "m.old@example.org"
    assert typed[ids.CONTROL][ids.VALUE]["value"] == "replied from the address on file"


def test_nobody_fits_is_put_on_record_and_the_case_waits(stage: Stage):
    """No match is taken for want of a better one (design rule 4)."""
    stage.open()
    stage.answered()
    stage.click(ANA, ids.IDENTIFY)
    stage.submit(ANA, "Who is this?", control="replied")
    view = stage.view(ANA, "Who is this?")
    fields = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    stage.submit(ANA, "Who is this?", **dict.fromkeys(fields, "not_theirs"))
    assert "nobody fits" in str(stage.view(ANA, "Who is this?")["blocks"])
    assert stage.case.state is State.SCOPE_CONFIRMED
    assert stage.case.chosen is None
    stage.redraw()
    assert "Nobody fits" in str(stage.slack.visible(BEN, SUPPORT))


def test_a_refusal_names_its_legal_ground_and_the_way_to_complain(stage: Stage):
    """The ground is chosen from the law's list, stays on record, and the agent sees how the customer can complain."""
    stage.open()
    stage.click(ANA, ids.REFUSE)
    form = stage.view(ANA, "Refuse")
    assert "how to complain" in str(form["blocks"])
    missing = stage.slack.submit(ANA, form["id"], {})
    assert ids.LEGAL_GROUND in missing.missing
    done = stage.submit(ANA, "Refuse", legal_ground="legal_obligation", ground="Tax law.", channel="by_hand")
    assert done.outcome == "updated"
    assert stage.case.ended.reason == "legal_obligation"
    stage.redraw()
    assert "A law demands that we keep it" in str(stage.slack.visible(BEN, SUPPORT))
