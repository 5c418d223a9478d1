"""The pure decisions in any order: no sequence of accepted ones begins a run that section 2 would not allow."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from services.domain import ending, running
from services.domain.case import TERMINAL, State
from services.domain.outcome import Outcome, OutcomeKind, allow_fully_removed
from services.domain.record import Ended, Told
from services.domain.scope import Scope
from tests.properties.decisions_machine import DecidingMachine, people

plans = st.sampled_from(["v1", "v2"])


class DecisionsMachine(DecidingMachine):
    """What people decide, then the run and the ending; and what holds at every moment."""

    @rule(steps=st.integers(1, 8), by=people)
    def all_goes_well_for_a_while(self, steps: int, by: str) -> None:
        """The next right decisions, so that the late ones are reached at all."""
        for _ in range(steps):
            self._next_right_decision(by)

    def _next_right_decision(self, by: str) -> None:
        self.mark_read()
        self.lift_hold(reason=True)
        match self.case.state:
            case State.DETECTED:
                self.ask(by)
            case State.AWAITING_CUSTOMER:
                self.record_answer(by, Scope.ALL_PERSONAL_DATA, 0, from_message=False)
            case State.SCOPE_CONFIRMED:
                self.choose_identity(by, 0, ("m1",))
                self.make_a_fitting_plan("v1")
            case State.PLANNED:
                self.send_for_approval(by, 1)
            case State.AWAITING_APPROVAL:
                self.approve("LEA", true_hash=True, typed="DD-1001")
                self.approve("TOM", true_hash=True, typed="DD-1001")
            case State.APPROVED:
                self.now += timedelta(days=1)
                self.start(halted=False, observe=False)
            case State.DELETING:
                self.begin_deleting()
                self.every_system_is_gone()
                self.the_run_goes_on("verify")
            case State.VERIFYING:
                self.the_run_goes_on("conclude")
            case State.NEEDS_ATTENTION:
                self.retry(halted=False, observe=False)
            case State.AWAITING_SYSTEMS:
                self.the_run_goes_on("resume")
            case State.NOTIFYING:
                self.tell()
                self.complete()
            case _:
                pass

    @rule(halted=st.booleans(), observe=st.booleans())
    def start(self, halted: bool, observe: bool) -> None:
        if self._keep(running.start(self.case, now=self.now, halted=halted, observe=observe)):
            self._began(halted=halted, observe=observe)

    @rule(halted=st.booleans(), observe=st.booleans())
    def retry(self, halted: bool, observe: bool) -> None:
        retried = self._keep(running.retry(self.case, halted=halted, observe=observe))
        if retried and self.case.state is State.DELETING:
            self._began(halted=halted, observe=observe)
        elif retried:
            self._all_void()

    def _began(self, *, halted: bool, observe: bool) -> None:
        """What section 2 demands, from this machine's own notes."""
        assert not halted
        assert not observe
        assert not self.unread, "it began over an unread message"
        assert self.case.hold is None, "it began over a legal hold"
        assert self.case.plan is not None
        assert self.may_begin_at is not None, "nobody said yes since the last change"
        assert self.now >= self.may_begin_at, "the cooling-off was not over"
        others = {by for by, seen in self.yes if seen == self.case.plan.hash} - self.recorders
        assert others or self.case.scope is Scope.ACCOUNT_ONLY, "nobody else approved it"

    @rule()
    def begin_deleting(self) -> None:
        result = running.begin_deleting(self.case, revision=self.case.revision)
        if result is not self.case:
            self._keep(result)

    @rule(
        system=st.sampled_from(["accounts", "activecampaign", "shop"]),
        kind=st.sampled_from(OutcomeKind),
        stale=st.sampled_from([0, 0, 0, 1]),
    )
    def settle(self, system: str, kind: OutcomeKind, stale: int) -> None:
        before = self.case.outcome_of(system)
        outcome = Outcome(system=system, kind=kind, at=self.now, due=self.now)
        if self._keep(running.settle(self.case, outcome=outcome, revision=self.case.revision - stale)):
            assert not stale, "a stale run's outcome was taken"
            if before and before.kind is OutcomeKind.VERIFIED_GONE:
                assert self.case.outcome_of(system).kind is not OutcomeKind.NOTHING_FOUND

    @rule(kind=st.sampled_from(OutcomeKind), by=st.sampled_from(["", "ANA"]))
    def sign(self, kind: OutcomeKind, by: str) -> None:
        outcome = Outcome(system="shop", kind=kind, at=self.now, signed_by=by)
        if self._keep(running.sign(self.case, outcome=outcome)):
            assert self.case.outcome_of("shop").is_settled

    @rule()
    def every_system_is_gone(self) -> None:
        for system in ("accounts", "activecampaign", "shop"):
            self.settle(system=system, kind=OutcomeKind.VERIFIED_GONE, stale=0)

    @rule(which=st.sampled_from(["verify", "conclude", "attention", "resume"]))
    def the_run_goes_on(self, which: str) -> None:
        match which:
            case "verify":
                result = running.begin_verification(self.case)
            case "conclude":
                result = running.conclude(self.case, now=self.now, mandatory={"activecampaign"})
            case "attention":
                result = running.need_attention(self.case, problem="something")
            case _:
                result = running.resume(self.case, now=self.now, halted=False, observe=False)
        self._keep(result)

    @rule(
        which=st.sampled_from(["withdraw", "refuse", "dismiss", "undo"]),
        reason=st.sampled_from(["", "a reason"]),
    )
    def end(self, which: str, reason: str) -> None:
        ended = Ended(at=self.now, by="ANA", reason=reason)
        started, state = self.case.started, self.case.state
        match which:
            case "withdraw":
                done = self._keep(ending.withdraw(self.case, ended=ended))
                assert not (done and started), "withdrawn after something was deleted"
            case "undo":
                window = timedelta(days=7)
                done = self._keep(ending.undo_dismissal(self.case, now=self.now, window=window))
                if done:
                    assert state is State.DISMISSED
                    self.ended = None
            case _:
                done = self._keep(getattr(ending, which)(self.case, ended=ended))
                assert reason or not done, f"{which} without a reason"

    @rule()
    def tell(self) -> None:
        told = Told(at=self.now, by="ANA", channel="copied", evidence="attested", text_digest="d")
        self._keep(ending.record_told(self.case, told=told))

    @rule()
    def complete(self) -> None:
        if self._keep(ending.complete(self.case, mandatory={"activecampaign"})):
            assert self.case.told is not None
            assert all(one.is_settled for one in self.case.outcomes)
            if self.case.scope is Scope.ALL_PERSONAL_DATA:
                assert self.case.outcome_of("activecampaign").is_settled

    @invariant()
    def terminal_states_stay_terminal(self) -> None:
        if self.ended:
            assert self.case.state is self.ended
        if self.case.state in TERMINAL:
            self.ended = self.case.state

    @invariant()
    def nobody_is_told_before_everything_was_verified(self) -> None:
        if self.case.state in {State.NOTIFYING, State.COMPLETED}:
            open_kinds = {OutcomeKind.FAILED, OutcomeKind.RETRY_LATER, OutcomeKind.ACCEPTED}
            kinds = {one.kind for one in self.case.outcomes}
            assert not kinds & open_kinds
            assert not kinds <= {OutcomeKind.NOTHING_FOUND}
        if allow_fully_removed(self.case.outcomes):
            assert {one.kind for one in self.case.outcomes} <= {
                OutcomeKind.VERIFIED_GONE,
                OutcomeKind.NOTHING_FOUND,
            }


DecisionsMachine.TestCase.settings = settings(max_examples=max(100, settings().max_examples), deadline=None)


class TestDecisions(DecisionsMachine.TestCase):
    """Design section 2 holds for the pure decisions in every order."""
