"""Reminding people of what the law wants: in the thread, approvers directly, and a digest once a working day."""

from datetime import datetime, timedelta

from services.deciding import NO_CASE
from services.domain.case import TERMINAL, State
from services.domain.ledger import Entry
from services.domain.people import DESK
from services.domain.record import Case
from services.domain.reminding import Digest, Reminder, reminders
from services.ports import Desk, PostKind

SOON = timedelta(days=7)
# How far back a digest looks for dismissals at most: over a long holiday.
LONGEST_BREAK = timedelta(days=14)


def remind(desk: Desk) -> int:
    """Ask for every reminder that is due; return how many were new. Idempotent: each occasion is given once.

    Nothing closes, erases or answers by itself: an approver is told of a silent customer before the deadline, and a
    person decides.
    """
    now, given = desk.clock.now(), 0
    for case in desk.cases.in_states(state for state in State if state not in TERMINAL):
        for one in reminders(case, now=now, choices=desk.policy.reminding):
            given += _give(desk, case, one, now)
    return given


def _give(desk: Desk, case: Case, reminder: Reminder, now: datetime) -> bool:
    people = sorted(desk.roles.approvers) if reminder.for_approvers else []
    new = [
        desk.posts.want_direct(case.id, PostKind.NUDGE, person=person, occasion=reminder.occasion)
        for person in ("", *people)
    ]
    if not new[0]:
        return False
    desk.cases.note(
        Entry(
            case_id=case.id,
            version=case.version,
            at=now,
            actor=DESK.user_id,
            action="remind",
            before=case.state,
            after=case.state,
            facts=(("need", reminder.need), ("approvers", ",".join(people))),
        )
    )
    return True


def digest(desk: Desk, *, since: datetime) -> Digest:
    """Return the digest as of now. Reads only; holds no personal data."""
    now = desk.clock.now()
    running = desk.cases.in_states(state for state in State if state not in TERMINAL)
    dismissed = desk.cases.in_states((State.DISMISSED,))
    silence = desk.policy.reminding.silent
    return Digest(
        now=now,
        dismissed=tuple(one for one in dismissed if one.ended and one.ended.at >= since),
        silent=tuple(
            one
            for one in running
            if one.state is State.AWAITING_CUSTOMER and one.question and now - one.question.at >= silence
        ),
        due=tuple(one for one in running if one.told is None and one.answer_due <= now + SOON),
        held=tuple(one for one in running if one.hold),
    )


def digest_is_due(desk: Desk) -> bool:
    """Whether today is a working day of the company's, and its hour for the digest has come."""
    local = desk.clock.now().astimezone(desk.policy.zone)
    is_working = desk.is_working_day(desk.policy.country, local.date())
    return is_working and local.time() >= desk.policy.reminding.digest_at


def last_digest(desk: Desk, person: str) -> datetime | None:
    """Return when this person got the last digest (or would have, had there been anything to say)."""
    given = [
        one.entry.at
        for one in desk.cases.ledger(NO_CASE)
        if one.entry.action == "digest" and dict(one.entry.facts).get("to") == person
    ]
    return given[-1] if given else None


def note_digest(desk: Desk, person: str, shown: Digest) -> None:
    """Put on the record that this person was shown today's digest."""
    numbers = {name: len(getattr(shown, name)) for name in ("dismissed", "silent", "due", "held")}
    desk.cases.note(
        Entry(
            case_id=NO_CASE,
            version=0,
            at=shown.now,
            actor=DESK.user_id,
            action="digest",
            facts=(("to", person), *((name, str(number)) for name, number in numbers.items())),
        )
    )
