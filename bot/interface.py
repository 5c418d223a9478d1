"""Reads the language of the interface: one file of translations, checked before the desk starts."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from services.marked_yaml import SystemsFileError

FOLDER = Path(__file__).parents[1] / "prompts" / "interface"
ENGLISH = "en"
_PLACES = re.compile(r"\{[^{}]*\}")


def translation(language: str, *, folder: Path = FOLDER) -> dict[str, str]:
    """Return what the file of that language says, {} for English. Raises `SystemsFileError` with the cure.

    Every place of a text has to be in its translation, spelled as in English: one that is missing would hide who, when
    or how many; an unknown one could not be filled in.
    """
    if language == ENGLISH:
        return {}
    path = folder / f"{language}.yaml"
    known = sorted(one.stem for one in folder.glob("*.yaml"))
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", language) or not path.is_file():
        cure = f"Known: {', '.join(known)}. Another language is one file: copy {FOLDER.name}/en.yaml."
        raise SystemsFileError(
            f"the interface does not speak `{language}`", file="systems.yaml", line=1, cure=cure
        )
    found: dict[str, str] = {}
    for english, said, line in _entries(path):
        if said and sorted(_PLACES.findall(said)) != sorted(_PLACES.findall(english)):
            raise SystemsFileError(
                "the {places} of this text differ from the English ones",
                file=str(path),
                line=line,
                cure="Keep each of them, unchanged.",
            )
        found[english] = said
    return found


def _entries(path: Path) -> Iterator[tuple[str, str, int]]:
    """Yield (English, translation, line) of a file. Raises `SystemsFileError` for one that is no mapping of texts."""
    cure = "Begin with a copy of en.yaml: one text a line, its translation behind the colon."
    try:
        top = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as wrong:
        mark = getattr(wrong, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise SystemsFileError("not valid YAML", file=str(path), line=line, cure=cure) from None
    if not isinstance(top, yaml.MappingNode):
        raise SystemsFileError("not a list of texts", file=str(path), line=1, cure=cure)
    for key, value in top.value:
        if not isinstance(key, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode):
            line = key.start_mark.line + 1
            raise SystemsFileError("not a text", file=str(path), line=line, cure=cure)
        yield str(key.value), str(value.value), key.start_mark.line + 1
