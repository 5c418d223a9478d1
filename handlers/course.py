"""Buttons and forms about a case's course: hand over, take longer, hold, open from a link; each form calls one verb."""

from handlers import ids
from handlers.actions import open_form
from handlers.clicks import Click, Reply, explain
from handlers.edge import Edge
from handlers.language import later, t
from handlers.messages import Post, time_of
from handlers.reading import link_in
from handlers.replies import ended, instead
from handlers.telling import way_chosen
from handlers.views.blocks import View
from handlers.views.ending import sent_view
from handlers.views.handing import extend_view, hand_over_view, hold_view, lift_view
from handlers.ways import ways_to_tell
from services.asking import COPIED
from services.domain.denials import Denied, Why, denied_for
from services.domain.people import Actor, Role
from services.domain.record import Case, CaseFile, HoldKind
from services.extension import extend as extend_verb
from services.extension import possible_until
from services.handing import hand_over as hand_over_verb
from services.holding import lift_hold, place_hold

NO_LINK = later("Paste the link to one message: “Copy link” in its menu.")


def hand_over(edge: Edge, click: Click) -> None:
    """Open the form that puts the case into somebody else's hands."""
    open_form(edge, click, lambda case, _: hand_over_view(case), action=ids.HAND_OVER)


def handed_over(edge: Edge, form: Click) -> Reply:
    """Put the case into somebody else's hands and tell them."""
    handed = hand_over_verb(
        edge.desk,
        case_id=form.case_id,
        version=form.version,
        actor=form.actor,
        to=form.user(ids.TAKER),
        note=form.text(ids.NOTE),
    )
    return ended(
        edge, form, handed, fields={Why.NO_AGENT: ids.TAKER}, typed=((t("Note"), form.text(ids.NOTE)),)
    )


def extend(edge: Edge, click: Click) -> None:
    """Open the form that takes longer, where the law still allows it."""

    def form(case: Case, file: CaseFile) -> View | Denied:
        until = possible_until(edge.desk, case)
        if until is None:
            why = Why.ALREADY_EXTENDED if case.extension else Why.PERIOD_OVER
            return Denied(
                why=why if case.extension or edge.desk.clock.now() >= case.answer_due else Why.NO_EXTENSION
            )
        return extend_view(case, until=until, ways=ways_to_tell(edge.desk, file))

    open_form(edge, click, form, action=ids.EXTEND)


def extended(edge: Edge, form: Click) -> Reply:
    """Extend the deadline; show or post what the customer is told."""
    reason, (channel, address) = form.text(ids.GROUND), way_chosen(edge, form)
    done = extend_verb(
        edge.desk,
        case_id=form.case_id,
        version=form.version,
        actor=form.actor,
        reason=reason,
        channel=channel,
        address=address,
    )
    if isinstance(done, Denied):
        fields = dict.fromkeys((Why.NO_REASON, Why.FALSE_CLAIM), ids.GROUND)
        return ended(edge, form, done, fields=fields, typed=((t("Reason"), reason),))
    file = edge.desk.cases.file(done.id)
    view = sent_view(
        t("Extended · {ref}", ref=done.ref), file.extension_text if file else "", in_thread=channel != COPIED
    )
    return {"response_action": "update", "view": view}


def hold(edge: Edge, click: Click) -> None:
    """Open the approver's form that holds a case."""

    def form(case: Case, _file: CaseFile) -> View | Denied:
        held = case.hold
        return Denied(why=Why.ON_HOLD, by=held.by, at=held.at) if held else hold_view(case)

    open_form(edge, click, form, action="place_hold", role=Role.APPROVER)


def held(edge: Edge, form: Click) -> Reply:
    """Hold the case, with the reason on record."""
    kind, reason = form.choice(ids.GROUND), form.text(ids.REASON)
    if not kind:
        return {"response_action": "errors", "errors": {ids.GROUND: t("Choose one.")}}
    done = place_hold(
        edge.desk,
        case_id=form.case_id,
        version=form.version,
        actor=form.actor,
        kind=HoldKind(kind),
        reason=reason,
    )
    return ended(edge, form, done, fields={Why.NO_REASON: ids.REASON}, typed=((t("Reason"), reason),))


def lift(edge: Edge, click: Click) -> None:
    """Open the approver's form that lifts a hold."""
    open_form(
        edge,
        click,
        lambda case, file: lift_view(case, reason=file.hold_reason) if case.hold else Denied(why=Why.NOT_NOW),
        action=ids.LIFT,
        role=Role.APPROVER,
    )


def lifted(edge: Edge, form: Click) -> Reply:
    """Lift the hold, with the reason on record."""
    reason = form.text(ids.REASON)
    done = lift_hold(edge.desk, case_id=form.case_id, version=form.version, actor=form.actor, reason=reason)
    return ended(edge, form, done, fields={Why.NO_REASON: ids.REASON}, typed=((t("Reason"), reason),))


def start_from_link(edge: Edge, form: Click) -> Reply:
    """Open a case from the message that a link names."""
    if denied := denied_for(actor=form.actor, role=Role.AGENT, roles=edge.desk.roles):
        return instead(t("Not done"), explain(edge, denied))
    said = open_from_link(edge, actor=form.actor, text=form.text(ids.LINK))
    if said is None:
        return {"response_action": "errors", "errors": {ids.LINK: t(NO_LINK)}}
    return instead(t("Open a case"), said if isinstance(said, str) else _known(edge, said))


def open_from_link(edge: Edge, *, actor: Actor, text: str) -> Case | str | None:
    """Have a case opened from the message that a link in the text names.

    Returns the case that the message has already, what to tell the person, or None when there is no such link.
    """
    place = link_in(text)
    if place is None:
        return None
    channel, ts, thread_ts = place
    team = edge.desk.roles.team_id
    written_at = time_of(ts)
    if known := edge.desk.cases.of_message(team_id=team, channel=channel, ts=ts):
        return known
    if written_at is None:
        return None
    edge.take_in_later(
        Post(
            event_id=f"command:{channel}:{ts}",
            team=team,
            channel=channel,
            ts=ts,
            thread_ts=thread_ts,
            user="",
            user_team=team,
            text="",
            kind="command",
            written_at=written_at,
            opened_by=actor.user_id,
        )
    )
    return t("A case is being opened from that message. Its card appears in the thread in a moment.")


def _known(edge: Edge, case: Case) -> str:
    link = edge.link(channel=case.channel, ts=case.thread_ts)
    return t("That message has a case already: {value}.", value=f"<{link}|{case.ref}>" if link else case.ref)
