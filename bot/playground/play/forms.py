"""A form in front of a person: what it shows, and what is entered for the words that stand on it."""

from dataclasses import dataclass
from typing import Any

from bot.playground.play.network import Json
from bot.playground.play.reading import Field, fields_of, words_of


class SceneError(Exception):
    """The scene cannot go on as it was written; the text says what was expected and what was there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Modal:
    """A form in front of a person."""

    view: Json

    @property
    def id(self) -> str:
        """Its id, for submitting."""
        return str(self.view["id"])

    @property
    def fields(self) -> list[Field]:
        """Its inputs."""
        return fields_of(self.view)

    @property
    def words(self) -> str:
        """Everything that it says."""
        return words_of(self.view)

    def initial(self, label: str) -> str:
        """Return what stands in a text field already."""
        return next((one.initial for one in self.fields if one.label == label), "")


def picked(field: Field, value: Any) -> Any:
    """Return what the look-alike takes for a field: an option's value for its words, anything else as it is."""
    if not field.options:
        return value
    options = dict(field.options)
    chosen = [value] if isinstance(value, str) else list(value)
    missing = [one for one in chosen if one not in options]
    if missing:
        raise SceneError(f"“{field.label}” does not offer {missing}; it offers {sorted(options)}")
    values = [options[one] for one in chosen]
    return values if field.kind in {"checkboxes", "multi_static_select"} else values[0]
