"""A run taken step by step in the engine's order, so that anything may happen, or be repeated, between two steps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from services import deletion, verifying
from tests.properties.world import World


@dataclass(slots=True)
class Run:
    """One revision's run. `step` does the next step; `repeat` does the last one again, as after a crash."""

    world: World
    case_id: str
    revision: int
    todo: list[str] = field(default_factory=lambda: ["begin"])
    before: dict[str, int] = field(default_factory=dict)
    last: Callable[[], object] | None = None

    @property
    def is_over(self) -> bool:
        return not self.todo

    def to_the_end(self) -> None:
        while not self.is_over:
            self.step()

    def repeat(self) -> None:
        if self.last is not None:
            self.last()

    def _call(self, verb: Callable[..., object], *args: object) -> object:
        # The desk is looked up at each call: its policy may have been changed between two steps.
        self.last = lambda: verb(self.world.desk, self.case_id, self.revision, *args)
        return self.last()

    def step(self) -> None:
        name, _, systems = self.todo.pop(0).partition(" ")
        call = partial(self._call)
        match name:
            case "begin":
                self.todo = ["drift"] if call(deletion.begin) else []
            case "drift":
                self.todo = ["plan"] if call(deletion.check_drift) else []
            case "plan":
                self.todo = [f"run {','.join(one)}" for one in call(deletion.groups_to_run)] + ["verifying"]
            case "run":
                if {"stale", "halted"} & set(call(deletion.run_group, systems.split(","))):
                    self.todo = []
            case "verifying":
                names = call(verifying.begin_verification)
                self.todo = [*([f"verify {','.join(names)}"] if names else []), "kept", "conclude"]
            case "verify":
                call(verifying.verify_systems, systems.split(","))
            case "kept":
                call(verifying.verify_kept)
            case "conclude":
                call(verifying.conclude)
