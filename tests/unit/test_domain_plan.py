"""The plan: what its hash binds, what counts as drift, and in which order it runs."""

from dataclasses import replace

import pytest

from services.domain.outcome import Count
from services.domain.plan import Plan, SystemPlan, Tolerance, drift
from tests.properties.samples import ACCOUNT, ALL, a_plan

STRICT = Tolerance(rows=0, share=0.0)


def changed(plan: Plan, system: str = "shop", **changes: object) -> Plan:
    parts = tuple(replace(one, **changes) if one.system == system else one for one in plan.systems)
    return replace(plan, systems=parts)


def lines(*counts: tuple[str, str, int]) -> tuple[Count, ...]:
    return tuple(Count(table=table, action=action, number=number) for table, action, number in counts)


@pytest.mark.parametrize(
    "other",
    [
        a_plan(ACCOUNT),
        a_plan(identifiers=("m1", "m2")),
        a_plan(digest="v2"),
        replace(a_plan(), systems=a_plan().systems[:2]),
        changed(a_plan(), order=9),
        changed(a_plan(), acts=False),
        changed(a_plan(), lines=lines(("records", "anonymise", 3))),
        changed(a_plan(), lines=lines(("records", "delete", 3), ("notes", "delete", 0))),
    ],
    ids=["scope", "identifiers", "definition", "systems", "order", "acts", "action", "table"],
)
def test_the_hash_binds_what_was_approved(other: Plan) -> None:
    """Scope, identifiers, systems, definitions and (table, action) pairs are part of the hash (rule 8)."""
    assert other.hash != a_plan().hash


def test_the_hash_leaves_out_counts_and_the_order_of_listing() -> None:
    """Counts move within a tolerance, and how the systems are listed is no difference."""
    shuffled = replace(a_plan(identifiers=("m2", "m1")), systems=tuple(reversed(a_plan().systems)))
    assert shuffled.hash == a_plan(identifiers=("m1", "m2")).hash
    assert a_plan(found=99).hash == a_plan().hash


def test_the_acting_systems_come_in_running_order() -> None:
    """Sources first, the row with the identity last, whatever the order in the file (rule 7)."""
    plan = replace(a_plan(), systems=tuple(reversed(a_plan().systems)))
    assert [one.system for one in plan.acting] == ["accounts", "activecampaign", "shop"]
    assert [one.system for one in a_plan(ACCOUNT).acting] == ["accounts"]


def test_only_problems_of_acting_systems_count() -> None:
    """A system that the scope leaves alone may be down; one that acts stops the plan (rule 3)."""
    assert changed(a_plan(ACCOUNT), problem="down").problems == ()
    assert changed(a_plan(ALL), problem="down").problems == ("Shop: down",)


def test_kept_records_are_found_but_not_touched() -> None:
    """What is kept is counted as found and never as touched."""
    part = changed(a_plan(), lines=lines(("orders", "keep", 6), ("sessions", "delete", 2))).systems[2]
    assert (part.found, part.touched) == (8, 2)


def drifted(
    fresh: Plan, *, approved: Plan | None = None, tolerance: Tolerance = STRICT, **sets: object
) -> tuple:
    arguments = {"settled": frozenset()} | sets
    return drift(approved=approved or a_plan(), fresh=fresh, tolerance=tolerance, **arguments)


@pytest.mark.parametrize(
    "fresh",
    [
        a_plan(ACCOUNT),
        a_plan(identifiers=("m1", "m2")),
        changed(a_plan(), digest="v2"),
        replace(a_plan(), systems=a_plan().systems[:2]),
        replace(
            a_plan(), systems=(*a_plan().systems, SystemPlan(system="mail", label="Mail", order=9, digest=""))
        ),
        changed(a_plan(), lines=lines(("records", "delete", 3), ("notes", "delete", 1))),
        changed(a_plan(), lines=lines(("records", "delete", 4))),
        changed(a_plan(), lines=lines(("records", "delete", 2))),
    ],
    ids=["scope", "identifiers", "definition", "system gone", "system new", "table", "more", "fewer"],
)
def test_what_counts_as_drift(fresh: Plan) -> None:
    """A new identifier, table or system, another definition, or a count beyond the tolerance is drift (rule 8)."""
    assert drifted(fresh)
    assert drifted(a_plan()) == ()


def test_counts_may_move_within_the_tolerance() -> None:
    """The larger of a number of rows and a share of the plan's count is allowed, no more."""
    tolerance = Tolerance(rows=2, share=0.1)
    for found, ok in ((8, True), (12, True), (13, False), (7, False)):
        fresh = a_plan(found=found)
        assert (drifted(fresh, approved=a_plan(found=10), tolerance=tolerance) == ()) is ok
    assert Tolerance(rows=2, share=0.1).allows(planned=1000, now=1100)
    assert not Tolerance(rows=2, share=0.1).allows(planned=1000, now=1101)


def test_settled_systems_are_left_out_of_drift() -> None:
    """A retry looks only at systems not yet settled: what is gone has no counts to compare (rule 8)."""
    fresh = changed(a_plan(), lines=(), digest="v2")
    assert drifted(fresh)
    assert drifted(fresh, settled=frozenset({"shop"})) == ()


def test_what_the_case_itself_erased_is_no_drift() -> None:
    """After a half-done step fewer records are the case's own work; more records are still drift (rule 8)."""
    begun = frozenset({"shop"})
    assert drifted(changed(a_plan(), lines=()), begun=begun) == ()
    assert drifted(changed(a_plan(), lines=lines(("records", "delete", 4))), begun=begun)


def test_idle_systems_do_not_drift() -> None:
    """A system that the scope leaves alone may change as it likes."""
    assert drifted(changed(a_plan(ACCOUNT), digest="v2"), approved=a_plan(ACCOUNT)) == ()
