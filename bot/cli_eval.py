"""`deletion-desk eval`: labelled messages in, how well they were read out, as tables or JSON, with limits that count."""

import json
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot import eval_tables
from bot.errors import StartError
from bot.settings import EnvironmentSecrets, Settings
from services.classifier.evaluate import Report, evaluate
from services.classifier.items import BrokenLineError, read_items
from services.classifier.rules import RulesClassifier
from services.ports import Classifier

_ANSWER_TOKENS = 90


class Which(StrEnum):
    """The classifiers that can be measured."""

    EMBEDDED = "embedded"
    MODEL = "model"
    COMBINED = "combined"


def eval_file(
    file: Annotated[
        Path, typer.Argument(help="JSONL: id, text, label; optional lang, kind, borderline, hard_negative.")
    ],
    classifier: Annotated[Which, typer.Option("--classifier", help="Which reader.")] = Which.EMBEDDED,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")] = False,
    least: Annotated[
        list[str] | None, typer.Option("--min", help='"any_recall=0.97": exit 1 below it. Repeatable.')
    ] = None,
    most: Annotated[
        list[str] | None, typer.Option("--max", help='"false_alarms=0.15": exit 1 above it. Repeatable.')
    ] = None,
    price: Annotated[
        str, typer.Option("--price", help='Price of a million tokens, in and out: "0.40,1.60".')
    ] = "",
    env_file: Annotated[
        Path | None, typer.Option("--env-file", help="Settings with the model's key; default: .env if any.")
    ] = None,
) -> None:
    """Measure how well messages are read; exit 1 if a limit is not kept, 2 if the file or an option is broken."""
    floors, ceilings = _limits(least, "--min"), _limits(most, "--max")
    prices = _prices(price)
    try:
        items = read_items(file)
    except BrokenLineError as error:
        raise StartError(str(error)) from None
    default = Path(".env")
    reader, close = _reader(classifier, env_file or (default if default.is_file() else None))
    try:
        report = evaluate(items, reader, timer=time.perf_counter)
    finally:
        close()
    if classifier is not Which.EMBEDDED:
        _add_cost(report, prices)
    broken = _broken_limits(report, floors, ceilings)
    if as_json:
        typer.echo(json.dumps(eval_tables.as_data(report, broken), ensure_ascii=False, indent=2))
    else:
        eval_tables.show(report, broken, title=f"{file.name}, {classifier}")
    raise typer.Exit(1 if broken else 0)


def _reader(which: Which, env_file: Path | None) -> tuple[Classifier, Callable[[], None]]:
    """Return the classifier and what closes it. Raises `StartError` when the model has no key."""
    rules = RulesClassifier()
    if which is Which.EMBEDDED:
        return rules, lambda: None
    key = _setting("OPENAI_API_KEY", env_file)
    if not key:
        raise StartError(
            f"OPENAI_API_KEY is missing: `--classifier {which}` asks a model; set it, or use `--classifier embedded`"
        )
    from services.classifier.combined import CombinedClassifier  # noqa: PLC0415  # keeps `keygen` and `--help` fast
    from services.classifier.model import ModelClassifier  # noqa: PLC0415

    model = ModelClassifier(
        api_key=key,
        model=_setting("OPENAI_MODEL", env_file) or Settings.model_fields["openai_model"].default,
        base_url=_setting("OPENAI_BASE_URL", env_file) or None,
        rules=rules,
    )
    return (model if which is Which.MODEL else CombinedClassifier(rules=rules, model=model)), model.close


def _setting(name: str, env_file: Path | None) -> str:
    # Measuring needs neither Slack nor a master key, so the settings are not loaded as a whole.
    try:
        return EnvironmentSecrets(env_file).get(name)
    except KeyError:
        return ""


def _limits(given: list[str] | None, option: str) -> dict[str, float]:
    limits: dict[str, float] = {}
    for one in given or ():
        name, _, value = one.partition("=")
        try:
            limits[name.strip()] = float(value)
        except ValueError:
            raise StartError(f'{option} {one}: is no limit; write it as "any_recall=0.97"') from None
    return limits


def _prices(given: str) -> tuple[float, float] | None:
    if not given:
        return None
    try:
        asked, answered = map(float, given.split(","))
    except ValueError:
        raise StartError(f'--price {given}: is no pair of prices; write "0.40,1.60" (in, out)') from None
    return asked, answered


def _broken_limits(report: Report, floors: dict[str, float], ceilings: dict[str, float]) -> list[str]:
    """Return a line for each limit that is not kept. Raises `StartError` for a figure that does not exist."""
    unknown = (floors.keys() | ceilings.keys()) - report.figures.keys()
    if unknown:
        raise StartError(
            f"{min(unknown)} is no figure of this file; there are: {', '.join(sorted(report.figures))}"
        )
    low = [
        f"{name} is {report.figures[name]:.4f}, at least {limit:g} is asked"
        for name, limit in floors.items()
        if report.figures[name] < limit
    ]
    high = [
        f"{name} is {report.figures[name]:.4f}, at most {limit:g} is allowed"
        for name, limit in ceilings.items()
        if report.figures[name] > limit
    ]
    return low + high


def _add_cost(report: Report, prices: tuple[float, float] | None) -> None:
    """Add what a message costs: four characters a token, a token a character beyond ASCII; an estimate, said so."""
    from services.classifier.masking import mask, shorten  # noqa: PLC0415  # keeps `keygen` and `--help` fast
    from services.classifier.model import HEAD, TAIL  # noqa: PLC0415
    from services.classifier.model_prompt import prompt  # noqa: PLC0415

    asked = prompt()
    fixed = (
        _tokens(asked.system)
        + _tokens(json.dumps(asked.schema))
        + sum(_tokens(text) + _tokens(answer) for text, answer in asked.examples)
    )
    sent = [_tokens(shorten(mask(one.item.text), head=HEAD, tail=TAIL).text) for one in report.answers]
    mean = fixed + sum(sent) / len(sent)
    report.figures["tokens_per_message"] = mean + _ANSWER_TOKENS
    if prices:
        report.figures["cost_per_message"] = (mean * prices[0] + _ANSWER_TOKENS * prices[1]) / 1_000_000


def _tokens(text: str) -> float:
    plain = len(text.encode("ascii", "ignore"))
    return plain / 4 + (len(text) - plain)
