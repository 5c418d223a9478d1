"""The phrase files as compiled rules: one record a language, words sorted into the parts they play in a sentence.

A phrase file (prompts/classify/phrases/*.yaml) lists words by the part they play in a sentence:

* what erases (`erase`), what ends an account only (`close`), participles that count only when something is asked for
  (`done`), verbs that count only beside a `place` where data is kept (`take`: "take me out of your register");
* what may be erased: `data`, `account`, `me`, `everything` (`whole`, a bare "everything", only where a message says no more), and with "my"
  built in `my_data`, `my_account`; or must not be confused with it: `other`, `unsubscribe`; `pronoun` stands for one of them, `from` says where something is;
* who speaks or is spoken of: `my`, `i`, `your`, `third`;
* what makes it a wish: `request`, `plea`; or something else: `how`, `not` (with `gap` between it and the verb; not so
  beside `unable`: "I cannot delete my account"), `past`, `over` (forms that tell what was done), `instruct`, `story` (a
  user's wish in a plan), `eager` (only looks like a question or an instruction: "how fast can you …", "as soon as you can"), `purpose` ("to delete your account, …"), `cond` ("if I close my account, …?"), `det` (articles:
  "remove the hold on my account" is about the hold);
* who tells of something and asks nothing (telling.py): `role` and `goal` ("as a … I want …, so that …"), `plan` (what
  software should do), `people` at large, `feature` (what a button or a page is called: "account deletion form") and `offer` ("add account deletion"),
  `report` (an agent's note), `dialog` and `addressed` (a program's questions, and "your account", where nobody says
  "I"), `asked` and `settled` (a request recalled, and carried out), `opener` ("will an update erase my data?"), `tells` (a verb of description, "deletes");
* `way`: questions for the way, which ask for the deed itself in a text that gives one's parting (`leave`);
* who explains rather than asks (explaining.py): `screen` ("this cannot be undone": a bare line beside it is a button),
  `firm` ("we have received your request"), `function` with `supply` ("add an option to delete accounts"), `role` with
  `able` ("as a subscriber I want to be able to …"), `guide` (a firm to its reader: "contact us", "you can do so under"),
  `yes` (begins a screen's last button: "yes, delete my account"), `whether` (makes it a mere question: "am I entitled to …?");
* `consent` begins what a reader agrees to ("I understand that …"); `will` after a `cond`, or `threat`, begins what
  the writer will do themselves ("if you do not help, I will …", "or I am closing …"); `persona` begins a user story ("as a user");
  so does a `vow`, a verb in the first person, after an `unless` ("if you do not …, I close …");
  `desire` between a verb and a question word after it keeps a wish ("I want to leave, how …?", where verbs come last);
  three `rights` beside one another are a list of them ("access, rectification, erasure, restriction");
* who tells others to do it (ordering.py): `command`, forms of a verb that only do that ("удалите"), and `bare`, forms that do so where
  they begin a clause ("…, so delete my account"); `chase` ("still not", "finally") beside what is the writer's own; `turn` begins
  a clause ("but", "so"), `joint` may ("and"); `kin`: those close to the writer, whose account it may be;
* `power` makes a question one about what a firm may do ("can they close my account without warning?");
* `client` with `wants`: a request of one customer that is passed on ("a customer, Ms Roe, asks …");
* `law` and `all` make it the legal request; `access` marks other privacy requests; `phrases` decide by themselves;
  `common` are the words by which the language is recognised.

`word` stands alone; `stem*` and `*end` leave that side open, also inside an entry; a lone `*` inside one is any one
word; `~word` also takes its one-letter slips.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from ahocorasick_rs import AhoCorasick

import prompts
from services.classifier.normalise import fold_words
from services.classifier.patterns import Patterns, all_stems
from services.domain.scope import Intent

FOLDER = "classify/phrases"
PARTS = (
    "erase", "close", "done", "data", "account", "my_data", "my_account", "me", "everything", "pronoun", "other",
    "from", "my", "i", "your", "third", "all", "law", "request", "plea", "how", "not", "gap", "unable", "past",
    "instruct", "unsubscribe", "access", "take", "place", "over", "story", "purpose", "det", "cond", "eager",
    "role", "goal", "plan", "people", "feature", "offer", "report", "dialog", "addressed", "asked", "settled", "opener", "tells", "way",
    "leave",
    "screen", "firm", "function", "supply", "able", "whether", "client", "wants", "guide", "yes", "power",
    "consent", "will", "threat", "persona", "rights", "desire", "whole", "vow", "unless",
    "command", "bare", "turn", "joint", "chase", "kin",
)  # fmt: skip
_LETTERS_A_WORD = 3
# libyaml's where the wheel has it: five times faster.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One phrase file, compiled. `parts` maps a part to its pattern; a part that the file leaves out is missing.

    For the prefilter: a text with one of `stems` passes, one with one of `weak` (words for ending, or for something
    that is over) passes beside one of `objects`. `roots` are all of them as plain substrings. `common` are the words
    that show the language.
    """

    code: str
    name: str
    order: str
    spaced: bool
    parts: Patterns[str]
    phrases: Patterns[Intent]
    common: frozenset[str]
    letters: frozenset[str]
    stems: tuple[str, ...]
    weak: tuple[str, ...]
    objects: tuple[str, ...]
    roots: tuple[str, ...]

    def find(self, part: str, text: str) -> list[tuple[int, int]]:
        """Return where words of this part stand in a folded text."""
        return [found.span() for found in self.parts[part].finditer(text)] if part in self.parts else []

    def has(self, part: str, text: str) -> bool:
        """Whether any word of this part occurs in a folded text."""
        return part in self.parts and bool(self.parts[part].search(text))

    def words_in(self, text: str) -> int:
        """Return how many words a text has, about so many where the language does not part them."""
        return len(text.split()) if self.spaced else len(text) // _LETTERS_A_WORD


@cache
def languages() -> tuple[Language, ...]:
    """Return every language there is a phrase file for, English first. Raises `ValueError` naming a broken file."""
    files = prompts.listing(FOLDER, ".yaml")
    loaded = [_language(name, _parsed(name)) for name in files]
    return tuple(sorted(loaded, key=lambda one: (one.code != "en", one.code)))


@cache
def _roots() -> tuple[AhoCorasick, tuple[tuple[str, ...], ...]]:
    owners: dict[str, list[str]] = {}
    for language in languages():
        for root in language.roots:
            owners.setdefault(root, []).append(language.code)
    return AhoCorasick(owners), tuple(map(tuple, owners.values()))


def roots_in(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield where the roots of deciding words stand in a folded text, and the languages that have them: one pass."""
    automaton, owners = _roots()
    for index, start, _ in automaton.find_matches_as_indexes(text, overlapping=True):
        yield start, owners[index]


def _parsed(name: str) -> dict[str, Any]:
    # BaseLoader builds nothing but strings, lists and mappings: "no" and "on" are words here, not booleans.
    given: dict[str, Any] = yaml.load(prompts.read(f"{FOLDER}/{name}"), Loader=_LOADER)  # noqa: S506 -- as said
    return given


def _language(file: str, given: dict[str, Any]) -> Language:
    unknown = given.keys() - {*PARTS, "language", "name", "order", "spaced", "common", "phrases"}
    if unknown:
        raise ValueError(
            f"{FOLDER}/{file}: unknown part {min(unknown)!r}; see services/classifier/phrases.py"
        )
    spaced = given.get("spaced", "true") == "true"
    words = {part: [str(one) for one in given.get(part, ())] for part in PARTS}
    phrases = {
        Intent(name): [str(one) for one in entries] for name, entries in given.get("phrases", {}).items()
    }
    deciding = [one for intent, few in phrases.items() if intent is not Intent.NONE for one in few]
    targets = [
        one
        for part in ("data", "my_data", "account", "my_account", "everything", "place")
        for one in words[part]
    ]
    everything = [
        *deciding,
        *(one for entries in words.values() for one in entries),
        *map(str, given["common"]),
    ]
    # The article on erasure alone is a request to one who writes of themselves (rules.py).
    article = [form for one in words["law"] if "17" in one for form in (one, one.replace(" ", ". "))]
    strong = all_stems([*words["erase"], *deciding], spaced=spaced)
    weak = all_stems([*words["close"], *words["done"], *words["take"]], spaced=spaced)
    return Language(
        code=given["language"],
        name=given["name"],
        order=given.get("order", "after"),
        spaced=spaced,
        parts=Patterns(words, spaced=spaced),
        phrases=Patterns(phrases, spaced=spaced),
        common=frozenset(word for one in given["common"] for word in fold_words(str(one)).split()),
        letters=frozenset(letter for entry in everything for letter in entry.casefold() if letter.isalpha()),
        stems=(*strong, *all_stems(article, spaced=spaced)),
        # Other privacy requests pass too, beside a word for data: the privacy lead gets a note of them.
        weak=(*weak, *all_stems(words["access"], spaced=spaced)),
        objects=all_stems(targets, spaced=spaced),
        roots=tuple(dict.fromkeys(stem.strip().split()[0] for stem in (*strong, *weak))),
    )
