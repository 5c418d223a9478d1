"""What the port `Cases` promises, on both databases."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import text

from services.domain.case import State
from services.domain.identity import Identifier, Identity
from services.domain.record import CaseFile, Chosen, CustomerMessage
from services.ports import PostKind
from services.storage import Store


def test_open_returns_what_get_returns(store: Store, scenes: Any) -> None:
    """A new case is in `detected`, version 1, named DD-1001 onwards, and every look-up finds the same record."""
    first, is_new = store.cases.open(scenes.new(), CaseFile(text="hello"), actor="desk", facts=())
    second = scenes.opened(store, ts="2.2")
    assert is_new
    assert (first.state, first.version, first.number, second.number) == (State.DETECTED, 1, 1001, 1002)
    assert first == store.cases.get(first.id) == store.cases.by_number(1001)
    assert first == store.cases.of_message(team_id="T1", channel="C1", ts="1.1")
    assert store.cases.get("unknown") is None
    assert store.cases.by_number(10**30) is None
    assert store.cases.of_message(team_id="T2", channel="C1", ts="1.1") is None, "another team's message"


def test_open_twice_changes_nothing(store: Store, scenes: Any) -> None:
    """A redelivered message opens no second case and leaves no second trace in the ledger."""
    first = scenes.opened(store, text="the first words")
    again, is_new = store.cases.open(scenes.new(), CaseFile(text="other"), actor="desk", facts=())
    assert (again, is_new) == (first, False)
    assert store.cases.file(first.id) == CaseFile(text="the first words", customer_user="U1")
    assert len(store.cases.ledger()) == 1


def test_open_under_eight_threads(store: Store, scenes: Any) -> None:
    """However many deliveries race, one message makes one case, and numbers have neither gaps nor doubles."""
    messages = [f"{n % 4}.0" for n in range(32)]
    barrier = threading.Barrier(8)

    def deliver(ts: str) -> tuple[str, bool]:
        barrier.wait(timeout=30)
        case, is_new = store.cases.open(scenes.new(ts=ts), CaseFile(text=ts), actor="desk", facts=())
        return case.id, is_new

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(deliver, messages))
    assert sum(is_new for _, is_new in results) == 4
    assert len({case_id for case_id, _ in results}) == 4
    cases = store.cases.in_states([State.DETECTED])
    assert sorted(case.number for case in cases) == [1001, 1002, 1003, 1004]
    assert store.cases.ledger_flaws() == ()


def test_one_winner_in_every_race(store: Store, scenes: Any) -> None:
    """Of eight people who save the same version at once exactly one wins; the others changed nothing at all."""
    case = scenes.opened(store)
    barrier = threading.Barrier(8)
    for version in range(2, 7):
        changed = replace(case, version=version)

        def save(who: int, changed: Any = changed) -> bool:
            mine = replace(changed, decided_by=f"U{who}")
            barrier.wait(timeout=30)
            return store.cases.save(mine, scenes.entry(mine), file=CaseFile(text=f"U{who}"))

        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(save, range(8)))
        assert won.count(True) == 1, f"version {version} had {won.count(True)} winners"
        stored, file = store.cases.get(case.id), store.cases.file(case.id)
        assert stored is not None
        assert file is not None
        assert stored.decided_by == file.text == f"U{won.index(True)}"
    assert len(store.cases.ledger(case.id)) == 6
    assert store.cases.ledger_flaws() == ()


def test_save_refuses_an_old_version(store: Store, scenes: Any) -> None:
    """A write based on an old version returns False and leaves case, file, ledger and card as they were."""
    case = scenes.opened(store)
    for version in (1, 3, 99):
        stale = replace(case, version=version, problem="never")
        assert not store.cases.save(stale, scenes.entry(stale), file=CaseFile(text="never"))
        assert not store.cases.shred(stale, scenes.entry(stale))
    assert store.cases.get(case.id) == case
    assert store.cases.file(case.id) == CaseFile(text="delete my data", customer_user="U1")
    assert len(store.cases.ledger()) == 1
    assert [post.wanted for post in store.posts.due(scenes.now)] == [1]


def test_save_demands_its_own_entry(store: Store, scenes: Any) -> None:
    """An entry for another version or case is a bug in the caller and stops loudly, before anything is written."""
    case = replace(scenes.opened(store), version=2)
    for wrong in (replace(scenes.entry(case), version=3), replace(scenes.entry(case), case_id="other")):
        with pytest.raises(ValueError, match="make the entry from the case that is saved"):
            store.cases.save(case, wrong)
    assert len(store.cases.ledger()) == 1


def test_failed_save_leaves_nothing(store: Store, scenes: Any, mocker: Any) -> None:
    """Case, file and entry are written together or not at all: an error at the last moment undoes everything."""
    case = scenes.opened(store)
    changed = replace(case, version=2, problem="half")
    mocker.patch("services.storage.cases.want_post", side_effect=RuntimeError("power cut"))
    with pytest.raises(RuntimeError):
        store.cases.save(changed, scenes.entry(changed), file=CaseFile(text="half"))
    assert store.cases.get(case.id) == case
    assert store.cases.file(case.id) == CaseFile(text="delete my data", customer_user="U1")
    assert len(store.cases.ledger()) == 1
    assert store.cases.ledger_flaws() == ()


def test_every_save_wants_a_card(store: Store, scenes: Any) -> None:
    """Opening, saving and shredding each ask for a fresh card in the case's thread; a note does not."""
    case = scenes.opened(store, thread_ts="0.9")
    store.cases.note(scenes.entry(case, action="refused_click"))
    (post,) = store.posts.due(scenes.now)
    assert (post.kind, post.channel, post.thread_ts, post.wanted) == (PostKind.CARD, "C1", "0.9", 1)
    case = replace(case, version=2)
    assert store.cases.save(case, scenes.entry(case))
    case = replace(case, version=3, shredded=True)
    assert store.cases.shred(case, scenes.entry(case))
    assert [post.wanted for post in store.posts.due(scenes.now)] == [3]


def test_file_survives_exactly(store: Store, scenes: Any) -> None:
    """What was sealed comes back as it was, half surrogate pairs and other zones' moments included."""
    case = scenes.opened(store)
    file = CaseFile(
        text="löschen 🗑 \x00 \ud83d",
        replies=(
            CustomerMessage(at=scenes.now.astimezone(timezone(timedelta(hours=-5))), ts="2", text="ja"),
        ),
        decisions=(("shop/customers:1", True), ("shop/customers:2", False)),
        identity=Identity(identifiers=(Identifier(kind="email", value="maya@example.com"),)),
    )
    changed = replace(case, version=2)
    assert store.cases.save(changed, scenes.entry(changed), file=file)
    assert store.cases.file(case.id) == file
    again = replace(case, version=3)
    assert store.cases.save(again, scenes.entry(again))
    assert store.cases.file(case.id) == file, "a save without a file leaves the file alone"


def test_shredding(store: Store, scenes: Any) -> None:
    """Shredding removes file and key for good; the case, its ledger and the HMACs of the identity stay."""
    case = scenes.opened(store)
    macs = (store.vault.mac("|email|maya@example.com"), store.vault.mac("shop|customers.id|17"))
    case = replace(
        case,
        version=2,
        state=State.COMPLETED,
        chosen=Chosen(at=scenes.now, by="UANA", identifiers=macs),
    )
    assert store.cases.save(case, scenes.entry(case, before="notifying"))
    assert store.cases.to_shred() == (case,)
    shredded = replace(case, version=3, shredded=True)
    assert store.cases.shred(shredded, scenes.entry(shredded))
    assert not store.cases.shred(shredded, scenes.entry(shredded)), "the second shredding is nobody's turn"
    assert store.cases.file(case.id) is None
    assert store.cases.to_shred() == ()
    assert store.cases.get(case.id) == shredded
    with store.engine.connect() as connection:
        kept = connection.execute(text("SELECT mac, case_id FROM subjects")).all()
        keys = connection.execute(text("SELECT count(*) FROM case_keys")).scalar_one()
    assert {tuple(row) for row in kept} == {(mac, case.id) for mac in macs}
    assert keys == 0
    assert store.cases.ledger_flaws() == ()


def test_of_thread_prefers_the_open_case(store: Store, scenes: Any) -> None:
    """A thread's newest open case comes first; when all have ended, the newest; another thread's never."""
    old = scenes.opened(store, ts="1.0", thread_ts="1.0")
    middle = scenes.opened(store, ts="1.1", thread_ts="1.0")
    new = scenes.opened(store, ts="1.2", thread_ts="1.0")

    def found() -> str:
        case = store.cases.of_thread(team_id="T1", channel="C1", thread_ts="1.0")
        assert case is not None
        return case.id

    assert found() == new.id
    for ended, then in ((new, middle), (middle, old), (old, new)):
        closed = replace(ended, version=2, state=State.WITHDRAWN)
        assert store.cases.save(closed, scenes.entry(closed))
        assert found() == then.id
    assert store.cases.of_thread(team_id="T1", channel="C2", thread_ts="1.0") is None


def test_in_states_is_due_first(store: Store, scenes: Any) -> None:
    """The list begins with the case whose answer is due first, whatever zone its deadline was given in."""
    zone = timezone(timedelta(hours=9))
    late = scenes.opened(store, ts="1", answer_due=scenes.now + timedelta(days=3))
    soon = scenes.opened(store, ts="2", answer_due=(scenes.now + timedelta(days=1)).astimezone(zone))
    gone = replace(scenes.opened(store, ts="3"), version=2, state=State.DISMISSED)
    assert store.cases.save(gone, scenes.entry(gone))
    assert store.cases.in_states(["detected"]) == (soon, late)
    assert store.cases.in_states([]) == ()
    assert store.cases.to_shred() == (gone,)


def test_started_since_counts_starts(store: Store, scenes: Any) -> None:
    """A case counts when it goes from `approved` to `deleting`; steps, retries and resumed runs are no new starts."""
    case = scenes.opened(store)
    walk = [
        (State.APPROVED, 0),
        (State.DELETING, 1),
        (State.DELETING, 2),
        (State.NEEDS_ATTENTION, 3),
        (State.DELETING, 30),
    ]
    for state, hour in walk:
        case = replace(case, version=case.version + 1, state=state)
        assert store.cases.save(case, scenes.entry(case, at=scenes.now + timedelta(hours=hour)))
    assert store.cases.started_since(scenes.now) == 1
    assert store.cases.started_since(scenes.now + timedelta(hours=1)) == 1
    assert store.cases.started_since(scenes.now + timedelta(hours=1, seconds=1)) == 0


def test_reopened_store_remembers(store_url: str, opening: Callable[[str], Store], scenes: Any) -> None:
    """Everything is there again after a restart, and numbers go on."""
    before = opening(store_url)
    case = scenes.opened(before)
    before.close()
    after = opening(store_url)
    assert after.cases.get(case.id) == case
    assert after.cases.file(case.id) == CaseFile(text="delete my data", customer_user="U1")
    assert scenes.opened(after, ts="2").number == 1002
    assert after.cases.ledger_flaws() == ()
