"""What a model answers: checked against the schema and the message, evidence and identifiers led back to their places."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.classifier.masking import Masked
from services.domain.scope import Intent

_MOST_IDENTIFIERS = 20


class Answer(BaseModel):
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


class InvalidAnswerError(Exception):
    """The model's answer does not follow the schema, or quotes what the message does not say."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def validated(said: str, text: str) -> tuple[Answer, tuple[int, int]]:
    """Return the answer and the place of its evidence. Raises `InvalidAnswerError`, which quotes nothing."""
    try:
        answer = Answer.model_validate_json(_unfenced(said))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(one) for one in first["loc"] if str(one) in Answer.model_fields) or "the answer"
        raise InvalidAnswerError(f"the model's answer is invalid ({where}: {first['type']})") from None
    if answer.intent is Intent.NONE:
        return answer, (0, 0)
    evidence = answer.evidence.strip()
    at = text.find(evidence) if evidence else -1
    if at < 0:
        raise InvalidAnswerError("the model's evidence does not occur in the message")
    return answer, (at, at + len(evidence))


def places_of(identifiers: list[str], sent: Masked) -> tuple[tuple[int, int], ...]:
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
