"""What the command and the mention answer to one person: help, lists of cases, one case; nothing personal."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from handlers.language import later, t
from handlers.views.blocks import Block, context, escape, section
from handlers.views.facts import Message
from handlers.views.wording import due_words, title_of
from services.domain.record import Case

MOST_CASES = 20
# A message fails at about 13 kB.
_RECEIPT_ROOM = 11_000

HELP = later("""*Deletion Desk* watches for messages that ask for deletion. Nothing is deleted before the customer has said which of the two is meant, and for everything a second person approves.
`/deletion` or `/deletion list`: open cases, due first; also `list mine`, `list due`, `list waiting`
`/deletion case DD-1042`: one case; `/deletion find someone@example.com`: the cases of one customer
`/deletion open LINK`: open a case from a message (copy its link), or use the message's shortcut “Open a deletion case”
`/deletion approve DD-1042`: review and approve; alone it lists what waits for you
`/deletion remind DD-1042`: ask the customer again, or remind those who can approve
`/deletion hold DD-1042` (approver): a legal hold or dispute, nothing is deleted until `/deletion lift DD-1042`
`/deletion export DD-1042`: the signed receipt of a case that has ended
`/deletion stop`: halt every run, after asking you; `/deletion release` (operator): let them go on
`@Deletion Desk` in a thread: open or show the case of that thread; `@Deletion Desk help`: this text""")


def help_message() -> Message:
    """Return what can be typed."""
    return Message(text=t("Deletion Desk: help"), blocks=[section(t(HELP))])


def cases_message(cases: Sequence[Case], links: Mapping[str, str], *, title: str, now: datetime) -> Message:
    """Return a list of cases; `links` maps a case's id to its thread's address."""
    if not cases:
        return Message(
            text=t("{title}: none", title=title),
            blocks=[section(t("*{title}*\nNone. Nothing waits here.", title=escape(title)))],
        )
    blocks: list[Block] = [section(f"*{escape(title)}* · {len(cases)}")]
    for case in cases[:MOST_CASES]:
        place = (
            t("<{links}|open thread>", links=links[case.id])
            if links.get(case.id)
            else t("in <#{channel}>", channel=escape(case.channel))
        )
        due = due_words(case, over=now > case.answer_due)
        blocks.append(section(f"*{case.ref}* · {title_of(case)}\n{due} · {place}"))
    if len(cases) > MOST_CASES:
        blocks.append(context(t("and {number} more", number=len(cases) - MOST_CASES)))
    return Message(text=f"{title}: {len(cases)}", blocks=blocks)


def case_message(case: Case, blocks: Sequence[Block], link: str) -> Message:
    """Return one case as its card shows it, with the way to the thread where its buttons are."""
    place = (
        t("<{link}|Open the thread>", link=link)
        if link
        else t("The card with its buttons is in its thread in <#{channel}>", channel=escape(case.channel))
    )
    return Message(text=f"{case.ref}: {title_of(case)}", blocks=[*blocks, context(place)])


def receipt_message(case: Case, receipt_id: str, text: str) -> Message:
    """Return a receipt to be copied whole; nothing personal is on it."""
    preformatted = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    blocks: list[Block] = [
        section(
            t(
                "*{ref}: receipt* `{receipt_id}`\nSigned: `deletion-desk case check-receipt FILE` tells whether it is genuine.",
                ref=case.ref,
                receipt_id=receipt_id,
            )
        ),
        {"type": "rich_text", "elements": [preformatted]},
    ]
    if len(text.encode()) > _RECEIPT_ROOM:
        blocks[1:] = [
            context(
                t("It is too long for a message: `deletion-desk case receipt {ref}` prints it.", ref=case.ref)
            )
        ]
    return Message(text=t("{ref}: receipt {receipt_id}", ref=case.ref, receipt_id=receipt_id), blocks=blocks)


def said(text: str) -> Message:
    """Return one sentence (mrkdwn)."""
    return Message(text=text, blocks=[section(text)])
