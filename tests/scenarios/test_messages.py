"""`demo --messages`: real messages through the channel, and files that cannot be used."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from bot.playground import main
from bot.playground.play.messages import NO_CASE, Became, Fed, play, read, report


@pytest.mark.shared
def test_the_sample_messages_feed_through(shared: Path) -> None:
    """Every message of the founders' sample is taken in; no request in it is passed over in silence."""
    lines = read(shared / "messages" / "sample.jsonl")
    became = play(lines)
    assert len(became) == len(lines)
    missed = [one.fed.line for one in became if one.fed.label != "none" and one.reading == NO_CASE]
    assert not missed, f"lines {missed} ask for a deletion and opened no case: look at the phrase rules"
    wrong = [one.fed.line for one in became if one.fed.label == "none" and one.reading != NO_CASE]
    assert len(wrong) <= 0.2 * len(became), f"lines {wrong} are no requests and opened cases"


def test_messages_are_printed_with_what_they_became(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table says for each message what it became, with counts, and compares with the labels."""
    file = tmp_path / "messages.jsonl"
    file.write_text(
        '{"text": "Please delete my account.", "label": "close_account"}\n\n'
        '{"text": "Good morning, lovely weather.", "label": "none"}\n',
        encoding="utf-8",
    )
    assert main.play(messages=file, scenarios=False) == 0
    said = capsys.readouterr().out
    for part in ("1     close_account  DD-", "3     no case", "What they became:", "Label (lines)"):
        assert part in said, f"{part!r} is missing:\n{said}"


@pytest.mark.parametrize(
    ("line", "cure"),
    [
        ('{"text": "a"', "not JSON"),
        ('{"txt": "a"}', 'no "text" in it'),
        ('["text"]', 'no "text" in it'),
        ('{"text": "  "}', "remove the line"),
        ('{"text": "' + "x" * 40_001 + '"}', "shorten it"),
    ],
)
def test_a_broken_line_is_named_with_its_cure(
    line: str, cure: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line that cannot be used ends in one line naming file and line number, with exit code 2."""
    file = tmp_path / "broken.jsonl"
    file.write_text('{"text": "Please delete my data."}\n' + line + "\n", encoding="utf-8")
    assert main.play(messages=file, scenarios=False) == 2
    said = capsys.readouterr().out
    assert f"{file}:2: " in said
    assert cure in said


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"\n\n"])
def test_a_file_that_cannot_be_read_is_named(
    content: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing, undecodable or empty file is one line and exit code 2."""
    file = tmp_path / "messages.jsonl"
    if content is not None:
        file.write_bytes(content)
    assert main.play(messages=file, scenarios=False) == 2
    assert str(file) in capsys.readouterr().out


def test_an_unknown_letter_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """`--only` with a letter that is no scenario's names those that are, exit code 2."""
    assert main.play(only="q") == 2
    assert "abcdefghijklm" in capsys.readouterr().out


def test_the_report_is_not_cut_by_a_narrow_terminal() -> None:
    """Readings are printed whole however narrow the terminal is: they are what the table is for."""
    out = io.StringIO()
    one = Became(
        fed=Fed(line=1, text="x" * 200, label=""), reading="close_account", ref="DD-1", reader="rules"
    )
    report([one], Console(file=out, width=20, soft_wrap=True, highlight=False))
    assert "close_account" in out.getvalue()
