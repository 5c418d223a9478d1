"""Masking: what must not leave the process does not, and every place leads back to the original."""
# ruff: noqa: RUF001 -- letters of other scripts are the subject here

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier.masking import mask, shorten


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("write to ola.nordmann+x@post.example.com now", "nordmann"),
        ("OLA@EXAMPLE.COM", "OLA"),
        ("josé.müller@bücher.example", "müller"),
        ("ola (at) example dot com", "ola"),
        ("ola [at] example [dot] com", "example"),
        ("ola＠example.com", "example"),
        ("<mailto:ola@example.com|ola@example.com>", "ola"),
        ("call +47 22 34 56 78 please", "22 34"),
        ("Tel. (030) 901820-11", "9018"),
        ("０３０ ９０１８ ２０", "９０１８"),
        ("هاتفي ٠٥٠١٢٣٤٥٦٧", "١٢٣"),
        ("card 4111 1111 1111 1111", "1111"),
        ("customer 8841277", "8841277"),
        ("IBAN DE89370400440532013000", "8937"),
        ("my id is 3f2a9c1e-77b0-4a11-9c1e-0a1b2c3d4e5f", "77b0"),
        ("see https://shop.example.com/u/ola?token=abc", "ola"),
        ("<@U024BE7LH> asked", "U024BE7LH"),
        ("my name is Ola Nordmann and I left", "Nordmann"),
        ("my name is ola nordmann", "ola"),
        ("Dear Ingrid,\nthe parcel is late", "Ingrid"),
        ("please delete it\n\nKind regards,\nOla Nordmann", "Nordmann"),
        ("ich heiße Jörg Müller und möchte gehen", "Müller"),
        ("me llamo Lucía Pérez, borren todo", "Pérez"),
    ],
)
def test_hides_personal_data(text: str, secret: str) -> None:
    """Addresses, numbers, ids, links and recognisable names become placeholders."""
    assert secret not in mask(text).text


@pytest.mark.parametrize(
    "text",
    ["please delete my data under article 17", "Dear Sir or Madam, delete everything", "Löscht meine Daten"],
)
def test_leaves_the_request_itself_alone(text: str) -> None:
    """What the model has to read stays as it was written."""
    masked = mask(text).text
    assert "delete" in masked or "Löscht" in masked
    assert "article 17" in masked or "article" not in text


def test_the_same_address_is_the_same_placeholder() -> None:
    """The model can see that two mentions are one, without seeing which."""
    masked = mask("ola@example.com or OLA@example.com, not kari@example.com")
    assert masked.text == "[email 1] or [email 1], not [email 2]"


def test_places_lead_back() -> None:
    """A place in the masked text is a place in the original, before, between and after placeholders."""
    text = "ola@example.com asks: delete my data, +47 22 34 56 78, thanks"
    masked = mask(text)
    for phrase in ("delete my data", "thanks"):
        at = masked.text.index(phrase)
        start, end = masked.restore(at, at + len(phrase))
        assert text[start:end] == phrase
    at = masked.text.index("my data, [phone 1]")
    start, end = masked.restore(at, at + len("my data, [phone 1]"))
    assert text[start:end] == "my data, +47 22 34 56 78"


def test_shortening_keeps_head_and_tail_and_their_places() -> None:
    """A long letter loses its middle, says so, and its tail still leads back to the right place."""
    text = "Head ola@example.com. " + "filler " * 3000 + "kari@example.com says delete my data"
    short = shorten(mask(text), head=100, tail=60)
    assert len(short.text) < 250
    assert "characters left out" in short.text
    at = short.text.index("delete my data")
    start, end = short.restore(at, at + len("delete my data"))
    assert text[start:end] == "delete my data"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters() | st.sampled_from("@.+0123456789 <>[]aé"), max_size=300))
def test_never_raises_and_stays_inside(text: str) -> None:
    """Whatever comes: the result can be sent, and its places lie in the original, in order."""
    for masked in (mask(text), shorten(mask(text), head=20, tail=10)):
        masked.text.encode()
        ends = [masked.restore(at, at + 1) for at in range(len(masked.text))]
        assert all(0 <= start <= end <= len(text) for start, end in ends)
        assert [start for start, _ in ends] == sorted(start for start, _ in ends)


def test_a_lone_surrogate_can_be_sent() -> None:
    """Half a character, which no request body can carry, becomes a question mark."""
    assert mask("delete \ud83d my data").text == "delete ? my data"


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "@",
        "a@",
        "1",
        "1 ",
        "a1",
        "-",
        "<@",
        "http://",
        "regards\n",
        "Dear A ",
        "[at]",
        " at ",
        "a at b dot ",
        "&#64;",
        "A b ",
        "1 Aa ",
        "Aa 1 ",
        "rue ",
        "one ",
        "from: A\n",
        "DE89",
        "我叫",
        "Ab, AB 1",
    ],
)
def test_masks_forty_thousand_characters(unit: str) -> None:
    """The longest message is masked; a quadratic pattern would run into the time-out."""
    assert mask((unit * 40_000)[:40_000]).places
