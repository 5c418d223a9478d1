"""The modals around the customer's words: show the message, ask which of the two, record the answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers import ids
from handlers.language import later, t
from handlers.views.blocks import (
    OPTION,
    Block,
    View,
    actions,
    checkbox,
    clock,
    context,
    divider,
    modal,
    moment,
    plain,
    radio,
    section,
    select,
    text_input,
    words,
)
from handlers.views.wording import BEHALVES, CHANNELS, PROOFS
from services.domain.case import State
from services.domain.record import Case, CaseFile
from services.domain.scope import Intent

Ways = Sequence[tuple[str, str, str]]

ALL, ACCOUNT, NEITHER = "all_personal_data", "account_only", "neither"
IN_THREAD, BY_HAND, BY_EMAIL, BY_HELP_DESK = "thread", "by_hand", "email", "help_desk"
_WHERE_TO = {
    False: later("For e-mail: the address"),
    True: later("E-mail address, or the help desk's conversation"),
}
_INTRO_LIMIT, _MOST_REPLIES = 1500, 5


def message_view(case: Case, file: CaseFile) -> View:
    """Return the customer's words in full, for agents only."""
    blocks = [section(t("*The message* · {opened_at}", opened_at=clock(case.opened_at))), *words(file.text)]
    if file.customer_name or file.customer_address:
        named = " · ".join(one for one in (file.customer_name, file.customer_address) if one)
        blocks += [
            context(t("The help desk names as the customer (not proven):")),
            *words(named, at_most=300),
        ]
    left_out = len(file.replies) - _MOST_REPLIES
    if left_out > 0:
        blocks.append(context(t("{left_out} earlier replies are in the thread.", left_out=left_out)))
    for reply in file.replies[-_MOST_REPLIES:]:
        blocks += [
            divider(),
            section(t("*The customer wrote again* · {at}", at=clock(reply.at))),
            *words(reply.text, at_most=3000),
        ]
    if file.question_text:
        blocks += [divider(), section(t("*What we asked*")), *words(file.question_text, at_most=6000)]
    if file.answer_words:
        blocks += [
            divider(),
            section(t("*What the customer answered*")),
            *words(file.answer_words, at_most=6000),
        ]
    if file.closing_text and case.told is None:
        blocks += [
            divider(),
            section(t("*What the customer is told*")),
            *words(file.closing_text, at_most=6000),
        ]
    if file.note:
        blocks += [divider(), section(t("*Note*")), *words(file.note, at_most=3000)]
    return modal(case.ref, blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Languages:
    """The languages in which a customer can be asked: (code, its own name), which is shown, and the case's own."""

    known: tuple[tuple[str, str], ...]
    shown: str
    usual: str

    @property
    def intro_block(self) -> str:
        """The field's name in this language. Each has its own: Slack keeps what stands in a field that keeps its name."""
        place = [code for code, _ in self.known].index(self.shown)
        return ids.INTRO if self.shown == self.usual else f"{ids.INTRO}{place}"


def ask_view(
    case: Case,
    *,
    intro: str,
    choices: str,
    ways: Ways,
    address: str = "",
    english: str = "",
    languages: Languages | None = None,
) -> View:
    """Return the form that asks the customer: the introduction can be edited, what the choices mean stays.

    `ways` are how it can reach the customer, `address` the one that e-mail would go to, as far as it is known.
    `english` is the whole text in English where the customer is asked in another language; `languages` is None where
    there is but one.
    """
    offered = {value for value, _, _ in ways}
    blocks = [
        section(t("Before anything is deleted, the customer says which of the two is meant.")),
        *(_language(case, languages) if languages else []),
        text_input(
            languages.intro_block if languages else ids.INTRO,
            t("How the message begins"),
            initial=intro,
            multiline=True,
            at_most=_INTRO_LIMIT,
        ),
        context(t("*This part stays:*")),
        *words(choices, at_most=6000),
        *([context(t("*The same in English:*")), *words(english, at_most=6000)] if english else []),
        radio(ids.CHANNEL, t("How does it reach the customer?"), ways),
    ]
    if offered & {BY_EMAIL, BY_HELP_DESK}:
        blocks.append(
            text_input(
                ids.ADDRESS,
                _WHERE_TO[BY_HELP_DESK in offered],
                initial=address,
                optional=True,
                at_most=400,
                hint=t(
                    "Only an e-mail address that is on file in one of the systems: using the link proves control of it."
                ),
            )
        )
    return modal(
        t("Ask · {ref}", ref=case.ref),
        blocks,
        callback_id=ids.ASK_FORM,
        submit=t("Ask"),
        metadata={"case": case.id, "version": case.version},
    )


def _language(case: Case, languages: Languages) -> list[Block]:
    """Return the list that acts at once: it says what is shown, and nothing in it is chosen in advance."""
    value = f"{case.id}:{case.version}"
    menu: Block = {
        "type": "static_select",
        "action_id": ids.ASK_LANGUAGE,
        "placeholder": plain(dict(languages.known)[languages.shown], OPTION),
        "options": [
            {"value": f"{code}|{value}", "text": plain(name, OPTION)} for code, name in languages.known
        ],
    }
    return [context(t("*The customer is asked in:*")), *actions([menu])]


def record_view(case: Case, file: CaseFile) -> View:
    """Return the form for the customer's answer: nothing chosen in advance, every choice equally plain."""
    blocks: list[Block] = []
    can_rest_on_message = _is_clear(case) and case.question is None
    if case.question is None:
        blocks.append(
            section(
                t(
                    '*Ask first.* A message that only says "delete my data" is not an answer to which of the two. '
                    "“Everything” counts only as a reply to a recorded question."
                )
            )
        )
    if case.state not in {State.DETECTED, State.AWAITING_CUSTOMER}:
        blocks.append(section(t("A new answer replaces the old one: plan and approvals become void.")))
    blocks += [
        radio(
            ids.SCOPE,
            t("What does the customer want?"),
            [
                (ALL, t("Everything"), t("all personal data; a second person will have to approve")),
                (ACCOUNT, t("Only the account"), t("the account is closed, other data stays")),
                (NEITHER, t("Neither"), t("something else was meant: the case ends")),
            ],
            hint=t("Everything: ActiveCampaign is always included."),
        ),
    ]
    if can_rest_on_message:
        blocks.append(
            checkbox(
                ids.FROM_MESSAGE,
                t("Is it the first message that says so?"),
                [
                    (
                        "yes",
                        t("The message itself says so: account only"),
                        t("nothing else needs to be filled in but the proof"),
                    )
                ],
            )
        )
    blocks += [
        text_input(
            ids.WORDS,
            t("Their words, or a link to them"),
            initial=_latest(case, file),
            multiline=True,
            optional=can_rest_on_message,
        ),
        moment(ids.WHEN, t("When did they answer?"), hint=t("Empty: just now. In your own time zone.")),
        select(ids.CHANNEL, t("How did the answer come?"), CHANNELS, optional=True),
        radio(ids.PROOF, t("How do we know it is them?"), PROOFS),
        text_input(ids.PROOF_DETAIL, t("Which other proof?"), optional=True, at_most=500),
        select(ids.BEHALF, t("Did somebody answer for them?"), BEHALVES, optional=True),
        text_input(
            ids.AUTHORITY,
            t("How did that person show that they may?"),
            optional=True,
            at_most=500,
            hint=t(
                "For example: a signed mandate that you have seen. Besides the proof of who the customer is."
            ),
        ),
    ]
    return modal(
        t("Answer · {ref}", ref=case.ref),
        blocks,
        callback_id=ids.RECORD_FORM,
        submit=t("Record"),
        metadata={"case": case.id, "version": case.version},
    )


def _is_clear(case: Case) -> bool:
    return case.reading.intent is Intent.CLOSE_ACCOUNT and not case.reading.speaks_of_data


def _latest(case: Case, file: CaseFile) -> str:
    """Return the customer's last reply after the question: most often it is the answer to be quoted."""
    asked = case.question
    later = [reply for reply in file.replies if asked and reply.at >= asked.at]
    return later[-1].text if later else ""
