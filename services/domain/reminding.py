"""When people have to be reminded of a case: pure, from the case and the time; nothing moves by itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from services.domain.case import BEFORE_CONFIRMATION, TERMINAL, State
from services.domain.record import Case


class Need(StrEnum):
    """Why somebody is reminded."""

    ACKNOWLEDGE = "acknowledge"
    SILENT = "silent"
    DUE = "due"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminding:
    """The operator's choices: how long before a deadline, after how long a silence, and when the digest comes."""

    before: tuple[timedelta, ...] = (timedelta(days=7), timedelta(days=3), timedelta(days=1))
    silent: timedelta = timedelta(days=3)
    digest_at: time = field(default_factory=lambda: time(9, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One reminder. `occasion` is another number for every further one; the same one is given only once.

    `for_approvers`: an approver is told directly too, because the agents alone did not move it (the customer is silent
    and the deadline near, or a deadline has passed).
    """

    need: Need
    occasion: int
    for_approvers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What approvers should have seen today: dismissed since the last digest, silent customers, due soon, on hold."""

    now: datetime
    dismissed: tuple[Case, ...] = ()
    silent: tuple[Case, ...] = ()
    due: tuple[Case, ...] = ()
    held: tuple[Case, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.dismissed or self.silent or self.due or self.held)


def reminders(case: Case, *, now: datetime, choices: Reminding) -> tuple[Reminder, ...]:
    """Return what is to be reminded of now; the same answer again until something changes or time goes on.

    Holds, pauses and waiting systems silence nothing: the legal clock runs on (design rule 12). A customer who has been
    told has had the answer.
    """
    if case.state in TERMINAL or case.told is not None:
        return ()
    return (*_acknowledge(case, now, choices), *_silent(case, now, choices), *_due(case, now, choices))


def _acknowledge(case: Case, now: datetime, choices: Reminding) -> Iterator[Reminder]:
    due = case.acknowledge_due
    if due is None or case.is_acknowledged:
        return
    step = _step(now, due, choices.before, period=due - case.opened_at)
    if step is not None:
        yield Reminder(
            need=Need.ACKNOWLEDGE, occasion=_occasion(due, step), for_approvers=step >= len(choices.before)
        )


def _silent(case: Case, now: datetime, choices: Reminding) -> Iterator[Reminder]:
    if case.state is not State.AWAITING_CUSTOMER or case.question is None:
        return
    # The days are told one by one only as often as somebody can still do something about it.
    number = (now - case.question.at) // choices.silent
    if number >= 1:
        yield Reminder(
            need=Need.SILENT, occasion=_occasion(case.question.at, min(number, 9)), for_approvers=False
        )


def _due(case: Case, now: datetime, choices: Reminding) -> Iterator[Reminder]:
    due = case.answer_due
    step = _step(now, due, choices.before, period=due - case.opened_at)
    if step is None:
        return
    is_over = step >= len(choices.before)
    yield Reminder(
        need=Need.OVERDUE if is_over else Need.DUE,
        occasion=_occasion(due, step),
        for_approvers=is_over or case.state in BEFORE_CONFIRMATION,
    )


def _step(now: datetime, due: datetime, before: tuple[timedelta, ...], *, period: timedelta) -> int | None:
    """Return which of the moments has passed last: 0 the first before `due` …, and one more for every day after it.

    A moment that lies in the first half of the period is left out: it would come with the request itself.
    """
    if now >= due:
        return len(before) + min((now - due).days, 30)
    left = due - now
    passed = [number for number, one in enumerate(sorted(before, reverse=True)) if left <= one <= period / 2]
    return passed[-1] if passed else None


def _occasion(moment: datetime, step: int) -> int:
    """Return a number of its own for each step before this very moment: an extension begins the steps anew."""
    # In minutes: the name of a post (kind, person, occasion) has 32 characters in the store.
    return int(moment.timestamp()) // 60 * 100 + step
