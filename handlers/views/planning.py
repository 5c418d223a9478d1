"""The plan as a modal, and the same again for the approver with everything that design rule 2 wants shown."""

from collections.abc import Mapping

from handlers import ids
from handlers.language import t
from handlers.views.blocks import (
    Block,
    View,
    clip_mrkdwn,
    clock,
    context,
    divider,
    escape,
    modal,
    person,
    plain,
    records,
    section,
    systems,
    text_input,
    words,
)
from handlers.views.wording import behalf_words, channel_words, count_words, proof_words, scope_words
from services.domain.identity import mask
from services.domain.plan import Plan, SystemPlan
from services.domain.record import Case, CaseFile
from services.domain.scope import Scope

_MOST_LINES, _MOST_SYSTEMS, _MOST_IDENTIFIERS = 30, 25, 20


def plan_view(case: Case, plan: Plan, *, observe: bool) -> View:
    """Return what would happen in each system, with the way on: approval by others, or closing the account alone."""
    title = t("Plan · {ref}", ref=case.ref)
    blocks = plan_blocks(plan)
    if observe:
        return modal(title, [*blocks, section(t("*Observe mode:* nothing can be deleted from here."))])
    metadata = {"case": case.id, "version": case.version, "plan": plan.hash}
    if plan.scope is Scope.ACCOUNT_ONLY:
        note = t("One agent suffices to close an account. Other data stays as it is.")
        return modal(
            title,
            [*blocks, context(note)],
            callback_id=ids.PLAN_ACCOUNT_FORM,
            submit=t("Close the account"),
            metadata=metadata,
        )
    note = t(
        "Nothing runs before a second person has approved exactly this plan. You cannot approve it yourself."
    )
    return modal(
        title,
        [*blocks, context(note)],
        callback_id=ids.PLAN_SEND_FORM,
        submit=t("Send for approval"),
        metadata=metadata,
    )


def plan_blocks(plan: Plan) -> list[Block]:
    """Return the plan, one block a system in running order, then totals and fingerprint."""
    idle = [one for one in plan.systems if not one.acts]
    blocks = [section(t("*Scope:* {scope_words}", scope_words=scope_words(plan.scope)))]
    blocks += [_system(place, one) for place, one in enumerate(plan.acting[:_MOST_SYSTEMS], start=1)]
    if len(plan.acting) > _MOST_SYSTEMS:
        blocks.append(
            context(
                t(
                    "and {systems} more, all part of the totals",
                    systems=systems(len(plan.acting) - _MOST_SYSTEMS),
                )
            )
        )
    if idle:
        lines = [
            t("{label}: {records} stay untouched", label=escape(one.label), records=records(one.found))
            for one in idle
        ]
        blocks += [section(t("*Not touched by this scope*\n") + "\n".join(lines))]
    acting = len([one for one in plan.acting if one.touched])
    total = t(
        "*Together:* {records} in {systems} deleted or changed.",
        records=records(plan.touched),
        systems=systems(acting),
    )
    return [*blocks, divider(), section(total), context(t("Plan fingerprint `{hash}`", hash=plan.hash[:8]))]


def approve_view(case: Case, file: CaseFile, plan: Plan, *, labels: Mapping[str, str]) -> View:
    """Return the approver's form: reply, proof, identity, all warnings, the plan, and the case's id to type."""
    touched = t(
        "Erase {records} in {systems}",
        records=records(plan.touched),
        systems=systems(len([one for one in plan.acting if one.touched])),
    )
    blocks = [
        section(t("*{touched}. This cannot be undone.*", touched=touched)),
        *_said(case, file),
        divider(),
        *_identity(case, file, labels),
        divider(),
        *_warnings(file, plan),
        *plan_blocks(plan),
        text_input(
            ids.TYPED,
            t("Type {ref} to approve", ref=case.ref),
            at_most=40,
            hint=t("Approving starts it: {lower}.", lower=touched.lower()),
        ),
    ]
    return modal(
        t("Approve · {ref}", ref=case.ref),
        blocks,
        callback_id=ids.APPROVE_FORM,
        submit=t("Erase {records}", records=records(plan.touched)),
        metadata={"case": case.id, "version": case.version, "plan": plan.hash},
        close=t("Not now"),
    )


def _system(place: int, part: SystemPlan) -> Block:
    lines = [
        t(
            "*{place}. {label}* · {records} found",
            place=place,
            label=escape(part.label),
            records=records(part.found),
        )
    ]
    lines += [f"• {count_words(line)}" for line in part.lines[:_MOST_LINES]]
    if len(part.lines) > _MOST_LINES:
        lines.append(t("• and {number} tables more", number=len(part.lines) - _MOST_LINES))
    if not part.lines and not part.problem:
        lines.append(t("• nothing found here; it is read again at the end"))
    lines += [t("⚠ Warning: {one}", one=escape(one)) for one in part.warnings]
    if part.problem:
        lines.append(t("✗ Cannot be planned: {problem}", problem=escape(part.problem)))
    return section(clip_mrkdwn("\n".join(lines), 2900))


def _said(case: Case, file: CaseFile) -> list[Block]:
    blocks = [section(t("*The customer's message*")), *words(file.text, at_most=3000)]
    if case.question:
        blocks.append(
            context(t("Asked on {at} by {by}.", at=clock(case.question.at), by=person(case.question.by)))
        )
    if case.answer:
        answer = case.answer
        blocks += [
            section(
                t(
                    "*The customer's reply* · {at}, {channel_words}",
                    at=clock(answer.at),
                    channel_words=channel_words(answer.channel),
                )
            )
        ]
        blocks += words(file.answer_words, at_most=6000)
        blocks += [
            section(
                t(
                    "*Proof that it is them:* {proof_words}. Recorded by {by}.",
                    proof_words=proof_words(answer.proof),
                    by=person(answer.by),
                )
            )
        ]
        if file.answer_proof:
            blocks += words(file.answer_proof, at_most=1000)
        if answer.behalf:
            blocks += [
                section(
                    t(
                        "*Answered for the customer by {behalf_words}*, who showed:",
                        behalf_words=behalf_words(answer.behalf),
                    )
                )
            ]
            blocks += words(file.answer_authority, at_most=1000)
    return blocks


def _identity(case: Case, file: CaseFile, labels: Mapping[str, str]) -> list[Block]:
    known = file.identity.identifiers if file.identity else ()
    by = t(" · chosen by {by}", by=person(case.chosen.by)) if case.chosen else ""
    blocks = [section(t("*Who it is*{by}", by=by))]
    for one in known[:_MOST_IDENTIFIERS]:
        shown = mask(one.value) if one.kind == "email" else f"{one.kind} {mask(one.value)}"
        proof = "; ".join(part for part in (one.source, one.proof) if part)
        place = t(" in {get}", get=labels.get(one.system, one.system)) if one.system else ""
        blocks.append(
            {"type": "section", "text": plain(f"{shown}{place}{f' ({proof})' if proof else ''}", 300)}
        )
    if len(known) > _MOST_IDENTIFIERS:
        blocks.append(context(t("and {number} identifiers more", number=len(known) - _MOST_IDENTIFIERS)))
    theirs = {ref for ref, is_theirs in file.decisions if is_theirs}
    for candidate in file.candidates:
        verdict = t("This person") if candidate.ref in theirs else t("Somebody else")
        system = labels.get(candidate.system, candidate.system)
        blocks.append(
            {
                "type": "section",
                "text": plain(f"{verdict}: {candidate.shown} ({system}; {candidate.reason})", 300),
            }
        )
    return blocks


def _warnings(file: CaseFile, plan: Plan) -> list[Block]:
    theirs = {ref for ref, is_theirs in file.decisions if is_theirs}
    said = [warning for one in file.candidates if one.ref in theirs for warning in one.warnings]
    said += [f"{one.label}: {warning}" for one in plan.acting for warning in one.warnings]
    if not said:
        return [context(t("No warnings."))]
    return [
        {
            "type": "section",
            "text": plain("\n".join(t("⚠ Warning: {one}", one=one) for one in dict.fromkeys(said)), 3000),
        }
    ]
