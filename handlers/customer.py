"""The customer's own buttons under the question: only the person who was asked can press them with effect."""

import re

from handlers import ids
from handlers.clicks import Click, answer, explain
from handlers.edge import Edge
from services import answering
from services.domain.denials import Denied
from services.domain.scope import Scope

_SCOPES = {
    ids.CUSTOMER_ALL: (Scope.ALL_PERSONAL_DATA, "Erase everything", "all_title"),
    ids.CUSTOMER_ACCOUNT: (Scope.ACCOUNT_ONLY, "Close the account only", "account_title"),
    ids.CUSTOMER_NEITHER: (None, "Neither", "neither_title"),
}


def choose(edge: Edge, click: Click) -> None:
    """Record what the customer chose, and tell them; anybody else is told that the buttons are not theirs."""
    scope, words, phrase = _SCOPES[click.action_id]
    found = re.fullmatch(r"([\w-]{1,64}):([0-9a-f]{1,64})", click.value, flags=re.ASCII)
    language = _language(edge, found[1] if found else "")
    # As the customer read it, for whoever approves; the English beside it.
    shown = words if language == "en" else f"{edge.desk.texts.word(phrase, language)} ({words})"
    given = answering.click(
        edge.desk,
        case_id=found[1] if found else "",
        question_id=found[2] if found else "",
        who=click.actor,
        scope=scope,
        words=f"Pressed the button: “{shown}”",
    )
    if isinstance(given, Denied):
        answer(edge, click, explain(edge, given))
        return
    said = f"Your answer is recorded: *{words}*."
    if given.joined:
        said = "Thank you. We already had an answer from you, so somebody reads this one before anything goes on."
    elif scope is None:
        said = f"{said} Nothing is deleted."
    if language != "en":
        thanks = edge.desk.texts.word("joined_title" if given.joined else "done_title", language)
        said = f"{thanks} *{edge.desk.texts.word(phrase, language)}*\n{said}"
    answer(edge, click, f"{said} If this was a mistake, write it here at once.")


def _language(edge: Edge, case_id: str) -> str:
    """Return the language that the customer was asked in."""
    case = edge.desk.cases.get(case_id) if case_id else None
    return case.question.language if case and case.question else "en"
