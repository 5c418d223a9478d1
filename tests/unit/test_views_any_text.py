"""Whatever a customer writes or an operator configures: valid blocks, nobody pinged, nothing personal on the card."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.playground.slack.validation import problems_in_view, view_is_too_large
from handlers.views.blocks import clip_mrkdwn, escape
from handlers.views.card import render_card
from handlers.views.posts import say
from services.domain.case import State
from tests.unit.test_views_samples import (
    LABELS,
    a_case,
    a_file,
    all_messages,
    all_views,
    facts,
    flaws_of_message,
    mrkdwn_in,
    pings,
)

NASTY = [
    "<!channel>",
    "<@U123>",
    "*b* `c`",
    "&lt;!here&gt;",
    "\x00",
    "\ud83d",
    " \n\t ",
    "",
    "<!subteam^S1|all>",
]
LONG = {"x": "x" * 40_000, "accents": "é" * 40_000, "pings": "<!channel>" * 4000, "emoji": "😀" * 40_000}
LONG |= {"addresses": "maya@example.com " * 2350, "spaces": " " * 40_000, "entities": "&lt;" * 10_000}
ANY = st.one_of(
    st.sampled_from(NASTY), st.text(max_size=400), st.text(alphabet="<>!&@#|*`~_ a", max_size=200)
)


def a_file_saying(text: str):
    file = a_file()
    return replace(
        file,
        text=text,
        replies=tuple(replace(one, text=text) for one in file.replies) * 30,
        question_text=text,
        answer_words=text,
        answer_proof=text,
        note=text,
        closing_text=text,
        candidates=tuple(
            replace(one, shown=text, reason=text, warnings=(text, text)) for one in file.candidates
        ),
    )


def check_views(text: str, label: str) -> None:
    labels = {name: f"{label}{index}" for index, name in enumerate(LABELS)}
    for view in all_views(a_file_saying(text), labels, text=text):
        assert problems_in_view(view) == [], view["title"]["text"]
        assert not view_is_too_large(view)
        assert not [ping for said in mrkdwn_in(view) for ping in pings(said)]
        json.dumps(view, ensure_ascii=False).encode()


def check_messages(text: str, label: str) -> None:
    labels = {name: f"{label}{index}" for index, name in enumerate(LABELS)}
    for message in all_messages(a_file_saying(text), labels):
        assert flaws_of_message(message) == [], message.text[:80]
        assert not pings(message.text)
        assert not [ping for said in mrkdwn_in(message.blocks) for ping in pings(said)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(text=ANY, label=ANY)
def test_any_text_gives_views_that_slack_takes_and_pings_nobody(text: str, label: str):
    """Only emoji, markup or `<!channel>` breaks no modal and calls nobody."""
    check_views(text, label)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(text=ANY, label=ANY)
def test_any_text_gives_messages_that_slack_takes_and_pings_nobody(text: str, label: str):
    """The same for everything that is posted; the top-level text is mrkdwn too."""
    check_messages(text, label)


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_a_message_of_forty_thousand_characters_is_shown_cut_with_a_note(text: str):
    """The longest message that Slack lets anybody write breaks nothing."""
    check_views(text, text[:3000])
    check_messages(text, text[:3000])


WORD = st.text(alphabet=st.characters(categories=["Ll", "Nd"]), min_size=5, max_size=20)


@given(words=st.lists(WORD.map(lambda word: f"zq{word}"), min_size=1, max_size=6), start=st.integers(0, 20))
def test_no_word_of_the_customers_reaches_the_card(words: list[str], start: int):
    """Whatever the reader took for the deciding phrase, the card shows first letters at most (design rule 9)."""
    text = " ".join(words)
    file = a_file_saying(text)
    known = facts(replace(file, text=("." * 7) + text[start:]))
    for state in State:
        said = json.dumps(render_card(a_case(state), known).blocks, ensure_ascii=False)
        assert not [word for word in words if word in said]


@given(text=ANY, limit=st.integers(5, 100))
def test_cutting_our_own_text_never_leaves_half_a_mention_or_entity(text: str, limit: int):
    """Half of `&lt;` or of a mention could mean something else to Slack."""
    cut = clip_mrkdwn(escape(text) + "<@UANA>" + escape(text), limit)
    assert len(cut) <= limit
    assert cut.count("<") == cut.count(">")


@pytest.mark.parametrize("length", [1, 3000, 9000, 12_500, 40_000])
def test_a_text_to_the_customer_goes_out_whole(length: int):
    """A closing message is never cut: what was told must be what was recorded (design rule 5)."""
    message = say("a" * length)
    whole = message.blocks[0]["elements"][0]["elements"][0]["text"] if message.blocks else message.text
    assert whole == "a" * length
    assert flaws_of_message(message) == []
