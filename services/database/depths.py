"""How far each table is from the customer, in references."""

from collections import deque

from services.database.map_model import DataMap
from services.database.schema import Link, Schema


def depths(data_map: DataMap, schema: Schema, held: dict[str, tuple[Link, ...]]) -> dict[str, int]:
    """Return the distance of every table whose rows may be the customer's.

    Breadth first from the subject, then from the tables whose rows are found by themselves, then from the rows that the
    customer's rows refer to. What refers to these last ones is only counted where the map names it: others may refer to
    them too, and then they are not the customer's alone.
    """
    children: dict[str, list[str]] = {}
    for link in schema.links:
        children.setdefault(link.parent, []).append(link.child)
    found = {data_map.subject.table: 0}
    _walk([data_map.subject.table], children, found)
    loose = [rule.table for rule in data_map.rules if rule.is_found_by_itself and rule.table not in found]
    found.update(dict.fromkeys(loose, 1))
    _walk(loose, children, found)
    mapped = {rule.table for rule in data_map.rules}
    among = {parent: [name for name in names if name in mapped] for parent, names in children.items()}
    waiting = dict(held)
    while ready := [name for name, links in waiting.items() if all(one.child in found for one in links)]:
        for name in ready:
            found.setdefault(name, min(found[link.child] for link in waiting.pop(name)) + 1)
        _walk(ready, among, found)
    return found


def _walk(start: list[str], children: dict[str, list[str]], depth: dict[str, int]) -> None:
    queue = deque(start)
    while queue:
        parent = queue.popleft()
        for child in children.get(parent, []):
            if child not in depth:
                depth[child] = depth[parent] + 1
                queue.append(child)
