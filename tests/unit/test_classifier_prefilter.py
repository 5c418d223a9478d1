"""The prefilter: recall first, in every language, and quick."""
# ruff: noqa: RUF001 -- letters of other scripts are the subject here

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.classifier.normalise import fold, fold_words
from services.classifier.phrases import languages
from services.classifier.prefilter import might_be_request
from services.classifier.rules import RulesClassifier
from services.domain.scope import Intent

REQUESTS = [
    "Kindly erase whatever your bakery stores on my family",
    "bitte löscht mein Kundenkonto beim Ruderclub",
    "supprimez mon profil de randonneur",
    "borren mis datos del taller",
    "apaguem os meus dados da padaria",
    "cancellate i miei dati dal registro",
    "wis mijn gegevens alsjeblieft",
    "skasujcie moje konto rowerowe",
    "hesabımı kapatır mısınız",
    "امسحوا بياناتي من المتجر",
    "удалите мой профиль туриста",
    "请清除我的资料",
    "データを消去してください",
    "제 정보를 지워 주세요",
    "मेरा डेटा मिटा दीजिए",
    "mohon hapus profil saya",
    "radera mina uppgifter",
    "slett profilen min",
    "slet mine oplysninger",
    "poistakaa tietoni",
    "vymažte moje údaje",
    "σβήστε τα στοιχεία μου",
    "töröljék az adataimat",
    "izbrišite moj profil",
    "заличете данните ми",
    "ștergeți datele mele",
    "зітріть мої дані",
    "ištrinkite mano duomenis",
    "kustutage minu andmed",
    "izdzēsiet manus datus",
    "hãy xóa dữ liệu của tôi",
]
DISGUISES = [
    "DELETE MY DATA",
    "\uff24\uff25\uff2c\uff25\uff34\uff25 my data",
    "de\u200ble\u00adte my data",
    "d\u0435l\u0435t\u0435 my data",
    "d e l e t e my data",
    "d-e-l-e-t-e everything",
    "de\u0301l\u0308ete my data",
    "\u202edelete my data\u202c",
    "delte my acount",
]
CHATTER = [
    "good morning, is the bakery open on sunday?",
    "thanks, that worked for me",
    "Guten Morgen, wann kommt mein Paket an?",
    "bonjour, je voudrais changer la couleur de la tasse",
    "the parcel is still not here and it is the third week",
    "ok",
    "",
]


@pytest.mark.parametrize("text", REQUESTS + DISGUISES)
def test_passes_every_request_on(text: str) -> None:
    """A request passes in every covered language and disguise."""
    assert might_be_request(text), "add the missing word to prompts/classify/phrases/"


@pytest.mark.parametrize("text", CHATTER)
def test_drops_what_can_be_read_and_names_no_deletion(text: str) -> None:
    """Ordinary chatter is not kept: not a word of it reaches the inbox."""
    assert not might_be_request(text)


@pytest.mark.parametrize(
    "text",
    [
        "ลบข้อมูลของฉัน",
        "მინდა წაშალოთ ჩემი მონაცემები",
        "ጤና ይስጥልኝ",
        "futa taarifa zangu zote tafadhali rafiki",
        "ꆈꌠꁱꂷ",
        "gusto ko nang isara ang account ko",
    ],
)
def test_passes_on_what_no_phrase_file_covers(text: str) -> None:
    """Silence is never the answer to a script or language that could not be read."""
    assert might_be_request(text)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_never_raises_and_never_drops_what_the_rules_would_read(text: str) -> None:
    """The prefilter is no stricter than the classifier behind it."""
    reading = RulesClassifier().read(text)
    assert might_be_request(text) or reading.intent is Intent.NONE


@pytest.mark.parametrize("text", REQUESTS + DISGUISES)
def test_offsets_lead_back_to_the_original(text: str) -> None:
    """Folding remembers where each character stood."""
    folded = fold(text)
    assert len(folded.origin) == len(folded.text) + 1
    assert list(folded.origin) == sorted(folded.origin)
    assert folded.origin[-1] == len(text)


def test_normalising_costs_the_same_for_every_character() -> None:
    """Stacked combining marks are dropped one by one: no sorting, no growth."""
    text = "a" + "\u0301\u0323" * 20_000
    assert fold(text).text == "a"
    assert fold_words(text) == " a "


def test_every_phrase_file_is_complete() -> None:
    """Each language can recognise itself, a verb, both objects and its speaker."""
    for language in languages():
        assert language.common, language.code
        assert {
            "erase",
            "close",
            "data",
            "account",
            "my",
            "request",
            "how",
            "not",
        } <= language.parts.keys(), language.code
    assert len(languages()) >= 30


@pytest.mark.parametrize(
    "text",
    [
        "I request a copy of all my personal data under Article 15 GDPR.",
        "I object to the processing of my personal data for marketing",
    ],
)
def test_other_privacy_requests_are_passed_on(text: str) -> None:
    """Access and objection open no case, but the privacy lead gets a note: so they are read, not dropped."""
    assert might_be_request(text)
