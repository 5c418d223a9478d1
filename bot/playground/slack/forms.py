"""What people pick in interactive elements: state.values as Slack sends it, and what Slack's screen refuses."""

from collections.abc import Iterable
from typing import Any

from bot.playground.slack.elements import TEXT_INPUTS
from bot.playground.slack.validation import interactive
from bot.playground.slack.workspace import Json, NotPossible

Picked = dict[tuple[str, str], Json]
Values = dict[str, dict[str, Any]]

# element type → (name in state.values, name of its initial value, holds many)
_STATE: dict[str, tuple[str, str, bool]] = {
    **dict.fromkeys(TEXT_INPUTS, ("value", "initial_value", False)),
    "static_select": ("selected_option", "initial_option", False),
    "radio_buttons": ("selected_option", "initial_option", False),
    "overflow": ("selected_option", "initial_option", False),
    "checkboxes": ("selected_options", "initial_options", True),
    "multi_static_select": ("selected_options", "initial_options", True),
    "users_select": ("selected_user", "initial_user", False),
    "multi_users_select": ("selected_users", "initial_users", True),
    "conversations_select": ("selected_conversation", "initial_conversation", False),
    "channels_select": ("selected_channel", "initial_channel", False),
    "datepicker": ("selected_date", "initial_date", False),
    "timepicker": ("selected_time", "initial_time", False),
    "datetimepicker": ("selected_date_time", "initial_date_time", False),
}
# These act, but keep nothing that state.values would show.
_STATELESS = frozenset({"button", "overflow"})
_ONE_LINE = frozenset({"email_text_input", "url_text_input", "number_input"})


def pick(element: Json, value: Any) -> Json:
    """Return what choosing `value` leaves in that element; raises NotPossible for what is not offered."""
    kind = element["type"]
    name, _, many = _STATE[kind]
    if "options" in name or "option" in name:
        chosen: Any = (
            [_option(element, v) for v in _listed(value)] if many else value and _option(element, value)
        )
        return {"type": kind, name: chosen or ([] if many else None)}
    if many:
        return {"type": kind, name: _listed(value)}
    if name == "value":
        _check_typed(element, value)
        return {"type": kind, name: value or None}
    return {"type": kind, name: value or None}


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]


def _option(element: Json, value: Any) -> Json:
    groups = [option for group in element.get("option_groups") or [] for option in group["options"]]
    for option in [*(element.get("options") or []), *groups]:
        if option["value"] == value or option == value:
            return dict(option)
    raise NotPossible(f"no such option in {element.get('action_id')}: {value!r}")


def _check_typed(element: Json, value: Any) -> None:
    if value is None or value == "":
        return
    if not isinstance(value, str):
        raise NotPossible("a text input takes text")
    most = element.get("max_length") or 3000
    if not (element.get("min_length") or 0) <= len(value) <= most:
        raise NotPossible(
            f"{element.get('action_id')} takes {element.get('min_length') or 0} to {most} characters"
        )
    if "\n" in value and not element.get("multiline"):
        raise NotPossible(f"{element.get('action_id')} takes one line")
    if element["type"] == "email_text_input" and "@" not in value:
        raise NotPossible(f"{element.get('action_id')} takes an e-mail address")


def _initial(element: Json) -> Json:
    name, initial, many = _STATE[element["type"]]
    found = element.get(initial)
    return {"type": element["type"], name: found if found is not None else ([] if many else None)}


def state_values(blocks: list[Json], picked: Picked) -> Values:
    """Return state.values: for every stateful element what was picked, else its initial value."""
    values: Values = {}
    for block, element in interactive(blocks):
        if element["type"] not in _STATELESS:
            key = (block["block_id"], element["action_id"])
            values.setdefault(key[0], {})[key[1]] = picked.get(key) or _initial(element)
    return values


def fill(blocks: list[Json], picked: Picked, values: Values) -> Picked:
    """Return `picked` with what a person entered (`{block_id: {action_id: value}}`); NotPossible if not drawn."""
    drawn = {
        (b["block_id"], e["action_id"]): e for b, e in interactive(blocks) if e["type"] not in _STATELESS
    }
    filled = dict(picked)
    for block_id, fields in values.items():
        for action_id, value in fields.items():
            if (block_id, action_id) not in drawn:
                raise NotPossible(f"no such input: {block_id}/{action_id}")
            filled[block_id, action_id] = pick(drawn[block_id, action_id], value)
    return filled


def missing_inputs(blocks: list[Json], values: Values) -> list[str]:
    """Return the block ids of required inputs left empty: Slack does not submit such a view."""
    missing = []
    for block in blocks:
        if block["type"] == "input" and not block.get("optional", False):
            entered = values[block["block_id"]][block["element"]["action_id"]]
            if not entered[_STATE[block["element"]["type"]][0]]:
                missing.append(block["block_id"])
    return missing


def input_ids(blocks: Iterable[Json]) -> set[str]:
    """Return the block ids under which Slack can show an error: input blocks only."""
    return {block["block_id"] for block in blocks if block["type"] == "input"}


def drawn_element(blocks: list[Json], action_id: str, block_id: str | None) -> tuple[Json, Json] | None:
    """Return the (block, element) with that action id, or None when it is not drawn there."""
    for block, element in interactive(blocks):
        if element["action_id"] == action_id and block_id in {None, block["block_id"]}:
            return block, element
    return None


def action_of(block: Json, element: Json, value: Any, action_ts: str) -> tuple[Json, Json | None]:
    """Return (the entry for `actions`, what was picked or None for a button)."""
    base: Json = {
        key: element[key] for key in ("type", "action_id", "text", "style", "url") if key in element
    }
    base |= {"block_id": block["block_id"], "action_ts": action_ts}
    if element["type"] == "button":
        if value is not None and value != element.get("value"):
            raise NotPossible(f"no such button: {element['action_id']} with that value")
        return base | ({"value": element["value"]} if "value" in element else {}), None
    picked = pick(element, value)
    return base | {key: member for key, member in picked.items() if key != "type"}, picked
