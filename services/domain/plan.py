"""What each system would do for one case: the plan, the hash that approval is bound to, and drift from it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from services.domain.outcome import Count
from services.domain.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemPlan:
    """One system's part. `order` is its place in the run (design rule 7), lowest first.

    `digest` identifies the system's definition (data map, settings). `acts` is false when the scope leaves this
    system alone: then its lines are only counted. `problem` says why the system could not be planned; a plan with
    a problem in an acting system is never approved. `is_evidence` is false for the conversation: that the request
    itself is gone says nothing about whether we held anything else (design rule 4). `place` is an opaque name of the
    store that the system looks at: systems with the same place look at the same tables. `retry_at` is set beside
    a problem that passes by itself: the system asked to be left alone until then.
    """

    system: str
    label: str
    order: int
    digest: str
    acts: bool = True
    lines: tuple[Count, ...] = ()
    warnings: tuple[str, ...] = ()
    problem: str = ""
    is_evidence: bool = True
    place: str = ""
    retry_at: datetime | None = None

    @property
    def found(self) -> int:
        """How many records of the customer's this system holds, kept ones included."""
        return sum(line.number for line in self.lines)

    @property
    def touched(self) -> int:
        """How many records would be deleted or changed."""
        return sum(line.number for line in self.lines if line.action != "keep") if self.acts else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All systems' parts, in the order in which they run. `identifiers` are HMACs, never values."""

    scope: Scope
    identifiers: tuple[str, ...]
    systems: tuple[SystemPlan, ...]

    @property
    def acting(self) -> tuple[SystemPlan, ...]:
        """The systems that this scope touches, in running order."""
        return tuple(
            sorted((one for one in self.systems if one.acts), key=lambda one: (one.order, one.system))
        )

    @property
    def touched(self) -> int:
        """How many records would be deleted or changed in all systems."""
        return sum(one.touched for one in self.systems)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why this plan may not go on, one sentence a system; empty when it may."""
        return tuple(f"{one.label}: {one.problem}" for one in self.acting if one.problem)

    @property
    def hash(self) -> str:
        """SHA-256 (hex) of what approval is bound to: scope, identifiers, systems, definitions, (table, action) pairs.

        Counts are left out on purpose: they may move within the tolerance that `drift` checks (design rule 8).
        """
        bound = {
            "scope": self.scope,
            "identifiers": sorted(self.identifiers),
            "systems": [
                {
                    "system": one.system,
                    "order": one.order,
                    "digest": one.digest,
                    "acts": one.acts,
                    "pairs": sorted({(line.table, line.action) for line in one.lines}),
                }
                for one in sorted(self.systems, key=lambda one: (one.order, one.system))
            ],
        }
        return hashlib.sha256(json.dumps(bound, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How far counts may move between approval and run: the larger of a number of rows and a share of the plan's."""

    rows: int = 20
    share: float = 0.2

    def allows(self, *, planned: int, now: int) -> bool:
        """Whether the count now is near enough to the planned one."""
        return abs(now - planned) <= max(self.rows, int(planned * self.share))


def drift(
    *,
    approved: Plan,
    fresh: Plan,
    settled: frozenset[str],
    tolerance: Tolerance,
    begun: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """Return what changed since approval in the systems that are not settled yet; empty when nothing that matters did.

    A different scope, a new or missing identifier, system or (table, action) pair with rows behind it, another
    definition, or a count beyond the tolerance goes back to planning and approval (design rule 8). In the systems
    that this case has `begun` to erase, fewer records than planned are its own work and no drift.
    """
    found: list[str] = []
    if approved.scope is not fresh.scope:
        found.append("the scope changed")
    if set(approved.identifiers) != set(fresh.identifiers):
        found.append("the identifiers changed")
    before = {one.system: one for one in approved.systems if one.acts}
    after = {one.system: one for one in fresh.systems if one.acts}
    found += [f"{name}: new system" for name in after.keys() - before.keys()]
    found += [f"{name}: no longer configured" for name in before.keys() - after.keys() - settled]
    for name in sorted(before.keys() & after.keys() - settled):
        old, new = before[name], after[name]
        if old.digest != new.digest:
            found.append(f"{name}: its definition changed")
        old_pairs = {(line.table, line.action) for line in old.lines}
        found += [
            f"{name}: {line.table} ({line.action}) is new"
            for line in new.lines
            if line.number and (line.table, line.action) not in old_pairs
        ]
        own_work = name in begun and new.touched < old.touched
        if not own_work and not tolerance.allows(planned=old.touched, now=new.touched):
            found.append(f"{name}: {old.touched} records planned, {new.touched} now")
    return tuple(found)
