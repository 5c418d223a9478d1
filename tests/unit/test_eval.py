"""`deletion-desk eval`: figures that can be checked by hand, limits that decide the exit code, broken lines named."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from services.classifier.evaluate import Report, evaluate
from services.classifier.items import read_items
from services.classifier.phrases import languages as phrase_languages
from services.classifier.rules import RulesClassifier
from services.domain.scope import Intent

ROOT = Path(__file__).resolve().parents[2]
ITEMS = [
    {"id": "e1", "text": "Please delete my data", "label": "ambiguous", "lang": "en"},
    {"id": "e2", "text": "Please close my account", "label": "close_account", "lang": "en"},
    {"id": "e3", "text": "Thank you, the parcel has arrived.", "label": "none", "lang": "en"},
    {"id": "e4", "text": "Lovely weather today, is it not?", "label": "ambiguous", "lang": "en"},
]


def eval_(folder: Path, *options: str, lines: list[str] | None = None) -> subprocess.CompletedProcess[str]:
    file = folder / "items.jsonl"
    file.write_text("\n".join(lines or [json.dumps(one) for one in ITEMS]) + "\n", encoding="utf-8")
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", "bot.cli", "eval", str(file), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_figures_are_those_of_the_file(tmp_path: Path) -> None:
    """Two of three requests found, no false alarm, and the miss is named by its id."""
    done = eval_(tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    text = json.dumps(report)
    assert "e4" in text, "the misses are listed"
    assert "0.66" in text, "recall of any request is two thirds"


@pytest.mark.parametrize(
    ("limit", "code"), [("any_recall=0.6", 0), ("any_recall=0.9", 1), ("macro_f1=0.99", 1)]
)
def test_a_limit_sets_the_exit_code(tmp_path: Path, limit: str, code: int) -> None:
    """`--min` makes a figure that is too low an exit code of 1, for CI."""
    assert eval_(tmp_path, "--min", limit).returncode == code


def test_a_broken_line_is_named_with_its_cure(tmp_path: Path) -> None:
    """A line that is no JSON: file, line and cure on stderr, exit code 2, no traceback."""
    done = eval_(tmp_path, lines=[json.dumps(ITEMS[0]), "{not json"])
    assert done.returncode == 2
    assert "items.jsonl, line 2: " in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_figure_is_refused(tmp_path: Path) -> None:
    """A limit on a figure that does not exist is a mistake of the caller's, not a pass."""
    done = eval_(tmp_path, "--min", "beauty=1")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.shared
def test_the_shared_sample_keeps_its_targets(shared: Path) -> None:
    """On the founders' real messages the embedded rules keep the targets of recall, false alarms and F1."""
    done = subprocess.run(  # noqa: S603  # our own program
        [
            *(sys.executable, "-m", "bot.cli", "eval", str(shared / "messages" / "sample.jsonl")),
            *("--min", "any_recall=0.97", "--min", "macro_f1=0.85", "--max", "false_alarms=0.15"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


# Every figure of the project's own set and what CI asks of it: design issue 5's targets, and where we are better, that.
OWN_LIMITS = {
    "any_recall": 0.98, "macro_f1": 0.95, "macro_f1_en": 0.93, "macro_f1_other": 0.93, "prefilter_recall": 0.995,
    "prefilter_dropped": 0.95,
}  # fmt: skip
OWN_CEILINGS = {"hard_false_alarms": 0.05, "language_gap": 0.05}


def own_report() -> Report:
    items = read_items(ROOT / "prompts" / "classify" / "evals" / "messages.jsonl")
    return evaluate(items, RulesClassifier(), timer=lambda: 0.0)


def test_the_own_set_keeps_its_limits() -> None:
    """The embedded rules keep recall, false alarms and F1 on the project's own messages."""
    figures = own_report().figures
    low = {name: figures[name] for name, limit in OWN_LIMITS.items() if figures[name] < limit}
    high = {name: figures[name] for name, limit in OWN_CEILINGS.items() if figures[name] > limit}
    assert not low, "mend the phrase files: deletion-desk eval prompts/classify/evals/messages.jsonl"
    assert not high, "mend the phrase files: deletion-desk eval prompts/classify/evals/messages.jsonl"


def test_requests_sought_to_be_missed_are_found() -> None:
    """Of the requests that readers wrote against the rules, and of whole mails with a story around, nine in ten are found."""
    items = read_items(ROOT / "prompts" / "classify" / "evals" / "requests.jsonl")
    figures = evaluate(items, RulesClassifier(), timer=lambda: 0.0).figures
    assert figures["any_recall"] >= 0.90, (
        "deletion-desk eval prompts/classify/evals/requests.jsonl lists them"
    )
    assert figures["prefilter_recall"] >= 0.985


def test_ordinary_chatter_is_dropped() -> None:
    """Of 2,000 messages of a support channel at most one in twenty is kept, and none is taken for a request."""
    items = read_items(ROOT / "prompts" / "classify" / "evals" / "chatter.jsonl")
    assert len(items) >= 2000
    assert len({one.text for one in items}) == len(items)
    figures = evaluate(items, RulesClassifier(), timer=lambda: 0.0).figures
    assert figures["prefilter_dropped"] >= 0.95
    assert figures["false_alarms"] <= 0.005


def test_every_language_that_was_promised_has_a_phrase_file() -> None:
    """The official languages of the EU, and eleven more."""
    union = [
        "bg",
        "cs",
        "da",
        "de",
        "el",
        "en",
        "es",
        "et",
        "fi",
        "fr",
        "ga",
        "hr",
        "hu",
        "it",
        "lt",
        "lv",
        "mt",
        "nl",
        "pl",
        "pt",
        "ro",
        "sk",
        "sl",
        "sv",
    ]
    more = ["ar", "hi", "id", "ja", "ko", "no", "ru", "tr", "uk", "vi", "zh"]
    assert {*union, *more} <= {one.code for one in phrase_languages()}


def test_the_own_set_is_large_and_varied() -> None:
    """At least 600 messages in at least 30 languages: hard ones, long ones, every label in every language."""
    items = read_items(ROOT / "prompts" / "classify" / "evals" / "messages.jsonl")
    languages = {one.lang for one in items}
    assert len(items) >= 600
    assert len(languages) >= 30
    assert sum(one.hard for one in items) >= 200
    assert sum(len(one.text) >= 400 for one in items) >= 10
    named = {one.code for one in phrase_languages()}
    for code in named:
        labels = {one.label for one in items if one.lang.partition("-")[0] == code}
        assert labels == set(Intent), f"{code}: write the missing labels into the eval set"
