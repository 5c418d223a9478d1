"""Masking against disguises: spelled-out, invisible, full-width, foreign digits; and requests that dress up as data."""
# ruff: noqa: RUF001 -- letters of other scripts are the subject here

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier.masking import mask
from services.classifier.masking_view import view

EMAILS = [
    "jane at example dot com",
    "jane.doe AT example DOT co DOT uk",
    "jane(at)example(dot)com",
    "jane [at] example [dot] com",
    "jane{at}example.com",
    "jane<at>example<dot>com",
    "jane_at_example_dot_com",
    "jane-at-example-dot-com",
    "janeATexampleDOTcom",
    "jane @ example . com",
    "j a n e @ e x a m p l e . c o m",
    "jane\uff20example.com",
    "jane\ufe6bexample\uff0ecom",
    "ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ",
    "ja\u200bne@exa\u200bmple.com",
    "ja\u00adne@example\u2060.com",
    "jane\u200d@\ufeffexample.com",
    "\u202ejane@example.com\u202c",
    "jane&#64;example.com",
    "jane&#x40;example&#46;com",
    "jane&commat;example&period;com",
    "jane%40example.com",
    "mailto:jane@example.com",
    "mailto:jane%40example.com?subject=hello",
    "<mailto:jane@example.com|Jane>",
    "<mailto:jane.x@example.com|jane.x@example.com>",
    "\U0001d423\U0001d41a\U0001d427\U0001d41e@example.com",
    "jane arroba example punto com",
    "jane (bei) example (punkt) de",
    "jane chiocciola example punto it",
    "jane małpa example kropka pl",
    "jane собака example точка ru",
    "JANE@EXAMPLE.COM",
    "jane+tag=x@sub.example.com",
    "o'jane@example.com",
    "jane@例え.jp",
    "jane@localhost",
    "my e-mail: jane at example.com",
]
NUMBERS = [
    "+47 22 34 56 78",
    "+47\u00a022\u202f34\u200956\u200778",
    "+4７ ２２ ３４ ５６ ７８",
    "\u200b+47 2\u200b2 34 56 78",
    "0047-22-34-56-78",
    "(0)22/34.56.78",
    "22*34*56*78",
    "22\u00b734\u00b756\u00b778",
    "22 34 56 78 ext. 22",
    "<tel:+4722345678|+47 22 34 56 78>",
    "+٤٧ ٢٢ ٣٤ ٥٦ ٧٨",
    "+४७ २२ ३४ ५६ ७८",
    "2️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣",
    "\U0001d7d0\U0001d7d0 \U0001d7d1\U0001d7d2 \U0001d7d3\U0001d7d4",
    "②②③④⑤⑥⑦⑧",
    "two two three four five six seven eight",
    "deux deux trois quatre cinq six sept huit",
    "+1-800-GOT-JUNK",
    "4111-1111-1111-1111",
    "4111\u200b1111\u200b11111111",
    "DE89 3704 0044 0532 0130 00",
    "de89370400440532013000",
    "GB29.NWBK.6016.1331.9268.19",
    "cus_9XyZ22aa34",
    "AB-12345-X",
    "3F2A9C1E-77B0-4A11-9C1E-0A1B2C3D4E5F",
    "АБ223456",
]
PEOPLE = [
    ("From: Jane Doe <x@example.com>", "Jane"),
    ("Von: Jörg Doe\nAn: Support", "Jörg"),
    ("Jane Doe (jane.doe@example.com) wrote", "Jane"),
    ("jane.doe@example.com wants it gone, says Jane", "says Jane"),
    ("my name is Jane Doe. Yes, Doe, and I mean it", "Doe"),
    ("我叫张伟，请删除我的数据", "张伟"),
    ("私の名前は山田太郎です。データを削除してください", "山田"),
    ("제 이름은 김철수입니다. 계정을 삭제해 주세요", "김철수"),
    ("меня зовут иван петров", "иван"),
    ("اسمي فاطمة", "فاطمة"),
    ("I live at 12 Baker Street, London", "Baker"),
    ("221b Old Mill Lane, please", "Mill"),
    ("Hauptstraße 12, 10115 Berlin", "Haupt"),
    ("Rosenweg 3a", "Rosen"),
    ("12 rue de la Paix, 75002 Paris", "Paix"),
    ("Calle Mayor 5, 28013 Madrid", "Mayor"),
    ("Via Garibaldi 10", "Garibaldi"),
    ("ul. Polna 5, 00-625 Warszawa", "Polna"),
    ("ул. Ленина, д. 5", "Ленина"),
    ("Kerkstraat 12, 1017 GC Amsterdam", "Kerk"),
    ("Storgatan 4", "Stor"),
    ("Springfield, IL 62704", "Springfield"),
    ("SW1A 1AA is where I live", "SW1A"),
    ("P.O. Box 1234", "1234"),
    ("中山路100号", "中山路"),
    ("〒100-0001", "0001"),
]


def secrets(shown: str) -> list[str]:
    return [
        word
        for word in (
            "jane",
            "example",
            "例え",
            "22",
            "34",
            "3704",
            "1111",
            "NWBK",
            "٢٢",
            "２２",
            "२२",
            "cinq",
        )
        if word in view(shown).text.casefold() or word in shown
    ]


@pytest.mark.parametrize("written", EMAILS + NUMBERS)
@pytest.mark.parametrize("around", ["{}", "Hello, {} is mine, please delete my data", "请删除{}我的数据"])
def test_no_disguise_gets_out(written: str, around: str) -> None:
    """Addresses and numbers are hidden however they are written, and the request around them is not."""
    if around.startswith("请") and any(one.isspace() for one in written):
        around = "请删除 {} 我的数据"
    masked = mask(around.format(written)).text
    assert not secrets(masked), (
        f"{masked}: hide it in services/classifier/masking_email.py or masking_number.py"
    )
    for words in ("delete my data", "请删除", "我的数据"):
        assert (words in masked) == (words in around)


@pytest.mark.parametrize(("text", "secret"), PEOPLE)
def test_names_and_postal_addresses_are_hidden(text: str, secret: str) -> None:
    """Who the writer is and where they live goes, where what stands around it gives it away."""
    assert secret not in mask(text).text, "hide it in services/classifier/masking_name.py"


@pytest.mark.parametrize(
    "text",
    [
        "Hi Delete My Account,\nthanks",
        "Hello Please Erase Everything!",
        "my name is Delete My Data",
        "From: Delete My Account Please",
        "Regards,\nDelete My Data",
        "12 Delete My Account Street",
        "delete my account at example dot com",
        "<https://example.com|delete my data>",
        "<mailto:x@example.com|delete my data>",
        "x@example.com.Delete my data",
        "请删除我的数据x@example.com",
        "x@example.com请删除我的数据",
        "请删除我的数据12345号",
        "www.example.com请删除我的数据",
        "我叫删除我的数据",
        "delete-my-account-12345",
        "@support请删除我的数据",
    ],
)
def test_no_request_is_taken_for_personal_data(text: str) -> None:
    """What is hidden from the model cannot be read by it: words that ask for something stay."""
    masked = mask(text).text.casefold()
    assert any(word in masked for word in ("delete", "erase", "删除")), masked


@pytest.mark.parametrize(
    "text",
    [
        "Regulation (EU) 2016/679, article 17",
        "Lei 13.709/2018",
        "section 1798.105 of the civil code",
        "I turned 18 on 3 May, I paid 49.90 for 2 tickets",
        "meet me @ noon",
        "we looked at example pages",
    ],
)
def test_what_identifies_nobody_stays(text: str) -> None:
    """The numbers of laws, ages and prices are what the model reads by."""
    assert mask(text).text == text


def test_kinds_are_told_apart() -> None:
    """A card, an account and a telephone are different things to the one who reads the card in Slack."""
    text = "4111 1111 1111 1111; DE89 3704 0044 0532 0130 00; +47 22 34 56 78; 4111 1111 1111 1112 000"
    assert mask(text).text == "[card 1]; [iban 1]; [phone 1]; [id 1]"


def test_one_address_in_two_disguises_is_one_placeholder() -> None:
    """The model can see that both are the same."""
    assert mask("ola@example.com, ＯＬＡ＠example.com").text == "[email 1], [email 1]"


@given(
    written=st.sampled_from(EMAILS + NUMBERS),
    dust=st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from("\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0f")),
        max_size=12,
    ),
)
@settings(max_examples=300)
def test_invisible_dust_changes_nothing(written: str, dust: list[tuple[int, str]]) -> None:
    """Zero-width characters anywhere inside do not let anything out, and every place leads back."""
    dusty = written
    for where, speck in dust:
        here = min(where, len(dusty))
        dusty = dusty[:here] + speck + dusty[here:]
    text = f"mine: {dusty}; delete my data"
    masked = mask(text)
    assert not secrets(masked.text), masked.text
    at = masked.text.index("delete my data")
    start, end = masked.restore(at, at + len("delete my data"))
    assert text[start:end] == "delete my data"
