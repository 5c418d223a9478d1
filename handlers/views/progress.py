"""What each system's part of a case looks like on the card: one line a system, in words."""

from collections.abc import Mapping

from handlers.language import t
from handlers.views.blocks import clip_mrkdwn, records, system_name, systems
from handlers.views.wording import count_words, outcome_words
from services.domain.case import State
from services.domain.record import Case

RUN = {State.DELETING, State.VERIFYING, State.AWAITING_SYSTEMS, State.NEEDS_ATTENTION, State.NOTIFYING}
# A message fails at about 13 kB: the lines of more systems than these would not fit.
MOST_LINES, LONGEST_LINE = 15, 120


def progress(case: Case, labels: Mapping[str, str]) -> list[str]:
    """Return the plan's totals before a run, and one line a system from then on (mrkdwn)."""
    if case.plan is None:
        return []
    if case.state not in RUN or (case.state is State.NEEDS_ATTENTION and not case.outcomes):
        return [totals(case)]
    lines: list[str] = []
    is_working = case.state is State.DELETING
    for part in case.plan.acting:
        outcome = case.outcome_of(part.system)
        if outcome:
            said = clip_mrkdwn(outcome_words(outcome), LONGEST_LINE)
        else:
            said = t("working…") if is_working else t("waiting")
            is_working = False
        lines.append(f"{system_name(labels, part.system, part.label)}: {said}")
    acting = {part.system for part in case.plan.acting}
    idle = [one for one in case.outcomes if one.system not in acting]
    lines += [
        f"{system_name(labels, one.system)}: {clip_mrkdwn(outcome_words(one), LONGEST_LINE)}" for one in idle
    ]
    rest = (
        [t("and {systems} more", systems=systems(len(lines) - MOST_LINES))] if len(lines) > MOST_LINES else []
    )
    return [*lines[:MOST_LINES], *rest]


def totals(case: Case) -> str:
    """Return "3 systems, 214 records. Kept: …" for the plan of a case (mrkdwn)."""
    if case.plan is None:
        return ""
    acting = [part for part in case.plan.acting if part.touched]
    said = t(
        "{systems}, {records} to delete or change.",
        systems=systems(len(acting)),
        records=records(case.plan.touched),
    )
    kept = [
        count_words(line)
        for part in case.plan.acting
        for line in part.lines
        if line.action == "keep" and line.number
    ]
    if kept:
        more = t("; and {number} more", number=len(kept) - 4) if len(kept) > 4 else ""
        said += t(" Kept: {join}{more}.", join="; ".join(kept[:4]), more=more)
    return said


def kept_line(case: Case, labels: Mapping[str, str]) -> str:
    """Return what was kept and why when a case is done, or "" (mrkdwn)."""
    kept = [count_words(count) for one in case.outcomes for count in one.kept_counts]
    whole = [
        f"{system_name(labels, one.system)}: {outcome_words(one)}"
        for one in case.outcomes
        if one.kind == "KEPT" and not one.kept_counts
    ]
    said = [*kept, *whole]
    more = t("; and {number} more", number=len(said) - 6) if len(said) > 6 else ""
    return t("Kept: {join}{more}.", join="; ".join(said[:6]), more=more) if said else ""
