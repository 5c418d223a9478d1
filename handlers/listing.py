"""Lists of cases behind `/deletion`: by filter, by customer, and the nearest word where none is known."""

import difflib
from datetime import datetime, timedelta

from handlers.clicks import explain
from handlers.edge import Edge
from handlers.language import t
from handlers.views.blocks import escape
from handlers.views.facts import Message
from handlers.views.lists import cases_message, said
from services.domain.case import TERMINAL, State
from services.domain.denials import Denied
from services.domain.identity import emails_in, mask
from services.domain.people import Actor
from services.domain.record import Case
from services.handing import find, waits_for

_FILTERS = ("mine", "open", "due", "waiting")
_SOON = timedelta(days=7)


def list_cases(edge: Edge, actor: Actor, rest: str) -> Message:
    """Return the cases behind one of the filters, due first."""
    word = rest.casefold() or "open"
    if word not in _FILTERS:
        return nearest(word, _FILTERS, before=t("/deletion list "))
    now = edge.desk.clock.now()
    running = edge.desk.cases.in_states(state for state in State if state not in TERMINAL)
    cases = [case for case in running if _matches(edge, case, word, actor=actor, now=now)]
    titles = {
        "open": t("Open cases, due first"),
        "mine": t("Cases you took part in"),
        "due": t("Due within a week"),
        "waiting": t("Cases that wait for you"),
    }
    return cases_message(cases, links_of(edge, cases), title=titles[word], now=now)


def _matches(edge: Edge, case: Case, word: str, *, actor: Actor, now: datetime) -> bool:
    if word == "mine":
        asked = {case.question.by} if case.question else set()
        return actor.user_id in case.recorders | asked | {case.agent} | {one.by for one in case.approvals}
    if word == "waiting":
        return waits_for(edge.desk, case, actor)
    return word == "open" or case.answer_due <= now + _SOON


def find_cases(edge: Edge, actor: Actor, rest: str) -> Message:
    """Return the cases of one address, for the person who asked only."""
    addresses = emails_in(rest)
    if len(addresses) != 1:
        return said(t("Whose cases? One e-mail address: `/deletion find someone@example.com`."))
    found = find(edge.desk, actor=actor, address=addresses[0])
    if isinstance(found, Denied):
        return said(explain(edge, found))
    title = t("Cases of {mask}", mask=mask(addresses[0]))
    if not found:
        return said(
            t(
                "*{title}*\nNone. Cases are found by the address that a help desk named or an agent has chosen; "
                "one that nobody has looked up yet is in `/deletion list`.",
                title=escape(title),
            )
        )
    return cases_message(found, links_of(edge, found), title=title, now=edge.desk.clock.now())


def links_of(edge: Edge, cases: list[Case] | tuple[Case, ...]) -> dict[str, str]:
    """Return the addresses of the cases' threads by case id."""
    return {case.id: edge.link(channel=case.channel, ts=case.thread_ts) for case in cases}


def nearest(word: str, known: tuple[str, ...], *, before: str) -> Message:
    """Return the answer to a word that is not known, with the nearest one that is."""
    starting = [one for one in known if one.startswith(word)] if word else []
    near = starting or difflib.get_close_matches(word, known, n=1, cutoff=0.4)
    meant = t(" Did you mean `{before}{near}`?", before=before, near=near[0]) if near else ""
    return said(
        t(
            "I do not know “{word}”.{meant} `/deletion help` lists what there is.",
            word=escape(word[:40]),
            meant=meant,
        )
    )
