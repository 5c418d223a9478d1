"""How a decision changes a case: along the table of transitions only, one version further each time."""

from dataclasses import replace
from typing import Any

from services.domain.case import Action, target_of
from services.domain.denials import Denied, Why
from services.domain.record import Case


def forward(case: Case, action: Action, **changes: Any) -> Case | Denied:
    """Like `move`, unless an unread message of the customer's holds the case."""
    if case.paused_at:
        return Denied(why=Why.PAUSED)
    return move(case, action, **changes)


def onward(case: Case, action: Action, **changes: Any) -> Case | Denied:
    """Like `forward`, unless a legal hold or a dispute holds the case: for everything that leads towards deleting."""
    if case.hold:
        return Denied(why=Why.ON_HOLD, by=case.hold.by, at=case.hold.at)
    return forward(case, action, **changes)


def move(case: Case, action: Action, **changes: Any) -> Case | Denied:
    """Return the case in the state that the table names, with these changes; denied where the table has no row."""
    target = target_of(state=case.state, action=action)
    if target is None:
        return Denied(why=Why.NOT_NOW)
    return replace(case, state=target, version=case.version + 1, **changes)


def void(case: Case) -> dict[str, Any]:
    """The changes that make every earlier plan and approval worthless."""
    return {
        "plan": None,
        "decided_by": "",
        "approvals": (),
        "not_before": None,
        "revision": case.revision + 1,
    }
