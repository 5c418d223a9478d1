"""The quick folding of whole texts: what it does at once is what folding letter by letter does, for every character."""
# ruff: noqa: RUF001 -- letters of other scripts are the subject here

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import prompts
from services.classifier.normalise import fold_phrase, fold_words, undisguise, words_and_rest
from services.classifier.phrases import FOLDER
from services.classifier.prefilter import uses_covered_letters

LETTERS = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
PLAIN = "добро " * 8  # plain letters first: what follows is replaced, not looked up
MIXED = st.text(st.sampled_from("aя данд啊か안ة،é’ß\u0130\u0345\u200d. ") | st.characters(codec="utf-8"))


def one_by_one(text: str) -> str:
    words = "".join(one if one.isalnum() else " " for letter in map(fold_phrase, text) for one in letter)
    return undisguise(f" {words} ")


def test_every_character_is_folded_as_by_itself() -> None:
    """All of Unicode behind plain letters: no character is folded in another way for being quick."""
    for at in range(0, len(LETTERS), 250):
        some = "".join(LETTERS[at : at + 250])
        assert fold_words(PLAIN + some) == one_by_one(PLAIN + some)


@given(MIXED)
def test_any_text_is_folded_as_letter_by_letter(text: str) -> None:
    """Whatever stands beside what, in whatever script."""
    assert fold_words(text) == one_by_one(text)


def test_no_letter_of_an_uncovered_script_is_overlooked() -> None:
    """A letter is covered or not by itself or in any text: what was set aside as plain holds no foreign one."""
    alphabets = [letter for letter in LETTERS if letter.isalpha()]
    for at in range(0, len(alphabets), 250):
        some = alphabets[at : at + 250]
        assert uses_covered_letters(PLAIN + "".join(some)) == all(map(uses_covered_letters, some))
    assert "ђ" in words_and_rest(PLAIN + "ђ")[1], "Serbian has no phrase file"
    assert not uses_covered_letters("ђ")
    assert not uses_covered_letters(PLAIN + "தமிழ்")


@pytest.mark.parametrize("name", prompts.listing(FOLDER, ".yaml"))
def test_no_phrase_file_names_a_part_twice(name: str) -> None:
    """YAML takes the last of two equal keys without a word: the phrases under the first would be lost."""
    waiting = [yaml.compose(prompts.read(f"{FOLDER}/{name}"), Loader=yaml.SafeLoader)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), f"twice in {name}: {sorted(keys)}"
            waiting += [value for _, value in node.value]
