"""The deadline under the laws that a person chose: the earliest of theirs, never later for more of them."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.domain.deadlines import REGIMES, Deadline, acknowledgement_due, answer_due, extended_due
from services.domain.holding import extend
from services.domain.laws import set_laws
from services.domain.record import Case, Jurisdiction
from services.working_days import is_working_day
from tests.properties.samples import a_case
from tests.properties.test_deadlines_properties import moments, zones

chosen = st.lists(st.sampled_from(sorted(REGIMES)), min_size=1, unique=True).map(tuple)


def opened(received: datetime, regimes: tuple[str, ...], zone: ZoneInfo) -> Case:
    due = answer_due(received=received, regimes=regimes, zone=zone)
    return a_case(opened_at=received, answer_due=due.at, regime=due.regime.label, regimes=regimes)


def under(case: Case, laws: tuple[str, ...], zone: ZoneInfo) -> Case:
    decided = Jurisdiction(at=case.opened_at, by="ANA", reason_digest="r")
    done = set_laws(case, laws=laws, decided=decided, zone=zone, is_working_day=is_working_day)
    assert isinstance(done, Case)
    return done


def law_clock(received: datetime, law: str, zone: ZoneInfo) -> datetime:
    """The last day that a law can ever allow: extended where it knows an extension."""
    longest = extended_due(received=received, regimes=(law,), zone=zone)
    first = answer_due(received=received, regimes=(law,), zone=zone)
    return longest.at if isinstance(longest, Deadline) else first.at


@given(received=moments, before=chosen, laws=chosen, zone=zones)
def test_the_deadline_is_the_earliest_of_the_chosen_laws(
    received: datetime, before: tuple[str, ...], laws: tuple[str, ...], zone: ZoneInfo
) -> None:
    """Whatever counted before and in whatever order they are named: both clocks are the chosen laws' from the first message."""
    case = under(opened(received, before, zone), laws, zone)
    dues = [answer_due(received=received, regimes=(law,), zone=zone) for law in laws]
    assert case.answer_due == min(one.at for one in dues)
    assert case.regime in {one.regime.label for one in dues if one.at == case.answer_due}
    heard = acknowledgement_due(received=received, regimes=laws, zone=zone, is_working_day=is_working_day)
    assert case.acknowledge_due == (heard.at if heard else None)
    assert case.opened_at == received
    assert under(case, before, zone).answer_due == opened(received, before, zone).answer_due, (
        "no choice sticks"
    )


@given(received=moments, before=chosen, laws=chosen, more=chosen, zone=zones, days=st.integers(0, 50))
def test_more_laws_never_give_a_later_deadline(
    received: datetime,
    before: tuple[str, ...],
    laws: tuple[str, ...],
    more: tuple[str, ...],
    zone: ZoneInfo,
    days: int,
) -> None:
    """Neither before nor after an extension."""
    case = opened(received, before, zone)
    longer = _extended(case, days, zone)
    for one in (case, longer):
        assert under(one, (*laws, *more), zone).answer_due <= under(one, laws, zone).answer_due


@given(received=moments, before=chosen, laws=chosen, zone=zones, days=st.integers(0, 50))
def test_an_extension_is_never_stretched_by_another_law(
    received: datetime, before: tuple[str, ...], laws: tuple[str, ...], zone: ZoneInfo, days: int
) -> None:
    """After an extension the day the customer was told is the latest; a law that knows none, or within whose first
    period nobody was told, keeps its own first day.
    """
    case = _extended(opened(received, before, zone), days, zone)
    after = under(case, laws, zone)
    assert after.answer_due <= min(law_clock(received, law, zone) for law in laws)
    if case.extension is None:
        return
    told = case.answer_due
    assert after.answer_due <= told
    for law in laws:
        first = answer_due(received=received, regimes=(law,), zone=zone)
        if not first.regime.can_be_extended or case.extension.at >= first.at:
            assert after.answer_due <= first.at
    assert under(after, before, zone).answer_due == told, "a mistaken choice can be taken back"
    assert under(replace(case, extension=replace(case.extension, until=None)), laws, zone) == after, (
        "records from before `until` was kept mean the same"
    )


def _extended(case: Case, days: int, zone: ZoneInfo) -> Case:
    done = extend(
        case,
        by="ANA",
        at=case.opened_at + timedelta(days=days),
        channel="copied",
        reason_digest="r",
        zone=zone,
    )
    return done if isinstance(done, Case) else case
