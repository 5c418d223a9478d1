"""Small checkers for JSON shapes that collect problems in Slack's words, each with its JSON pointer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class Problems:
    """What is wrong with a payload, as `text [json-pointer:/…]` lines in the order found."""

    found: list[str] = field(default_factory=list)

    def add(self, pointer: str, text: str) -> None:
        """Record one problem at `pointer`."""
        self.found.append(f"{text} [json-pointer:{pointer}]")


Check = Callable[[Any, str, Problems], None]


def string(*, at_most: int | None = None, at_least: int = 1) -> Check:
    """Return a check for a string of `at_least` to `at_most` characters."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, str):
            problems.add(at, "must be a string")
        elif len(value) < at_least:
            problems.add(at, f"must be more than {at_least - 1} characters")
        elif at_most is not None and len(value) > at_most:
            problems.add(at, f"must be less than {at_most + 1} characters")

    return check


def boolean(value: Any, at: str, problems: Problems) -> None:
    """Check for true or false."""
    if not isinstance(value, bool):
        problems.add(at, "must be a boolean")


def integer(at_least: int, at_most: int) -> Check:
    """Return a check for a whole number in the range."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not at_least <= value <= at_most:
            problems.add(at, f"must be an integer from {at_least} to {at_most}")

    return check


def one_of(*allowed: str) -> Check:
    """Return a check for one of the named values."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if value not in allowed:
            problems.add(at, f"must be a valid enum value: {', '.join(allowed)}")

    return check


def anything(_value: Any, _at: str, _problems: Problems) -> None:
    """Accept the value: its shape is not the look-alike's business."""


def array(item: Check, *, at_most: int | None, at_least: int = 1) -> Check:
    """Return a check for a list whose members all pass `item`."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, list):
            problems.add(at, "must be an array")
            return
        if len(value) < at_least:
            problems.add(at, f"no fewer than {at_least} items allowed")
        if at_most is not None and len(value) > at_most:
            problems.add(at, f"no more than {at_most} items allowed")
        for index, member in enumerate(value):
            item(member, f"{at}/{index}", problems)

    return check


@dataclass(frozen=True, slots=True)
class Shape:
    """An object's known properties; Slack refuses missing required ones and every unknown one."""

    required: Mapping[str, Check] = field(default_factory=dict)
    optional: Mapping[str, Check] = field(default_factory=dict)

    def __call__(self, value: Any, at: str, problems: Problems) -> None:
        """Check one object against this shape."""
        if not isinstance(value, dict):
            problems.add(at, "must be an object")
            return
        for name in self.required:
            if value.get(name) is None:
                problems.add(at, f"missing required field: {name}")
        for name, member in value.items():
            check = self.required.get(name) or self.optional.get(name)
            if check is None:
                problems.add(at, f"invalid additional property: {name}")
            elif member is not None:
                check(member, f"{at}/{name}", problems)


def by_type(shapes: Mapping[str, Check]) -> Check:
    """Return a check that picks the shape by the object's `type`; other types are unsupported."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.add(at, "must be an object")
            return
        kind = value.get("type")
        if kind is None:
            problems.add(at, "missing required field: type")
        elif kind not in shapes:
            problems.add(f"{at}/type", f"unsupported type: {kind}")
        else:
            shapes[kind](value, at, problems)

    return check


def plain_text(at_most: int) -> Check:
    """Return a check for a plain_text object."""
    return _text_object(at_most, ("plain_text",))


def any_text(at_most: int) -> Check:
    """Return a check for a plain_text or mrkdwn object."""
    return _text_object(at_most, ("plain_text", "mrkdwn"))


def _text_object(at_most: int, kinds: tuple[str, ...]) -> Check:
    body = string(at_most=at_most)
    shapes: dict[str, Check] = {
        "plain_text": Shape(required={"type": anything, "text": body}, optional={"emoji": boolean}),
        "mrkdwn": Shape(required={"type": anything, "text": body}, optional={"verbatim": boolean}),
    }
    return by_type({kind: shapes[kind] for kind in kinds})
