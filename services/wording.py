"""The words for what became of a case: which text the outcomes allow, and the facts that go into it."""

import re
import unicodedata
from collections.abc import Callable

from services.domain.case import State
from services.domain.outcome import Count, Outcome, OutcomeKind, allow_fully_removed
from services.domain.record import Case
from services.domain.scope import Scope
from services.ports import Desk

GONE = frozenset({OutcomeKind.VERIFIED_GONE, OutcomeKind.NOTHING_FOUND})
# What stands between two words, or around them, without changing what a reader takes in.
_BETWEEN = re.compile(r"[\s*_~`\u2010-\u2015-]+")


def closing_template(case: Case) -> str:
    """Return which closing text the outcomes allow; only all-gone outcomes allow "fully removed" (design rule 5).

    In the same way "the account has been closed" needs proof from every system that the scope touches.
    """
    if case.scope is Scope.ACCOUNT_ONLY:
        acting = {one.system for one in case.plan.acting} if case.plan else set()
        kinds = {one.kind for one in case.outcomes if one.system in acting}
        proven = OutcomeKind.VERIFIED_GONE in kinds and kinds <= GONE
        return "closing_account" if proven else "closing_partial"
    return "closing_all" if allow_fully_removed(case.outcomes) else "closing_partial"


def closing_text(desk: Desk, case: Case, language: str = "en", *, intro: str = "") -> str:
    """Return the closing message for the outcomes as they stand. Raises ValueError before the case may be told.

    `intro` replaces the greeting, the only part that an agent may word: the facts come from outcomes alone.
    """
    if case.state is not State.NOTIFYING:
        raise ValueError("there is nothing to tell the customer before every system was verified")
    facts = outcome_facts(desk, case) | {"intro": intro}
    return desk.texts.render(closing_template(case), language, facts).strip()


def interim_text(desk: Desk, case: Case, language: str = "en", *, intro: str = "") -> str:
    """Return how a case stands that waits for a system. Raises ValueError for one that does not."""
    if case.state is not State.AWAITING_SYSTEMS:
        raise ValueError("only a case that waits for a system has something to tell in between")
    facts = outcome_facts(desk, case) | {"intro": intro}
    return desk.texts.render("interim", language, facts).strip()


def greeting(desk: Desk, language: str = "en") -> str:
    """Return how a message to the customer begins, as long as the agent words it in no other way."""
    return desk.texts.render("greeting", language, {"company": desk.policy.company}).strip()


def claims_falsely(desk: Desk, template: str, intro: str) -> bool:
    """Whether an agent's own words claim in any language what this message may not say (design rule 5)."""
    if template == "closing_all":
        return False
    said = _as_read(intro)
    return any(_as_read(claim) in said for claim in desk.texts.claims())


def _as_read(text: str) -> str:
    """Return the text without what changes how it is written and not what it says: case, emphasis, hidden characters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    seen = "".join(one for one in folded if unicodedata.category(one) != "Cf")
    return _BETWEEN.sub(" ", seen).strip()


def searched_in_vain(desk: Desk, case: Case) -> tuple[str, ...]:
    """Return the systems that a run of this case searched, when it found nothing in any of them; else ().

    Only then may the customer be told that we hold nothing (design rules 4 and 5). A place that can search nobody (the
    conversation, a folder) proves nothing either way, and is not named.
    """
    if case.plan is None or case.scope is not Scope.ALL_PERSONAL_DATA:
        return ()
    kinds = {one.system: one.kind for one in case.outcomes}
    searched = [one for one in case.plan.acting if one.is_evidence]
    in_vain = {one.system for one in searched if kinds.get(one.system) is OutcomeKind.NOTHING_FOUND}
    is_proven = set(desk.mandatory) <= in_vain and OutcomeKind.VERIFIED_GONE not in kinds.values()
    return tuple(one.label for one in searched) if is_proven and len(in_vain) == len(searched) else ()


def outcome_facts(desk: Desk, case: Case) -> dict[str, object]:
    """Return what may be told of the outcomes, as facts for the texts."""
    labels = {system.name: system.label for system in desk.systems}
    parts = {one.system: one for one in case.plan.systems} if case.plan else {}

    def named(outcome: Outcome) -> str:
        return labels.get(outcome.system) or (parts[outcome.system].label if outcome.system in parts else "")

    return {
        "company": desk.policy.company,
        "removed": removed(case, named),
        "kept": [
            {
                "label": named(one),
                "table": count.table,
                "count": count.number,
                "ground": count.ground,
                "until": count.until,
            }
            for one in case.outcomes
            for count in (one.kept_counts or _whole(one, named(one)))
        ]
        + [_residue(one, named(one)) for one in case.outcomes if one.kind in GONE and one.for_customer],
        "scope": str(case.scope),
        "nothing_found": [named(one) for one in case.outcomes if one.kind is OutcomeKind.NOTHING_FOUND],
        "attested": [named(one) for one in case.outcomes if one.is_settled and one.signed_by],
        "open": [
            {"label": named(one), "said": one.for_customer, "due": one.finish_by}
            for one in case.outcomes
            if not one.is_settled
        ],
        "activecampaign": _activecampaign(desk, case),
        "removed_account": any(count.action == "remove" for one in case.outcomes for count in one.counts),
        "backups": desk.policy.backups,
        "answer_due": case.answer_due.astimezone(desk.policy.zone),
    }


def removed(case: Case, named: Callable[[Outcome], str]) -> list[dict[str, object]]:
    """Return what was verified to be gone, one line a system, for a text to the customer."""
    return [
        {"label": named(one), "count": sum(count.number for count in one.counts if count.action != "keep")}
        for one in case.outcomes
        if one.kind is OutcomeKind.VERIFIED_GONE
    ]


def _residue(outcome: Outcome, label: str) -> dict[str, object]:
    """Return the line about what stays with a processor although its record is gone: it is named too (rule 5)."""
    return {"label": label, "table": "", "count": 0, "ground": outcome.for_customer, "until": ""}


def _whole(outcome: Outcome, label: str) -> tuple[Count, ...]:
    """Return a line for a system that is kept without counted records: what is kept is named in any case (rule 5)."""
    if outcome.kind is not OutcomeKind.KEPT:
        return ()
    return (Count(table=label, action="keep", number=0, ground=outcome.ground, until=outcome.until),)


def _activecampaign(desk: Desk, case: Case) -> str:
    """Return what may be said of the mandatory contact deletion: "removed", "none" or "open" (design rule 3)."""
    kinds = {one.kind for one in case.outcomes if one.system in desk.mandatory}
    if kinds == {OutcomeKind.VERIFIED_GONE}:
        return "removed"
    return "none" if kinds == {OutcomeKind.NOTHING_FOUND} else "open"
