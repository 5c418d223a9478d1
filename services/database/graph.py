"""The references of a whole schema as one picture: which count, what they say, and what is reached by them."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from services.database.relations import Relation
from services.database.roles import Role
from services.database.signs import words

_HEADS = ("owner", "creat", "admin", "manager", "leader")


def settled(relations: Iterable[Relation], root: str) -> list[Relation]:
    """Return them without guesses where a key is declared, and with the roles that the whole picture gives.

    What the customers belong to (their company) is not one customer's. What must name its maker (not NULL) and nothing
    else hangs on goes with the maker.
    """
    known = {(one.child, one.column) for one in relations if one.declared}
    above = {one.parent for one in relations if one.child == root}
    parents = {one.parent for one in relations if one.parent != one.child}

    def role(one: Relation) -> Role:
        if one.parent != root:
            return one.role
        if one.child in above and "".join(words(one.column)).startswith(_HEADS):
            return Role.ACTED
        is_leaf = one.declared and not one.nullable and one.child not in parents
        return Role.OWNS if is_leaf else one.role

    return [
        replace(one, role=role(one))
        for one in relations
        if one.child != one.parent and (one.declared or (one.child, one.column) not in known)
    ]


def owns(one: Relation) -> bool:
    """Whether the reference makes the row the person's."""
    return one.role is Role.OWNS


def walk(
    relations: Iterable[Relation], depth: dict[str, int], follows: Callable[[Relation], bool]
) -> dict[str, int]:
    """Add to the tables of `depth` what is reached from them by the references that are followed, breadth first."""
    queue = deque(depth)
    while queue:
        parent = queue.popleft()
        for one in relations:
            if one.parent == parent and one.child not in depth and follows(one):
                depth[one.child] = depth[parent] + 1
                queue.append(one.child)
    return depth
