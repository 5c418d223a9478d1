"""Both readers together, so that recall can only rise: what either of them sees is not passed over."""

from dataclasses import replace
from typing import TYPE_CHECKING

from services.classifier.rules import RulesClassifier
from services.domain.scope import Intent, Reading
from services.ports import Classifier

if TYPE_CHECKING:
    from services.classifier.model import ModelClassifier


class CombinedClassifier:
    """Reads with the rules and with the model. Without the model's answer the rules' stands, saying why."""

    def __init__(self, *, rules: Classifier, model: "ModelClassifier") -> None:
        self._rules = rules
        self._model = model

    def close(self) -> None:
        """Close the model's connections; idempotent."""
        self._model.close()

    def read(self, text: str) -> Reading:
        """Return the combined reading. Never raises for any text."""
        by_rules = self._rules.read(text)
        by_model = self._model.read(text)
        return by_model if by_model.fallback else combine(by_rules, by_model)


def combine(by_rules: Reading, by_model: Reading) -> Reading:
    """Return one reading of two.

    A phrase that the rules found is not silenced by the model's `none`: the customer is asked (`ambiguous`). What the
    model sees and the rules do not is taken from the model. Where the model says "only the account" and the rules
    found data or the law, the wider doubt stands. A text that the rules could not read at all is the model's alone.
    """
    found_phrase = by_rules.intent is not Intent.NONE and by_rules.end > by_rules.start
    intent = by_model.intent
    place = by_model if by_model.end > by_model.start else by_rules
    if found_phrase and intent is Intent.NONE:
        intent, place = Intent.AMBIGUOUS, by_rules
    elif found_phrase and intent is Intent.CLOSE_ACCOUNT and by_rules.intent is not Intent.CLOSE_ACCOUNT:
        intent = Intent.AMBIGUOUS
    agree = intent is by_rules.intent is by_model.intent
    return replace(
        by_model,
        intent=intent,
        confidence=max(by_rules.confidence, by_model.confidence)
        if agree
        else _doubt(intent, by_rules, by_model),
        start=place.start,
        end=place.end,
        reader="rules + model",
        language=by_model.language or by_rules.language,
        speaks_of_data=by_rules.speaks_of_data or by_model.speaks_of_data,
        other_privacy=by_rules.other_privacy or by_model.other_privacy,
        laws=tuple(dict.fromkeys((*by_rules.laws, *by_model.laws))),
    )


def _doubt(intent: Intent, by_rules: Reading, by_model: Reading) -> float:
    """Return the confidence where the readers differ: that of the one who said so, and at most a half for neither."""
    said = [one.confidence for one in (by_rules, by_model) if one.intent is intent]
    return max(said) if said else min(0.5, by_rules.confidence)


def classifier(
    *,
    api_key: str = "",
    model: str = "",
    base_url: str | None = None,
    timeout: float = 10.0,
    budget: float = 25.0,
) -> Classifier:
    """Return the classifier that the settings ask for: the rules alone without a key or model, else both together."""
    rules = RulesClassifier()
    if not api_key or not model:
        return rules
    from services.classifier.model import ModelClassifier  # noqa: PLC0415  # openai takes half a second to import

    asked = ModelClassifier(
        api_key=api_key, model=model, base_url=base_url, timeout=timeout, budget=budget, rules=rules
    )
    return CombinedClassifier(rules=rules, model=asked)
