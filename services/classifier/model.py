"""A model behind an OpenAI-compatible server as a classifier: masked text out, a validated reading back, rules otherwise."""

import hashlib
import json
import logging
import re
import time
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated

import openai
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from tenacity import (
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)
from tenacity.stop import stop_any

import prompts
from services.classifier.masking import Masked, mask, shorten
from services.classifier.rules import RulesClassifier
from services.domain.deadlines import REGIMES
from services.domain.scope import Intent, Reading
from services.ports import Classifier

HEAD, TAIL = 6000, 2000  # characters of a long text that the model sees
AROUND = 300  # and of its middle, on either side of what the rules notice there
_MOST_IDENTIFIERS = 20
_MOST_TOKENS = (
    2000  # an answer takes 150; a model that thinks first takes more, one that runs on is cut short
)
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,2}")  # a language, and no room for anything else
_ATTEMPTS = 3
_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_REPAIR = (
    "That was not valid: {problem}. Answer again with one JSON object that follows the schema; evidence must be copied "
    "letter by letter from the message."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What the model is asked: instructions, schema and examples, and the digest that names this version."""

    system: str
    schema: dict[str, object]
    examples: tuple[tuple[str, str], ...]
    digest: str


@cache
def prompt() -> Prompt:
    """Return the packaged prompt. The digest covers all three files: twelve hex digits of SHA-256."""
    parts = [prompts.read(f"classify/{name}") for name in ("system.md", "schema.json", "examples.jsonl")]
    lines = [json.loads(line) for line in parts[2].splitlines() if line.strip()]
    return Prompt(
        system=parts[0],
        schema=json.loads(parts[1]),
        examples=tuple((line["text"], json.dumps(line["answer"], ensure_ascii=False)) for line in lines),
        digest=hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12],
    )


class _Answer(BaseModel):
    """The model's answer, as prompts/classify/schema.json promises it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    intent: Intent
    confidence: Annotated[float, Field(ge=0, le=1)]
    evidence: Annotated[str, Field(max_length=1000)]
    language: Annotated[str, Field(max_length=35)]
    speaks_of_data: bool
    other_privacy: bool
    # What a server without strict schemas may leave out: it helps, and decides nothing.
    identifiers: Annotated[list[str], Field(max_length=200)] = []
    laws: Annotated[list[str], Field(max_length=50)] = []
    third_party: bool = False


class _InvalidAnswerError(Exception):
    """The model's answer does not follow the schema, or quotes what the message does not say."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class ModelClassifier:
    """Asks a model; the embedded rules answer when it cannot, and the reading says why (`fallback`).

    `timeout` is for one request, `budget` for all of them together, repeated and repaired ones included (seconds).
    The text is masked before it is sent; nothing of it is logged. One object serves every thread.
    """

    def __init__(
        self,
        *,
        api_key: str,
        model: str,
        base_url: str | None = None,
        timeout: float = 10.0,
        budget: float = 25.0,
        rules: Classifier | None = None,
    ) -> None:
        silence_loggers()
        self._model = model
        self._timeout = timeout
        self._budget = budget
        self._rules = rules or RulesClassifier()
        # Redirects would carry the text to another host; the client's own retries would ignore the budget.
        self._client = openai.OpenAI(
            api_key=api_key,
            base_url=base_url or "https://api.openai.com/v1",
            timeout=timeout,
            max_retries=0,
            http_client=openai.DefaultHttpxClient(follow_redirects=False),
        )

    def close(self) -> None:
        """Close the connections; idempotent."""
        self._client.close()

    def read(self, text: str) -> Reading:
        """Return the model's reading, or the rules' with the reason in `fallback`. Never raises for any text."""
        if not text.strip():
            return self._rules.read(text)
        masked = mask(text)
        sent = shorten(masked, head=HEAD, tail=TAIL, keep=self._noticed(masked.text))
        end = time.monotonic() + self._budget
        try:
            answer, place = self._answer(sent, end)
        except _InvalidAnswerError as error:
            return self._fall_back(text, error.problem)
        except openai.APITimeoutError:
            return self._fall_back(text, "the model did not answer in time")
        except openai.APIStatusError as error:
            return self._fall_back(text, f"the model's server answered {error.status_code}")
        except openai.APIConnectionError:
            return self._fall_back(text, "the model's server cannot be reached")
        except (openai.OpenAIError, json.JSONDecodeError):
            return self._fall_back(text, "the model's server answered something that is no chat completion")
        start, stop = sent.restore(*place) if place[1] > place[0] else (0, 0)
        return Reading(
            intent=answer.intent,
            confidence=answer.confidence,
            start=start,
            end=stop,
            reader="model",
            language=found.group() if (found := _TAG.fullmatch(answer.language.casefold())) else "",
            speaks_of_data=answer.speaks_of_data,
            other_privacy=answer.other_privacy,
            prompt_digest=prompt().digest,
            laws=tuple(law for law in dict.fromkeys(answer.laws) if law in REGIMES),
            identifiers=_places_of(answer.identifiers, sent),
            third_party=answer.third_party,
        )

    def _noticed(self, text: str) -> tuple[tuple[int, int], ...]:
        """Return what of a long text's middle the model must see: the sentences around the phrase that rules find."""
        if len(text) <= HEAD + TAIL:
            return ()
        found = self._rules.read(text[HEAD:-TAIL])
        around = (max(0, found.start - AROUND) + HEAD, found.end + AROUND + HEAD)
        return (around,) if found.end > found.start else ()

    def _answer(self, sent: Masked, end: float) -> tuple[_Answer, tuple[int, int]]:
        """Ask once, and once more with the problem named when the first answer is invalid."""
        asked = _messages(sent.text)
        said = self._ask(asked, end)
        try:
            return _validated(said, sent.text)
        except _InvalidAnswerError as error:
            repair: list[ChatCompletionMessageParam] = [
                {"role": "assistant", "content": said[:2000]},
                {"role": "user", "content": _REPAIR.format(problem=error.problem)},
            ]
            return _validated(self._ask([*asked, *repair], end), sent.text)

    def _ask(self, messages: list[ChatCompletionMessageParam], end: float) -> str:
        """Return what the model said, repeating what may be repeated while the budget lasts."""
        completion: ChatCompletion | None = None
        for attempt in Retrying(
            stop=stop_any(stop_after_attempt(_ATTEMPTS), stop_after_delay(max(0.0, end - time.monotonic()))),
            wait=wait_random_exponential(multiplier=0.2, max=2),
            retry=retry_if_exception(_may_be_repeated),
            reraise=True,
        ):
            with attempt:
                completion = self._client.chat.completions.create(
                    model=self._model,
                    messages=messages,
                    temperature=0,
                    store=False,
                    max_completion_tokens=_MOST_TOKENS,
                    response_format={
                        "type": "json_schema",
                        "json_schema": {"name": "reading", "strict": True, "schema": prompt().schema},
                    },
                    timeout=max(0.05, min(self._timeout, end - time.monotonic())),
                )
        choices = getattr(completion, "choices", None)
        if not choices:
            raise _InvalidAnswerError("the model's answer is empty")
        return choices[0].message.content or ""

    def _fall_back(self, text: str, why: str) -> Reading:
        return replace(self._rules.read(text), fallback=why, prompt_digest=prompt().digest)


def silence_loggers() -> None:
    """Keep the libraries from logging requests: their lines would carry addresses and, at debug level, the text."""
    for name in ("openai", "httpx2", "httpcore2", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _messages(text: str) -> list[ChatCompletionMessageParam]:
    messages: list[ChatCompletionMessageParam] = [{"role": "system", "content": prompt().system}]
    for question, answer in prompt().examples:
        messages.append({"role": "user", "content": _wrapped(question)})
        messages.append({"role": "assistant", "content": answer})
    messages.append({"role": "user", "content": _wrapped(text)})
    return messages


def _wrapped(text: str) -> str:
    """Return the message as a JSON string: whatever it contains, it cannot end its own quotation."""
    return "The message, as a JSON string:\n" + json.dumps(text, ensure_ascii=False)


def _validated(said: str, text: str) -> tuple[_Answer, tuple[int, int]]:
    """Return the answer and the place of its evidence. Raises `_InvalidAnswerError`, which quotes nothing."""
    try:
        answer = _Answer.model_validate_json(_unfenced(said))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(one) for one in first["loc"] if str(one) in _Answer.model_fields) or "the answer"
        raise _InvalidAnswerError(f"the model's answer is invalid ({where}: {first['type']})") from None
    if answer.intent is Intent.NONE:
        return answer, (0, 0)
    evidence = answer.evidence.strip()
    at = text.find(evidence) if evidence else -1
    if at < 0:
        raise _InvalidAnswerError("the model's evidence does not occur in the message")
    return answer, (at, at + len(evidence))


def _places_of(identifiers: list[str], sent: Masked) -> tuple[tuple[int, int], ...]:
    """Return where the identifiers stand in the original; what the model made up is left out."""
    told = [one.strip() for one in dict.fromkeys(identifiers) if one.strip()]
    found = [(sent.text.find(one), len(one)) for one in told]
    places = [sent.restore(at, at + length) for at, length in found if at >= 0]
    return tuple(sorted(places)[:_MOST_IDENTIFIERS])


def _unfenced(said: str) -> str:
    """Return the JSON without the code fence that some servers' models put around it."""
    stripped = said.strip()
    if stripped.startswith("```"):
        stripped = stripped.removeprefix("```json").removeprefix("```").removesuffix("```")
    return stripped.strip()


def _may_be_repeated(error: BaseException) -> bool:
    if isinstance(error, openai.APIStatusError):
        return error.status_code in _RETRIED
    return isinstance(error, openai.APIConnectionError)
