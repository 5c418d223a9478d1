"""The approvers' digest: what was dismissed, who is silent, what is due, in one short message."""

from handlers.language import t
from handlers.views.blocks import Block, clip, context, day, person, section
from handlers.views.facts import Message
from handlers.views.wording import reason_words, title_of
from services.domain.record import Case
from services.domain.reminding import Digest

MOST = 15


def digest_message(shown: Digest, *, workspace_url: str = "") -> Message:
    """Return the digest; sections without a case are left out. Nothing personal is in it."""

    def name(case: Case) -> str:
        if not workspace_url:
            return case.ref
        place = f"{workspace_url.rstrip('/')}/archives/{case.channel}/p{case.thread_ts.replace('.', '')}"
        return f"<{place}|{case.ref}>"

    def late(case: Case) -> str:
        return t("*overdue since*") if case.answer_due < shown.now else t("due")

    parts = (
        (
            t("Due within a week"),
            [f"{name(one)} {late(one)} {day(one.answer_due)} · {title_of(one)}" for one in shown.due],
        ),
        (
            t("No answer from the customer"),
            [
                t(
                    "{name} asked on {at}; nothing is erased without an answer",
                    name=name(one),
                    at=day(one.question.at),
                )
                for one in shown.silent
                if one.question
            ],
        ),
        (
            t("Dismissed since the last digest"),
            [
                t(
                    "{name} {reason_words}, by {by}",
                    name=name(one),
                    reason_words=reason_words(one.ended.reason),
                    by=person(one.ended.by),
                )
                for one in shown.dismissed
                if one.ended
            ],
        ),
        (
            t("On hold"),
            [
                t(
                    "{name} since {at}, by {by}; due {answer_due}",
                    name=name(one),
                    at=day(one.hold.at),
                    by=person(one.hold.by),
                    answer_due=day(one.answer_due),
                )
                for one in shown.held
                if one.hold
            ],
        ),
    )
    blocks: list[Block] = [section(t("*Deletion requests today*"))]
    for title, lines in parts:
        if lines:
            more = (
                [t("… and {number} more: `/deletion list`", number=len(lines) - MOST)]
                if len(lines) > MOST
                else []
            )
            blocks.append(section(clip("\n".join([f"*{title}*", *lines[:MOST], *more]), 2900)))
    blocks.append(context(t("Once a working day, to approvers only. A dismissal can be undone on its card.")))
    total = len(shown.due)
    return Message(text=t("Deletion requests today: {total} due within a week", total=total), blocks=blocks)
