"""A model behind an OpenAI-compatible server as a classifier: masked text out, a validated reading back, rules otherwise."""

import json
import logging
import re
import time
from dataclasses import replace

import openai
from openai.types.chat import ChatCompletion, ChatCompletionMessageParam
from tenacity import (
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)
from tenacity.stop import stop_any

from services.classifier.masking import Masked, mask, shorten
from services.classifier.model_answer import Answer, InvalidAnswerError, places_of, validated
from services.classifier.model_prompt import conversation, prompt, repair
from services.classifier.rules import RulesClassifier
from services.domain.deadlines import REGIMES
from services.domain.scope import Reading
from services.ports import Classifier

HEAD, TAIL = 6000, 2000  # characters of a long text that the model sees
AROUND = 300  # and of its middle, on either side of what the rules notice there
_MOST_TOKENS = (
    2000  # an answer takes 150; a model that thinks first takes more, one that runs on is cut short
)
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,2}")  # a language, and no room for anything else
_ATTEMPTS = 3
_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


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
        except InvalidAnswerError as error:
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
            identifiers=places_of(answer.identifiers, sent),
            third_party=answer.third_party,
        )

    def _noticed(self, text: str) -> tuple[tuple[int, int], ...]:
        """Return what of a long text's middle the model must see: the sentences around the phrase that rules find."""
        if len(text) <= HEAD + TAIL:
            return ()
        found = self._rules.read(text[HEAD:-TAIL])
        around = (max(0, found.start - AROUND) + HEAD, found.end + AROUND + HEAD)
        return (around,) if found.end > found.start else ()

    def _answer(self, sent: Masked, end: float) -> tuple[Answer, tuple[int, int]]:
        """Ask once, and once more with the problem named when the first answer is invalid."""
        asked = conversation(sent.text)
        said = self._ask(asked, end)
        try:
            return validated(said, sent.text)
        except InvalidAnswerError as error:
            return validated(self._ask([*asked, *repair(said, error.problem)], end), sent.text)

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
            raise InvalidAnswerError("the model's answer is empty")
        return choices[0].message.content or ""

    def _fall_back(self, text: str, why: str) -> Reading:
        return replace(self._rules.read(text), fallback=why, prompt_digest=prompt().digest)


def silence_loggers() -> None:
    """Keep the libraries from logging requests: their lines would carry addresses and, at debug level, the text."""
    for name in ("openai", "httpx2", "httpcore2", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _may_be_repeated(error: BaseException) -> bool:
    if isinstance(error, openai.APIStatusError):
        return error.status_code in _RETRIED
    return isinstance(error, openai.APIConnectionError)
