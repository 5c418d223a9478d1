"""In-memory implementations of the ports for tests of the verbs: same promises as the real ones, no I/O, no waiting."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from services.domain.case import TERMINAL, State
from services.domain.ledger import GENESIS, Entry, Sealed, flaws, seal
from services.domain.recheck import LookUp, Recheck
from services.domain.record import Case, CaseFile, NewCase
from services.domain.scope import Intent, Reading
from services.ports import Dispatch, PostKind

KEY = b"the ledger key of the tests"


@dataclass(slots=True)
class HandClock:
    """A clock that goes on only when it is told to."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def forward(self, by: timedelta) -> None:
        self.at += by


class MemoryVault:
    """Keyed digests under a fixed key."""

    def mac(self, text: str) -> str:
        return hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()


@dataclass(slots=True)
class MemoryPosts:
    """What is wanted in the threads; a test plays the publisher by emptying it."""

    wanted: set[tuple[str, PostKind]] = field(default_factory=set)
    direct: set[tuple[str, PostKind, str, int]] = field(default_factory=set)

    def want(self, case_id: str, kind: PostKind) -> None:
        self.wanted.add((case_id, kind))

    def want_direct(self, case_id: str, kind: PostKind, *, person: str, occasion: int) -> bool:
        wish = (case_id, kind, person, occasion)
        is_new = wish not in self.direct
        self.direct.add(wish)
        return is_new

    def cancel(self, case_id: str, kind: PostKind) -> None:
        self.wanted.discard((case_id, kind))

    def unsent(self, case_id: str) -> bool:
        return bool(
            {
                (case_id, PostKind.QUESTION),
                (case_id, PostKind.CLOSING),
                (case_id, PostKind.EXTENSION),
            }
            & self.wanted
        )


@dataclass(slots=True)
class MemoryDispatches:
    """The intents to write to customers, by status; a test plays the sender."""

    rows: dict[str, tuple[Dispatch, str]] = field(default_factory=dict)

    def cancel(self, case_id: str, *, but: str = "") -> None:
        for key, (one, status) in self.rows.items():
            if one.case_id == case_id and key != but and status in {"wanted", "uncertain"}:
                self.rows[key] = (one, "cancelled")

    def unsent(self, case_id: str) -> bool:
        return any(
            one.case_id == case_id and status in {"wanted", "sending", "uncertain"}
            for one, status in self.rows.values()
        )

    def uncertain(self, case_id: str) -> tuple[Dispatch, ...]:
        return tuple(
            one for one, status in self.rows.values() if one.case_id == case_id and status == "uncertain"
        )


@dataclass(slots=True)
class MemoryCases:
    """The cases, their files and the ledger in dictionaries; a save succeeds only on the version it was made from."""

    cases: dict[str, Case] = field(default_factory=dict)
    files: dict[str, CaseFile] = field(default_factory=dict)
    chain: list[Sealed] = field(default_factory=list)
    posts: MemoryPosts = field(default_factory=MemoryPosts)
    dispatches: MemoryDispatches = field(default_factory=MemoryDispatches)
    lock: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    def open(
        self, new: NewCase, file: CaseFile, *, actor: str, facts: tuple[tuple[str, str], ...]
    ) -> tuple[Case, bool]:
        if known := self.of_message(team_id=new.team_id, channel=new.channel, ts=new.message_ts):
            return known, False
        number = 1001 + len(self.cases)
        case = Case(
            id=f"case{number}",
            number=number,
            team_id=new.team_id,
            channel=new.channel,
            thread_ts=new.thread_ts,
            message_ts=new.message_ts,
            state=State.DETECTED,
            version=1,
            revision=1,
            reading=new.reading,
            opened_at=new.opened_at,
            answer_due=new.answer_due,
            regime=new.regime,
            regimes=new.regimes,
            acknowledge_due=new.acknowledge_due,
            linked_to=new.linked_to,
            senders=new.senders,
        )
        self.cases[case.id], self.files[case.id] = case, file
        first = Entry(
            case_id=case.id,
            version=1,
            at=new.opened_at,
            actor=actor,
            action="open",
            after=case.state,
            facts=facts,
        )
        self.note(first)
        return case, True

    def get(self, case_id: str) -> Case | None:
        return self.cases.get(case_id)

    def by_number(self, number: int) -> Case | None:
        return next((one for one in self.cases.values() if one.number == number), None)

    def of_message(self, *, team_id: str, channel: str, ts: str) -> Case | None:
        wanted = (team_id, channel, ts)
        found = (one for one in self.cases.values() if (one.team_id, one.channel, one.message_ts) == wanted)
        return next(found, None)

    def of_thread(self, *, team_id: str, channel: str, thread_ts: str) -> Case | None:
        wanted = (team_id, channel, thread_ts)
        found = [one for one in self.cases.values() if (one.team_id, one.channel, one.thread_ts) == wanted]
        found.sort(key=lambda one: (one.state in TERMINAL, -one.number))
        return found[0] if found else None

    def file(self, case_id: str) -> CaseFile | None:
        return self.files.get(case_id)

    def save(
        self,
        case: Case,
        entry: Entry,
        *,
        file: CaseFile | None = None,
        wants: PostKind | Dispatch | None = None,
    ) -> bool:
        with self.lock:  # systems of one group record their outcomes from threads of their own
            if self.cases[case.id].version != case.version - 1:
                return False
            if file is not None and case.id not in self.files:
                return False
            self.cases[case.id] = case
            if file is not None:
                self.files[case.id] = file
            self.note(entry)
            if isinstance(wants, Dispatch):
                self.dispatches.rows[wants.id] = (wants, "wanted")
            elif wants is not None:
                self.posts.want(case.id, wants)
            return True

    def note(self, entry: Entry) -> None:
        previous = self.chain[-1].hash if self.chain else GENESIS
        self.chain.append(seal(entry, key=KEY, seq=len(self.chain) + 1, previous=previous))

    def shred(self, case: Case, entry: Entry) -> bool:
        if not self.save(case, entry):
            return False
        del self.files[case.id]
        return True

    def of_subject(self, mac: str) -> tuple[Case, ...]:
        ended = [one for one in self.cases.values() if one.shredded and one.chosen]
        return tuple(one for one in reversed(ended) if one.chosen and mac in one.chosen.identifiers)

    def latest(self, states: Iterable[str], limit: int) -> tuple[Case, ...]:
        return tuple(sorted(self.in_states(states), key=lambda one: -one.number)[:limit])

    def in_states(self, states: Iterable[str]) -> tuple[Case, ...]:
        wanted = set(states)
        found = (one for one in self.cases.values() if one.state in wanted)
        return tuple(sorted(found, key=lambda one: one.answer_due))

    def to_shred(self) -> tuple[Case, ...]:
        return tuple(one for one in self.in_states(TERMINAL) if one.id in self.files)

    def started_since(self, moment: datetime) -> int:
        starts = (one.entry for one in self.chain if one.entry.action == "start")
        return sum(one.at >= moment for one in starts)

    def ledger(self, case_id: str | None = None) -> tuple[Sealed, ...]:
        return tuple(one for one in self.chain if case_id in {None, one.entry.case_id})

    def head(self) -> tuple[int, str]:
        return (self.chain[-1].seq, self.chain[-1].hash) if self.chain else (0, GENESIS)

    def ledger_flaws(self) -> tuple[str, ...]:
        last = {one.entry.case_id: one.entry.version for one in self.chain}
        odd = tuple(
            f"{one.ref} moved unrecorded" for one in self.cases.values() if last[one.id] != one.version
        )
        return flaws(self.chain, key=KEY, head=self.head()) + odd


@dataclass(slots=True)
class MemorySwitch:
    """The brake for everything, as a flag."""

    on: bool = False

    def halted(self) -> bool:
        return self.on

    def set_halted(self, *, halted: bool, by: str, at: datetime) -> None:
        assert by, "who throws the switch is always known"
        assert at.tzinfo is not None, "moments are aware"
        self.on = halted


@dataclass(slots=True)
class MemoryEngine:
    """The runs that are wanted or under way, each once; ended ones are forgotten, as the real engine forgets them."""

    wanted: dict[tuple[str, int], None] = field(default_factory=dict)
    afterwards: dict[tuple[str, int], None] = field(default_factory=dict)
    rechecks: dict[tuple[str, int], None] = field(default_factory=dict)

    def enqueue_run(self, case_id: str, revision: int) -> None:
        self.wanted.setdefault((case_id, revision))

    def enqueue_afterwards(self, case_id: str, version: int) -> None:
        self.afterwards.setdefault((case_id, version))

    def enqueue_recheck(self, case_id: str, number: int) -> None:
        self.rechecks.setdefault((case_id, number))


@dataclass(slots=True)
class MemoryRechecks:
    """What completed cases are looked up by; None once it is over."""

    kept: dict[str, tuple[LookUp | None, tuple[datetime, ...], Recheck]] = field(default_factory=dict)

    def keep(self, case_id: str, look_up: LookUp, moments: tuple[datetime, ...]) -> None:
        if moments and case_id not in self.kept:
            first = Recheck(case_id=case_id, number=1, planned_for=moments[0], not_before=moments[0])
            self.kept[case_id] = (look_up, moments, first)

    def due(self, now: datetime) -> tuple[Recheck, ...]:
        found = [one for look_up, _, one in self.kept.values() if look_up and one.not_before <= now]
        return tuple(sorted(found, key=lambda one: one.not_before))

    def next_of(self, case_id: str) -> Recheck | None:
        look_up, _, one = self.kept.get(case_id, (None, (), None))
        return one if look_up else None

    def look_up(self, case_id: str) -> LookUp | None:
        return self.kept[case_id][0] if case_id in self.kept else None

    def postpone(self, recheck: Recheck, until: datetime) -> bool:
        if (now := self.next_of(recheck.case_id)) is None or now.number != recheck.number:
            return False
        look_up, moments, _ = self.kept[recheck.case_id]
        self.kept[recheck.case_id] = (look_up, moments, replace(recheck, not_before=until))
        return True

    def pass_on(self, recheck: Recheck, *, last: bool = False) -> bool:
        if (now := self.next_of(recheck.case_id)) is None or now.number != recheck.number:
            return False
        look_up, moments, _ = self.kept[recheck.case_id]
        if last or recheck.number == len(moments):
            self.kept[recheck.case_id] = (None, moments, recheck)
        else:
            then = moments[recheck.number]
            after = Recheck(
                case_id=recheck.case_id, number=recheck.number + 1, planned_for=then, not_before=then
            )
            self.kept[recheck.case_id] = (look_up, moments, after)
        return True


class PlainReader:
    """Reads the intent from the first word of the message: enough to open every kind of case."""

    def read(self, text: str) -> Reading:
        word = text.split(maxsplit=1)[0] if text.strip() else "none"
        intent = Intent(word) if word in set(Intent) else Intent.NONE
        return Reading(intent=intent, confidence=1.0, speaks_of_data="data" in text.partition(" ")[2])


def weekends_only(country: str, day: date) -> bool:
    """Working days without any holiday, whatever the country."""
    del country
    return day.isoweekday() <= 5


class PlainTexts:
    """Renders a template as its name and facts, so that a test sees which text was chosen and with what."""

    def render(self, name: str, language: str, facts: Mapping[str, object]) -> str:
        return f"{name} {language} {json.dumps(facts, default=str, sort_keys=True)}"

    def word(self, name: str, language: str) -> str:
        return f"{name} {language}"

    def claims(self) -> tuple[str, ...]:
        return ("fully removed",)


def shut(case: Case) -> Case:
    """Return the case without what merely counts its writes, to compare what a replay may not change."""
    return replace(case, version=0)
