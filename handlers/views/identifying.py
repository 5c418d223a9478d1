"""The modals that find out who the customer is: addresses to search by, then every match decided one by one."""

from collections.abc import Mapping

from handlers import ids
from handlers.language import t
from handlers.views.blocks import (
    Block,
    View,
    actions,
    button,
    clip,
    context,
    divider,
    escape,
    modal,
    plain,
    radio,
    section,
    system_name,
    text_input,
)
from services.domain.identity import Candidate, emails_in, folded
from services.domain.record import Case, CaseFile

MOST_CANDIDATES, MOST_ADDRESSES = 10, 10
_LONGEST_WORD = 400
_SHOWN_BY_LINK = "Used the personal link sent to the address on file."
THEIRS, NOT_THEIRS = "theirs", "not_theirs"


def search_view(case: Case, file: CaseFile, *, note: str = "") -> View:
    """Return the form for the addresses to search by, filled with those that the customer wrote."""
    written = addresses_written(file)
    covered = [one.proof for one in file.searched if folded(one.value) in written]
    # What was searched before stays typed: somebody comes back here to add one address, not to type all again.
    added = [one for one in file.searched if folded(one.value) not in written]
    blocks = [
        *([section(note)] if note else []),
        section(
            t(
                "Every system is searched for these addresses, archived contacts included. Nothing is changed. "
                "“The sender is who he says” is not enough: each address needs a proof of its own."
            )
        ),
        text_input(
            ids.ADDRESSES,
            t("Addresses, one a line"),
            initial="\n".join([*written, *(f"{one.value} {one.proof}" for one in added[1:])]),
            multiline=True,
            optional=True,
            hint=t("An address that the customer did not write: add behind it how control of it was shown."),
        ),
        text_input(
            ids.CONTROL,
            t("How was control of the written addresses shown?"),
            initial=covered[0] if covered else _by_link(case),
            optional=True,
            at_most=500,
            hint=t("For example: replied from the address on file."),
        ),
        text_input(
            ids.ADDED,
            t("Another address of theirs"),
            initial=added[0].value if added else "",
            optional=True,
            at_most=320,
            hint=t(
                "One that the customer did not write, e.g. found in an old order. It is proven separately."
            ),
        ),
        text_input(
            ids.ADDED_PROOF,
            t("How was control of that one shown?"),
            initial=added[0].proof if added else "",
            optional=True,
            at_most=500,
        ),
    ]
    return modal(
        t("Who is this? · {ref}", ref=case.ref),
        blocks,
        callback_id=ids.SEARCH_FORM,
        submit=t("Search"),
        metadata={"case": case.id, "version": case.version},
    )


def _by_link(case: Case) -> str:
    """Return the proof that a used link is, "" where the answer came another way."""
    return _SHOWN_BY_LINK if case.answer and case.answer.proof == "confirmation_link" else ""


def addresses_written(file: CaseFile) -> tuple[str, ...]:
    """Return the address we wrote to, the one that the help desk names, and those in the customer's own words."""
    said = "\n".join([file.text, *(reply.text for reply in file.replies), file.answer_words])
    # A message of 40,000 characters without a space must not cost seconds: only what can be an address is searched.
    likely = "\n".join(word for word in said.split() if "@" in word and len(word) <= _LONGEST_WORD)
    named = [folded(file.customer_address)] if file.customer_address else []
    if file.contact and file.contact.kind == "email":
        named.insert(0, file.contact.value)
    return tuple(dict.fromkeys((*named, *emails_in(likely))))[:MOST_ADDRESSES]


def results_view(
    case: Case, file: CaseFile, *, labels: Mapping[str, str], unasked: Mapping[str, str]
) -> View:
    """Return every match with nothing decided; `unasked` are systems (label: why) that the search could not ask.

    Where a system that matters could not be asked, or there are too many matches, there is nothing to decide yet.
    """
    metadata = {"case": case.id, "version": case.version}
    title = t("Who is this? · {ref}", ref=case.ref)
    if unasked:
        lines = [f"• {escape(clip(label, 60))}: {escape(clip(why, 300))}" for label, why in unasked.items()]
        blocks = [
            section(
                t("*Not every system could be asked.* Nothing can be decided before it can.\n")
                + "\n".join(lines)
            ),
            *_read_only(file, labels),
        ]
        return modal(
            title, blocks, callback_id=ids.SEARCH_AGAIN_FORM, submit=t("Search again"), metadata=metadata
        )
    if len(file.candidates) > MOST_CANDIDATES:
        note = t(
            "*{number} records match.* Too many to decide between: search with fewer or other addresses.",
            number=len(file.candidates),
        )
        return search_view(case, file, note=note)
    if not file.candidates:
        blocks = [
            section(
                t(
                    "*No system knows these addresses.* You can go on with the addresses alone: the plan will then find "
                    "nothing, and the customer is never told that something was removed. Or add another address."
                )
            ),
            *_search_more(case),
        ]
        return modal(title, blocks, callback_id=ids.IDENTITY_FORM, submit=t("Go on"), metadata=metadata)
    blocks = [
        section(t("Decide for each record whether it belongs to this person. Each one is shown masked.")),
        *_search_more(case),
    ]
    for index, candidate in enumerate(file.candidates):
        blocks += [divider(), *_candidate(candidate, labels), _decision(index)]
    return modal(title, blocks, callback_id=ids.IDENTITY_FORM, submit=t("Decide"), metadata=metadata)


def _search_more(case: Case) -> list[Block]:
    return actions([button(t("Add an address"), ids.SEARCH_MORE, f"{case.id}:{case.version}")])


def decision_block(index: int) -> str:
    """Return the block id of the decision about the candidate at this place in the file."""
    return f"{ids.CANDIDATE}{index}"


def _decision(index: int) -> Block:
    options = [(THEIRS, t("This person"), ""), (NOT_THEIRS, t("Somebody else"), "")]
    return radio(decision_block(index), t("Whose is it?"), options)


def _candidate(candidate: Candidate, labels: Mapping[str, str]) -> list[Block]:
    # What a system shows of a record is its owner's data, masked or not: plain text, never mrkdwn.
    shown: list[Block] = [
        {"type": "section", "text": plain(candidate.shown, 500)},
        context(
            t(
                "{system_name} · found by: {reason}",
                system_name=system_name(labels, candidate.system),
                reason=escape(clip(candidate.reason, 300)),
            )
        ),
    ]
    if candidate.warnings:
        shown.append(
            {
                "type": "section",
                "text": plain("\n".join(t("⚠ Warning: {one}", one=one) for one in candidate.warnings), 600),
            }
        )
    return shown


def _read_only(file: CaseFile, labels: Mapping[str, str]) -> list[Block]:
    return [
        block for one in file.candidates[:MOST_CANDIDATES] for block in (divider(), *_candidate(one, labels))
    ]
