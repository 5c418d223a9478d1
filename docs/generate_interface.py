"""Writes prompts/interface/en.yaml, the catalogue of every text that people at work read, from the code."""  # noqa: INP001  # a script, not a package

import ast
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "prompts" / "interface" / "en.yaml"
MARKS = frozenset({"t", "later"})
HEAD = """\
# Every text of the interface, in the order of the code; written by `make docs`, do not edit.
# A translation is one file beside this one: copy it (de.yaml), put the translation behind each text, and name the
# language in systems.yaml (`language: de`). {places} stay as they are; what is left empty stays English.
"""


def texts() -> list[str]:
    """Return every text that is marked with `t` or `later` in handlers/, each once, in the order of the code."""
    found: dict[str, None] = {}
    for path in sorted((ROOT / "handlers").rglob("*.py")):
        calls = [
            node
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS
        ]
        for call in sorted(calls, key=lambda one: (one.lineno, one.col_offset)):
            first = call.args[0] if call.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.setdefault(first.value)
    return list(found)


def page() -> str:
    """Return the catalogue as it should stand in the file."""
    entries = yaml.safe_dump(dict.fromkeys(texts(), ""), allow_unicode=True, sort_keys=False, width=110)
    return HEAD + entries


def main() -> int:
    """Write the file, or with --check return 1 when it is out of date."""
    if "--check" in sys.argv[1:]:
        return int(PAGE.read_text(encoding="utf-8") != page())
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
