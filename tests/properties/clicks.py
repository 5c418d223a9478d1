"""Every call that a person can cause, by name, so that a machine may make it, remember it, and make it again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services import approval, asking, closing, confirmation, oversight
from services.domain.denials import Denied
from services.domain.people import Actor
from services.domain.record import Case
from services.domain.scope import Scope
from tests.properties.world import MAYA, World

Verb = Callable[..., object]

VERBS: Mapping[str, Verb] = {
    "ask": asking.ask,
    "record_answer": confirmation.record_answer,
    "withdraw": confirmation.withdraw,
    "search": confirmation.search,
    "choose_identity": confirmation.choose_identity,
    "make_plan": approval.make_plan,
    "send_for_approval": approval.send_for_approval,
    "approve": approval.approve,
    "decide_account_only": approval.decide_account_only,
    "stop": oversight.stop,
    "mark_read": oversight.mark_read,
    "dismiss": oversight.dismiss,
    "undo_dismissal": oversight.undo_dismissal,
    "refuse": oversight.refuse,
    "retry": oversight.retry,
    "send_in_thread": closing.send_in_thread,
    "attest_sent": closing.attest_sent,
    "attest_manual": closing.attest_manual,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """One call as it was made: who, on which version, with what."""

    name: str
    case_id: str
    version: int
    actor: Actor
    more: tuple[tuple[str, object], ...] = ()

    def on(self, world: World) -> object:
        """Make the call on the desk as it is now."""
        verb = VERBS[self.name]
        return verb(
            world.desk, case_id=self.case_id, version=self.version, actor=self.actor, **dict(self.more)
        )


def click(world: World, name: str, case: Case, actor: Actor, **more: object) -> Click:
    """Return a click on the case as it is shown now, with whatever else a screen would send filled in honestly."""
    filled = _honest(world, name, case) | more
    return Click(
        name=name, case_id=case.id, version=case.version, actor=actor, more=tuple(sorted(filled.items()))
    )


def _honest(world: World, name: str, case: Case) -> dict[str, object]:
    match name:
        case "ask":
            return {"channel": "thread", "intro": "Hello"}
        case "record_answer":
            return {
                "scope": Scope.ALL_PERSONAL_DATA,
                "answered_at": world.clock.now(),
                "words": "all of it, please",
                "channel": "email",
                "proof": "replied_from_address_on_file",
                "proof_detail": "",
            }
        case "withdraw":
            return {"reason": "never mind"}
        case "search":
            return {"addresses": (MAYA,)}
        case "choose_identity":
            file = world.cases.file(case.id)
            return {"decided": {one.ref: True for one in file.candidates} if file else {}}
        case "approve":
            return {"plan_hash": case.plan.hash if case.plan else "", "typed": case.ref}
        case "decide_account_only":
            return {"plan_hash": case.plan.hash if case.plan else ""}
        case "dismiss":
            return {"reason": "a question"}
        case "refuse":
            return {"ground": "we hold no data", "channel": "thread"}
        case "attest_manual":
            return {"system_name": case.open_manual[0].system if case.open_manual else "shop"}
        case _:
            return {}


def succeeded(result: object) -> bool:
    """Whether the call was carried out."""
    return not isinstance(result, Denied)
