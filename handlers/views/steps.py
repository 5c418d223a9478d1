"""The run as Slack's `plan` block: one task a system, with its state and what was read; plain lines where Slack refuses it."""

import re
from collections.abc import Mapping

from handlers.language import t
from handlers.views.blocks import Block, clip, clip_mrkdwn, system_name, systems
from handlers.views.progress import LONGEST_LINE, MOST_LINES, RUN
from handlers.views.texts import in_plain
from handlers.views.wording import outcome_words
from services.domain.case import State
from services.domain.outcome import Outcome, OutcomeKind
from services.domain.record import Case

_MENTION = re.compile(r"<@([UW][A-Z0-9_]+)>", re.ASCII)


def steps_block(case: Case, labels: Mapping[str, str]) -> Block | None:
    """Return the block, or None where a case has no run to show or more systems than a card can hold."""
    if (
        case.plan is None
        or case.state not in RUN
        or (case.state is State.NEEDS_ATTENTION and not case.outcomes)
    ):
        return None
    acting = {part.system: part.label for part in case.plan.acting}
    names = [*acting, *(one.system for one in case.outcomes if one.system not in acting)]
    if not names or len(names) > MOST_LINES:
        return None
    tasks, is_working = [], case.state is State.DELETING
    for name in names:
        outcome = case.outcome_of(name)
        status = _status(outcome, is_working=is_working)
        is_working = is_working and outcome is not None
        task: Block = {
            "type": "task_card",
            "task_id": name,
            "title": clip(in_plain(system_name(labels, name, acting.get(name, ""))), 150),
            "status": status,
        }
        if outcome:
            task["output"] = _rich(clip_mrkdwn(outcome_words(outcome), LONGEST_LINE).removeprefix("✓ "))
        tasks.append(task)
    settled = sum(1 for name in names if (one := case.outcome_of(name)) and one.is_settled)
    title = t("{settled} of {systems} settled", settled=settled, systems=systems(len(names)))
    return {"type": "plan", "title": title, "tasks": tasks}


def _status(outcome: Outcome | None, *, is_working: bool) -> str:
    if outcome is None:
        return "in_progress" if is_working else "pending"
    if outcome.is_settled:
        return "complete"
    match outcome.kind:
        case OutcomeKind.FAILED | OutcomeKind.UNVERIFIABLE:
            return "error"
        case OutcomeKind.ACCEPTED:
            return "in_progress"
        case _:
            return "pending"


def _rich(text: str) -> Block:
    """Return our own mrkdwn as one rich text block: people as mentions, everything else as plain words."""
    elements: list[Block] = []
    for place, part in enumerate(_MENTION.split(text)):
        if part:
            named: Block = {"type": "user", "user_id": part}
            elements.append(named if place % 2 else {"type": "text", "text": in_plain(part)})
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}
