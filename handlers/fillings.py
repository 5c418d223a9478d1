"""The parts behind the skeletons (search, plan, attest): each asks outside systems and returns the next modal."""

from handlers.cards import labels_of
from handlers.clicks import explain
from handlers.edge import Edge
from handlers.language import t
from handlers.views.blocks import View, escape
from handlers.views.identifying import results_view
from handlers.views.notice import notice
from handlers.views.planning import plan_view
from services.approval import make_plan
from services.closing import attest_manual
from services.confirmation import search
from services.domain.case import State
from services.domain.denials import Denied, Why
from services.domain.identity import Identifier
from services.domain.people import Actor


def found_people(
    edge: Edge, *, case_id: str, version: int, actor: Actor, addresses: tuple[Identifier, ...]
) -> View:
    """Search every system and return the form in which each match is decided."""
    found = search(edge.desk, case_id=case_id, version=version, actor=actor, addresses=addresses)
    if isinstance(found, Denied):
        return _denied(edge, found, case_id)
    case, file = found.case, edge.desk.cases.file(case_id)
    if file is None:
        return _denied(edge, Denied(why=Why.UNKNOWN_CASE), case_id)
    acting = {one.name for one in edge.desk.systems if case.scope is None or one.acts_on(case.scope)}
    labels = labels_of(edge.desk, case)
    unasked = {labels.get(name, name): why for name, why in found.unavailable if name in acting}
    return results_view(case, file, labels=labels, unasked=unasked)


def made_plan(edge: Edge, *, case_id: str, version: int, actor: Actor) -> View:
    """Make the plan and return it as a form, or say which system stands in the way."""
    case = make_plan(edge.desk, case_id=case_id, version=version, actor=actor)
    if isinstance(case, Denied):
        return _denied(edge, case, case_id)
    if case.state is State.NEEDS_ATTENTION or case.plan is None:
        said = t(
            "*Not every system could be planned.* {problem}\nThe case waits and says so on its card. Nothing proceeds.",
            problem=escape(case.problem),
        )
        return notice(t("Plan · {ref}", ref=case.ref), said)
    return plan_view(case, case.plan, observe=edge.desk.policy.observe)


def attested(edge: Edge, *, case_id: str, version: int, actor: Actor, system_name: str) -> View:
    """Let the step be read where it can be, put the person's word on record, and say what became of it."""
    case = attest_manual(edge.desk, case_id=case_id, version=version, actor=actor, system_name=system_name)
    if isinstance(case, Denied):
        return _denied(edge, case, case_id)
    return notice(
        t("By hand · {ref}", ref=case.ref), t("Recorded with your name. The card shows what is still open.")
    )


def _denied(edge: Edge, denied: Denied, case_id: str) -> View:
    return notice(t("Not done"), explain(edge, denied, case_id))
