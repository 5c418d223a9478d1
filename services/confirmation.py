"""Confirming with the customer: record the answer that an agent received, find out who they are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from services.asking import Reach, language_of, reach
from services.deciding import decide, overtaken, unauthorised
from services.domain import decisions, ending
from services.domain.case import Action
from services.domain.denials import Denied, Why
from services.domain.identity import Candidate, Identifier, freeze
from services.domain.people import Actor, Role
from services.domain.record import Answer, Behalf, Case, CaseFile, Chosen, Ended
from services.domain.scope import Scope
from services.ports import Desk, PostKind, System, SystemUnavailableError
from services.reaching import MessageKind
from services.side_by_side import side_by_side


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search for the customer brought: candidates to decide on, and the systems that could not be asked."""

    case: Case
    candidates: tuple[Candidate, ...]
    unavailable: tuple[tuple[str, str], ...] = ()


def record_answer(
    desk: Desk,
    *,
    case_id: str,
    version: int,
    actor: Actor,
    scope: Scope | None,
    answered_at: datetime,
    words: str,
    channel: str,
    proof: str,
    proof_detail: str,
    from_message: bool = False,
    behalf: Behalf = Behalf.SELF,
    authority: str = "",
) -> Case | Denied:
    """Record what the customer answered; `scope` None means "neither" and withdraws the case.

    `words` quotes or links the reply; `proof` and `proof_detail` say how it is known to come from the person
    concerned (design rule 2). `from_message` takes the opening message itself as the confirmation of account_only.
    `behalf` says who answered in the customer's place, `authority` how they showed that they may (a signed mandate,
    a birth certificate seen, …): its words stay in the file.
    """
    now = desk.clock.now()
    if scope is None:
        return withdraw(desk, case_id=case_id, version=version, actor=actor, reason=words or "neither")
    shown = desk.vault.mac(authority) if behalf and authority.strip() else ""
    proven = bool(proof) and (proof != "other" or bool(proof_detail.strip()))

    def change(case: Case) -> Case | Denied:
        answer = Answer(
            scope=scope,
            at=case.opened_at if from_message else answered_at,
            recorded_at=now,
            by=actor.user_id,
            channel=channel,
            proof=proof,
            words_digest=desk.vault.mac(words),
            from_message=from_message,
            behalf=behalf,
            authority_digest=shown,
        )
        return decisions.record_answer(case, answer=answer, has_words=bool(words.strip()), has_proof=proven)

    return decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action=Action.RECORD_ANSWER,
        change=change,
        file=lambda old: replace(
            old,
            answer_words=words,
            answer_proof=proof_detail,
            answer_authority=authority,
            identity=None,
            decisions=(),
            candidates=(),
        ),
        facts=(
            ("scope", str(scope)),
            ("words", desk.vault.mac(words)),
            ("proof", proof),
            ("channel", channel),
            ("from_message", str(from_message)),
            ("behalf", str(behalf)),
            ("authority", shown),
        ),
    )


def withdraw(
    desk: Desk,
    *,
    case_id: str,
    version: int,
    actor: Actor,
    reason: str,
    channel: str = "",
    address: str = "",
) -> Case | Denied:
    """End the case because the customer takes the request back, or meant neither. Nothing was deleted.

    With `channel` (as in `asking.reach`) the customer is told so; the text is in the file as `closing_text`.
    """
    case = desk.cases.get(case_id)
    if case is None:
        return Denied(why=Why.UNKNOWN_CASE)
    way = (
        reach(desk, case, channel=channel, address=address, post=PostKind.CLOSING, kind=MessageKind.WITHDRAWN)
        if channel
        else Reach(wants=None)
    )
    if isinstance(way, Denied):
        return way
    text = ""
    if channel:
        facts = {"company": desk.policy.company}
        text = desk.texts.render("withdrawn", language_of(desk, case), facts).strip()
    return decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action=Action.WITHDRAW,
        change=lambda case: ending.withdraw(
            case,
            ended=Ended(at=desk.clock.now(), by=actor.user_id, reason="the customer took the request back"),
        ),
        file=(lambda old: replace(old, closing_text=text, contact=way.contact or old.contact))
        if text
        else None,
        facts=(("words", desk.vault.mac(reason)), *((("channel", channel),) if channel else ())),
        wants=way.wants,
    )


def search(
    desk: Desk, *, case_id: str, version: int, actor: Actor, addresses: tuple[Identifier, ...]
) -> Found | Denied:
    """Look the customer up in every system by the given addresses. Reads only; what it found is kept in the file.

    Every address says in `proof` how the customer's control over it was shown (design rule 2).
    """
    case = desk.cases.get(case_id)
    if case is None:
        return Denied(why=Why.UNKNOWN_CASE)
    if denied := unauthorised(desk, case, actor=actor, role=Role.AGENT, action="search"):
        return denied
    if case.version != version:
        return overtaken(desk, case)
    if any(not one.proof.strip() for one in addresses):
        return Denied(why=Why.NO_PROOF)
    candidates: list[Candidate] = []
    unavailable: list[tuple[str, str]] = []
    looked = side_by_side(("", partial(_look, system, addresses)) for system in desk.systems)
    for system, (found, problem) in zip(desk.systems, looked, strict=True):
        candidates += found
        unavailable += [(system.name, problem)] if problem else []
    saved = decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action="search",
        change=decisions.look_up,
        file=lambda old: replace(
            old,
            searched=addresses,
            candidates=tuple(candidates),
            unsearched=tuple(name for name, _ in unavailable),
            decisions=(),
            identity=None,
        ),
        facts=(
            ("candidates", str(len(candidates))),
            ("unavailable", ",".join(name for name, _ in unavailable)),
        ),
    )
    if isinstance(saved, Denied):
        return saved
    return Found(case=saved, candidates=tuple(candidates), unavailable=tuple(unavailable))


def _look(system: System, addresses: tuple[Identifier, ...]) -> tuple[tuple[Candidate, ...], str]:
    """Return what the system found and why it could not be asked ("" when it could)."""
    try:
        return system.find(addresses), ""
    except SystemUnavailableError as problem:
        return (), problem.reason or "cannot be asked now"


def choose_identity(
    desk: Desk, *, case_id: str, version: int, actor: Actor, decided: Mapping[str, bool]
) -> Case | Denied:
    """Freeze who the customer is: every candidate decided, one by one; the searched addresses count as proven.

    `decided` maps a candidate's ref to True (theirs) or False (somebody else's). An address whose every candidate
    was decided to be somebody else's does not become part of the identity.
    """
    case, file = desk.cases.get(case_id), desk.cases.file(case_id)
    if case is None or file is None:
        return Denied(why=Why.UNKNOWN_CASE)
    if denied := unauthorised(desk, case, actor=actor, role=Role.AGENT, action=Action.CHOOSE_IDENTITY):
        return denied
    scope = case.scope
    missing = [
        one for one in desk.systems if one.name in file.unsearched and (scope is None or one.acts_on(scope))
    ]
    if missing:
        return Denied(why=Why.NOT_SEARCHED, detail=", ".join(one.label for one in missing))
    undecided = [one for one in file.candidates if one.ref not in decided]
    chosen = tuple(one for one in file.candidates if decided.get(one.ref))
    identity = freeze(_proven(file, decided), chosen)
    macs = tuple(desk.vault.mac(one.canonical) for one in identity.identifiers)
    return decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action=Action.CHOOSE_IDENTITY,
        change=lambda case: decisions.choose_identity(
            case,
            chosen=Chosen(at=desk.clock.now(), by=actor.user_id, identifiers=macs),
            undecided=len(undecided),
        ),
        file=lambda old: replace(old, identity=identity, decisions=tuple(decided.items())),
        facts=(("identifiers", ",".join(macs)), ("chosen", str(len(chosen)))),
    )


def nobody_fits(
    desk: Desk, *, case_id: str, version: int, actor: Actor, decided: Mapping[str, bool]
) -> Case | Denied:
    """Put on record that nothing found belongs to this person; the case waits with that said on its card."""
    return decide(
        desk,
        case_id=case_id,
        version=version,
        actor=actor,
        role=Role.AGENT,
        action="nobody_fits",
        change=decisions.nobody_fits,
        file=lambda old: replace(old, decisions=tuple(decided.items()), identity=None),
        facts=(("candidates", str(len(decided))),),
    )


def _proven(file: CaseFile, decided: Mapping[str, bool]) -> tuple[Identifier, ...]:
    """Return the searched addresses that are not contradicted by the decisions."""
    claimed: dict[str, list[bool]] = {}
    for candidate in file.candidates:
        for one in candidate.identifiers:
            claimed.setdefault(one.canonical, []).append(decided.get(candidate.ref, False))
    return tuple(one for one in file.searched if any(claimed.get(one.canonical, [True])))
