"""What the desk says and asks, as files: the classifier's prompt and phrases, and the texts for customers."""

from importlib.resources import files
from importlib.resources.abc import Traversable


def packaged(path: str) -> Traversable:
    """Return the packaged file or folder at `path` ("classify/system.md"), wherever the package is installed."""
    return files(__name__).joinpath(*path.split("/"))


def read(path: str) -> str:
    """Return the text of one packaged file. Raises `FileNotFoundError` when it is not part of the package."""
    return packaged(path).read_text(encoding="utf-8")


def listing(folder: str, suffix: str = "") -> tuple[str, ...]:
    """Return the sorted names in a packaged folder that end in `suffix`."""
    return tuple(sorted(one.name for one in packaged(folder).iterdir() if one.name.endswith(suffix)))
