"""Closing a case: the message that only verified outcomes can word, the evidence that it went out, the shredding."""

from dataclasses import replace

from services.asking import THREAD, reach
from services.deciding import decide, decide_as_desk, unauthorised
from services.domain import ending, running
from services.domain.case import TERMINAL, Action, State
from services.domain.denials import Denied, Why
from services.domain.identity import Identifier
from services.domain.ledger import Entry
from services.domain.outcome import OutcomeKind
from services.domain.people import DESK, Actor, Role
from services.domain.record import Case, Told
from services.extension import without_extension
from services.jobs import job_for
from services.ports import Desk, Dispatch, PostKind
from services.reaching import MessageKind
from services.rechecking import keep_for_rechecks
from services.wording import claims_falsely, closing_template, closing_text


def send_in_thread(
    desk: Desk, *, case_id: str, version: int, actor: Actor, intro: str = "", language: str = "en"
) -> Case | Denied:
    """Have the closing message posted in the thread; the posting itself is the evidence (see `delivered`)."""
    return _send(
        desk, case_id, version, actor, channel=THREAD, wants=PostKind.CLOSING, intro=intro, language=language
    )


def send_by_channel(
    desk: Desk,
    *,
    case_id: str,
    version: int,
    actor: Actor,
    channel: str,
    address: str,
    intro: str = "",
    language: str = "en",
) -> Case | Denied:
    """Have the closing message sent by a configured channel, to an address on file or proven; see `sending`."""
    case = desk.cases.get(case_id)
    if case is None:
        return Denied(why=Why.UNKNOWN_CASE)
    way = reach(desk, case, channel=channel, address=address, post=PostKind.CLOSING, kind=MessageKind.CLOSING)
    if isinstance(way, Denied) or way.wants is None:
        return way if isinstance(way, Denied) else Denied(why=Why.NO_SUCH_CHANNEL)
    return _send(
        desk,
        case_id,
        version,
        actor,
        channel=channel,
        wants=way.wants,
        intro=intro,
        language=language,
        to=way.contact,
    )


def _send(
    desk: Desk,
    case_id: str,
    version: int,
    actor: Actor,
    *,
    channel: str,
    wants: PostKind | Dispatch,
    intro: str,
    language: str,
    to: Identifier | None = None,
) -> Case | Denied:
    def change(case: Case) -> Case | Denied:
        if case.state is not State.NOTIFYING or case.told:
            return Denied(why=Why.NOT_NOW)
        return replace(case, version=case.version + 1, uncertain="", problem="")

    text = _worded(desk, case_id, actor, action="send_closing", intro=intro, language=language)
    if isinstance(text, Denied):
        return text
    sent = decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action="send_closing",
        change=change,
        file=lambda old: replace(old, closing_text=text, contact=to or old.contact),
        facts=(("text", desk.vault.mac(text)), ("channel", channel), ("language", language)),
        wants=wants,
    )
    if isinstance(sent, Case):
        # One way only: nothing of an earlier attempt may arrive later.
        desk.dispatches.cancel(case_id, but=wants.id if isinstance(wants, Dispatch) else "")
        if isinstance(wants, Dispatch):
            desk.posts.cancel(case_id, PostKind.CLOSING)
    return sent


def _worded(
    desk: Desk, case_id: str, actor: Actor, *, action: str, intro: str, language: str
) -> str | Denied:
    """Return the closing message as it stands now, for somebody who may send it."""
    case = desk.cases.get(case_id)
    if case is None:
        return Denied(why=Why.UNKNOWN_CASE)
    if denied := unauthorised(desk, case, actor=actor, role=Role.AGENT, action=action):
        return denied
    if case.state is not State.NOTIFYING:
        return Denied(why=Why.NOT_NOW)
    if claims_falsely(desk, closing_template(case), intro):
        return Denied(why=Why.FALSE_CLAIM)
    return closing_text(desk, case, language if language in desk.policy.languages else "en", intro=intro)


def delivered(
    desk: Desk, *, case_id: str, evidence: str, channel: str = THREAD, by: Actor = DESK
) -> Case | Denied:
    """Note that the channel accepted the closing message (`evidence`: its name there). Idempotent."""
    file = desk.cases.file(case_id)
    text = file.closing_text if file else ""

    def change(case: Case) -> Case | Denied:
        if case.told or case.state is not State.NOTIFYING or not (text and evidence):
            return case
        told = Told(
            at=desk.clock.now(),
            by=by.user_id,
            channel=channel,
            evidence=evidence,
            text_digest=desk.vault.mac(text),
        )
        return ending.record_told(case, told=told)

    decide_as_desk(
        desk, case_id=case_id, action="told", change=change, facts=(("channel", channel), ("by", by.user_id))
    )
    return try_to_complete(desk, case_id)


def undeliverable(desk: Desk, *, case_id: str, kind: PostKind, code: str) -> None:
    """Take back a post to the customer that Slack refuses for good, and say on the card that another way is needed.

    `code` is Slack's word for it. Without this the personal file would wait for ever for a post that cannot go out.
    """

    def change(case: Case) -> Case:
        in_thread = case.question is not None and case.question.channel == THREAD
        current = without_extension(desk, case) if kind is PostKind.EXTENSION else case
        return replace(
            current,
            version=case.version + 1,
            problem=f"Slack refused the message: {code}",
            # A question that never reached the customer is none: no answer may count after it (design rule 2).
            question=None if kind is PostKind.QUESTION and in_thread else case.question,
        )

    decide_as_desk(
        desk,
        case_id=case_id,
        action="undeliverable",
        change=change,
        file=(lambda old: replace(old, closing_text=""))
        if kind is PostKind.CLOSING and desk.cases.file(case_id)
        else None,
        facts=(("post", str(kind)), ("code", code)),
    )
    desk.posts.cancel(case_id, kind)


def attest_sent(
    desk: Desk, *, case_id: str, version: int, actor: Actor, intro: str = "", language: str = "en"
) -> Case | Denied:
    """Record that a named agent sent the closing message, as generated now, to the customer."""
    text = _worded(desk, case_id, actor, action="told", intro=intro, language=language)
    if isinstance(text, Denied):
        return text
    told = Told(
        at=desk.clock.now(),
        by=actor.user_id,
        channel="copied",
        evidence="attested",
        text_digest=desk.vault.mac(text),
    )
    attested = decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action="told",
        change=lambda now: ending.record_told(now, told=told),
        file=lambda old: replace(old, closing_text=text),
        facts=(("text", told.text_digest), ("channel", "copied"), ("language", language)),
    )
    if isinstance(attested, Denied):
        return attested
    # It was told another way: nothing of it may arrive later.
    desk.posts.cancel(case_id, PostKind.CLOSING)
    desk.dispatches.cancel(case_id)
    return try_to_complete(desk, case_id)


def attest_manual(desk: Desk, *, case_id: str, version: int, actor: Actor, system_name: str) -> Case | Denied:
    """Close a step that a person had to do: by a read where one is possible, else on the person's word.

    A read that still finds the data denies the attestation: belief is not proof (design rule 4). What no read can
    prove (UNVERIFIABLE) an approver signs off who took no part before (rule 5).
    """
    case, system = desk.cases.get(case_id), desk.system(system_name)
    if case is None or system is None:
        return Denied(why=Why.UNKNOWN_CASE)
    standing = case.outcome_of(system_name)
    is_sign_off = standing is not None and standing.kind is OutcomeKind.UNVERIFIABLE
    role = Role.APPROVER if is_sign_off else Role.AGENT
    if denied := unauthorised(desk, case, actor=actor, role=role, action="attest"):
        return denied
    if is_sign_off and actor.user_id in case.recorders:
        return Denied(why=Why.SAME_PERSON)
    job = job_for(desk, case, system_name)
    if job is None:
        return Denied(why=Why.NOT_NOW)
    read = system.verify(job)
    if read.kind is OutcomeKind.FAILED or (read.kind is OutcomeKind.MANUAL and read.counts):
        return Denied(why=Why.STILL_THERE, detail=read.reason)
    needs_a_name = {OutcomeKind.MANUAL} | ({OutcomeKind.UNVERIFIABLE} if is_sign_off else set())
    outcome = replace(read, signed_by=actor.user_id) if read.kind in needs_a_name else read
    if not outcome.is_settled:
        return Denied(why=Why.NOT_SETTLED, detail=read.reason)
    signed = decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=role,
        action="attest",
        change=lambda now: running.sign(now, outcome=outcome),
        facts=(("system", system_name), ("kind", str(outcome.kind))),
    )
    return signed if isinstance(signed, Denied) else try_to_complete(desk, case_id)


def try_to_complete(desk: Desk, case_id: str) -> Case | Denied:
    """Complete the case if everything is settled and told; else return it as it stands. Then shred."""

    def change(case: Case) -> Case | Denied:
        completed = ending.complete(case, mandatory=desk.mandatory)
        return case if isinstance(completed, Denied) else completed

    completed = decide_as_desk(desk, case_id=case_id, action=Action.COMPLETE, change=change)
    if isinstance(completed, Case):
        shred_if_ended(desk, completed)
    return completed


def shred_if_ended(desk: Desk, case: Case) -> bool:
    """Destroy the personal file of a case that has ended, once nothing waits to be posted from it. Idempotent.

    A dismissed case keeps its file until the undo window is over (design section 4), one on hold until that is lifted:
    whoever needs the facts of a dispute needs what the customer wrote.
    """
    if case.state not in TERMINAL or case.shredded or case.hold:
        return False
    if desk.posts.unsent(case.id) or desk.dispatches.unsent(case.id):
        return False
    now = desk.clock.now()
    if case.state is State.DISMISSED and case.ended and now < case.ended.at + desk.policy.undo_window:
        return False
    if case.state is State.COMPLETED:
        keep_for_rechecks(desk, case)
    gone = ending.shred(case)
    entry = Entry(
        case_id=case.id,
        version=gone.version,
        at=now,
        actor=DESK.user_id,
        action="shred",
        before=case.state,
        after=case.state,
    )
    return desk.cases.shred(gone, entry)
