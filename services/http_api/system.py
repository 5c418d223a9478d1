"""An HTTP API behind the System port: found by look-up, erased step by step, proven by a read or a job's end."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from services.domain.identity import Candidate, Identifier, Identity
from services.domain.outcome import Count, Outcome, OutcomeKind
from services.domain.plan import SystemPlan
from services.domain.scope import Scope
from services.http_api.client import Api
from services.http_api.definition import Definition
from services.http_api.progress import Progress, progress_of, request_key
from services.http_api.proposing import proposed
from services.http_api.records import (
    Record,
    held,
    left,
    records_of,
    subjects_of,
    unchosen,
    with_chosen,
)
from services.http_api.tracks import Ended, advance, begin, pending
from services.pace import Places
from services.ports import Clock, Job, SystemUnavailableError

SEEN_AGAIN = timedelta(minutes=15)


class HttpSystem:
    """One system described by a definition. Keeps nothing between calls but connections and an access token.

    With `is_account` it is the account service: it acts on both scopes, and `erased_by` names the system that erases
    what a closed account leaves. `order` is its place in a run (design rule 7).
    """

    is_mandatory = False

    def __init__(
        self,
        definition: Definition,
        *,
        name: str,
        secrets: Mapping[str, str],
        clock: Clock,
        label: str = "",
        base: str = "",
        is_account: bool = False,
        erased_by: str = "",
        order: int = 20,
        places: Places | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.label = label or definition.label
        self.order = order
        self._is_account, self._erased_by = is_account, erased_by
        self._definition, self._clock = definition, clock
        self._api = Api(
            definition,
            secrets=secrets,
            clock=clock,
            base=base,
            places=places,
            sleep=sleep,
            monotonic=monotonic,
        )

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def acts_on(self, scope: Scope) -> bool:
        """Only `all_personal_data` touches an external system; both scopes end an account."""
        match scope:
            case Scope.ALL_PERSONAL_DATA:
                return True
            case Scope.ACCOUNT_ONLY:
                return self._is_account
        assert_never(scope)

    @property
    def rechecks(self) -> tuple[timedelta, ...] | None:
        """How long after completion to look whether a record is back; None where the definition leaves it open."""
        return self._definition.rechecks

    def digest(self) -> str:
        """Return the hash of the definition."""
        return self._definition.digest

    def find(self, identifiers: tuple[Identifier, ...]) -> tuple[Candidate, ...]:
        """Return the records whose own address equals one of the customer's; none where nothing is looked up."""
        if self._definition.lookup is None:
            return ()
        records = records_of(self._api, self._definition, Identity(identifiers=identifiers))
        return proposed(records, system=self.name, label=self.label)

    def plan(self, identity: Identity, scope: Scope) -> SystemPlan:
        """Count the records, and say what the definition leaves unconfirmed or behind. Never raises."""
        definition, problem, number, retry_at = self._definition, "", 0, None
        warnings = [f"not confirmed: {note}" for note in definition.unconfirmed]
        warnings += [definition.residue_card] if definition.residue_card else []
        try:
            records = held(self._api, definition, identity, self.name)
            number = len(records)
            warnings += dict.fromkeys(text for one in records for text in one.warnings)
            problem = "; ".join(dict.fromkeys(self._obstacles(records, identity)))
        except SystemUnavailableError as unavailable:
            problem = unavailable.reason
            retry_at = unavailable.retry_at if unavailable.asked else None
        is_evidence = definition.lookup is not None or bool(definition.verify.reads)
        if stays := self._stays(scope):
            warnings.append(stays)
        if not is_evidence:
            warnings.append(
                "holds no list of its customers: the deletion is requested without knowing of records"
            )
        return SystemPlan(
            system=self.name,
            label=self.label,
            order=self.order,
            digest=self.digest(),
            acts=self.acts_on(scope),
            lines=(Count(table=self._table, action=definition.does, number=number),),
            warnings=tuple(warnings),
            problem=problem,
            is_evidence=is_evidence,
            retry_at=retry_at,
        )

    def execute(self, job: Job) -> Outcome | None:
        """Ask for the deletion of every record, or go on with the jobs that an earlier run noted.

        Repeating it finds what is left by look-up; a job that is under way is asked about and never started again.
        """
        before = progress_of(job.reference) or Progress(since=self._clock.now())
        tracks, known = list(before.tracks), {one.saved.get("key") for one in before.tracks}
        try:
            for index, track in enumerate(tracks):
                tracks[index] = advance(self._api, self._definition, track)
            records = records_of(self._api, self._definition, job.identity)
            if obstacles := self._obstacles(records, job.identity):
                return self._outcome(OutcomeKind.FAILED, reason=obstacles[0], reference=job.reference)
            records = with_chosen(records, job.identity, self.name)
            # A record whose job is under way is known by its key: it is never asked for a second time.
            new = [one for one in records if request_key(job.key, one.id) not in known]
            for one in new:
                # One by one: what had begun when the next one failed must be known to the next run.
                tracks.append(begin(self._api, self._definition, one, job.key))  # noqa: PERF401
        except Ended as ended:
            return self._outcome(OutcomeKind.FAILED, reason=f"its deletion job ended as {ended.value}")
        except SystemUnavailableError as unavailable:
            begun = replace(before, tracks=tuple(tracks)) if tracks and self._has_poll else None
            return self._unanswered(unavailable, begun.text() if begun else job.reference)
        now = replace(before, tracks=tuple(tracks) if self._has_poll else ())
        if tracks and self._has_poll:
            return self._waiting(now)
        if tracks and (self._definition.window or self._definition.verify.within):
            return self.verify(replace(job, reference=now.text()))
        return None

    def verify(self, job: Job) -> Outcome:
        """Read whether it is gone, as the definition says; a job that has not ended is ACCEPTED until its due date."""
        progress, verify = progress_of(job.reference), self._definition.verify
        try:
            if progress and progress.tracks:
                for track in progress.tracks:
                    if pending(self._api, self._definition, track):
                        return self._waiting(progress)
            elif verify.job and job.planned.found:
                return self._outcome(OutcomeKind.FAILED, reason="no number of a deletion job is known: retry")
            remaining = self._left(job.identity)
        except Ended as ended:
            return self._outcome(OutcomeKind.FAILED, reason=f"its deletion job ended as {ended.value}")
        except SystemUnavailableError as unavailable:
            return self._unanswered(unavailable, job.reference)
        if remaining and progress and self._clock.now() < (by := progress.since + verify.within):
            return self._accepted(progress, due=min(self._clock.now() + SEEN_AGAIN, by), by=by)
        if remaining:
            is_closing = self._definition.does == "deactivate"
            reason = f"still {'open' if is_closing else 'there'}: {remaining} {self._table[:-1]}{'s' if remaining > 1 else ''}"
            return self._outcome(OutcomeKind.FAILED, reason=reason)
        return self._gone(job, progress)

    def _gone(self, job: Job, progress: Progress | None) -> Outcome:
        definition, lines = self._definition, job.planned.lines
        reference = progress.text() if progress else ""
        if not job.planned.found and not (progress and progress.tracks):
            if definition.lookup is None and not subjects_of(definition, job.identity):
                reason = f"no {definition.subject} of the customer is known: nothing could be asked"
                return self._outcome(OutcomeKind.UNVERIFIABLE, reason=reason)
            return self._outcome(OutcomeKind.NOTHING_FOUND)
        if definition.verify.unverifiable:
            reason = definition.verify.unverifiable
            return self._outcome(OutcomeKind.UNVERIFIABLE, reason=reason, counts=lines, reference=reference)
        if definition.window:
            begun = progress or Progress(since=self._clock.now())
            over = begun.since + definition.window
            if self._clock.now() < over:
                return self._accepted(begun, due=over, by=over)
        return self._outcome(
            OutcomeKind.VERIFIED_GONE,
            counts=lines,
            reason=definition.residue_card,
            for_customer=definition.residue_customer or self._stays(job.scope),
            reference=reference,
        )

    def _stays(self, scope: Scope) -> str:
        """What is still there of an account that was closed and not removed, where everything was to go (rule 5)."""
        closed = self._definition.does == "deactivate" and scope is Scope.ALL_PERSONAL_DATA
        return "the closed account itself stays on file there" if closed and not self._erased_by else ""

    def _left(self, identity: Identity) -> int:
        """How many records are still there, as far as that can be read at all."""
        verify = self._definition.verify
        if verify.unverifiable or (verify.job and not verify.lookup and not verify.reads):
            return 0
        return len(left(self._api, self._definition, identity, self.name))

    def _obstacles(self, records: tuple[Record, ...], identity: Identity) -> list[str]:
        """Why nothing may be done: a block, or a record that carries an address and was not chosen (rule 4)."""
        number = unchosen(records, identity, self.name) if self._definition.lookup else 0
        says = f"{number} records carry an address of this customer's, but were not chosen as theirs"
        return [*(text for one in records for text in one.blocks), *([says] if number else [])]

    def _waiting(self, progress: Progress) -> Outcome:
        """ACCEPTED when only the end of the jobs is awaited, RETRY_LATER when a further step follows."""
        now, last = self._clock.now(), len(self._definition.steps) - 1
        polls = [poll for one in progress.tracks if (poll := self._definition.steps[one.step].poll)]
        by = progress.since + max(poll.due for poll in polls)
        if now >= by:
            return self._outcome(OutcomeKind.FAILED, reason="its deletion job has not ended by its due date")
        due = min(now + min(poll.every for poll in polls), by)
        if all(one.step == last for one in progress.tracks):
            return self._accepted(progress, due=due, by=by)
        reason, text = "its deletion job is not ready for the next step", progress.text()
        return self._outcome(OutcomeKind.RETRY_LATER, reason=reason, due=due, reference=text)

    def _accepted(self, progress: Progress, *, due: datetime, by: datetime) -> Outcome:
        reason, text = "accepted, not finished yet", progress.text()
        told = self._definition.residue_customer
        accepted = self._outcome(
            OutcomeKind.ACCEPTED, reason=reason, for_customer=told, due=due, reference=text
        )
        return replace(accepted, finish_by=by)

    @property
    def _has_poll(self) -> bool:
        return any(one.poll for one in self._definition.steps)

    @property
    def _table(self) -> str:
        if self._is_account:
            return "accounts"
        return "records" if self._definition.lookup or self._definition.verify.reads else "requests"

    def _unanswered(self, unavailable: SystemUnavailableError, reference: str) -> Outcome:
        kind = OutcomeKind.RETRY_LATER if unavailable.retry_at else OutcomeKind.FAILED
        due, reason = unavailable.retry_at, unavailable.reason
        return self._outcome(kind, reason=reason, due=due, reference=reference)

    def _outcome(
        self,
        kind: OutcomeKind,
        *,
        reason: str = "",
        for_customer: str = "",
        counts: tuple[Count, ...] = (),
        due: datetime | None = None,
        reference: str = "",
    ) -> Outcome:
        return Outcome(
            system=self.name,
            kind=kind,
            at=self._clock.now(),
            reason=reason,
            for_customer=for_customer,
            counts=counts,
            due=due,
            reference=reference,
        )
