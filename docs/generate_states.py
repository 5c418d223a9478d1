"""Writes docs/states.md from the table of transitions, or with --check says whether it is up to date."""  # noqa: INP001  # a script, not a package

import sys
from pathlib import Path

from services.domain.case import MOVES, TERMINAL, State

PAGE = Path(__file__).parent / "states.md"
HEAD = """# States of a case

Generated from `services/domain/case.py` by `make docs`; do not edit by hand. What an action demands besides its
place in this table (confirmations, approvals, time) is in `decisions.py`, `running.py` and `ending.py` beside it.
"""


def diagram() -> str:
    """Return the transitions as a Mermaid state diagram, one arrow a pair of states."""
    labels: dict[tuple[str, str], list[str]] = {}
    for move in MOVES:
        for source in State:
            if source in move.sources:
                labels.setdefault((source.value, move.target.value), []).append(move.action.value)
    arrows = [f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in labels.items()]
    # A dismissal can be undone, so it has an arrow of its own and ends only once its window has passed.
    ends = [f"    {state.value} --> [*]" for state in State if state in TERMINAL]
    return "\n".join(
        ["```mermaid", "stateDiagram-v2", f"    [*] --> {State.DETECTED.value}", *arrows, *ends, "```"]
    )


def table() -> str:
    """Return the transitions as a table in the order of the code."""
    rows = ["| action | from | to |", "|---|---|---|"]
    for move in MOVES:
        sources = ", ".join(source.value for source in State if source in move.sources)
        rows.append(f"| {move.action.value} | {sources} | {move.target.value} |")
    return "\n".join(rows)


def page() -> str:
    """Return the whole page as it must stand in docs/states.md."""
    return f"{HEAD}\n{diagram()}\n\n{table()}\n"


def main(arguments: list[str]) -> int:
    """Write the page and return 0; with --check write nothing and return 1 when it is out of date."""
    if "--check" in arguments:
        if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page():
            return 0
        sys.stderr.write("docs/states.md differs from the table of transitions: run `make docs`\n")
        return 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
