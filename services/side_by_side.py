"""Several systems at once: what looks at the same store waits in line, everything else goes on side by side."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
AT_ONCE = 16


def side_by_side(work: Iterable[tuple[str, Callable[[], T]]]) -> list[T]:
    """Do every piece of work and return the results in the order given.

    Each piece names its place: pieces with the same one (a shared SQLite file) run one after the other, "" shares
    with nobody. An exception keeps nobody else from finishing; it is raised when all are done, the first one first.
    """
    pieces = list(work)
    lines: dict[str, list[int]] = {}
    for index, (place, _) in enumerate(pieces):
        lines.setdefault(place or f" {index}", []).append(index)
    if len(lines) <= 1:
        return [do() for _, do in pieces]
    results: dict[int, T] = {}

    def go(line: list[int]) -> None:
        for index in line:
            results[index] = pieces[index][1]()

    with ThreadPoolExecutor(min(len(lines), AT_ONCE), "system") as pool:
        running = [pool.submit(go, line) for line in lines.values()]
    for one in running:
        one.result()
    return [results[index] for index in range(len(pieces))]
