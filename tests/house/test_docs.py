"""The documentation and the house rules that can be checked by reading files."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from docs.generate_states import PAGE, page
from services.domain.case import Action, State

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "handlers", "services", "prompts")
LONGEST = 300
# Brackets around single characters keep these patterns from matching themselves.
FORBIDDEN = {
    "an index address": re.compile(
        r"--(?:extra-)?index[-]url\s+\S|pypi[.]org/simple|files[.]pythonhosted[.]org"
    ),
    "a path of somebody's machine": re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/"),
    "a word about who or what wrote it": re.compile(
        r"co[-]authored-by|generated (?:by|with) (?:an? )?(?:llm|claude|chatgpt|copilot)|as an[ ]ai model",
        re.IGNORECASE,
    ),
}


def tracked(*patterns: str) -> list[Path]:
    """Return the files that belong to the repository: tracked ones, and new ones that git does not ignore."""
    listed = subprocess.run(  # noqa: S603  # fixed arguments
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],  # noqa: S607  # the developer's git
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def modules(*folders: str) -> list[Path]:
    return [path for path in tracked("*.py") if path.relative_to(ROOT).parts[0] in folders]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_states_page_is_generated_from_the_table() -> None:
    """docs/states.md is exactly what the table of transitions says."""
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/states.md is out of date: run `make docs`"


def test_states_page_names_every_state_and_action() -> None:
    """No state and no action is missing from the page."""
    missing = [name.value for name in (*State, *Action) if name.value not in page()]
    assert not missing, f"the generator of docs/states.md leaves out {missing}"


def test_every_test_says_which_promise_it_keeps() -> None:
    """Every test has a docstring."""
    silent = [
        f"{name_of(path)}::{node.name}"
        for path in modules("tests")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and (
            node.name.startswith("test_") or (node.name.startswith("Test") and path.name.startswith("test_"))
        )
        and not ast.get_docstring(node)
    ]
    assert not silent, f"give these tests a docstring that states the promise: {silent}"


def test_every_module_says_in_one_sentence_what_lives_in_it() -> None:
    """Each module begins with a docstring whose first paragraph is one sentence."""
    odd = []
    for path in modules(*PACKAGES, "tests", "docs"):
        if "migrations" in path.parts:
            continue
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        first = " ".join(docstring.split("\n\n")[0].split())
        # A full stop before a capital begins another sentence; one inside a word or a name ("auth.test") does not.
        if not first.endswith(".") or re.search(r"[.!?] +[A-Z]", first):
            odd.append(f"{name_of(path)}: {first!r}")
    assert not odd, "begin these modules with one sentence that says what lives there:\n" + "\n".join(odd)


def test_no_module_is_too_long() -> None:
    """A module of the product has at most 300 lines: a newcomer reads it in one go."""
    lengths = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules(*PACKAGES)
    }
    long = {name: lines for name, lines in lengths.items() if lines > LONGEST}
    assert not long, f"split these into rooms by theme: {long}"


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_trace_of_a_machine_or_an_author(what: str) -> None:
    """Files of the repository name no package index, no path of one machine, and not who or what wrote them."""
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name_of(path)}: {match[0]!r}" for match in FORBIDDEN[what].finditer(text)]
    assert not found, f"remove {what} from:\n" + "\n".join(found)


def test_every_decision_record_is_listed_and_complete() -> None:
    """docs/adr/README.md links every record, and each has context, decision and consequences."""
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for record in sorted(folder.glob("0*.md")):
        text = record.read_text(encoding="utf-8")
        assert f"({record.name})" in index, f"link {record.name} from docs/adr/README.md"
        for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
            assert part in text, f"{record.name} lacks {part}"


def test_the_glossary_explains_the_words_of_the_code() -> None:
    """Every outcome, intent and scope that the code knows stands in the glossary."""
    from services.domain.outcome import OutcomeKind  # noqa: PLC0415  # only this test needs them
    from services.domain.scope import Intent, Scope  # noqa: PLC0415

    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    missing = [word.value for word in (*OutcomeKind, *Intent, *Scope) if f"`{word.value}`" not in glossary]
    assert not missing, f"explain in docs/glossary.md: {missing}"
