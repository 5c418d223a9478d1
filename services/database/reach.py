"""Which rows are a customer's: the foreign keys that lead from each table to the subject, and a safe order.

A row belongs to whom its shortest chain of references leads (foreign keys, and those that the map declares). Where
that chain is empty (NULL), a longer one may claim the row, and in a tree the row above it. A row of somebody else that
merely refers to the customer's rows is never the customer's: only its reference is emptied ("unlink"). A row to which
the customer's rows refer is theirs only where the map says so (`referred_by`) and nobody else's row refers to it.
"""

from dataclasses import dataclass, replace

from services.database.depths import depths
from services.database.fitting import check_names, soft_links
from services.database.map_model import DataMap, TableRule
from services.database.ordering import put_in_order
from services.database.schema import Link, Schema
from services.marked_yaml import nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The way from the subject to every mapped table.

    `owners` are the links that say whose row it is, `adopters` those that claim rows whose owners are all NULL, `trees`
    references of a table to itself that hand such a claim on. `held` are links whose parent rows are the customer's
    too, `sharing` the links by which others may refer to such rows. `unlinks` refer to rows that will be deleted
    without saying whose row it is; `breaks` are those of them that must be emptied on the customer's own rows too,
    because they close a circle; `deferred` are constraints that are checked at the end, for the same reason. `order`
    puts children before parents.
    """

    data_map: DataMap
    schema: Schema
    owners: dict[str, tuple[Link, ...]]
    adopters: dict[str, tuple[Link, ...]]
    trees: dict[str, tuple[Link, ...]]
    held: dict[str, tuple[Link, ...]]
    sharing: dict[str, tuple[Link, ...]]
    unlinks: tuple[Link, ...]
    breaks: frozenset[Link]
    deferred: frozenset[Link]
    order: tuple[TableRule, ...]


def trace(data_map: DataMap, schema: Schema) -> Reach:
    """Return the reach of a map in a schema. Raises `DataMapError`, naming every undecided table (rules 4 and 8)."""
    check_names(data_map, schema)
    schema = replace(schema, links=(*schema.links, *soft_links(data_map, schema)))
    held = {rule.table: _held(data_map, schema, rule) for rule in data_map.rules if rule.referred_by}
    depth = depths(data_map, schema, held)
    data_map = data_map.without_strangers(depth)
    rules = {rule.table: rule for rule in data_map.rules}
    _check_decided(data_map, schema, depth)
    owners = {name: _owners(data_map, schema, rules[name], depth, held) for name in rules}
    _check_straight(data_map, owners, held)
    adopters = _adopters(data_map, schema, depth, owners, held)
    reaching = {link for links in (*owners.values(), *adopters.values()) for link in links}
    touching = [link for link in schema.links if link.child in rules and link.parent in rules]
    to_deleted = [link for link in touching if rules[link.parent].action == "delete"]
    # Whoever else refers to a shared row keeps it: only the customer's own rows can be left behind.
    _check_staying(data_map, rules, [one for one in to_deleted if one in held.get(one.parent, (one,))])
    said = {link for links in (*owners.values(), *held.values()) for link in links}
    unlinks = [link for link in to_deleted if link not in said]
    edges = [link for link in {*reaching, *to_deleted} if link.child != link.parent]
    order, breaks, deferred = put_in_order(data_map, schema, edges, reaching, tuple(rules))
    trees = _trees(data_map, schema, owners)
    return Reach(
        data_map=data_map,
        schema=schema,
        owners=owners,
        adopters=adopters,
        trees=trees,
        held=held,
        sharing=_sharing(schema, owners, adopters, held),
        unlinks=tuple(unlinks),
        breaks=frozenset(
            breaks | (_selves(schema, unlinks) - {one for some in trees.values() for one in some})
        ),
        deferred=frozenset(deferred),
        order=tuple(rules[name] for name in order),
    )


def _selves(schema: Schema, unlinks: list[Link]) -> set[Link]:
    """References of a table to itself that stand in the way where the database checks row by row."""
    return {
        link
        for link in unlinks
        if link.child == link.parent
        and link.emptied
        and not link.is_soft
        and (schema.kind == "mysql" or link.is_restrictive)
    }


def _held(data_map: DataMap, schema: Schema, rule: TableRule) -> tuple[Link, ...]:
    to_it = {str(link): link for link in schema.links if link.parent == rule.table != link.child}
    for name in rule.referred_by:
        if name not in to_it:
            cure = nearest(name, tuple(to_it)) or f"References to it: {', '.join(to_it) or 'none'}."
            raise data_map.error(f"nothing refers to `{rule.table}` as `{name}`", line=rule.line, cure=cure)
        if len(to_it[name].columns) > 1:
            cure = "Only references by one column can be followed upwards."
            raise data_map.error(f"`{name}` refers by several columns", line=rule.line, cure=cure)
    return tuple(to_it[name] for name in rule.referred_by)


def _trees(
    data_map: DataMap, schema: Schema, owners: dict[str, tuple[Link, ...]]
) -> dict[str, tuple[Link, ...]]:
    """References of a table to itself: a row without an owner belongs to whom the row above it belongs."""
    subject = data_map.subject.table
    found: dict[str, tuple[Link, ...]] = {}
    for link in schema.links:
        name = link.child
        rule = data_map.rule(name)
        is_tree = link.parent == name != subject and owners.get(name) and rule is not None and not rule.via
        if rule is None or not is_tree or not all(can_be_void(one, schema) for one in owners[name]):
            continue
        found[name] = (*found.get(name, ()), link)
    return found


def can_be_void(link: Link, schema: Schema) -> bool:
    """Whether some rows of the child may refer to nothing by this link."""
    return bool(link.when) or any(schema.tables[link.child].c[name].nullable for name in link.columns)


def _sharing(
    schema: Schema,
    owners: dict[str, tuple[Link, ...]],
    adopters: dict[str, tuple[Link, ...]],
    held: dict[str, tuple[Link, ...]],
) -> dict[str, tuple[Link, ...]]:
    """The links by which somebody else's row may refer to a held one; rows that belong to the held one follow it."""
    parents = _parents(owners, held)
    for name, links in adopters.items():
        parents[name] |= {link.parent for link in links}
    return {
        name: tuple(
            link
            for link in schema.links
            if link.parent == name != link.child and name not in _ancestors(link.child, parents)
        )
        for name in held
    }


def _parents(owners: dict[str, tuple[Link, ...]], held: dict[str, tuple[Link, ...]]) -> dict[str, set[str]]:
    """Return for each table the tables whose rows say whether its rows are the customer's."""
    return {
        name: {link.parent for link in links} | {link.child for link in held.get(name, ())}
        for name, links in owners.items()
    }


def _check_straight(
    data_map: DataMap, owners: dict[str, tuple[Link, ...]], held: dict[str, tuple[Link, ...]]
) -> None:
    """Whose row it is must never depend on itself."""
    parents = _parents(owners, held)
    for name, above in sorted(parents.items()):
        if any(name in _ancestors(one, parents) for one in above):
            rule = data_map.rule(name)
            raise data_map.error(
                f"whose row it is in `{name}` would depend on `{name}` itself",
                line=rule.line if rule else data_map.subject.line,
                cure="Name other references under `via` or `referred_by`.",
            )


def _check_decided(data_map: DataMap, schema: Schema, depth: dict[str, int]) -> None:
    mapped = {rule.table for rule in data_map.rules}
    undecided = sorted(depth.keys() - mapped)
    if undecided:
        ways = {
            name: next(link for link in schema.links if link.child == name and link.parent in depth)
            for name in undecided
        }
        named = ", ".join(f"`{name}` (through {ways[name]})" for name in undecided)
        cure = "Add each under `tables:` with delete, anonymise or keep."
        raise data_map.error(
            f"reachable from the customer, but not decided: {named}", line=data_map.subject.line, cure=cure
        )
    for rule in data_map.rules:
        if rule.table not in depth:
            cure = 'Add `match: "lower(<e-mail column>) = :email"`, or remove the table from the map.'
            raise data_map.error(
                f"no foreign key leads from `{rule.table}` to the customer", line=rule.line, cure=cure
            )


def _owners(
    data_map: DataMap,
    schema: Schema,
    rule: TableRule,
    depth: dict[str, int],
    held: dict[str, tuple[Link, ...]],
) -> tuple[Link, ...]:
    own = [link for link in schema.links if link.child == rule.table != link.parent and link.parent in depth]
    if rule.table == data_map.subject.table or rule.is_found_only_by_itself:
        return ()
    if rule.via:
        by_name = {link: "+".join(link.columns) for link in own}
        names = tuple(by_name.values())
        for name in rule.via:
            if name not in names:
                cure = nearest(name, names) or f"References: {', '.join(names) or 'none'}."
                raise data_map.error(
                    f"`{rule.table}` has no foreign key `{name}` on the way", line=rule.line, cure=cure
                )
        return tuple(link for link, name in by_name.items() if name in rule.via)
    if rule.table in held:
        return ()
    shortest = [link for link in own if depth[link.parent] == depth[rule.table] - 1]
    if len({link.columns for link in shortest}) > 1:
        names = tuple("+".join(link.columns) for link in shortest)
        cure = "Say which of them make a row the customer's: `via: [...]`."
        raise data_map.error(
            f"several keys lead from `{rule.table}` to the customer: {', '.join(names)}",
            line=rule.line,
            cure=cure,
        )
    return tuple(shortest)


def _adopters(
    data_map: DataMap,
    schema: Schema,
    depth: dict[str, int],
    owners: dict[str, tuple[Link, ...]],
    held: dict[str, tuple[Link, ...]],
) -> dict[str, tuple[Link, ...]]:
    """Longer ways, taken only where they close no circle and where the map did not choose with `via`."""
    parents = _parents(owners, held)
    found: dict[str, tuple[Link, ...]] = {}
    for rule in sorted(data_map.rules, key=lambda one: (depth[one.table], one.table)):
        name = rule.table
        found[name] = ()
        if rule.via or name == data_map.subject.table or name in held:
            continue
        for link in schema.links:
            is_other = link.child == name and link.parent in depth and link not in owners[name]
            if is_other and name not in _ancestors(link.parent, parents):
                found[name] = (*found[name], link)
                parents[name].add(link.parent)
    return found


def _ancestors(name: str, parents: dict[str, set[str]]) -> set[str]:
    seen = {name}
    waiting = [name]
    while waiting:
        new = parents.get(waiting.pop(), set()) - seen
        seen |= new
        waiting += new
    return seen


def _check_staying(data_map: DataMap, rules: dict[str, TableRule], to_deleted: list[Link]) -> None:
    """A row that stays cannot refer to a row that goes: the map has to say that the reference becomes null."""
    for link in to_deleted:
        rule = rules[link.child]
        nulls = {one.column for one in rule.columns if one.action == "null"}
        if rule.action == "delete" or link.child == link.parent or nulls & set(link.columns) or link.is_soft:
            continue
        problem = (
            f"`{link}` refers to `{link.parent}`, whose rows are deleted, while `{link.child}` rows stay"
        )
        cure = (
            f"Add `{link.emptied[0]}: null` to its columns."
            if link.emptied
            else f"Anonymise `{link.parent}` instead, or delete `{link.child}`: the column must not be NULL."
        )
        raise data_map.error(problem, line=rule.line, cure=cure)
