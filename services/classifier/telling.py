"""Whether a sentence tells of software, of people at large or of what is settled, and asks nothing for its writer."""

import re

from services.classifier.phrases import Language
from services.classifier.sentence import Sentence, Span

QUESTION_MARKS = ("?", "\u037e", ";", "\u061f")
_NEAR = 30  # how far a possessive may stand from its noun
_ROLE = 60  # how far the speaker of a user story may stand from "as a", and its verb from the speaker
_HEADING = 5  # a heading has no more words
_BEGINNING = 80  # where a text's role has to stand; a number or a title may come first
_TAG = re.compile(r"\W*(?:\[(?:feat\w*|bug|enhancement)\]|(?:feat|fix|bug|chore)(?:\(\w+\))?:)")
_MARKUP = re.compile(r"[*_`#|>]+")
_BESIDE = " -/\"'”’»›」』】〉]>*"  # noqa: RUF001 -- may part what a button is called from the word for it
_WORDS_BEFORE = 2  # so many words may stand between "add" and what is to be added


def tells_story(language: Language, text: str) -> bool:
    """Whether the text describes what software is to do: tagged or named so, or "as a member I want to …, so that …"."""
    return (
        is_tagged(text)
        or language.has("story", text)
        or (
            not language.has("plea", text)
            and any(
                language.has("i", text[role:][:_ROLE]) and language.has("goal", text[role:])
                for _, role in language.find("role", text)
            )
        )
    )


def begins_story(language: Language, text: str) -> bool:
    """Whether the text begins with the role of a user story, whatever marks or line breaks stand in it."""
    return language.has("persona", " ".join(_MARKUP.sub(" ", text[: 2 * _BEGINNING]).split())[:_BEGINNING])


def is_tagged(text: str) -> bool:
    """Whether it begins with a tag of an issue tracker: "[Feature]", "fix:"."""
    return bool(_TAG.match(text))


def continues_story(sentence: Sentence) -> bool:
    """Whether the line is the wish of a user story whose role stands above it, on a line of its own."""
    # "**I want** to …": stars or a dash may stand before it.
    first = next((at for at, letter in enumerate(sentence.text) if letter.isalnum()), 0)
    wish = any(start == first for start, _ in sentence.find("i"))
    return wish and sentence.around.story and sentence.language.has("role", sentence.around.before)


def tells_of_others(sentence: Sentence, verb: Span, target: Span, part: str) -> bool:
    """Whether verb and object are those of a feature, of users at large or of a dialog, not the writer's own wish.

    What the writer calls their own stays theirs ("users should be able to …; please delete mine"), unless it is the
    name of a button or a page ("a delete my account option") or stands in a dialog in which nobody says "I".
    """
    whole = (min(verb[0], target[0]), max(verb[1], target[1]))
    mine = is_mine(sentence, target, part)
    tells = sentence.find("tells")
    described = bool(tells) and (verb in tells or not sentence.has("plea"))
    if (
        names_a_part(sentence, whole)
        or _is_in_a_dialog(sentence, mine=mine)
        or (verb in tells and target[1] <= verb[0])
    ):
        return True
    if mine:
        return False
    if described:
        return True
    if sentence.around.story and not sentence.has("plea"):
        return True
    return sentence.has("plan") or bool(unspared(sentence, "people")) or _is_offered(sentence, whole)


def speaks_of_others(sentence: Sentence) -> bool:
    """Whether users or customers are spoken of, not just a "user account" or a "user name"."""
    names = sentence.find("account")
    return any(
        not any(low <= start and end <= high for low, high in names) for start, end in sentence.find("third")
    )


def is_mine(sentence: Sentence, target: Span, part: str) -> bool:
    """Whether the object is called the writer's own: "my account", not "an account" in a sentence with "I"."""
    subjects = sentence.find("i")
    return (
        part.startswith("my_")
        or part == "me"
        or (part == "pronoun" and sentence.has("plea"))  # what it stands for is theirs (reference.py)
        or any(
            -_NEAR < span[0] - target[0] < _NEAR and not _follows_from(sentence, target, span)
            for span in sentence.find("my")
            if span not in subjects
        )
    )


def _follows_from(sentence: Sentence, target: Span, mine: Span) -> bool:
    """Whether the writer's is only the place: "delete a customer's data from our database"."""
    between = sentence.text[target[1] : mine[0]]
    return bool(between) and any(
        len(between) - end <= 1 for _, end in sentence.language.find("from", between)
    )


def follows_your(sentence: Sentence, target: Span) -> bool:
    """Whether the thing is called somebody else's by the very next word: "your account"."""
    beside = {end for _, end in sentence.find("your")} - {end for _, end in sentence.find("my")}
    return target[0] - 1 in beside


def belongs_to_others(sentence: Sentence, target: Span) -> bool:
    """Whether a word for somebody else's stands near; "your database" is a place where the speaker's data is."""
    return any(
        -_NEAR < start - target[0] < _NEAR // 2 for start, _ in sentence.find("your") if start != target[0]
    )


def own_near(sentence: Sentence, target: Span) -> bool:
    """Whether a word for the speaker or for what is theirs stands near."""
    return any(-_NEAR < start - target[0] < _NEAR for start, _ in sentence.find("my"))


def is_settled(sentence: Sentence) -> bool:
    """Whether an earlier request is only recalled, and the text says that it was carried out."""
    return sentence.around.settled and sentence.has("asked") and not sentence.has("plea")


def asks_of_a_fact(sentence: Sentence) -> bool:
    """Whether it asks what something does or may do: "will an update erase my data?", not "will you …?"."""
    if not sentence.text.rstrip().endswith(QUESTION_MARKS) or sentence.has("plea"):
        return False
    first = len(sentence.text) - len(sentence.text.lstrip())
    asks = any(start == first for part in ("request", "eager") for start, _ in sentence.find(part))
    power = sentence.find("power")
    # "My ex signed me up without my consent, could you delete it?"
    after = any(start > end for _, end in power for start, _ in sentence.find("request"))
    return not asks and (
        (bool(power) and not after) or any(start == first for start, _ in sentence.find("opener"))
    )


def unspared(sentence: Sentence, part: str) -> list[Span]:
    """Return where words of this part stand, but those in a wish that only looks like one ("as soon as you can")."""
    spared = sentence.find("eager")
    return [
        (start, end)
        for start, end in sentence.find(part)
        if not any(low <= start and end <= high for low, high in spared)
    ]


def names_a_part(sentence: Sentence, whole: Span) -> bool:
    """Whether the very next word makes it the name of a button, a page or a process."""
    return any(
        0 <= start - whole[1] <= 2 and not sentence.text[whole[1] : start].strip(_BESIDE)
        for start, _ in unspared(sentence, "feature")
    )


def _is_offered(sentence: Sentence, whole: Span) -> bool:
    """Whether a word or two before it something is built or offered: "add self-service account deletion"."""
    return any(
        end <= whole[0] and len(sentence.text[end : whole[0]].split()) <= _WORDS_BEFORE
        for _, end in unspared(sentence, "offer")
    )


def _is_in_a_dialog(sentence: Sentence, *, mine: bool) -> bool:
    """Whether it is a program that asks, or a heading above words about "your account"; more words of one's own are not."""
    if sentence.around.dialog and not sentence.has("plea"):
        return True
    heading = len(sentence.text.split()) <= _HEADING
    # "A customer asks you to close su cuenta": theirs, not the reader's.
    spoken = sentence.has("plea") or sentence.has("client")
    return sentence.around.addressed and not spoken and (heading or not mine)
