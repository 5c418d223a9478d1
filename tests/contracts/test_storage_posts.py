"""Posts and the brake on both databases."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.domain.case import State
from services.ports import PostKind
from services.storage import Post, Store, SwitchState


def due(store: Store, scenes: Any) -> Post:
    (post,) = store.posts.due(scenes.now)
    return post


def test_posting_once(store: Store, scenes: Any) -> None:
    """Intent first, then the record: afterwards nothing is due until somebody wants the post again."""
    case = scenes.opened(store)
    post = due(store, scenes)
    assert (post.case_id, post.ts, post.may_be_posted_already) == (case.id, None, False)
    assert store.posts.mark_intent(post, scenes.now)
    store.posts.posted(post, ts="5.5", done=post.wanted, at=scenes.now)
    assert store.posts.due(scenes.now) == ()
    store.posts.want(case.id, PostKind.CARD)
    again = due(store, scenes)
    assert (again.ts, again.wanted, again.done, again.posted_at) == ("5.5", 2, 1, scenes.now)


def test_a_crash_shows(store: Store, scenes: Any) -> None:
    """An intent without a record says: look in the thread first. Whoever looked may set out anew."""
    scenes.opened(store)
    assert store.posts.mark_intent(due(store, scenes), scenes.now)
    found = due(store, scenes)
    assert found.may_be_posted_already
    later = scenes.now + timedelta(minutes=1)
    assert store.posts.mark_intent(found, later)
    assert due(store, scenes).intent_at == later
    store.posts.posted(found, ts="5.5", done=found.wanted, at=later)
    (kept,) = store.posts.of_case(found.case_id)
    assert (kept.ts, kept.may_be_posted_already) == ("5.5", False)


def test_one_sets_out(store: Store, scenes: Any) -> None:
    """Of two publishers with the same row only one may call Slack."""
    scenes.opened(store)
    post = due(store, scenes)
    assert store.posts.mark_intent(post, scenes.now)
    assert not store.posts.mark_intent(post, scenes.now + timedelta(seconds=1))


def test_a_wish_while_posting_stays_due(store: Store, scenes: Any) -> None:
    """What changed while the card was on its way is posted too; a late record undoes no newer one."""
    case = scenes.opened(store)
    drawn = due(store, scenes)
    store.posts.want(case.id, PostKind.CARD)
    store.posts.posted(drawn, ts="5.5", done=drawn.wanted, at=scenes.now)
    newer = due(store, scenes)
    assert (newer.wanted, newer.done) == (2, 1)
    store.posts.posted(newer, ts="5.5", done=newer.wanted, at=scenes.now)
    store.posts.posted(drawn, ts="5.5", done=drawn.wanted, at=scenes.now)
    assert store.posts.due(scenes.now) == ()


def test_postponed(store: Store, scenes: Any) -> None:
    """A post that Slack asked to come later with is not due before, and nothing else waits for it."""
    scenes.opened(store)
    post = due(store, scenes)
    other = scenes.opened(store, ts="2")
    store.posts.postpone(post, scenes.now + timedelta(seconds=30))
    assert [one.case_id for one in store.posts.due(scenes.now)] == [other.id]
    assert len(store.posts.due(scenes.now + timedelta(seconds=30))) == 2


def test_forgotten_message_is_posted_afresh(store: Store, scenes: Any) -> None:
    """When Slack has no such message any more the post is due again, as a new message."""
    case = scenes.opened(store)
    post = due(store, scenes)
    store.posts.posted(post, ts="5.5", done=post.wanted, at=scenes.now)
    store.posts.forget_ts(case.id, PostKind.CARD)
    fresh = due(store, scenes)
    assert (fresh.ts, fresh.done, fresh.may_be_posted_already) == (None, 0, False)


def test_an_ended_case_gets_its_card(store: Store, scenes: Any) -> None:
    """A case that ended before its card was ever posted is still shown."""
    case = replace(scenes.opened(store), version=2, state=State.DISMISSED, shredded=True)
    assert store.cases.shred(case, scenes.entry(case))
    assert due(store, scenes).kind is PostKind.CARD


def test_unsent_speaks_of_the_customer_only(store: Store, scenes: Any) -> None:
    """Shredding waits for the question and the closing message, never for a card."""
    case = scenes.opened(store)
    assert not store.posts.unsent(case.id)
    for kind in (PostKind.QUESTION, PostKind.CLOSING):
        store.posts.want(case.id, kind)
        assert store.posts.unsent(case.id)
        (post,) = (one for one in store.posts.due(scenes.now) if one.kind is kind)
        store.posts.posted(post, ts="6.6", done=post.wanted, at=scenes.now)
        assert not store.posts.unsent(case.id)


def test_a_post_needs_a_case(store: Store) -> None:
    """Wanting a post for a case that does not exist is a bug and stops loudly."""
    with pytest.raises(LookupError, match="no case nowhere"):
        store.posts.want("nowhere", PostKind.CARD)


def test_the_brake(store: Store, scenes: Any) -> None:
    """Released until somebody halts; whoever repeats it does not take the place of the first."""
    later = scenes.now + timedelta(minutes=1)
    assert not store.switch.halted()
    assert store.switch.state() is None
    store.switch.set_halted(halted=True, by="UANA", at=scenes.now)
    store.switch.set_halted(halted=True, by="UBEN", at=later)
    assert store.switch.halted()
    assert store.switch.state() == SwitchState(halted=True, by="UANA", at=scenes.now)
    store.switch.set_halted(halted=False, by="UBEN", at=later)
    assert not store.switch.halted()
    assert store.switch.state() == SwitchState(halted=False, by="UBEN", at=later)


def test_a_decision_and_its_message_are_one_write(store: Store, scenes: Any) -> None:
    """With `wants` the wish is in the same transaction as the decision; the loser of a race leaves no wish."""
    case = scenes.opened(store)
    moved = replace(case, version=case.version + 1, state=State.REFUSED)
    assert store.cases.save(moved, scenes.entry(moved), wants=PostKind.CLOSING)
    assert store.posts.unsent(case.id)
    store.posts.cancel(case.id, PostKind.CLOSING)
    assert not store.posts.unsent(case.id)
    assert not store.cases.save(moved, scenes.entry(moved), wants=PostKind.CLOSING)
    assert not store.posts.unsent(case.id)


def test_shredding_has_the_question_redacted(store: Store, scenes: Any) -> None:
    """What was asked in the thread is wanted anew in the very transaction that shreds the file (rule 9)."""
    case = scenes.opened(store)
    store.posts.want(case.id, PostKind.QUESTION)
    (question,) = [one for one in store.posts.due(scenes.now) if one.kind is PostKind.QUESTION]
    store.posts.posted(question, ts="6.6", done=question.wanted, at=scenes.now)
    gone = replace(case, version=case.version + 1, shredded=True)
    assert store.cases.shred(gone, scenes.entry(gone))
    assert [one.ts for one in store.posts.due(scenes.now) if one.kind is PostKind.QUESTION] == ["6.6"]


def test_a_direct_message_is_wanted_once_and_redrawn_with_the_case(store: Store, scenes: Any) -> None:
    """An approver is told once for each occasion; what they were told follows the case."""
    case = scenes.opened(store)
    (card,) = store.posts.due(scenes.now)
    store.posts.posted(card, ts="5.5", done=card.wanted, at=scenes.now)
    for _ in range(2):
        store.posts.want_direct(case.id, PostKind.APPROVAL, person="U1", occasion=3)
    direct = due(store, scenes)
    assert (direct.kind, direct.person, direct.occasion, direct.channel) == (PostKind.APPROVAL, "U1", 3, "")
    store.posts.posted(direct, ts="7.7", done=direct.wanted, at=scenes.now, channel="D1")
    assert store.posts.due(scenes.now) == ()
    store.posts.want_direct(case.id, PostKind.APPROVAL, person="U1", occasion=4)
    assert due(store, scenes).occasion == 4, "another occasion is another message"


def test_one_more_in_the_thread_is_asked_for_once_an_occasion(store: Store, scenes: Any) -> None:
    """A reminder without a person stands in the case's thread, one message an occasion, with the longest names there are."""
    case = scenes.opened(store)
    later = 2**31 // 60 * 100 + 99
    for occasion in (1, later):
        assert store.posts.want_direct(case.id, PostKind.NUDGE, person="", occasion=occasion)
        assert not store.posts.want_direct(case.id, PostKind.NUDGE, person="", occasion=occasion)
    assert store.posts.want_direct(case.id, PostKind.NUDGE, person="U0123456789AB", occasion=later)
    nudges = [one for one in store.posts.of_case(case.id) if one.kind is PostKind.NUDGE]
    assert sorted((one.person, one.occasion) for one in nudges) == [
        ("", 1),
        ("", later),
        ("U0123456789AB", later),
    ]
    in_thread = [one for one in nudges if not one.person]
    assert {(one.channel, one.thread_ts) for one in in_thread} == {(case.channel, case.thread_ts)}
    assert len({one.slot for one in nudges}) == 3
