"""The part of systems.yaml that says how the company wants it done, and by whom: laws, clocks, limits, people."""

import re
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import prompts
from services.domain.deadlines import REGIMES
from services.domain.people import Staff, Substitute
from services.domain.plan import Tolerance
from services.domain.policy import Policy
from services.domain.reminding import Reminding
from services.marked_yaml import Section
from services.working_days import is_known

WAYS = ("thread", "copied", "email", "help_desk")
PERSON = re.compile(r"[UW][A-Z0-9_]+")
PERSON_OR_GROUP = re.compile(r"[UWS][A-Z0-9_]+")


def read_people(people: Section) -> Staff:
    """Return who does what. Raises the section's error, naming line and cure."""
    kinds = {kind: people.texts(kind) for kind in ("agents", "approvers", "operators")}
    for kind, ids in kinds.items():
        for one in ids:
            if not PERSON_OR_GROUP.fullmatch(one):
                cure = (
                    "Write the id of a person (U…) or of a user group (S…); Slack shows both in the profile."
                )
                people.fail(kind, f"`{one}` is neither a person nor a user group", cure)
    if not kinds["approvers"]:
        cure = "Name at least one person (U…) or user group (S…) under `approvers`."
        people.fail("approvers", "nobody may approve", cure)
    substitutes = tuple(_substitute(name, one) for name, one in people.section("substitutes").sections())
    return Staff(
        agents=frozenset(kinds["agents"]),
        approvers=frozenset(kinds["approvers"]),
        operators=frozenset(kinds["operators"]),
        substitutes=substitutes,
    )


def _substitute(name: str, one: Section) -> Substitute:
    of = one.text("of")
    for who in (name, of):
        if not PERSON.fullmatch(who):
            one.fail(
                "of", f"`{who}` is no person's id", "A substitute and whom they stand in for are people (U…)."
            )
    first, last = (_day(one, key) for key in ("from", "until"))
    if first and last and last < first:
        one.fail("until", "`until` is before `from`", "Put the later day under `until`.")
    one.close()
    return Substitute(by=name, of=of, first=first, last=last)


def _day(one: Section, key: str) -> date | None:
    text = one.text(key, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        one.fail(key, f"`{text}` is no day", "Write it like 2026-12-20.")


def read_policy(top: Section, people: Section, customer: Section) -> Policy:
    """Return the operator's choices. Raises the section's error, naming line and cure."""
    known = Policy(company="")
    cooling, limits, tolerance = (top.section(key) for key in ("cooling_off", "limits", "tolerance"))
    regimes = top.texts("regimes")
    for name in regimes:
        if name not in REGIMES:
            top.fail("regimes", f"the regime `{name}` is not known", f"Known regimes: {', '.join(REGIMES)}.")
    country = top.text("country", "")
    if country and not is_known(country):
        top.fail(
            "country", f"no calendar is known for `{country}`", "Write it like DE, DE-BE or US (ISO 3166)."
        )
    policy = Policy(
        company=top.text("company"),
        observe=top.choice("mode", ("enforce", "observe"), "enforce") == "observe",
        regimes=regimes,
        zone=_zone(top),
        country=country,
        reminding=_reminding(top.section("reminders")),
        cooling_off_all=cooling.duration("all_personal_data", known.cooling_off_all),
        cooling_off_account=cooling.duration("account_only", known.cooling_off_account),
        undo_window=top.duration("undo_dismissal", known.undo_window),
        tolerance=Tolerance(
            rows=int(tolerance.number("rows", known.tolerance.rows)),
            share=tolerance.number("share", known.tolerance.share),
        ),
        max_records=int(limits.number("records", known.max_records, least=1)),
        max_cases_a_day=int(limits.number("cases_a_day", known.max_cases_a_day, least=1)),
        rechecks=_rechecks(top, known.rechecks),
        privacy_lead=people.text("privacy_lead", ""),
        backups=top.text("backups", ""),
        languages=_languages(customer),
        ways=_ways(customer),
        link_life=customer.duration("link_life", known.link_life),
        remind_after=customer.duration("remind_after", known.remind_after),
        case_channel=top.text("case_channel", ""),
        complaint=top.text("complaint", ""),
        language=top.text("language", "en"),
    )
    for section in (cooling, limits, tolerance):
        section.close()
    return policy


def _languages(customer: Section) -> tuple[str, ...]:
    """Return the languages that the operator has read and found right; English was read by us."""
    found = customer.texts("languages")
    known = [one for one in prompts.listing("customer") if one != "shared"]
    for one in found:
        if one not in known:
            customer.fail("languages", f"there are no texts in `{one}`", f"There are: {', '.join(known)}.")
    return tuple(dict.fromkeys(("en", *found)))


def _ways(customer: Section) -> tuple[str, ...]:
    """Return the ways in which agents may reach customers, () for all that are set up."""
    found = customer.texts("channels")
    for one in found:
        if one not in WAYS:
            customer.fail("channels", f"there is no way called `{one}`", f"There are: {', '.join(WAYS)}.")
    return found


def _rechecks(top: Section, known: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
    """Return after what times is looked again; `0d` (or an empty list) switches rechecks off."""
    if "rechecks" not in top:
        return known
    times = top.durations("rechecks")
    return tuple(sorted({one for one in times if one}))


def _reminding(part: Section) -> Reminding:
    known = Reminding()
    before = part.durations("before") if "before" in part else known.before
    silent = part.duration("silent", known.silent)
    if any(not one for one in (*before, silent)):
        part.fail("before", "a reminder needs a length of time", "Write it like [7d, 3d, 1d].")
    hour = part.text("digest", f"{known.digest_at:%H:%M}")
    try:
        digest_at = time.fromisoformat(hour)
    except ValueError:
        part.fail("digest", f"`{hour}` is no time of day", 'Write it like "09:00".')
    part.close()
    return Reminding(before=tuple(sorted(before, reverse=True)), silent=silent, digest_at=digest_at)


def _zone(top: Section) -> ZoneInfo:
    name = top.text("time_zone", "UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        top.fail("time_zone", f"the time zone `{name}` is not known", "Write it like Europe/Berlin.")
