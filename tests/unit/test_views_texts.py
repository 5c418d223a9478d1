"""Every denial has a sentence of its own that says what to do and gives nothing away."""

from datetime import UTC, datetime, timedelta

import pytest

from handlers.views.texts import in_plain, sentence
from services.domain.denials import Denied, Why

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def said(why: Why, **more) -> str:
    return sentence(Denied(why=why, **more), now=NOW, approvers=("ULEA", "UTOM"))


def test_every_reason_has_a_sentence_of_its_own():
    """Every click gets an answer, and the answer tells the reasons apart (design rule 10)."""
    sentences = [said(why) for why in Why]
    assert all(one.endswith((".", "`.")) for one in sentences)
    assert len(set(sentences)) == len(Why)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=4), "4 seconds ago"),
        (timedelta(seconds=1), "1 second ago"),
        (timedelta(0), "just now"),
        (timedelta(hours=2), "2 hours ago"),
        (timedelta(seconds=-3), "just now"),
    ],
)
def test_who_was_faster_and_when_is_said(ago: timedelta, words: str):
    """The slower one learns who was first, what they did, and that nothing of theirs was used (rule 6)."""
    text = said(Why.FASTER, by="UBEN", at=NOW - ago, detail="record_answer")
    assert text.startswith(f"<@UBEN> recorded the answer {words}.")
    assert "Nothing you clicked was used" in text


def test_the_desk_itself_may_have_been_faster():
    """A new message of the customer's changes a case without any colleague."""
    assert said(Why.FASTER, by="deletion-desk", at=NOW, detail="customer_wrote").startswith(
        "The desk noted a new message"
    )


def test_who_can_approve_is_named():
    """Somebody who may not approve learns who may."""
    assert "<@ULEA> and <@UTOM> can." in said(Why.NOT_AN_APPROVER)
    assert "ask the operator" in sentence(Denied(why=Why.NOT_AN_APPROVER), now=NOW)


@pytest.mark.parametrize(
    ("tried", "words"),
    [
        ("approve", "can approve."),
        ("review_and_approve", "can approve."),
        ("place_hold", "can place a hold."),
        ("lift_hold", "can lift a hold."),
        ("attest", "can sign off what no read can prove."),
        ("", "can do this."),
    ],
)
def test_who_is_no_approver_reads_what_they_tried(tried: str, words: str):
    """Somebody who tried to hold a case is not told about approving."""
    assert f"Only people on the approver list {words}" in said(Why.NOT_AN_APPROVER, detail=tried)


def test_details_from_systems_cannot_ping():
    """What a system answers is escaped before it stands in a sentence."""
    assert "<!channel>" not in said(Why.STILL_THERE, detail="<!channel>")
    assert in_plain(said(Why.STILL_THERE, detail="a & b")).startswith("It is still there: a & b.")
