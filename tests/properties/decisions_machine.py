"""The decisions of people up to approval, and the brakes, as rules of a state machine that keeps its own notes."""

from dataclasses import replace
from datetime import UTC, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from services.domain import decisions, ending, holding, running
from services.domain.case import State
from services.domain.deadlines import REGIMES
from services.domain.denials import Denied
from services.domain.laws import set_laws
from services.domain.plan import Plan
from services.domain.question import Question
from services.domain.record import Case, Chosen, Hold, HoldKind, Jurisdiction
from services.domain.scope import Intent, Reading, Scope
from tests.properties.samples import NOW, a_case, a_plan, an_actor, an_answer, an_approved_case

people = st.sampled_from(["ANA", "BEN", "LEA", "TOM"])
plans = st.sampled_from(["v1", "v2"])


class DecidingMachine(RuleBasedStateMachine):
    """One case; every rule tries one decision with plausible and implausible arguments and keeps own notes of it."""

    @initialize(
        intent=st.sampled_from([Intent.ERASE_DATA, Intent.CLOSE_ACCOUNT]),
        speaks=st.booleans(),
        scope=st.sampled_from(Scope),
        approved=st.booleans(),
    )
    def a_case_is_opened(self, intent: Intent, speaks: bool, scope: Scope, approved: bool) -> None:
        """From the beginning, or (so that the late decisions are reached) with everything on record already."""
        reading = Reading(intent=intent, confidence=1, speaks_of_data=speaks)
        self.case = an_approved_case(scope, reading=reading) if approved else a_case(reading=reading)
        self.now = NOW
        self.recorders: set[str] = {"ANA"} if approved else set()
        self.yes: set[tuple[str, str]] = {("LEA", self.case.plan.hash)} if approved else set()
        self.may_begin_at = NOW if approved else None
        self.asked_at = NOW if approved else None
        self.unread = False
        self.ended: State | None = None

    def _keep(self, result: Case | Denied) -> bool:
        """Take over an accepted decision; say whether it was one."""
        if isinstance(result, Denied):
            return False
        assert result.version == self.case.version + 1, "every write is exactly one version further"
        assert result.revision >= self.case.revision, "a revision never comes back"
        self.case = result
        return True

    def _all_void(self) -> None:
        self.yes.clear()
        self.may_begin_at = None

    @rule(minutes=st.sampled_from([1, 60, 60 * 24]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(by=people)
    def ask(self, by: str) -> None:
        if self._keep(decisions.ask(self.case, question=Question(at=self.now, by=by, channel="thread"))):
            self.asked_at = self.now

    @rule(
        by=people,
        scope=st.sampled_from(Scope),
        late=st.sampled_from([-60, 0, 60]),
        from_message=st.booleans(),
    )
    def record_answer(self, by: str, scope: Scope, late: int, from_message: bool) -> None:
        at = self.now + timedelta(minutes=late)
        answer = an_answer(scope, at=at, recorded_at=self.now, by=by, from_message=from_message)
        if self._keep(decisions.record_answer(self.case, answer=answer, has_words=True, has_proof=True)):
            if from_message:
                assert scope is Scope.ACCOUNT_ONLY
                assert self.case.reading.intent is Intent.CLOSE_ACCOUNT
                assert not self.case.reading.speaks_of_data
            else:
                assert self.asked_at is not None
                assert at >= self.asked_at
            assert at <= self.now
            self.recorders.add(by)
            self.unread = False
            self._all_void()

    @rule(by=people, undecided=st.sampled_from([0, 0, 1]), macs=st.sampled_from([("m1",), ("m1", "m2"), ()]))
    def choose_identity(self, by: str, undecided: int, macs: tuple[str, ...]) -> None:
        chosen = Chosen(at=self.now, by=by, identifiers=macs)
        if self._keep(decisions.choose_identity(self.case, chosen=chosen, undecided=undecided)):
            assert macs
            assert not undecided
            self.recorders.add(by)
            self._all_void()

    @rule(
        scope=st.sampled_from(Scope),
        macs=st.sampled_from([("m1",), ("m1", "m2")]),
        digest=plans,
        bad=st.booleans(),
    )
    def make_plan(self, scope: Scope, macs: tuple[str, ...], digest: str, bad: bool) -> None:
        self._plan(a_plan(scope, identifiers=macs, digest=digest, problem="down" if bad else ""))

    @rule(digest=plans)
    def make_a_fitting_plan(self, digest: str) -> None:
        if self.case.scope and self.case.chosen:
            self._plan(a_plan(self.case.scope, identifiers=self.case.chosen.identifiers, digest=digest))

    def _plan(self, plan: Plan) -> None:
        if self._keep(decisions.make_plan(self.case, plan=plan)):
            assert not plan.problems
            assert set(plan.identifiers) == set(self.case.chosen.identifiers)
            self._all_void()

    @rule(by=people, needed=st.integers(0, 2))
    def send_for_approval(self, by: str, needed: int) -> None:
        if self._keep(decisions.send_for_approval(self.case, by=an_actor(by), needed=needed)):
            self.recorders.add(by)

    @rule(
        by=people,
        true_hash=st.sampled_from([True, True, False]),
        typed=st.sampled_from(["DD-1001", "DD-1001", ""]),
    )
    def approve(self, by: str, true_hash: bool, typed: str) -> None:
        seen = self.case.plan.hash if self.case.plan and true_hash else "0" * 64
        day = timedelta(days=1)
        approved = decisions.approve(
            self.case, by=an_actor(by), at=self.now, plan_hash=seen, typed=typed, cooling_off=day
        )
        if self._keep(approved):
            assert by not in self.recorders
            assert true_hash
            assert typed
            self.yes.add((by, seen))
            self.may_begin_at = self.now + day

    @rule(by=people)
    def decide_account_only(self, by: str) -> None:
        seen = self.case.plan.hash if self.case.plan else ""
        hour = timedelta(hours=1)
        decided = decisions.decide_account_only(
            self.case, by=an_actor(by), at=self.now, plan_hash=seen, cooling_off=hour
        )
        if self._keep(decided):
            assert self.case.scope is Scope.ACCOUNT_ONLY
            self.yes.add((by, seen))
            self.may_begin_at = self.now + hour

    @rule()
    def customer_writes(self) -> None:
        if self._keep(ending.pause(self.case, at=self.now)):
            self.unread = True

    @rule()
    def mark_read(self) -> None:
        if self._keep(ending.mark_read(self.case)):
            self.unread = False

    @rule(kind=st.sampled_from(HoldKind), reason=st.booleans())
    def place_hold(self, kind: HoldKind, reason: bool) -> None:
        hold = Hold(kind=kind, at=self.now, by="LEA", reason_digest="r")
        before = self.case
        if self._keep(holding.place_hold(self.case, hold=hold, has_reason=reason)):
            assert reason
            assert before.hold is None
            if self.case.revision != before.revision:
                self._all_void()

    @rule(reason=st.booleans())
    def lift_hold(self, reason: bool) -> None:
        if self._keep(holding.lift_hold(self.case, has_reason=reason)):
            assert reason

    @rule(known=st.booleans())
    def extend(self, known: bool) -> None:
        self.case = replace(self.case, regimes=("gdpr",) if known else ())
        before = self.case
        extended = holding.extend(
            self.case, by="ANA", at=self.now, channel="copied", reason_digest="r", zone=UTC
        )
        if self._keep(extended):
            assert known, "extended although a law that knows no extension may apply"
            assert before.extension is None, "extended twice"
            assert self.now < before.answer_due, "extended after the first period"
            assert self.case.answer_due > before.answer_due
            assert self.case.state is before.state, "an extension moves nothing but the deadline"

    @rule(laws=st.sets(st.sampled_from(sorted(REGIMES))), reason=st.booleans())
    def set_laws(self, laws: set[str], reason: bool) -> None:
        decided = Jurisdiction(at=self.now, by="ANA", reason_digest="r" if reason else "")
        before = self.case
        changed = set_laws(
            self.case, laws=laws, decided=decided, zone=UTC, is_working_day=lambda _, day: day.weekday() < 5
        )
        if self._keep(changed):
            assert laws, "no law chosen"
            assert reason, "laws set without a reason"
            assert before.told is None
            assert self.case.state is before.state, "the law moves nothing but the clocks"
            assert self.case.opened_at == before.opened_at

    @rule()
    def stop(self) -> None:
        if self._keep(ending.stop(self.case)):
            self._all_void()

    @rule()
    def drift(self) -> None:
        plan = self.case.plan and replace(self.case.plan)
        if plan and self._keep(running.go_back_for_drift(self.case, plan=plan, reasons=("moved",))):
            self._all_void()
