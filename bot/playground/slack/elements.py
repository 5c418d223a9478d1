"""Slack's limits for the interactive elements and composition objects of Block Kit."""

from typing import Any

from bot.playground.slack.schema import (
    Check,
    Problems,
    Shape,
    any_text,
    anything,
    array,
    boolean,
    integer,
    one_of,
    plain_text,
    string,
)

ID = string(at_most=255)
_TYPE = {"type": anything}
_CONFIRM = Shape(
    required={
        "title": plain_text(100),
        "text": any_text(300),
        "confirm": plain_text(30),
        "deny": plain_text(30),
    },
    optional={"style": one_of("primary", "danger")},
)


def _option(text: Check, value: Check) -> Shape:
    return Shape(
        required={"text": text, "value": value},
        optional={"description": any_text(75), "url": string(at_most=3000)},
    )


_PLAIN_OPTION = _option(plain_text(75), string(at_most=150))
_RICH_OPTION = _option(any_text(75), string(at_most=150))
_GROUP = Shape(required={"label": plain_text(75), "options": array(_PLAIN_OPTION, at_most=100)})
_COMMON: dict[str, Check] = {"action_id": ID, "confirm": _CONFIRM, "focus_on_load": boolean}
_PICKER: dict[str, Check] = _COMMON | {"placeholder": plain_text(150)}
_DISPATCH = Shape(
    optional={"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), at_most=2)},
)


def _initial_is_drawn(value: dict[str, Any], at: str, problems: Problems) -> None:
    # Slack compares the whole option object, not its value alone.
    drawn = value.get("options") or [
        o for g in value.get("option_groups") or [] for o in g.get("options", [])
    ]
    single = value.get("initial_option")
    if single is not None and single not in drawn:
        problems.add(f"{at}/initial_option", "must match one of the options")
    for index, option in enumerate(value.get("initial_options") or []):
        if option not in drawn:
            problems.add(f"{at}/initial_options/{index}", "must match one of the options")


def _choice(shape: Shape, *, grouped: bool = False) -> Check:
    def check(value: Any, at: str, problems: Problems) -> None:
        shape(value, at, problems)
        if grouped and bool(value.get("options")) == bool(value.get("option_groups")):
            problems.add(at, "must define exactly one of options or option_groups")
        _initial_is_drawn(value, at, problems)
        values = [o.get("value") for o in value.get("options") or [] if isinstance(o, dict)]
        if len(values) != len(set(values)):
            problems.add(f"{at}/options", "option values must be unique")

    return check


def _select(initial: dict[str, Check]) -> Check:
    return Shape(required=_TYPE, optional=_PICKER | initial)


def _static(initial: dict[str, Check]) -> Check:
    groups = array(_GROUP, at_most=100)
    options = array(_PLAIN_OPTION, at_most=100)
    return _choice(
        Shape(required=_TYPE, optional=_PICKER | {"options": options, "option_groups": groups} | initial),
        grouped=True,
    )


_MANY = {"max_selected_items": integer(1, 10_000)}
_INPUT: dict[str, Check] = {
    "action_id": ID,
    "placeholder": plain_text(150),
    "initial_value": string(at_most=3000, at_least=0),
    "dispatch_action_config": _DISPATCH,
    "focus_on_load": boolean,
}
IMAGE = Shape(
    required={"type": anything, "alt_text": string(at_most=2000)},
    optional={"image_url": string(at_most=3000), "slack_file": anything},
)

ELEMENTS: dict[str, Check] = {
    "button": Shape(
        required={"type": anything, "text": plain_text(75)},
        optional={
            "action_id": ID,
            "url": string(at_most=3000),
            "value": string(at_most=2000, at_least=0),
            "style": one_of("primary", "danger"),
            "confirm": _CONFIRM,
            "accessibility_label": string(at_most=75),
        },
    ),
    "overflow": _choice(
        Shape(
            required={"type": anything, "options": array(_PLAIN_OPTION, at_most=5)},
            optional={"action_id": ID, "confirm": _CONFIRM},
        ),
    ),
    "static_select": _static({"initial_option": _PLAIN_OPTION}),
    "multi_static_select": _static({"initial_options": array(_PLAIN_OPTION, at_most=100)} | _MANY),
    "radio_buttons": _choice(
        Shape(
            required={"type": anything, "options": array(_RICH_OPTION, at_most=10)},
            optional=_COMMON | {"initial_option": _RICH_OPTION},
        ),
    ),
    "checkboxes": _choice(
        Shape(
            required={"type": anything, "options": array(_RICH_OPTION, at_most=10)},
            optional=_COMMON | {"initial_options": array(_RICH_OPTION, at_most=10)},
        ),
    ),
    "users_select": _select({"initial_user": ID}),
    "multi_users_select": _select({"initial_users": array(ID, at_most=None)} | _MANY),
    "conversations_select": _select(
        {
            "initial_conversation": ID,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": anything,
        },
    ),
    "channels_select": _select({"initial_channel": ID, "response_url_enabled": boolean}),
    "datepicker": _select({"initial_date": string(at_most=10, at_least=10)}),
    "timepicker": _select({"initial_time": string(at_most=5, at_least=5), "timezone": anything}),
    "datetimepicker": Shape(
        required=_TYPE,
        optional=_COMMON | {"initial_date_time": integer(1_000_000_000, 9_999_999_999)},
    ),
    "plain_text_input": Shape(
        required=_TYPE,
        optional=_INPUT
        | {"multiline": boolean, "min_length": integer(0, 3000), "max_length": integer(1, 3000)},
    ),
    "email_text_input": Shape(required=_TYPE, optional=_INPUT),
    "url_text_input": Shape(required=_TYPE, optional=_INPUT),
    "number_input": Shape(
        required={"type": anything, "is_decimal_allowed": boolean},
        optional=_INPUT | {"min_value": anything, "max_value": anything},
    ),
}
TEXT_INPUTS = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input"})
# What Slack lets stand where.
IN_ACTIONS = frozenset(ELEMENTS) - TEXT_INPUTS
IN_INPUT = frozenset(ELEMENTS) - {"button", "overflow"}
