"""What a model is asked: the packaged instructions, schema and examples, and the message as a JSON string."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache

from openai.types.chat import ChatCompletionMessageParam

import prompts

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


def conversation(text: str) -> list[ChatCompletionMessageParam]:
    """Return the conversation that asks about a masked text: instructions, examples, the message."""
    asked: list[ChatCompletionMessageParam] = [{"role": "system", "content": prompt().system}]
    for question, answer in prompt().examples:
        asked.append({"role": "user", "content": _wrapped(question)})
        asked.append({"role": "assistant", "content": answer})
    asked.append({"role": "user", "content": _wrapped(text)})
    return asked


def repair(said: str, problem: str) -> list[ChatCompletionMessageParam]:
    """Return what goes on with the conversation after an invalid answer: that answer, and what is wrong with it."""
    return [
        {"role": "assistant", "content": said[:2000]},
        {"role": "user", "content": _REPAIR.format(problem=problem)},
    ]


def _wrapped(text: str) -> str:
    """Return the message as a JSON string: whatever it contains, it cannot end its own quotation."""
    return "The message, as a JSON string:\n" + json.dumps(text, ensure_ascii=False)
