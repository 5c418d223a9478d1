"""In which order tables are erased: children before parents, and circles broken or refused."""

from graphlib import CycleError, TopologicalSorter

from services.database.map_model import DataMap, DataMapError
from services.database.schema import Link, Schema


def put_in_order(
    data_map: DataMap, schema: Schema, edges: list[Link], reaching: set[Link], names: tuple[str, ...]
) -> tuple[tuple[str, ...], set[Link], set[Link]]:
    """Children first. A circle is broken where a reference may be NULL and says nothing about whose row it is.

    Where there is none, a constraint that can wait until the end is deferred. Returns order, broken and deferred links.
    """
    breaks: set[Link] = set()
    deferred: set[Link] = set()
    while True:
        before: dict[str, list[str]] = {name: [] for name in sorted(names)}
        for link in sorted(edges, key=str):
            if link not in breaks | deferred:
                before[link.parent].append(link.child)
        try:
            return tuple(TopologicalSorter(before).static_order()), breaks, deferred
        except CycleError as circle:
            pairs = set(zip(circle.args[1][1:], circle.args[1][:-1], strict=True))
            pairs |= {(parent, child) for child, parent in pairs}
            inside = [
                one for one in edges if (one.child, one.parent) in pairs and one not in breaks | deferred
            ]
            free = sorted((one for one in inside if one not in reaching), key=str)
            able = [one for one in free if one.emptied or one.is_soft]
            late = [one for one in free if _can_wait(one, schema)]
            if able:
                breaks.add(able[0])
            elif late:
                deferred.add(late[0])
            else:
                raise _circle(data_map, inside, free) from None


def _can_wait(link: Link, schema: Schema) -> bool:
    """Whether the constraint can be checked at the end of the transaction. SQLite can do that with every one."""
    return not link.is_restrictive and (schema.kind == "sqlite" or link.is_deferrable)


def _circle(data_map: DataMap, inside: list[Link], free: list[Link]) -> DataMapError:
    tables = sorted({name for link in inside for name in (link.child, link.parent)})
    one = (free or sorted(inside, key=str))[0]
    constraint = f"constraint `{one.name}`" if one.name else "foreign key"
    cure = (
        f"None of the references may be NULL: make `{one}` nullable or its {constraint} DEFERRABLE, "
        "or anonymise one of the tables."
    )
    problem = f"the tables {', '.join(tables)} refer to each other in a circle"
    return data_map.error(problem, line=data_map.subject.line, cure=cure)
