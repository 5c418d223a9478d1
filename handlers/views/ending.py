"""The modals that stop or end a case: stop, withdraw, refuse, dismiss, closing message, work done by hand."""

from collections.abc import Mapping

from handlers import ids
from handlers.language import later, t
from handlers.views.asking import Ways
from handlers.views.blocks import (
    Block,
    View,
    checkbox,
    context,
    escape,
    modal,
    radio,
    section,
    select,
    system_name,
    text_input,
    words,
)
from handlers.views.wording import DISMISSALS, GROUNDS
from services.domain.record import Case

# What the customer reads where the operator has no sentence of their own (prompts/customer, in their language).
COMPLAINT = later("A complaint to the data protection authority where they live, or a court.")


def stop_view(case: Case) -> View:
    """Return the question whether the case should stop."""
    said = t(
        "Stop {ref}? Plan and approvals become void; the customer's answer stays on record. Nothing is deleted.",
        ref=case.ref,
    )
    return _form(
        t("Stop · {ref}", ref=case.ref),
        [section(said)],
        case,
        callback_id=ids.STOP_FORM,
        submit=t("Stop this case"),
    )


def halt_view() -> View:
    """Return the question whether every run should halt."""
    said = t(
        "Halt *every* run between its steps? What is running waits for a person afterwards; nothing new starts. "
        "An operator releases it with `/deletion release`."
    )
    return modal(t("Stop everything"), [section(said)], callback_id=ids.HALT_FORM, submit=t("Halt every run"))


def withdraw_view(case: Case, *, ways: Ways) -> View:
    """Return the form that records that the customer took the request back; that they are told so is a choice."""
    blocks = [
        section(
            t(
                "The customer no longer wants this. The case ends, nothing is deleted, its personal data is destroyed."
            )
        ),
        text_input(ids.WORDS, t("Their words, or a link to them"), multiline=True),
        radio(
            ids.CHANNEL,
            t("Does the customer get a confirmation?"),
            ways,
            optional=True,
            hint=t("It says that the request was withdrawn and that nothing was deleted. Empty: none."),
        ),
    ]
    return _form(
        t("Taken back · {ref}", ref=case.ref),
        blocks,
        case,
        callback_id=ids.WITHDRAW_FORM,
        submit=t("End the case"),
    )


def refuse_view(case: Case, *, ways: Ways, complaint: str = "") -> View:
    """Return the form that refuses the request, or the rest of it, on a legal ground that the customer is told.

    `complaint` is the operator's own sentence about how to contest it; the general one names the authority.
    """
    blocks = [
        section(
            t("The customer is told the ground and how to complain. What was already deleted stays deleted.")
        ),
        select(ids.LEGAL_GROUND, t("On which legal ground?"), GROUNDS),
        text_input(
            ids.GROUND,
            t("Ground, as the customer will read it"),
            multiline=True,
            at_most=1500,
            hint=t(
                "For example: we could not find out who you are; tax law demands that we keep your invoices until 2034."
            ),
        ),
        context(t("*The customer also reads, how to complain:*")),
        *words(complaint or t(COMPLAINT), at_most=600),
        radio(ids.CHANNEL, t("How is the customer told?"), ways),
    ]
    return _form(
        t("Refuse · {ref}", ref=case.ref), blocks, case, callback_id=ids.REFUSE_FORM, submit=t("Refuse")
    )


def refused_view(case: Case, text: str, *, in_thread: bool) -> View:
    """Return the refusal's text: to be copied now, or as it is being posted."""
    return sent_view(t("Refused · {ref}", ref=case.ref), text, in_thread=in_thread)


def sent_view(title: str, text: str, *, in_thread: bool) -> View:
    """Return a text for the customer: to be copied now, or as it is being posted."""
    said = (
        t("It is on its way.")
        if in_thread
        else t("*Send this to the customer now.* It is destroyed with the case.")
    )
    return modal(title, [section(said), *words(text)])


def dismiss_view(case: Case) -> View:
    """Return the form that says why this is no deletion request."""
    blocks = [
        section(
            t(
                "The customer is told nothing. This can be undone for some days; then the message's copy is destroyed."
            )
        ),
        select(ids.REASON, t("Why is it none?"), DISMISSALS),
        text_input(ids.NOTE, t("Note"), optional=True, multiline=True, at_most=1000),
    ]
    return _form(
        t("No request · {ref}", ref=case.ref), blocks, case, callback_id=ids.DISMISS_FORM, submit=t("Dismiss")
    )


def closing_view(case: Case, text: str, *, ways: Ways, greeting: str = "", english: str = "") -> View:
    """Return the closing message as it will be sent, with the greeting to edit, and the choice of the way."""
    blocks = _telling(text, ways=ways, greeting=greeting, english=english)
    return _form(
        t("Tell · {ref}", ref=case.ref),
        blocks,
        case,
        callback_id=ids.CLOSE_FORM,
        submit=t("The customer is told"),
    )


def interim_view(case: Case, text: str, *, ways: Ways, greeting: str = "", english: str = "") -> View:
    """Return how the case stands, as the customer may be told while a system is waited for."""
    note = section(t("The case goes on by itself; the customer is told again when everything is done."))
    blocks = [note, *_telling(text, ways=ways, greeting=greeting, english=english)]
    return _form(
        t("Tell · {ref}", ref=case.ref),
        blocks,
        case,
        callback_id=ids.INTERIM_FORM,
        submit=t("The customer is told"),
    )


def _telling(text: str, *, ways: Ways, greeting: str, english: str) -> list[Block]:
    return [
        *words(text),
        context(t("*These facts come from what was verified and cannot be edited.* Only the greeting can:")),
        text_input(
            ids.GREETING,
            t("How the message begins"),
            initial=greeting,
            optional=True,
            multiline=True,
            at_most=500,
        ),
        *([context(t("*The same in English:*")), *words(english, at_most=6000)] if english else []),
        radio(ids.CHANNEL, t("How is the customer told?"), ways),
    ]


def attest_view(case: Case, labels: Mapping[str, str]) -> View:
    """Return the form in which a person attests a step that only a person can do, or signs off what cannot be read."""
    steps = case.open_manual or case.open_unverifiable
    reasons = [
        f"• *{system_name(labels, one.system)}*{f': {escape(one.reason)}' if one.reason else ''}"
        for one in steps
    ]
    options = [(one.system, labels.get(one.system, one.system), "") for one in steps[:10]]
    by_hand = bool(case.open_manual)
    title = t("*To be done by hand*\n") if by_hand else t("*Cannot be verified; an approver signs off*\n")
    which = t("Which step did you do?") if by_hand else t("Which step do you sign off?")
    did = t("I did this myself and looked that it is gone")
    word = did if by_hand else t("I accept this without a proof")
    blocks = [
        section(title + "\n".join(reasons)),
        radio(ids.SYSTEM, which, options),
        checkbox(
            ids.DONE,
            t("Your word"),
            [("yes", word, t("your name stays on the record"))],
            optional=False,
        ),
        context(t("Where the system can be read, it is read now: what is still there is not attested.")),
    ]
    return _form(
        t("By hand · {ref}", ref=case.ref), blocks, case, callback_id=ids.ATTEST_FORM, submit=t("Attest")
    )


def _form(title: str, blocks: list[dict[str, object]], case: Case, *, callback_id: str, submit: str) -> View:
    metadata = {"case": case.id, "version": case.version}
    return modal(title, blocks, callback_id=callback_id, submit=submit, metadata=metadata)
