"""Every id that is drawn is answered, and every id that is answered is drawn somewhere."""

import json
from dataclasses import replace

from bot.playground.slack.validation import interactive
from handlers import ACTIONS, FORMS, ids
from handlers.views import posts
from handlers.views.asking import record_view
from handlers.views.home import home_view
from services.domain.case import State
from tests.unit.test_views_samples import CLOSE, QUESTION, a_case, a_file, all_cards, all_homes, all_views


def drawn_buttons() -> set[str]:
    cards = (card.blocks for card in all_cards(a_file()))
    choices = posts.Choices(everything="A", account="B", neither="C", sure="Sure?", yes="Yes", no="No")
    asked = (posts.ask_with_buttons("c0ffee", QUESTION, "Which of the two?", choices).blocks,)
    views = (view["blocks"] for view in all_views(a_file()))
    others = (home_view(one)["blocks"] for one in all_homes())
    drawn = [
        element
        for blocks in (*cards, *views, *others, *asked)
        for block, element in interactive(blocks)
        if block["type"] != "input"
    ]
    behind = {
        option["value"].partition("|")[0]
        for element in drawn
        if element["action_id"] == ids.MORE
        for option in element["options"]
    }
    return {element["action_id"] for element in drawn} | behind


def test_every_button_that_is_drawn_leads_somewhere_and_every_function_has_a_button():
    """A button without a function would be a click without an answer (design rule 10)."""
    assert drawn_buttons() == set(ACTIONS), (
        "handlers/__init__.py: ACTIONS and the views must name the same ids"
    )


def test_every_form_that_is_drawn_leads_somewhere_and_every_function_has_a_form():
    """The same for the submissions of modals."""
    drawn = {view["callback_id"] for view in all_views(a_file()) if "callback_id" in view}
    assert drawn == set(FORMS), "handlers/__init__.py: FORMS and the views must name the same ids"


def test_ids_are_distinct():
    """Two buttons under one id would run one function for both."""
    names = [
        value for name, value in vars(ids).items() if name.isupper() and name not in {"VALUE", "COMMAND"}
    ]
    buttons_and_forms = [one for one in names if one in ACTIONS or one in FORMS]
    assert len(buttons_and_forms) == len(set(ACTIONS)) + len(set(FORMS))
    assert not set(ACTIONS) & set(FORMS)


def test_fields_are_read_by_the_ids_under_which_they_are_drawn():
    """An input whose action id is not VALUE would be read as empty."""
    for view in all_views(a_file()):
        for block in view["blocks"]:
            if block["type"] == "input":
                assert block["element"]["action_id"] == ids.VALUE
                assert block["block_id"].rstrip("0123456789") in {
                    value for name, value in vars(ids).items() if name.isupper()
                }


def test_metadata_holds_case_version_and_plan_only():
    """private_metadata travels through Slack: no personal data in it (design rule 9)."""
    for view in all_views(a_file()):
        if "private_metadata" in view:
            assert set(json.loads(view["private_metadata"])) <= {"case", "version", "plan"}


def test_the_answers_form_offers_the_message_itself_only_where_it_may_count():
    """Only a message read as closing the account, with nothing about data in it, may confirm (design section 4)."""
    detected = a_case(State.DETECTED)
    offered = [
        any(block.get("block_id") == ids.FROM_MESSAGE for block in record_view(case, a_file())["blocks"])
        for case in (
            detected,
            replace(detected, reading=CLOSE),
            replace(a_case(State.AWAITING_CUSTOMER), reading=CLOSE),
        )
    ]
    assert offered == [False, True, False]
