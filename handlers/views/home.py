"""App Home: what waits for this person, open cases by deadline, what was completed, and for operators the systems' health."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from handlers import ids
from handlers.language import t
from handlers.views.blocks import Block, View, actions, button, context, day, divider, escape, section
from handlers.views.facts import CardFacts
from handlers.views.next_step import next_step
from handlers.views.wording import due_words, title_of
from services.domain.case import State
from services.domain.record import Case

MOST_WAITING, MOST_OPEN, MOST_RECENT = 10, 20, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeFacts:
    """What one person's home tab shows. `links` maps a case's id to its thread, `receipts` to its receipt's name.

    `health` is one (label, problem) a system for operators, None while it is being read, () for everybody else.
    """

    now: datetime
    card: CardFacts
    waiting: Sequence[Case] = ()
    running: Sequence[Case] = ()
    recent: Sequence[Case] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    receipts: Mapping[str, str] = field(default_factory=dict)
    approvable: frozenset[str] = frozenset()
    health: Sequence[tuple[str, str]] | None = ()


def home_view(facts: HomeFacts) -> View:
    """Return the home tab of somebody who works here; nothing personal of any customer is on it."""
    brakes = []
    if facts.card.halted:
        brakes.append(t("*All runs are halted* (`/deletion stop`). An operator can release them."))
    if facts.card.observe:
        brakes.append(t("*Observe mode:* cases are shown, nothing can be deleted."))
    blocks = [
        *([section("\n".join(brakes))] if brakes else []),
        *_waiting(facts),
        divider(),
        *_open(facts),
        divider(),
        *_recent(facts),
        *_health(facts),
        divider(),
        *actions([button(t("Refresh"), ids.HOME_REFRESH, "home")]),
        context(t("As of {now:%H:%M} UTC. `/deletion help` lists what can be typed.", now=facts.now)),
    ]
    return {"type": "home", "blocks": blocks}


def strangers_home() -> View:
    """Return the home tab of somebody without a role: what this is, and how to ask for a deletion."""
    said = t(
        "*Deletion Desk* helps our support team with requests to delete data or accounts.\n"
        "If you want yours deleted, please say so in the support channel; a person will answer you. "
        "Nothing is deleted without asking you first."
    )
    return {"type": "home", "blocks": [section(said)]}


def _waiting(facts: HomeFacts) -> list[Block]:
    if not facts.waiting:
        return [section(t("*Waits for you*\nNothing."))]
    blocks = [section(t("*Waits for you* · {number}", number=len(facts.waiting)))]
    for case in facts.waiting[:MOST_WAITING]:
        said = section(
            "\n".join([_head(case, facts), t("*Next:* {next_step}", next_step=next_step(case, facts.card))])
        )
        if case.id in facts.approvable:
            said["accessory"] = button(t("Review and approve"), ids.APPROVE, f"{case.id}:{case.version}")
        blocks.append(said)
    return [*blocks, *_more(len(facts.waiting), MOST_WAITING)]


def _open(facts: HomeFacts) -> list[Block]:
    if not facts.running:
        return [section(t("*Open cases, due first*\nNone."))]
    blocks = [section(t("*Open cases, due first* · {number}", number=len(facts.running)))]
    blocks += [section(_head(case, facts)) for case in facts.running[:MOST_OPEN]]
    return [*blocks, *_more(len(facts.running), MOST_OPEN)]


def _recent(facts: HomeFacts) -> list[Block]:
    if not facts.recent:
        return [section(t("*Recently completed*\nNone yet."))]
    lines = [_done(case, facts) for case in facts.recent[:MOST_RECENT]]
    return [section(t("*Recently completed*")), context(*lines)]


def _done(case: Case, facts: HomeFacts) -> str:
    told = t(" · customer told {at}", at=day(case.told.at)) if case.told else ""
    name = facts.receipts.get(case.id)
    receipt = t(" · receipt `{receipt}`", receipt=name) if name else ""
    return f"{_named(case, facts)}{told}{receipt}"


def _health(facts: HomeFacts) -> list[Block]:
    if facts.health is None:
        return [divider(), section(t("*Health of the systems*\nEvery system is being read…"))]
    if not facts.health:
        return []
    lines = [
        f"✗ {escape(label)}: {escape(problem)}" if problem else t("✓ {label} answers", label=escape(label))
        for label, problem in facts.health
    ]
    return [divider(), section(t("*Health of the systems*\n") + "\n".join(lines)[:2800])]


def _head(case: Case, facts: HomeFacts) -> str:
    due = due_words(case, over=facts.now > case.answer_due and case.state is not State.COMPLETED)
    return f"*{_named(case, facts)}* · {title_of(case)}\n{due}"


def _named(case: Case, facts: HomeFacts) -> str:
    link = facts.links.get(case.id)
    return f"<{link}|{case.ref}>" if link else case.ref


def _more(number: int, shown: int) -> list[Block]:
    return (
        [context(t("and {number} more: `/deletion list`", number=number - shown))] if number > shown else []
    )
