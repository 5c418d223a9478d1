"""The texts for the customer, rendered from packaged templates; the facts come in, no template decides anything.

`prompts/customer/<language>/words.j2` holds the words of one language as macros; `prompts/customer/shared/` puts them
in order, once for all languages. So a translation is one file, and no language can forget a fact.

Facts by template (plain values; moments are dates and times, worded by the language). Those in brackets may be left out.

* every template: `company` (str), [`intro`] (str: what an agent wrote in the place of the greeting).
* `ask_intro`, `greeting`: the part that an agent may edit.
* `ask_choices`: `answer_due` (moment), [`services`] (list of str: third-party services by name; ActiveCampaign by
  default), [`link`] and `until` (str, moment: where the customer answers, and how long), [`buttons`] (bool: they stand
  below). The part that stays as it is. `ask` and `remind` begin otherwise and take the same facts.
* `closing_all`, `closing_partial`, `closing_account`, `interim`: `removed` (list of {label, count}: verified gone),
  `kept` (list of {label, table, count, ground, until}; count 0 for a system kept as a whole; empty or absent for
  `closing_all`), `backups` (str: when they are overwritten, "" for nothing to say).
* `closing_partial`, `interim` besides: [`open`] (list of {label, said, due}: what is not finished), [`attested`] (list of
  str: done by hand and signed), [`nothing_found`] (list of str: searched without a find), [`scope`] ("account_only"
  words it as a closing), [`activecampaign`]: "removed", "none" (nothing found there) or "open". Left out, it follows
  from `removed` and `nothing_found` when they name ActiveCampaign, and is "open" otherwise: nothing is claimed that was
  not verified. `interim` takes `answer_due` too.
* `closing_account` besides: [`removed_account`] (bool: the account was removed, not merely closed).
* `refused`: `ground` (str), [`complaint`] (str: where to complain, instead of the general sentence).
* `extended`: `reason` (str), `new_due`, `old_due` (moments).
* `nothing_found`: `searched` (list of str), [`ground`] (str: an agent's own words about it), [`complaint`].
* `withdrawn`, `subject_ask`, `subject_tell`: nothing more.

`closing_all` says "fully removed" and may be rendered only when domain/outcome.py `allow_fully_removed` says so
(design rule 5); no other template contains the words, in any language.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from babel import Locale
from babel.dates import format_date
from jinja2 import Environment, StrictUndefined, pass_context
from jinja2.loaders import FunctionLoader
from jinja2.runtime import Context

import prompts

FOLDER = "customer"
SHARED = "shared"
FALLBACK = "en"
_WORDS = "words.j2"
_SUFFIX = ".txt.j2"
_NAME = re.compile(r"[a-z_]+")
# What a caller may leave out. Everything else that is missing is a bug.
_DEFAULTS: Mapping[str, object] = {
    "intro": "",
    "services": ["ActiveCampaign"],
    "link": "",
    "buttons": False,
    "kept": (),
    "open": (),
    "attested": (),
    "nothing_found": (),
    "scope": "",
    "removed_account": False,
    "about_account": False,
    "begun": False,
    "complaint": "",
    "ground": "",
}


class TemplateTexts:
    """Renders the templates. Implements the port `Texts`; safe for several threads."""

    def render(self, name: str, language: str, facts: Mapping[str, object]) -> str:
        """Return the text in the language ("de-AT" takes "de"), in English when there is none.

        Raises `KeyError` for an unknown template, `jinja2.UndefinedError` for a missing fact and `ValueError` for
        kept records in `closing_all`: all are bugs of the caller.
        """
        if name == "closing_all" and facts.get("kept"):
            raise ValueError('closing_all says "fully removed": with anything kept, render closing_partial')
        if not _NAME.fullmatch(name) or name not in self.names():
            raise KeyError(f"no template {name!r} in prompts/{FOLDER}/{SHARED}/")
        template = self._plain.get_template(f"{SHARED}/{name}{_SUFFIX}")
        return template.render(self._facts(language, facts)).strip() + "\n"

    def page(self, language: str, facts: Mapping[str, object]) -> str:
        """Return the page behind the personal link as HTML, everything in it escaped. Raises as `render` does."""
        return self._html.get_template(f"{SHARED}/page.html.j2").render(self._facts(language, facts))

    def word(self, name: str, language: str, facts: Mapping[str, object] | None = None) -> str:
        """Return one phrase of a language by the name of its macro. Raises `KeyError` for an unknown one."""
        known = self._facts(language, facts or {})
        module = self._plain.get_template(f"{known['language']}/{_WORDS}").make_module(dict(known))
        if not _NAME.fullmatch(name) or not hasattr(module, name):
            raise KeyError(f"no phrase {name!r} in prompts/{FOLDER}/{known['language']}/{_WORDS}")
        return str(getattr(module, name)()).strip()

    def claims(self) -> tuple[str, ...]:
        """Return, in every language, the words that only proof of everything allows."""
        return self._claims

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages that have words: the folders."""
        found = (one for one in prompts.listing(FOLDER) if one != SHARED)
        return tuple(one for one in found if prompts.packaged(f"{FOLDER}/{one}/{_WORDS}").is_file())

    def names(self) -> tuple[str, ...]:
        """Return the templates that there are, the same in every language."""
        found = prompts.listing(f"{FOLDER}/{SHARED}", _SUFFIX)
        return tuple(one.removesuffix(_SUFFIX) for one in found if not one.startswith("_"))

    def _facts(self, language: str, facts: Mapping[str, object]) -> dict[str, object]:
        wanted = re.split(r"[-_]", language.casefold(), maxsplit=1)[0]
        spoken = wanted if wanted in self.languages else FALLBACK
        return {**_DEFAULTS, "activecampaign": _activecampaign(facts), **facts, "language": spoken}

    @cached_property
    def _claims(self) -> tuple[str, ...]:
        return tuple(self.word("claim", one) for one in self.languages)

    @cached_property
    def _plain(self) -> Environment:
        # Plain text: it never becomes a web page, and escapes would be read aloud.
        return _environment(autoescape=False)

    @cached_property
    def _html(self) -> Environment:
        return _environment(autoescape=True)


def _environment(*, autoescape: bool) -> Environment:
    environment = Environment(
        loader=FunctionLoader(lambda path: prompts.read(f"{FOLDER}/{path}")),
        undefined=StrictUndefined,
        autoescape=autoescape,  # noqa: S701  # a plain text never becomes a web page; the page escapes
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["day"] = _day
    return environment


@pass_context
def _day(context: Context, moment: Any) -> str:
    """Return the day as the language writes it, e.g. "21 December 2026"."""
    if not isinstance(moment, date):
        raise TypeError("a day is worded from a date, not from a text")
    language = str(context.get("language", FALLBACK))
    locale = Locale.parse("en_GB" if language == FALLBACK else language)
    return format_date(moment, format="long", locale=locale)


def _activecampaign(facts: Mapping[str, object]) -> str:
    """Return what may be said of ActiveCampaign going by the labels alone: "open" unless one of them names it."""

    def named(fact: str) -> bool:
        entries = facts.get(fact)
        labels = [one["label"] if isinstance(one, Mapping) else one for one in _listed(entries)]
        return any("activecampaign" in str(label).casefold() for label in labels)

    if named("removed") and not named("open"):
        return "removed"
    return "none" if named("nothing_found") else "open"


def _listed(entries: object) -> Sequence[object]:
    return entries if isinstance(entries, list | tuple) else ()
