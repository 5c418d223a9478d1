"""What each button does: open a form, or carry out a decision that needs none."""

from collections.abc import Callable

from handlers import ids
from handlers.cards import labels_of
from handlers.clicks import Click, admit, answer, explain, open_modal
from handlers.edge import Edge
from handlers.fillings import made_plan
from handlers.language import t
from handlers.panes import open_and_fill, replace_open
from handlers.views.asking import message_view, record_view
from handlers.views.blocks import View
from handlers.views.ending import (
    attest_view,
    closing_view,
    dismiss_view,
    interim_view,
    refuse_view,
    stop_view,
    withdraw_view,
)
from handlers.views.identifying import search_view
from handlers.views.notice import notice
from handlers.views.planning import approve_view, plan_view
from handlers.views.texts import TOO_OLD
from handlers.ways import ways_to_tell
from services import asking, oversight, sending
from services.asking import language_of
from services.deciding import record_refusal
from services.domain.case import State
from services.domain.denials import Denied, Why, denied_for
from services.domain.people import Role
from services.domain.record import Case, CaseFile
from services.wording import closing_text, greeting, interim_text

Form = Callable[[Case, CaseFile], View | Denied]


def show_message(edge: Edge, click: Click) -> None:
    """Show the customer's words in full; agents only."""
    open_form(edge, click, message_view, action=ids.SHOW_MESSAGE, is_reading=True)


def record(edge: Edge, click: Click) -> None:
    """Open the form for the customer's answer."""
    open_form(edge, click, record_view, action=ids.RECORD)


def identify(edge: Edge, click: Click) -> None:
    """Open the form for the addresses to search by."""
    open_form(edge, click, search_view, action=ids.IDENTIFY)


def make_plan(edge: Edge, click: Click) -> None:
    """Make the plan: every system is asked what it would do, so a skeleton comes first."""
    case = admit(edge, click, action=ids.MAKE_PLAN)
    if isinstance(case, Denied):
        answer(edge, click, explain(edge, case, click.case_id))
        return
    open_and_fill(
        edge,
        click,
        title=t("Plan · {ref}", ref=case.ref),
        sentence=t("Every system is asked what it would do."),
        work=lambda: made_plan(edge, case_id=case.id, version=click.version, actor=click.actor),
    )


def show_plan(edge: Edge, click: Click) -> None:
    """Show the plan that was made."""

    def form(case: Case, _file: CaseFile) -> View | Denied:
        if case.plan is None:
            return Denied(why=Why.NO_PLAN)
        return plan_view(case, case.plan, observe=edge.desk.policy.observe)

    open_form(edge, click, form, action=ids.SHOW_PLAN)


def approve(edge: Edge, click: Click) -> None:
    """Open the approver's form, for approvers only: it shows the customer's words and identity."""

    def form(case: Case, file: CaseFile) -> View | Denied:
        if edge.desk.policy.observe:
            return Denied(why=Why.OBSERVE_ONLY)
        if case.plan is None:
            return Denied(why=Why.NO_PLAN)
        if click.actor.user_id in case.recorders:
            denied = Denied(why=Why.SAME_PERSON)
            record_refusal(edge.desk, case, actor=click.actor, action=ids.APPROVE, denied=denied)
            return denied
        if case.paused_at:
            return Denied(why=Why.PAUSED)
        return approve_view(case, file, case.plan, labels=labels_of(edge.desk, case))

    open_form(edge, click, form, action=ids.APPROVE, role=Role.APPROVER)


def stop(edge: Edge, click: Click) -> None:
    """Ask whether the case should stop."""
    open_form(edge, click, lambda case, _: stop_view(case), action=ids.STOP)


def dismiss(edge: Edge, click: Click) -> None:
    """Open the form that says why this is no deletion request."""
    open_form(edge, click, lambda case, _: dismiss_view(case), action=ids.DISMISS)


def withdraw(edge: Edge, click: Click) -> None:
    """Open the form that records that the customer took the request back."""
    open_form(
        edge,
        click,
        lambda case, file: withdraw_view(case, ways=ways_to_tell(edge.desk, file)),
        action=ids.WITHDRAW,
    )


def refuse(edge: Edge, click: Click) -> None:
    """Open the form that refuses the request or what is left of it."""
    open_form(
        edge,
        click,
        lambda case, file: refuse_view(
            case, ways=ways_to_tell(edge.desk, file), complaint=edge.desk.policy.complaint
        ),
        action=ids.REFUSE,
    )


def search_more(edge: Edge, click: Click) -> None:
    """Go back from the matches to the addresses, to add one; in place of the same modal."""

    def view() -> View:
        case = admit(edge, click, action=ids.SEARCH_MORE)
        file = edge.desk.cases.file(case.id) if isinstance(case, Case) else None
        if isinstance(case, Denied) or file is None:
            denied = case if isinstance(case, Denied) else Denied(why=Why.UNKNOWN_CASE)
            return notice(t("Not done"), explain(edge, denied, click.case_id))
        return search_view(case, file)

    edge.submit(lambda: replace_open(edge, click, view()))


def close(edge: Edge, click: Click) -> None:
    """Show the closing message as verified outcomes word it, and ask how it goes out."""

    def form(case: Case, file: CaseFile) -> View | Denied:
        if case.state is not State.NOTIFYING or case.told:
            return Denied(why=Why.NOT_NOW)
        language = language_of(edge.desk, case)
        return closing_view(
            case,
            closing_text(edge.desk, case, language),
            ways=ways_to_tell(edge.desk, file),
            greeting=greeting(edge.desk, language),
            english="" if language == "en" else closing_text(edge.desk, case),
        )

    open_form(edge, click, form, action=ids.CLOSE)


def interim(edge: Edge, click: Click) -> None:
    """Show how a case stands that waits for a system, and ask how the customer is told."""

    def form(case: Case, file: CaseFile) -> View | Denied:
        if case.state is not State.AWAITING_SYSTEMS:
            return Denied(why=Why.NOT_NOW)
        language = language_of(edge.desk, case)
        return interim_view(
            case,
            interim_text(edge.desk, case, language),
            ways=ways_to_tell(edge.desk, file),
            greeting=greeting(edge.desk, language),
            english="" if language == "en" else interim_text(edge.desk, case),
        )

    open_form(edge, click, form, action=ids.INTERIM)


def remind(edge: Edge, click: Click) -> None:
    """Remind the customer the way they were asked; after a question sent by hand it attests that the agent did."""
    _report(
        edge,
        click,
        asking.remind(edge.desk, case_id=click.case_id, version=click.version, actor=click.actor),
    )


def went_out(edge: Edge, click: Click) -> None:
    """Put on record that the message of which nobody knew did go out."""
    _say_what_became(edge, click, arrived=True)


def send_again(edge: Edge, click: Click) -> None:
    """Send the message of which nobody knew once more."""
    _say_what_became(edge, click, arrived=False)


def _say_what_became(edge: Edge, click: Click, *, arrived: bool) -> None:
    attested = sending.attest(
        edge.desk, case_id=click.case_id, version=click.version, actor=click.actor, arrived=arrived
    )
    _report(edge, click, attested)


def attest(edge: Edge, click: Click) -> None:
    """Open the form in which a person attests a step done by hand."""

    def form(case: Case, _file: CaseFile) -> View | Denied:
        if not (case.open_manual or case.open_unverifiable):
            return Denied(why=Why.NOT_NOW)
        return attest_view(case, labels_of(edge.desk, case))

    open_form(edge, click, form, action=ids.ATTEST)


def mark_read(edge: Edge, click: Click) -> None:
    """Say that the customer's new message was read."""
    _report(
        edge,
        click,
        oversight.mark_read(edge.desk, case_id=click.case_id, version=click.version, actor=click.actor),
    )


def undo(edge: Edge, click: Click) -> None:
    """Take a dismissal back."""
    _report(
        edge,
        click,
        oversight.undo_dismissal(edge.desk, case_id=click.case_id, version=click.version, actor=click.actor),
    )


def retry(edge: Edge, click: Click) -> None:
    """Check again after somebody put right what was wrong."""
    _report(
        edge,
        click,
        oversight.retry(edge.desk, case_id=click.case_id, version=click.version, actor=click.actor),
    )


def unknown(edge: Edge, click: Click) -> None:
    """Answer a button that no longer exists (design rule 10); one in a modal on top of that modal."""
    if click.view_id:
        open_modal(edge, click, notice(t("Not done"), TOO_OLD))
    else:
        answer(edge, click, t(TOO_OLD))


def open_form(
    edge: Edge, click: Click, form: Form, *, action: str, role: Role = Role.AGENT, is_reading: bool = False
) -> None:
    """Open a skeleton with the click's trigger at once, and fill it with the form, or with why there is none.

    Only who may not act at all is told so without a modal: that needs nothing but the list of people.
    """
    if denied_for(actor=click.actor, role=role, roles=edge.desk.roles):
        denied = admit(edge, click, role=role, action=action, is_reading=is_reading)
        if isinstance(denied, Denied):
            answer(edge, click, explain(edge, denied, click.case_id))
            return

    def filled() -> View:
        case = admit(edge, click, role=role, action=action, is_reading=is_reading)
        file = edge.desk.cases.file(case.id) if isinstance(case, Case) else None
        view: View | Denied
        if isinstance(case, Denied):
            view = case
        else:
            view = form(case, file) if file else Denied(why=Why.UNKNOWN_CASE)
        return notice(t("Not done"), explain(edge, view, click.case_id)) if isinstance(view, Denied) else view

    open_and_fill(edge, click, title=t("Deletion Desk"), sentence=t("One moment."), work=filled)


def _report(edge: Edge, click: Click, decided: Case | Denied) -> None:
    """Answer a decision that needed no form; when it was carried out, the card is the answer."""
    if isinstance(decided, Denied):
        answer(edge, click, explain(edge, decided, click.case_id))
