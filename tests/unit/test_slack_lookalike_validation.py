"""Slack's limits on blocks, views and metadata: each is refused in Slack's words, just inside is taken."""

from typing import Any

import pytest

from bot.playground.slack.validation import (
    message_is_too_long,
    metadata_error,
    problems_in_blocks,
    problems_in_view,
    view_is_too_large,
)

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(**more: Any) -> Json:
    return {"type": "button", "action_id": "a", "text": plain("Go"), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def section(text: str = "hello", **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def option(text: str = "One", value: str = "1") -> Json:
    return {"text": plain(text), "value": value}


def menu(**more: Any) -> Json:
    return actions({"type": "static_select", "action_id": "m", "options": [option()], **more})


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("T"), "submit": plain("Go"), "blocks": list(blocks), **more}


def question(**more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "i", **more}
    return {"type": "input", "block_id": "q", "label": plain("Q"), "element": element}


CONFIRM = {"title": plain("Sure?"), "text": plain("Really?"), "confirm": plain("Yes"), "deny": plain("No")}

REFUSED = [
    ([actions(button(text=plain("x" * 76)))], "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"),
    ([actions(button(value="x" * 2001))], "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"),
    ([actions(button(action_id="x" * 256))], "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]"),
    ([actions(button(style="default"))], "must be a valid enum value: primary, danger [json-pointer:/blocks/0/elements/0/style]"),
    ([actions(button(confirm=CONFIRM | {"title": plain("x" * 101)}))], "must be less than 101 characters"),
    ([actions(button(confirm=CONFIRM | {"text": plain("x" * 301)}))], "must be less than 301 characters"),
    ([actions(*[button(action_id=str(n)) for n in range(26)])], "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
    ([actions(button(), button())], "`action_id` already exists: a [json-pointer:/blocks/0]"),
    ([actions()], "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
    ([{"type": "context", "elements": [plain("x")] * 11}], "no more than 10 items allowed [json-pointer:/blocks/0/elements]"),
    ([{"type": "header", "text": plain("x" * 151)}], "must be less than 151 characters [json-pointer:/blocks/0/text/text]"),
    ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"),
    ([section("x" * 3001)], "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ([section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ([section(fields=[plain("x")] * 11)], "no more than 10 items allowed [json-pointer:/blocks/0/fields]"),
    ([section(fields=[plain("x" * 2001)])], "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]"),
    ([{"type": "section"}], "missing required field: text [json-pointer:/blocks/0]"),
    ([section(block_id="x" * 256)], "must be less than 256 characters [json-pointer:/blocks/0/block_id]"),
    ([section(block_id="b"), section(block_id="b")], "`block_id` already exists: b [json-pointer:/blocks/1/block_id]"),
    ([section(colour="red")], "invalid additional property: colour [json-pointer:/blocks/0]"),
    ([{"type": "sparkle"}], "unsupported type: sparkle [json-pointer:/blocks/0/type]"),
    ([{"text": "x"}], "missing required field: type [json-pointer:/blocks/0]"),
    ([section()] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    ([menu(options=[option("x" * 76)])], "must be less than 76 characters"),
    ([menu(options=[option(value="x" * 151)])], "must be less than 151 characters"),
    ([menu(placeholder=plain("x" * 151))], "must be less than 151 characters"),
    ([menu(options=[option("t", str(n)) for n in range(101)])], "no more than 100 items allowed"),
    ([menu(initial_option=option("Two", "2"))], "must match one of the options"),
    ([actions(question()["element"])], "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]"),
    ([{"type": "plan", "title": "p"}, {"type": "task_card", "task_id": "1", "title": "t", "status": "complete"}], "cannot be combined"),
    ([{"type": "task_card", "task_id": "1", "title": "t", "status": "completed"}], "must be a valid enum value"),
]  # fmt: skip


@pytest.mark.parametrize(("blocks", "said"), REFUSED)
def test_a_message_over_a_limit_is_refused(blocks: list[Json], said: str) -> None:
    """Every limit on message blocks is enforced and named with its place."""
    problems = problems_in_blocks(blocks)
    assert any(said in problem for problem in problems), f"expected {said!r} among {problems}"


def test_the_limits_themselves_are_allowed() -> None:
    """A message exactly at the limits passes."""
    at_limit = [
        actions(button(text=plain("x" * 75), value="x" * 2000, confirm=CONFIRM, style="danger")),
        section("x" * 3000, fields=[plain("x" * 2000)] * 10, block_id="x" * 255),
        {"type": "header", "text": plain("x" * 150)},
        menu(options=[option("x" * 75, "y" * 150)], placeholder=plain("x" * 150)),
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "hi"}]}]},
        *[section() for _ in range(45)],
    ]  # fmt: skip
    assert problems_in_blocks(at_limit) == []


VIEWS_REFUSED = [
    (modal(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
    (modal(submit=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/submit/text]"),
    (modal(close=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/close/text]"),
    (
        modal(private_metadata="x" * 3001),
        "must be less than 3001 characters [json-pointer:/view/private_metadata]",
    ),
    (modal(callback_id="x" * 256), "must be less than 256 characters [json-pointer:/view/callback_id]"),
    (modal(*[section()] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
    (
        modal(question(), submit=None),
        "must define `submit` to use `input` block [json-pointer:/view/blocks/0/input]",
    ),
    (modal(question(initial_value="x" * 3001)), "must be less than 3001 characters"),
    (modal(question(), question()), "`block_id` already exists: q"),
    (modal(submit_disabled=True), "invalid additional property: submit_disabled [json-pointer:/view]"),
    (modal({"type": "plan", "title": "p"}), "unsupported type: plan [json-pointer:/view/blocks/0/type]"),
    ({"type": "modal", "blocks": []}, "missing required field: title [json-pointer:/view]"),
    ({"type": "home", "blocks": []}, "unsupported type: home [json-pointer:/view/type]"),
]


@pytest.mark.parametrize(("view", "said"), VIEWS_REFUSED)
def test_a_view_over_a_limit_is_refused(view: Json, said: str) -> None:
    """Every limit on modals is enforced and named with its place."""
    problems = problems_in_view(view)
    assert any(said in problem for problem in problems), f"expected {said!r} among {problems}"


def test_sizes_and_metadata() -> None:
    """Long messages, large views and misshapen metadata are recognised."""
    assert message_is_too_long("", [section("x" * 2900)] * 5)
    assert not message_is_too_long("x" * 40_000, [])
    assert view_is_too_large(modal(*[section("x" * 3000)] * 90))
    assert metadata_error({"event_type": "case", "event_payload": {"id": "1"}}) is None
    assert metadata_error({"event_type": "case"}) == "invalid_metadata_format"
    assert metadata_error({"event_type": "case", "event_payload": "x"}) == "invalid_metadata_format"
    assert metadata_error({"event_type": "c", "event_payload": {"x": "y" * 9000}}) == "metadata_too_large"
