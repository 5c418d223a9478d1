"""What each submitted form does: read the fields, call one verb, answer at the field or in place of the form."""

from datetime import timedelta

from handlers import ids
from handlers.clicks import Click, Reply, explain
from handlers.edge import Edge
from handlers.fillings import attested, found_people, made_plan
from handlers.language import t
from handlers.panes import replace_and_fill
from handlers.reading import added_in, addresses_in
from handlers.replies import ended, instead
from handlers.views.asking import NEITHER
from handlers.views.blocks import clock
from handlers.views.identifying import THEIRS, decision_block
from handlers.views.texts import TOO_OLD
from services import approval, confirmation, oversight
from services.domain.case import State
from services.domain.denials import Denied, Why
from services.domain.record import Behalf, Case
from services.domain.scope import Scope


def record(edge: Edge, form: Click) -> Reply:
    """Put the customer's answer on record."""
    desk, now = edge.desk, edge.desk.clock.now()
    picked, from_message = form.moment(ids.WHEN), form.is_ticked(ids.FROM_MESSAGE)
    file = desk.cases.file(form.case_id)
    words = form.text(ids.WORDS)
    chosen = form.choice(ids.SCOPE)
    if not chosen:
        return {"response_action": "errors", "errors": {ids.SCOPE: t("Choose what the customer wants.")}}
    recorded = confirmation.record_answer(
        desk,
        case_id=form.case_id,
        version=form.version,
        actor=form.actor,
        scope=None if chosen == NEITHER else Scope(chosen),
        # The picker knows whole minutes only: an answer in the minute of the question is not one before it.
        answered_at=min(now, picked + timedelta(seconds=59)) if picked and picked <= now else picked or now,
        words=words or (file.text if from_message and file else ""),
        channel=form.choice(ids.CHANNEL) or "thread",
        proof=form.choice(ids.PROOF),
        proof_detail=form.text(ids.PROOF_DETAIL),
        from_message=from_message,
        behalf=Behalf(form.choice(ids.BEHALF)),
        authority=form.text(ids.AUTHORITY),
    )
    proof = ids.PROOF_DETAIL if form.choice(ids.PROOF) == "other" else ids.PROOF
    fields = {
        Why.ASK_FIRST: ids.SCOPE,
        Why.NO_WORDS: ids.WORDS,
        Why.ANSWER_BEFORE_QUESTION: ids.WHEN,
        Why.ANSWER_IN_FUTURE: ids.WHEN,
        Why.NO_PROOF: proof,
        Why.NO_AUTHORITY: ids.AUTHORITY,
    }
    return ended(edge, form, recorded, fields=fields, typed=((t("Their words"), words),))


def search(edge: Edge, form: Click) -> Reply:
    """Search every system for the addresses; a skeleton stands in until they have answered."""
    file = edge.desk.cases.file(form.case_id)
    if file is None:
        return ended(edge, form, Denied(why=Why.UNKNOWN_CASE))
    control = form.text(ids.CONTROL)
    addresses = addresses_in(form.text(ids.ADDRESSES), control=control, file=file)
    if isinstance(addresses, str):
        return {"response_action": "errors", "errors": {ids.ADDRESSES: addresses}}
    added = added_in(form.text(ids.ADDED), form.text(ids.ADDED_PROOF))
    if isinstance(added, tuple):
        return {"response_action": "errors", "errors": {added[0]: added[1]}}
    if any(not one.proof for one in addresses):
        return {
            "response_action": "errors",
            "errors": {ids.CONTROL: t("Say how control of these was shown.")},
        }
    if added and all(one.canonical != added.canonical for one in addresses):
        addresses = (*addresses, added)
    if not addresses:
        return {
            "response_action": "errors",
            "errors": {ids.ADDRESSES: t("Write at least one e-mail address.")},
        }
    return replace_and_fill(
        edge,
        form,
        title=t("Who is this?"),
        sentence=t("Every system is searched."),
        work=lambda: found_people(
            edge, case_id=form.case_id, version=form.version, actor=form.actor, addresses=addresses
        ),
    )


def search_again(edge: Edge, form: Click) -> Reply:
    """Repeat the last search, because a system could not be asked."""
    file = edge.desk.cases.file(form.case_id)
    if file is None:
        return ended(edge, form, Denied(why=Why.UNKNOWN_CASE))
    return replace_and_fill(
        edge,
        form,
        title=t("Who is this?"),
        sentence=t("Every system is searched again."),
        work=lambda: found_people(
            edge, case_id=form.case_id, version=form.version, actor=form.actor, addresses=file.searched
        ),
    )


def choose(edge: Edge, form: Click) -> Reply:
    """Freeze who the customer is, then make the plan in place of the form."""
    file = edge.desk.cases.file(form.case_id)
    candidates = file.candidates if file else ()
    decided = {
        one.ref: form.choice(decision_block(index)) == THEIRS
        for index, one in enumerate(candidates)
        if form.choice(decision_block(index))
    }
    chosen = confirmation.choose_identity(
        edge.desk, case_id=form.case_id, version=form.version, actor=form.actor, decided=decided
    )
    if isinstance(chosen, Denied):
        if chosen.why is Why.NOBODY_CHOSEN and candidates:
            noted = confirmation.nobody_fits(
                edge.desk, case_id=form.case_id, version=form.version, actor=form.actor, decided=decided
            )
            said = t("Recorded: *nobody fits.* The case waits. Add an address, ask the customer, or refuse.")
            return ended(edge, form, noted) if isinstance(noted, Denied) else instead(t("Who is this?"), said)
        undecided = [index for index, one in enumerate(candidates) if one.ref not in decided]
        at = decision_block(undecided[0] if undecided else 0)
        fields = {Why.UNDECIDED: at, Why.NOBODY_CHOSEN: at} if form.has(at) else {}
        return ended(edge, form, chosen, fields=fields)
    return replace_and_fill(
        edge,
        form,
        title=t("Plan · {ref}", ref=chosen.ref),
        sentence=t("Recorded. Now every system is asked what it would do."),
        work=lambda: made_plan(edge, case_id=chosen.id, version=chosen.version, actor=form.actor),
    )


def send_for_approval(edge: Edge, form: Click) -> Reply:
    """Hand the plan that was shown to other people."""
    case = edge.desk.cases.get(form.case_id)
    if case and case.version == form.version and case.plan and case.plan.hash != form.plan_hash:
        return ended(edge, form, Denied(why=Why.PLAN_CHANGED))
    sent = approval.send_for_approval(edge.desk, case_id=form.case_id, version=form.version, actor=form.actor)
    return ended(edge, form, sent)


def close_account(edge: Edge, form: Click) -> Reply:
    """Decide, as one agent, to close the account."""
    decided = approval.decide_account_only(
        edge.desk, case_id=form.case_id, version=form.version, actor=form.actor, plan_hash=form.plan_hash
    )
    if isinstance(decided, Case) and decided.state is State.AWAITING_APPROVAL:
        said = t(
            "This is more than the limits allow one person to decide: a second person has to approve. The card says who can."
        )
        return instead(t("Plan · {ref}", ref=decided.ref), said)
    return ended(edge, form, decided)


def approve(edge: Edge, form: Click) -> Reply:
    """Say yes, as a different authorised person, to exactly the plan that was shown."""
    approved = approval.approve(
        edge.desk,
        case_id=form.case_id,
        version=form.version,
        actor=form.actor,
        plan_hash=form.plan_hash,
        typed=form.text(ids.TYPED),
    )
    if isinstance(approved, Denied):
        return ended(edge, form, approved, fields={Why.WRONG_ID: ids.TYPED})
    title = t("Approved · {ref}", ref=approved.ref)
    if approved.state is State.AWAITING_APPROVAL:
        return instead(title, t("Your approval is on record. One more person has to approve."))
    now = edge.desk.clock.now()
    if approved.not_before and approved.not_before > now:
        return instead(
            title,
            t(
                "It runs on {not_before}. Until then anyone on the card can stop it.",
                not_before=clock(approved.not_before),
            ),
        )
    return instead(title, t("It runs now. The card shows each system as it happens."))


def stop(edge: Edge, form: Click) -> Reply:
    """Stop one case."""
    return ended(
        edge, form, oversight.stop(edge.desk, case_id=form.case_id, version=form.version, actor=form.actor)
    )


def halt(edge: Edge, form: Click) -> Reply:
    """Halt every run."""
    denied = oversight.halt(edge.desk, actor=form.actor, halted=True)
    if denied:
        return instead(t("Not done"), explain(edge, denied))
    said = t(
        "*All runs are halted.* What was running waits for a person. An operator releases it with `/deletion release`."
    )
    return instead(t("Halted"), said)


def dismiss(edge: Edge, form: Click) -> Reply:
    """Record that this is no deletion request, and why."""
    dismissed = oversight.dismiss(
        edge.desk,
        case_id=form.case_id,
        version=form.version,
        actor=form.actor,
        reason=form.choice(ids.REASON),
        note=form.text(ids.NOTE),
    )
    return ended(
        edge, form, dismissed, fields={Why.NO_REASON: ids.REASON}, typed=((t("Note"), form.text(ids.NOTE)),)
    )


def attest(edge: Edge, form: Click) -> Reply:
    """Attest a step done by hand; where the system can be read, it is read first."""
    if not form.is_ticked(ids.DONE):
        return {
            "response_action": "errors",
            "errors": {ids.DONE: t("Only what you did yourself can be attested.")},
        }
    return replace_and_fill(
        edge,
        form,
        title=t("By hand"),
        sentence=t("The system is read where it can be."),
        work=lambda: attested(
            edge,
            case_id=form.case_id,
            version=form.version,
            actor=form.actor,
            system_name=form.choice(ids.SYSTEM),
        ),
    )


def unknown(_edge: Edge, _form: Click) -> Reply:
    """Answer a form that no longer exists (design rule 10)."""
    return instead(t("Not done"), TOO_OLD)
