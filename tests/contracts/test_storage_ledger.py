"""The ledger in the store: every edit that somebody could make with plain SQL is noticed."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, text

from services.domain.case import State
from services.domain.record import CaseFile
from services.storage import Store
from services.storage.tables import CASE_FILES, CASE_KEYS, POSTS

EDITS = {
    "actor": "UPDATE ledger SET actor = 'USOMEBODY' WHERE seq = 2",
    "action": "UPDATE ledger SET action = 'nothing' WHERE seq = 2",
    "after": "UPDATE ledger SET after = 'refused' WHERE seq = 2",
    "before": "UPDATE ledger SET before = 'refused' WHERE seq = 2",
    "facts": """UPDATE ledger SET facts = '[["n", "2"]]' WHERE seq = 2""",
    "case": "UPDATE ledger SET case_id = 'other' WHERE seq = 3",
    "version": "UPDATE ledger SET version = 9 WHERE seq = 2",
    "moment": "UPDATE ledger SET at = (SELECT at FROM ledger WHERE seq = 4) WHERE seq = 1",
    "hash": "UPDATE ledger SET hash = previous WHERE seq = 2",
    "previous": "UPDATE ledger SET previous = hash WHERE seq = 2",
    "removed first": "DELETE FROM ledger WHERE seq = 1",
    "removed inside": "DELETE FROM ledger WHERE seq = 2",
    "cut off": "DELETE FROM ledger WHERE seq = 4",
    "all removed": "DELETE FROM ledger",
    "head removed": "DELETE FROM ledger_head",
    "head edited": "UPDATE ledger_head SET hash = (SELECT hash FROM ledger WHERE seq = 3)",
    "case moved": "UPDATE cases SET version = version + 1 WHERE number = 1001",
    "state set": "UPDATE cases SET state = 'approved' WHERE number = 1001",
}


@pytest.fixture
def story(store: Store, scenes: Any) -> Store:
    """Two cases, four entries: opened, saved, noted, opened."""
    case = replace(scenes.opened(store), version=2, state=State.AWAITING_CUSTOMER)
    later = scenes.now.replace(hour=11)
    assert store.cases.save(case, scenes.entry(case, before="detected", at=later))
    store.cases.note(scenes.entry(case, action="refused_click", at=later))
    scenes.opened(store, ts="2", opened_at=later)
    assert store.cases.ledger_flaws() == ()
    return store


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_edits_show(story: Store, edit: str) -> None:
    """Changing, removing or cutting off any entry, or moving a case past its entries, is reported in words."""
    with story.engine.begin() as connection:
        assert connection.execute(text(edit)).rowcount, (
            "the edit must hit something, or this test proves nothing"
        )
    assert story.cases.ledger_flaws()


def test_cut_off_with_its_head(story: Store) -> None:
    """Who also winds the head back to match a shortened chain is betrayed by the case that has no entry."""
    with story.engine.begin() as connection:
        connection.execute(text("DELETE FROM ledger WHERE seq = 4"))
        connection.execute(
            text("UPDATE ledger_head SET seq = 3, hash = (SELECT hash FROM ledger WHERE seq = 3)")
        )
    (flaw,) = story.cases.ledger_flaws()
    assert "its last entry says 0" in flaw


def test_removed_case_shows(story: Store) -> None:
    """A case that was made to disappear is still in the ledger."""
    with story.engine.begin() as connection:
        case_id = connection.execute(text("SELECT id FROM cases WHERE number = 1002")).scalar_one()
        for table in (POSTS, CASE_FILES, CASE_KEYS):
            connection.execute(delete(table).where(table.c.case_id == case_id))
        connection.execute(text("DELETE FROM cases WHERE number = 1002"))
    assert any("not in the store" in flaw for flaw in story.cases.ledger_flaws())


def test_entries_come_back_as_written(story: Store, scenes: Any) -> None:
    """The chain returns who did what when, whole or by case, in order."""
    case = story.cases.by_number(1001)
    assert case is not None
    whole, mine = story.cases.ledger(), story.cases.ledger(case.id)
    assert [sealed.seq for sealed in whole] == [1, 2, 3, 4]
    assert mine == whole[:3]
    assert [sealed.entry.action for sealed in mine] == ["open", "did", "refused_click"]
    entry = mine[1].entry
    assert (entry.before, entry.after, entry.facts) == ("detected", "awaiting_customer", (("n", "1"),))
    assert (entry.actor, entry.version, entry.at) == ("UANA", 2, scenes.now.replace(hour=11))
    assert story.cases.ledger("unknown") == ()


def test_one_chain_however_many_write(store: Store, scenes: Any) -> None:
    """Cases opened, saved and noted from eight threads at once still make one unbroken chain."""
    barrier = threading.Barrier(8)

    def work(n: int) -> None:
        barrier.wait(timeout=30)
        case, _ = store.cases.open(scenes.new(ts=f"{n}"), CaseFile(text="x"), actor="desk", facts=())
        for version in (2, 3, 4):
            case = replace(case, version=version)
            assert store.cases.save(case, scenes.entry(case))
            store.cases.note(scenes.entry(case))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert len(store.cases.ledger()) == 8 * 7
    assert store.cases.ledger_flaws() == ()
