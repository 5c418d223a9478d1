"""The form “Which law applies?”: every law the desk knows, none ticked in advance, and what the message names."""

from collections.abc import Sequence

from handlers import ids
from handlers.language import t
from handlers.views.blocks import (
    View,
    checkbox,
    context,
    day,
    escape,
    modal,
    person,
    section,
    text_input,
    words,
)
from services.domain.deadlines import REGIMES
from services.domain.laws import Option
from services.domain.record import Case


def laws_view(case: Case, options: Sequence[Option], *, reason: str = "") -> View:
    """Return the form; each law says by when this case would be due under it. `reason` is the one on record."""
    named = law_names(case.reading.laws)
    hint = (
        [context(t("The message itself names: {named}. That settles nothing.", named=named))] if named else []
    )
    blocks = [
        section(
            t(
                "{now}\nThe answer is due by *{answer_due}* ({regime}). The clock runs from the customer's first message, "
                "whatever is chosen here.",
                now=laws_words(case) or _not_said(case),
                answer_due=day(case.answer_due),
                regime=escape(case.regime),
            )
        ),
        *(words(reason, at_most=1500) if reason else []),
        *hint,
        checkbox(
            ids.LAWS,
            t("Every law that may apply to this customer"),
            [
                (
                    one.regime.name,
                    one.regime.label,
                    t(
                        "answer by {due} · {source}",
                        due=day(one.due),
                        source=one.regime.source.partition(";")[0],
                    ),
                )
                for one in options
            ],
            optional=False,
        ),
        context(t("Not sure between some? Tick them all: the earliest deadline counts.")),
        text_input(
            ids.REASON,
            t("How we know, for the record"),
            multiline=True,
            at_most=1500,
            hint=t("Kept with the case and destroyed with it; the ledger keeps its digest."),
        ),
    ]
    return modal(
        t("Which law? · {ref}", ref=case.ref),
        blocks,
        callback_id=ids.LAWS_FORM,
        submit=t("Set"),
        metadata={"case": case.id, "version": case.version},
    )


def _not_said(case: Case) -> str:
    usual = law_names(case.regimes) or t("every law the desk knows")
    return t(
        "Nobody has said which laws apply to this customer. What counts for everybody: {usual}.", usual=usual
    )


def laws_words(case: Case) -> str:
    """Return which laws a person has said apply, and who (mrkdwn); "" while nobody has."""
    if case.jurisdiction is None:
        return ""
    return t(
        "Law: {names}, set by {by} on {at}.",
        names=law_names(case.regimes),
        by=person(case.jurisdiction.by),
        at=day(case.jurisdiction.at),
    )


def law_names(laws: Sequence[str]) -> str:
    """Return the names of the laws that the desk knows, as people write them."""
    return ", ".join(REGIMES[law].label for law in laws if law in REGIMES)
