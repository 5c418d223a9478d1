"""Legal hold and answering for a customer, clicked through: who may, what the card says, what the approver reads."""

from bot.playground.slack.sample import ANA, LEA, SUPPORT, TOM
from handlers import ids
from services.domain.case import State
from services.domain.record import Behalf
from tests.unit.test_handlers_slack import ANSWER, Stage, stage

__all__ = ["stage"]


def command(stage: Stage, user: str, text: str) -> None:
    assert stage.slack.command(user, SUPPORT, "/deletion", text).acked


def test_an_approver_holds_and_lifts_and_the_card_says_so(stage: Stage):
    """`/deletion hold`: an agent is told why not; an approver gives kind and reason; no plan meanwhile; another lifts it."""
    stage.open()
    stage.answered()
    command(stage, ANA, f"hold {stage.case.ref}")
    assert stage.told(ANA, "Only people on the approver list")
    command(stage, LEA, f"hold {stage.case.ref}")
    missing = stage.submit(LEA, "Hold", reason="Letter of 3 March")
    assert missing.outcome == "missing", "neither kind is chosen in advance"
    assert stage.submit(LEA, "Hold", ground="legal_hold", reason="Letter of 3 March").outcome == "closed"
    assert stage.case.hold.by == LEA
    stage.redraw()
    card = str(stage.slack.visible(ANA, SUPPORT))
    assert "Legal hold" in card
    assert "Lift the hold" in card
    assert "Letter of 3 March" not in card, "the reason is not for the channel"
    command(stage, TOM, f"lift {stage.case.ref}")
    assert "Letter of 3 March" in str(stage.view(TOM, "Lift")["blocks"])
    assert stage.submit(TOM, "Lift", reason="Withdrawn").outcome == "closed"
    assert (stage.case.hold, stage.case.state) == (None, State.SCOPE_CONFIRMED)


def test_an_authorised_agents_answer_names_the_mandate_and_the_approver_reads_it(stage: Stage):
    """“Answered by a parent” without a proof of authority is an error at that field; with it, it stands at approval."""
    stage.open()
    stage.click(ANA, ids.ASK)
    stage.submit(ANA, "Ask", channel="thread")
    stage.click(ANA, ids.RECORD)
    lacking = stage.submit(ANA, "Answer", **ANSWER, behalf="parent")
    assert ids.AUTHORITY in str(lacking)
    assert stage.case.answer is None
    done = stage.submit(ANA, "Answer", **ANSWER, behalf="parent", authority="Birth certificate seen")
    assert done.outcome == "closed"
    assert stage.case.answer.behalf is Behalf.PARENT
    stage.click(ANA, ids.IDENTIFY)
    stage.submit(ANA, "Who is this?", control="replied from the address on file")
    view = stage.view(ANA, "Who is this?")
    fields = [block["block_id"] for block in view["blocks"] if block["block_id"].startswith(ids.CANDIDATE)]
    stage.submit(ANA, "Who is this?", **dict.fromkeys(fields, "theirs"))
    stage.submit(ANA, "Plan")
    stage.click(LEA, ids.APPROVE)
    shown = str(stage.view(LEA, "Approve")["blocks"])
    assert "a parent" in shown
    assert "Birth certificate seen" in shown
