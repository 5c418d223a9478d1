"""What a submitted form is answered with: closed, marked at the field that is wrong, or replaced by a sentence."""

from collections.abc import Mapping

from handlers.clicks import Click, Reply, explain
from handlers.edge import Edge
from handlers.language import t
from handlers.views.notice import notice
from handlers.views.texts import in_plain
from services.domain.denials import Denied, Why
from services.domain.record import Case

CLOSED: Reply = {}


def ended(
    edge: Edge,
    form: Click,
    decided: Case | Denied,
    *,
    fields: Mapping[Why, str] | None = None,
    typed: tuple[tuple[str, str], ...] = (),
) -> Reply:
    """Close the form, mark the field that is wrong, or say in its place why nothing was done."""
    if isinstance(decided, Case):
        return CLOSED
    said = explain(edge, decided, form.case_id)
    at = (fields or {}).get(decided.why)
    if at and form.has(at):
        return {"response_action": "errors", "errors": {at: in_plain(said)}}
    return {"response_action": "update", "view": notice(t("Not done"), said, typed=typed)}


def instead(title: str, said: str) -> Reply:
    """Put a sentence in the place of the form."""
    return {"response_action": "update", "view": notice(title, said)}
