"""YAML that remembers its lines: sections whose values are taken out by name, and errors that say where and how to mend."""

import difflib
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NoReturn, Self

import yaml

_DURATION = re.compile(r"(\d+) *([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_PASSWORD_IN_URL = re.compile(r"\w+://[^/\s:@]*:[^/\s@]+@")


class SystemsFileError(Exception):
    """A configuration file cannot be used: where, what is wrong, and the cure. Never repeats a secret."""

    def __init__(self, problem: str, *, file: str, line: int, cure: str) -> None:
        super().__init__(f"{file}:{line}: {problem}. {cure}")
        self.problem = problem
        self.file = file
        self.line = line
        self.cure = cure


class Section:
    """One mapping of a YAML file whose values are taken out by name; what nobody took is an unknown key.

    Used for systems.yaml and the data maps alike. Every method raises `error` (a `SystemsFileError`) naming the line.
    """

    def __init__(self, node: yaml.Node, *, file: str, title: str, error: type[SystemsFileError]) -> None:
        self.file, self.title, self.error = file, title, error
        self.line = _line(node)
        self._taken: list[str] = []
        self._values: dict[str, yaml.Node] = {}
        self._lines: dict[str, int] = {}
        if not isinstance(node, yaml.MappingNode):
            self.fail(
                "",
                f"{title} has to be a list of `name: value` pairs",
                "See the example at the top of the docs.",
            )
            return
        for key, value in node.value:
            if key.value in self._values:
                raise error(
                    f"`{key.value}` stands twice in {title}", file=file, line=_line(key), cure="Remove one."
                )
            self._values[key.value] = value
            self._lines[key.value] = _line(key)

    @classmethod
    def parse(cls, text: str, *, file: str, title: str, error: type[SystemsFileError]) -> Self:
        """Return the file's top level. Refuses a file that is no YAML or that holds a password in an address."""
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as wrong:
            line = wrong.problem_mark.line + 1 if wrong.problem_mark else 1
            cure = "Check the indentation, quotes and brackets just before this place."
            raise error(f"not valid YAML ({wrong.problem})", file=file, line=line, cure=cure) from None
        except yaml.reader.ReaderError:
            raise error("not a text in UTF-8", file=file, line=1, cure="Save the file as UTF-8.") from None
        if node is None:
            raise error("the file is empty", file=file, line=1, cure="Start from the example in the docs.")
        for scalar in _scalars(node):
            if _PASSWORD_IN_URL.search(scalar.value):
                cure = "Put the address into the environment and write its name here, e.g. SHOP_DATABASE_URL."
                raise error("a password stands in the file", file=file, line=_line(scalar), cure=cure)
        return cls(node, file=file, title=title, error=error)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def fail(self, key: str, problem: str, cure: str) -> NoReturn:
        """Raise the error for this key (or the section as a whole when it is absent)."""
        raise self.error(problem, file=self.file, line=self.line_of(key), cure=cure)

    def line_of(self, key: str) -> int:
        """The line of a key, or of the section."""
        return self._lines.get(key, self.line)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text (numbers and dates count as texts). Without default the key is required."""
        node = self._take(key, required=default is None)
        if node is None:
            return default or ""
        return self._as_text(key, node)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty when the key is absent; one text alone counts as a list of one."""
        node = self._take(key, required=False)
        if node is None:
            return ()
        if isinstance(node, yaml.SequenceNode):
            return tuple(self._as_text(key, item) for item in node.value)
        return (self._as_text(key, node),)

    def choice(self, key: str, options: tuple[str, ...], default: str | None = None) -> str:
        """Return one of the options."""
        value = self.text(key, default)
        if value not in options:
            near = nearest(value, options)
            self.fail(key, f"`{key}: {value}` is not known", near or f"Choose one of: {', '.join(options)}.")
        return value

    def duration(self, key: str, default: timedelta) -> timedelta:
        """Return a length of time written as 90s, 30m, 24h or 7d."""
        return self._as_duration(key, self.text(key)) if key in self else default

    def durations(self, key: str) -> tuple[timedelta, ...]:
        """Return a list of lengths of time, empty when the key is absent or the list is."""
        return tuple(self._as_duration(key, one) for one in self.texts(key))

    def flag(self, key: str) -> bool:
        """Return whether the key says yes; absent is no."""
        value = self.constant(key) if key in self else False
        if not isinstance(value, bool):
            self.fail(key, f"`{key}` has to be yes or no", "Write yes or no, without quotes.")
        return value

    def number(self, key: str, default: float, *, least: float = 0) -> float:
        """Return a number that is not below `least`."""
        value = self.constant(key) if key in self else default
        if isinstance(value, bool) or not isinstance(value, int | float) or value < least:
            self.fail(key, f"`{key}` has to be a number of at least {least:g}", f"For example {default:g}.")
        return float(value)

    def constant(self, key: str) -> Any:
        """Return the value as YAML reads it (text, number, true, null …)."""
        return _construct(self._take(key, required=True))

    def sequence(self, key: str) -> tuple[str, ...] | None:
        """Return the list of texts if the value is a list, else None (then nothing was taken)."""
        return self.texts(key) if isinstance(self._values.get(key), yaml.SequenceNode) else None

    def items(self, key: str) -> "tuple[Section | str, ...]":
        """Return a list whose entries are texts or mappings; one alone counts as a list of one."""
        node = self._take(key, required=False)
        if node is None:
            return ()
        entries = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return tuple(
            Section(one, file=self.file, title=f"`{key}`", error=self.error)
            if isinstance(one, yaml.MappingNode)
            else self._as_text(key, one)
            for one in entries
        )

    def section(self, key: str, *, required: bool = False) -> "Section":
        """Return the mapping under the key, an empty one when it is absent."""
        node = self._take(key, required=required)
        if node is None:
            node = yaml.MappingNode("tag:yaml.org,2002:map", [])
            empty = Section(node, file=self.file, title=f"`{key}`", error=self.error)
            empty.line = self.line
            return empty
        return Section(node, file=self.file, title=f"`{key}`", error=self.error)

    def is_section(self, key: str) -> bool:
        """Whether the value is a mapping."""
        return isinstance(self._values.get(key), yaml.MappingNode)

    def keys(self) -> tuple[str, ...]:
        """Every key that the file has here."""
        return tuple(self._values)

    def sections(self) -> Iterator[tuple[str, "Section"]]:
        """Return every key with the mapping under it."""
        for key in self._values:
            yield key, self.section(key)

    def close(self) -> None:
        """Refuse the first key that nobody took, naming the nearest known one."""
        for key in self._values:
            if key not in self._taken:
                near = nearest(key, tuple(self._taken))
                known = ", ".join(sorted(set(self._taken)))
                self.fail(key, f"unknown key `{key}` in {self.title}", near or f"Known keys: {known}.")

    def _take(self, key: str, *, required: bool) -> yaml.Node | None:
        self._taken.append(key)
        node = self._values.get(key)
        if node is None and required:
            self.fail("", f"`{key}` is missing in {self.title}", f"Add `{key}:` there.")
        return node

    def _as_duration(self, key: str, text: str) -> timedelta:
        match = _DURATION.fullmatch(text)
        if match is None:
            self.fail(key, f"`{key}` is not a length of time", "Write a number and s, m, h or d, e.g. 24h.")
        return timedelta(**{_UNITS[match[2]]: int(match[1])})

    def _as_text(self, key: str, node: yaml.Node) -> str:
        plain = isinstance(node, yaml.ScalarNode) and node.tag.rpartition(":")[2] not in {"bool", "null"}
        if not plain or not str(node.value).strip():
            line = _line(node)
            raise self.error(
                f"`{key}` has to be a text", file=self.file, line=line, cure="Put it into quotes."
            )
        return str(node.value).strip()


def nearest(word: str, known: tuple[str, ...]) -> str:
    """Return the sentence "Did you mean `x`?" for the nearest known word, or "" when none is near."""
    close = difflib.get_close_matches(word, known, n=1)
    return f"Did you mean `{close[0]}`?" if close else ""


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1 if node.start_mark else 1


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:  # an alias may point back to what holds it
            continue
        seen.add(id(one))
        if isinstance(one, yaml.ScalarNode):
            yield one
        elif isinstance(one, yaml.SequenceNode):
            waiting += one.value
        elif isinstance(one, yaml.MappingNode):
            waiting += [part for pair in one.value for part in pair]


def _construct(node: yaml.Node | None) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True) if node is not None else None
    finally:
        loader.dispose()
