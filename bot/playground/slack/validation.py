"""Validates blocks, messages, metadata and views with Slack's limits; never more forgiving than Slack."""

import json
from collections.abc import Iterator
from typing import Any

from bot.playground.slack.elements import ELEMENTS, ID, IMAGE, IN_ACTIONS, IN_INPUT
from bot.playground.slack.schema import (
    Check,
    Json,
    Problems,
    Shape,
    any_text,
    anything,
    array,
    boolean,
    by_type,
    one_of,
    plain_text,
    string,
)

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
# Not documented; messages fail around 13 kB in practice (shared facts, Slack limits).
MESSAGE_BYTES = 13_000
VIEW_BYTES = 250_000
METADATA_BYTES = 8_000

_ACCESSORY = by_type({kind: ELEMENTS[kind] for kind in IN_ACTIONS} | {"image": IMAGE})
_INLINE: dict[str, Check] = {
    kind: Shape(required={"type": anything, name: check}, optional={"style": anything} | extra)
    for kind, name, check, extra in (
        ("text", "text", string(), {}),
        ("link", "url", string(at_most=3000), {"text": string(), "unsafe": boolean}),
        ("user", "user_id", ID, {}),
        ("usergroup", "usergroup_id", ID, {}),
        ("channel", "channel_id", ID, {}),
        ("emoji", "name", string(), {"unicode": string(), "skin_tone": anything}),
        ("broadcast", "range", one_of("here", "channel", "everyone"), {}),
        ("date", "timestamp", anything, {"format": string(), "url": string(), "fallback": string()}),
    )
}
_SECTION = Shape(required={"type": anything, "elements": array(by_type(_INLINE), at_most=None, at_least=0)})
_PREFORMATTED = Shape(required=_SECTION.required, optional={"border": anything, "language": string()})
_RICH_TEXT = by_type(
    {
        "rich_text_section": _SECTION,
        "rich_text_quote": _PREFORMATTED,
        "rich_text_preformatted": _PREFORMATTED,
        "rich_text_list": Shape(
            required={
                "type": anything,
                "style": one_of("bullet", "ordered"),
                "elements": array(by_type({"rich_text_section": _SECTION}), at_most=None),
            },
            optional={"indent": anything, "offset": anything, "border": anything},
        ),
    },
)


def _block(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Shape:
    return Shape(required={"type": anything} | required, optional={"block_id": ID} | (optional or {}))


def _section_block(value: Any, at: str, problems: Problems) -> None:
    fields = array(any_text(2000), at_most=10)
    _block({}, {"text": any_text(3000), "fields": fields, "accessory": _ACCESSORY, "expand": boolean})(
        value, at, problems
    )
    if not value.get("text") and not value.get("fields"):
        problems.add(at, "missing required field: text")


def _rich_text_block() -> Shape:
    return _block({"elements": array(_RICH_TEXT, at_most=None)})


_EVERYWHERE: dict[str, Check] = {
    "section": _section_block,
    "divider": _block({}),
    "header": _block({"text": plain_text(150)}),
    "context": _block(
        {
            "elements": array(
                by_type({"image": IMAGE, "plain_text": plain_text(3000), "mrkdwn": any_text(3000)}),
                at_most=10,
            ),
        },
    ),
    "actions": _block(
        {"elements": array(by_type({kind: ELEMENTS[kind] for kind in IN_ACTIONS}), at_most=25)}
    ),
    "image": _block(
        {"alt_text": string(at_most=2000)},
        {"image_url": string(at_most=3000), "slack_file": anything, "title": plain_text(2000)},
    ),
    "input": _block(
        {"label": plain_text(2000), "element": by_type({kind: ELEMENTS[kind] for kind in IN_INPUT})},
        {"hint": plain_text(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": _rich_text_block(),
}
_TASK = _block(
    {"task_id": ID, "title": string(), "status": one_of("pending", "in_progress", "complete", "error")},
    {
        "details": _rich_text_block(),
        "output": _rich_text_block(),
        "sources": array(anything, at_most=None, at_least=0),
    },
)
_MESSAGE_ONLY: dict[str, Check] = {
    "markdown": _block({"text": string(at_most=12_000)}),
    "plan": _block(
        {"title": string()}, {"tasks": array(by_type({"task_card": _TASK}), at_most=MESSAGE_BLOCKS)}
    ),
    "task_card": _TASK,
}
_IN_MESSAGE = array(by_type(_EVERYWHERE | _MESSAGE_ONLY), at_most=MESSAGE_BLOCKS, at_least=0)
_IN_VIEW = array(by_type(_EVERYWHERE), at_most=VIEW_BLOCKS, at_least=0)
_VIEW_COMMON: dict[str, Check] = {
    "private_metadata": string(at_most=3000, at_least=0),
    "callback_id": string(at_most=255, at_least=0),
    "external_id": string(at_most=255, at_least=0),
}
_VIEWS: dict[str, Check] = {
    "modal": Shape(
        required={"type": anything, "title": plain_text(24), "blocks": _IN_VIEW},
        optional=_VIEW_COMMON
        | {
            "submit": plain_text(24),
            "close": plain_text(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
        },
    ),
    "home": Shape(required={"type": anything, "blocks": _IN_VIEW}, optional=_VIEW_COMMON),
}


def interactive(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield every (block, interactive element) that these blocks draw, in drawing order."""
    for block in blocks:
        candidates = [block.get("accessory"), block.get("element"), *(block.get("elements") or [])]
        for element in candidates:
            if isinstance(element, dict) and element.get("type") in ELEMENTS:
                yield block, element


def problems_in_blocks(blocks: Any, *, at: str = "/blocks", in_view: bool = False) -> list[str]:
    """Return what Slack would refuse about these blocks, in Slack's words; empty when nothing."""
    problems = Problems()
    (_IN_VIEW if in_view else _IN_MESSAGE)(blocks, at, problems)
    if not problems.found:
        _check_unique_ids(blocks, at, problems)
        kinds = {block["type"] for block in blocks}
        if {"plan", "task_card"} <= kinds:
            problems.add(at, "plan and task_card blocks cannot be combined")
        if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > 12_000:
            problems.add(at, "markdown blocks must be less than 12001 characters together")
    return problems.found


def _check_unique_ids(blocks: list[Json], at: str, problems: Problems) -> None:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id in seen:
            problems.add(f"{at}/{index}/block_id", f"`block_id` already exists: {block_id}")
        elif block_id is not None:
            seen.add(block_id)
        actions = [
            str(element["action_id"]) for _, element in interactive([block]) if element.get("action_id")
        ]
        for action_id in sorted({a for a in actions if actions.count(a) > 1}):
            problems.add(f"{at}/{index}", f"`action_id` already exists: {action_id}")


def problems_in_view(view: Any, *, kinds: tuple[str, ...] = ("modal",)) -> list[str]:
    """Return what Slack would refuse about this view (size apart: see `view_is_too_large`)."""
    problems = Problems()
    by_type({kind: _VIEWS[kind] for kind in kinds})(view, "/view", problems)
    if problems.found:
        return problems.found
    _check_unique_ids(view["blocks"], "/view/blocks", problems)
    if view["type"] == "modal" and not view.get("submit"):
        for index, block in enumerate(view["blocks"]):
            if block["type"] == "input":
                problems.add(f"/view/blocks/{index}/input", "must define `submit` to use `input` block")
    if sum(bool(element.get("focus_on_load")) for _, element in interactive(view["blocks"])) > 1:
        problems.add("/view", "only one element may set focus_on_load")
    return problems.found


def view_is_too_large(view: Any) -> bool:
    """Tell whether the view exceeds Slack's 250 kB."""
    return len(json.dumps(view).encode()) > VIEW_BYTES


def message_is_too_long(text: str, blocks: list[Json]) -> bool:
    """Tell whether text and blocks together pass the size at which Slack answers msg_blocks_too_long."""
    return (
        bool(blocks)
        and len(text.encode()) + len(json.dumps(blocks, ensure_ascii=False).encode()) > MESSAGE_BYTES
    )


def metadata_error(metadata: Any) -> str | None:
    """Return Slack's error code for unusable message metadata, or None."""
    if not isinstance(metadata, dict) or set(metadata) != {"event_type", "event_payload"}:
        return "invalid_metadata_format"
    if not isinstance(metadata["event_type"], str) or not metadata["event_type"]:
        return "invalid_metadata_format"
    if not isinstance(metadata["event_payload"], dict):
        return "invalid_metadata_format"
    return "metadata_too_large" if len(json.dumps(metadata).encode()) > METADATA_BYTES else None
