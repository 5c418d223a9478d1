"""The form that asks the customer: opened from a card, and drawn anew in another language."""

from handlers import ids
from handlers.actions import open_form
from handlers.clicks import Click, admit, explain
from handlers.edge import Edge
from handlers.language import t
from handlers.panes import replace_open
from handlers.views.asking import Languages, ask_view
from handlers.views.blocks import View
from handlers.views.notice import notice
from handlers.ways import likely_address, ways_to_ask
from services import asking
from services.asking import language_of, question_text
from services.domain.denials import Denied, Why
from services.domain.record import Case, CaseFile
from services.ports import Desk


def ask(edge: Edge, click: Click) -> None:
    """Open the form that asks the customer, in their language where the operator has read its texts."""
    open_form(
        edge,
        click,
        lambda case, file: _form(edge.desk, case, file, language_of(edge.desk, case)),
        action=ids.ASK,
    )


def ask_in(edge: Edge, click: Click) -> None:
    """Draw the form anew in the language that was picked, in place of the same modal."""

    def view() -> View:
        case = admit(edge, click, action=ids.ASK)
        file = edge.desk.cases.file(case.id) if isinstance(case, Case) else None
        if isinstance(case, Denied) or file is None:
            denied = case if isinstance(case, Denied) else Denied(why=Why.UNKNOWN_CASE)
            return notice(t("Not done"), explain(edge, denied, click.case_id))
        known = click.picked in edge.desk.policy.languages
        return _form(edge.desk, case, file, click.picked if known else language_of(edge.desk, case))

    edge.submit(lambda: replace_open(edge, click, view()))


def asked_in(edge: Edge, form: Click) -> tuple[str, str]:
    """Return the language that the submitted form was shown in, and the name of its first field."""
    case = edge.desk.cases.get(form.case_id)
    usual = language_of(edge.desk, case) if case else "en"
    for language in edge.desk.policy.languages:
        block = _languages(edge.desk, shown=language, usual=usual).intro_block
        if form.has(block):
            return language, block
    return usual, ids.INTRO


def asked_by_channel(edge: Edge, form: Click, *, channel: str, address: str) -> View:
    """Ask the customer by a channel outside Slack and say what became of it, with what was typed when it was denied."""
    desk, (language, block) = edge.desk, asked_in(edge, form)
    intro = form.text(block)
    asked = asking.ask(
        desk,
        case_id=form.case_id,
        version=form.version,
        actor=form.actor,
        channel=channel,
        intro=intro,
        language=language,
        address=address,
    )
    if isinstance(asked, Denied):
        said = explain(edge, asked, form.case_id)
        return notice(t("Not done"), said, typed=((t("Your text"), intro), (t("Address"), address)))
    way = desk.channel(channel)
    said = t("The question is on its way. The card shows it, and what the customer answers.")
    if way is not None and way.carries_link:
        said = t("{said} The answer that the customer gives on the page is recorded by the desk.", said=said)
    return notice(t("Asked · {ref}", ref=asked.ref), said)


def _form(desk: Desk, case: Case, file: CaseFile, language: str) -> View:
    intro, choices = question_text(desk, case, language=language)
    several = len(desk.policy.languages) > 1
    return ask_view(
        case,
        intro=intro,
        choices=choices,
        ways=ways_to_ask(desk, file),
        address=likely_address(file),
        english="" if language == "en" else "\n\n".join(question_text(desk, case)),
        languages=_languages(desk, shown=language, usual=language_of(desk, case)) if several else None,
    )


def _languages(desk: Desk, *, shown: str, usual: str) -> Languages:
    named = tuple((one, desk.texts.word("this_language", one)) for one in desk.policy.languages)
    return Languages(known=named, shown=shown, usual=usual)
