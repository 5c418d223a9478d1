"""Another privacy request is no deletion case: the privacy lead gets a note, and nothing is kept."""

import time
from pathlib import Path

from bot.playground.evidence import open_own_store
from bot.playground.slack import sample
from bot.playground.world import World


def test_the_privacy_lead_gets_a_note_of_an_access_request(tmp_path: Path) -> None:
    """An access request opens no case; the lead gets a direct message with a link and none of the customer's words."""
    text = "I request a copy of all my personal data under Article 15 GDPR."
    with World(tmp_path / "world") as world:
        world.slack.say(sample.JONAS, sample.SUPPORT, text)
        deadline = time.monotonic() + 120
        while not (notes := [one for one in world.slack.journal.writes("chat.postMessage") if one.ok]):
            assert time.monotonic() < deadline, f"no note was sent\n{world.app.log_tail()}"
            time.sleep(0.05)
        (note,) = notes
        assert note.args["channel"] == sample.LEA, "the note goes to the privacy lead, not to the channel"
        assert "archives/" in note.args["text"]
        assert "copy of all" not in note.args["text"]
        store = open_own_store(world)
        try:
            # The approvers' morning digest is on record too, and is about nobody.
            kept = [one.entry.action for one in store.cases.ledger() if one.entry.action != "digest"]
            assert not kept, "an access request is no deletion case"
        finally:
            store.close()
