"""The one checker outside the app: journals against the ledger against what should have happened."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.playground import untouched
from bot.playground.evidence import POSTS, Evidence, gather, moment, parsed
from bot.playground.slack import sample
from bot.playground.world import World
from services.domain.case import State
from services.domain.outcome import allow_fully_removed
from services.domain.record import Case
from services.domain.scope import Scope
from services.wording import closing_template

ACK_WITHIN = 3.0
FULLY = "fully removed"
# A modal that was closed, or redrawn, while the app still filled it: expected, and nothing is lost by it.
HARMLESS = frozenset({"not_found", "hash_conflict", "message_not_found", "expired_trigger_id"})
MARKUP_THAT_PINGS = ("<!channel", "<!here", "<!everyone", "<!subteam")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """How one case must stand when everything is over.

    `erased` are the addresses whose shop data must be gone, `closed` those whose account must be closed and nothing
    else changed, `contacts` those that must be gone from ActiveCampaign. `told` and `never_told` are words that the
    closing texts to `addresses` must and must not contain; no `told` means that no closing text may have gone out.
    `attention` is what a case that waits must say. `personal` are words that must not be left in the app's log and
    files. `state` None: the message opens no case.
    """

    message_ts: str
    state: State | None
    scope: Scope | None = None
    erased: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    never_told: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    attention: str = ""


def check(world: World, expectations: Sequence[Expectation], *, may_lose_clicks: bool = False) -> list[str]:
    """Return every promise that was broken, in words; empty when all were kept.

    `may_lose_clicks`: the app was killed on purpose, so that clicks of that moment had nobody to answer them.
    """
    return list(broken(gather(world), expectations, may_lose_clicks=may_lose_clicks))


def broken(
    evidence: Evidence, expectations: Sequence[Expectation], *, may_lose_clicks: bool = False
) -> Iterator[str]:
    """Yield every broken promise."""
    yield from (f"the ledger does not verify: {flaw}" for flaw in evidence.flaws)
    yield from _deliveries(evidence, may_lose_clicks=may_lose_clicks)
    yield from _posts(evidence)
    yield from _strangers(evidence, expectations)
    yield from _effects(evidence, expectations)
    for case in evidence.cases:
        yield from _one_card(evidence, case)
    for expected in expectations:
        yield from _expected(evidence, expected)


def _expected(evidence: Evidence, expected: Expectation) -> Iterator[str]:
    case = evidence.case_of(expected.message_ts)
    for word in expected.personal:
        for place, text in evidence.texts.items():
            if word.casefold() in text.casefold():
                yield f"personal data of the customer is left in {place}"
    if expected.state is None:
        if case is not None:
            yield f"{case.ref} was opened by a message that should open none"
        return
    if case is None:
        yield "no case was opened"
        return
    if case.state is not expected.state:
        yield f"{case.ref} is in {case.state}, not in {expected.state} ({case.problem or 'no problem named'})"
    if case.scope is not expected.scope:
        yield f"{case.ref} has the scope {case.scope}, not {expected.scope}"
    if expected.attention and expected.attention not in case.problem:
        yield f"{case.ref} does not say “{expected.attention}” but “{case.problem}”"
    yield from _authority(evidence, case)
    yield from _telling(evidence, case, expected)
    for address in expected.erased:
        yield from (
            f"{case.ref}: {left}" for left in untouched.still_there(evidence.began, evidence.ended, address)
        )
    for address in expected.contacts:
        yield from (
            f"{case.ref}: ActiveCampaign {left}"
            for left in untouched.contacts_left(evidence.began, evidence.ended, address)
        )
    for address in expected.closed:
        if not untouched.is_account_closed(evidence.ended, address):
            yield f"{case.ref}: the account is not closed, or its row is gone"
    if case.state in {State.COMPLETED, State.WITHDRAWN, State.REFUSED} and not case.shredded:
        yield f"{case.ref} has ended, but its personal file was not destroyed"


def _authority(evidence: Evidence, case: Case) -> Iterator[str]:
    """Nothing destructive before the confirmations (design rule 2), by the times in the ledger."""
    started = evidence.time_of(case, "begin_deleting")
    if started is None:
        return
    confirmed = evidence.time_of(case, "record_answer", "choose_identity", "approve")
    if confirmed is None or confirmed > started:
        yield f"{case.ref} began to delete before answer, identity and approval were on record"
    if case.scope is Scope.ALL_PERSONAL_DATA:
        if case.question is None or case.answer is None or case.answer.at < case.question.at:
            yield f"{case.ref} erased everything without an answer to a recorded question"
        if not {one.by for one in case.approvals} - case.recorders:
            yield f"{case.ref} erased everything without the approval of a second person"


def _telling(evidence: Evidence, case: Case, expected: Expectation) -> Iterator[str]:
    told = evidence.closings(case, expected.addresses)
    verified = evidence.first_in(case, State.NOTIFYING)
    if told and not expected.told:
        yield f"{case.ref}: the customer was told something, although nothing was verified"
    if expected.told and not told:
        yield f"{case.ref}: the customer was never told"
    if len(told) > 1:
        yield f"{case.ref}: the customer was told {len(told)} times"
    for at, text in told:
        if case.state is not State.REFUSED and (verified is None or at < verified):
            yield f"{case.ref}: the customer was told before verification was over"
        if FULLY in text and not (
            allow_fully_removed(case.outcomes) and closing_template(case) == "closing_all"
        ):
            yield f"{case.ref}: “{FULLY}” was said, but the outcomes do not allow it"
        yield from (
            f"{case.ref}: the closing text does not say “{one}”" for one in expected.told if one not in text
        )
        yield from (
            f"{case.ref}: the closing text says “{one}”" for one in expected.never_told if one in text
        )
    if case.state is State.COMPLETED:
        done, said = evidence.first_in(case, State.COMPLETED), evidence.time_of(case, "told")
        if said is None or done is None or said > done:
            yield f"{case.ref} was completed without evidence that the customer was told"


def _one_card(evidence: Evidence, case: Case) -> Iterator[str]:
    for kind in ("card", "question", "closing"):
        number = len(evidence.posted(case, kind))
        if number > 1 or (kind == "card" and number == 0):
            yield f"{case.ref} has {number} posts of kind {kind}"


def _strangers(evidence: Evidence, expectations: Sequence[Expectation]) -> Iterator[str]:
    def folded(which: str) -> frozenset[str]:
        return frozenset(one.casefold() for each in expectations for one in getattr(each, which))

    yield from untouched.strangers_changed(
        evidence.began,
        evidence.ended,
        erased=folded("erased"),
        closed=folded("closed"),
        contacts=folded("contacts"),
    )


def _effects(evidence: Evidence, expectations: Sequence[Expectation]) -> Iterator[str]:
    """Each destructive effect on ActiveCampaign: for somebody's case, after its start, and once."""
    address = {
        row["id"]: str(row["email"]).casefold()
        for row in [*evidence.began.contacts, *evidence.began.archived]
    } | untouched.beside_of(evidence.began)
    starts = {
        one.casefold(): evidence.time_of(case, "begin_deleting")
        for each in expectations
        for case in [evidence.case_of(each.message_ts)]
        if case
        for one in each.contacts
    }
    for effect in evidence.effects:
        start = starts.get(address.get(effect.id, ""))
        if start is None:
            yield f"ActiveCampaign: {effect.effect} ({effect.id}), and no case had begun to delete that contact"
        elif effect.at < start:
            yield f"ActiveCampaign: {effect.effect} ({effect.id}) before its case was approved and started"
    counts = Counter((one.effect, one.id) for one in evidence.effects)
    # A live contact and an older archived copy may share an id with its own later copy: two purges of one id are two rows.
    before = Counter(row["id"] for row in evidence.began.archived)
    for (deed, number), times in counts.items():
        if times > 1 + before[number]:
            yield f"ActiveCampaign: {deed} happened {times} times to {number}"


def _deliveries(evidence: Evidence, *, may_lose_clicks: bool) -> Iterator[str]:
    # Under way at this very moment (a last card is still being redrawn): neither acknowledged nor lost.
    fine = {one.event_id for one in evidence.deliveries if one.acked or one.problem is None}
    lost = {one.event_id: one for one in evidence.deliveries if one.event_id and one.event_id not in fine}
    for one in lost.values():
        event = one.payload.get("event", {})
        if may_lose_clicks and _is_own(event):
            continue  # Slack tells the app of its own posts too; while it was dead nobody heard
        author = (event.get("message") or event).get("user", "nobody")
        what = f"{event.get('type')} {event.get('subtype', '')} by {author}"
        yield f"an event ({what}) was never acknowledged: {one.problem}, attempt {one.attempt}"
    for one in evidence.deliveries:
        if one.acked and (one.ack_latency or 0) > ACK_WITHIN:
            yield f"an envelope of kind {one.kind} was acknowledged after {one.ack_latency:.1f} s"
        if one.problem and not one.acked and not one.event_id and not may_lose_clicks:
            yield f"a person's {one.kind} got no answer ({one.problem})"


def _is_own(event: dict[str, Any]) -> bool:
    message = event.get("message") or event.get("previous_message") or event
    return bool(message.get("user") == sample.BOT)


def _posts(evidence: Evidence) -> Iterator[str]:
    for call in evidence.calls:
        if not call.ok and call.error not in HARMLESS:
            yield f"Slack refused {call.method}: {call.error} {call.answer.get('response_metadata', '')}"
        if call.method in POSTS and _pings(call.args):
            yield f"{call.method} at {moment(call.at):%H:%M:%S} pings people"


def _pings(args: dict[str, Any]) -> bool:
    blocks = parsed(args.get("blocks")) or []
    live = [str(args.get("text") or ""), *_mrkdwn_in(blocks)]
    customers = (f"<@{sample.MAYA}>", f"<@{sample.JONAS}>")
    return any(sign in text for text in live for sign in (*MARKUP_THAT_PINGS, *customers)) or _broadcasts(
        blocks
    )


def _mrkdwn_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield str(value.get("text", ""))
        for inner in value.values():
            yield from _mrkdwn_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _mrkdwn_in(inner)


def _broadcasts(value: Any) -> bool:
    if isinstance(value, dict):
        return value.get("type") == "broadcast" or any(_broadcasts(inner) for inner in value.values())
    return isinstance(value, list) and any(_broadcasts(inner) for inner in value)
