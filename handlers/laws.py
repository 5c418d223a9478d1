"""The button and the form that say which laws apply to one customer."""

from handlers import ids
from handlers.actions import open_form
from handlers.clicks import Click, Reply
from handlers.edge import Edge
from handlers.language import t
from handlers.replies import ended
from handlers.views.blocks import View
from handlers.views.laws import laws_view
from services.domain.denials import Denied, Why
from services.domain.record import Case, CaseFile
from services.laws import options
from services.laws import set_laws as set_laws_verb


def choose_laws(edge: Edge, click: Click) -> None:
    """Open the form, as long as the case has a clock."""

    def form(case: Case, file: CaseFile) -> View | Denied:
        if case.told is not None:
            return Denied(why=Why.NOT_NOW)
        return laws_view(case, options(edge.desk, case), reason=file.laws_reason)

    open_form(edge, click, form, action=ids.LAWS)


def laws_chosen(edge: Edge, form: Click) -> Reply:
    """Let the ticked laws count, with the reason on record."""
    reason = form.text(ids.REASON)
    done = set_laws_verb(
        edge.desk,
        case_id=form.case_id,
        version=form.version,
        actor=form.actor,
        laws=form.ticked(ids.LAWS),
        reason=reason,
    )
    return ended(
        edge,
        form,
        done,
        fields={Why.NO_LAW: ids.LAWS, Why.NO_REASON: ids.REASON},
        typed=((t("Reason"), reason),),
    )
