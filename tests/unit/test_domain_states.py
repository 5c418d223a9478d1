"""The table of transitions: what may happen to a case, and what never may."""

import pytest

from services.domain.case import (
    BEFORE_CONFIRMATION,
    BEFORE_DELETING,
    MOVES,
    RUNNING,
    TERMINAL,
    Action,
    State,
    actions_from,
    target_of,
)


def reachable(start: State, *, without: frozenset[Action] = frozenset()) -> set[State]:
    """Return every state that the table reaches from `start` when some actions are forbidden."""
    seen, todo = {start}, [start]
    while todo:
        here = todo.pop()
        for action in actions_from(here) - without:
            target = target_of(state=here, action=action)
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return seen


def test_every_action_has_exactly_one_row() -> None:
    """One row an action, so that the table has one answer to what an action leads to."""
    assert sorted(move.action for move in MOVES) == sorted(Action)


def test_every_state_is_reached_from_detected() -> None:
    """No state is decoration: a case can get into each of them."""
    assert reachable(State.DETECTED) == set(State)


@pytest.mark.parametrize("state", sorted(TERMINAL - {State.DISMISSED}))
def test_nothing_leaves_a_terminal_state(state: State) -> None:
    """Completed, withdrawn and refused cases stay as they are."""
    assert actions_from(state) == frozenset()


def test_a_dismissal_can_only_be_undone() -> None:
    """Dismissed is left by the undo alone, and leads back to the beginning."""
    assert actions_from(State.DISMISSED) == {Action.UNDO_DISMISSAL}
    assert target_of(state=State.DISMISSED, action=Action.UNDO_DISMISSAL) is State.DETECTED


@pytest.mark.parametrize(
    "needed", [Action.RECORD_ANSWER, Action.CHOOSE_IDENTITY, Action.PLAN, Action.APPROVE]
)
def test_no_way_into_deleting_without(needed: Action) -> None:
    """Every way from a message to `deleting` passes the answer, a plan, an approval and the start (rule 2).

    `retry` and `choose_identity` need more than the table: see test_domain_running and test_domain_decisions.
    """
    without = frozenset({needed, Action.RETRY})
    allowed = needed is Action.CHOOSE_IDENTITY
    assert (State.DELETING in reachable(State.DETECTED, without=without)) is allowed


def test_a_running_case_is_not_stopped_withdrawn_or_widened() -> None:
    """Once a run is under way no agent's click moves it: brakes work before `deleting` and between runs."""
    people = {Action.STOP, Action.WITHDRAW, Action.RECORD_ANSWER, Action.CHOOSE_IDENTITY, Action.DISMISS}
    for state in RUNNING | {State.AWAITING_SYSTEMS, State.NOTIFYING}:
        assert not actions_from(state) & people, f"{state} can be left by {actions_from(state) & people}"


@pytest.mark.parametrize("state", sorted(BEFORE_DELETING))
def test_withdrawal_and_refusal_are_always_possible_before_deleting(state: State) -> None:
    """Until `deleting`, the customer can take the request back and it can be refused (rule 11, section 4)."""
    assert {Action.WITHDRAW, Action.REFUSE, Action.RECORD_ANSWER} <= actions_from(state)


@pytest.mark.parametrize("state", [State.PLANNED, State.AWAITING_APPROVAL, State.APPROVED])
def test_stop_leads_back_to_the_confirmed_scope(state: State) -> None:
    """The brake of one case works wherever a plan is on its way to a run."""
    assert target_of(state=state, action=Action.STOP) is State.SCOPE_CONFIRMED


def test_only_unconfirmed_cases_are_dismissed() -> None:
    """What a customer has confirmed is no longer "not a request"."""
    assert {one for one in State if Action.DISMISS in actions_from(one)} == BEFORE_CONFIRMATION


def test_completed_comes_after_notifying_and_notifying_after_verifying() -> None:
    """The customer is told after verification, and the case completes after that (rule 5)."""
    assert {one for one in State if Action.COMPLETE in actions_from(one)} == {State.NOTIFYING}
    assert {one for one in State if Action.NOTIFY in actions_from(one)} == {State.VERIFYING}
