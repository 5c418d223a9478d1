"""The other schemas of a PostgreSQL database: what nobody looked at has to be said, and can be asked for."""

import sqlalchemy as sa

_OTHERS = """
    SELECT n.nspname FROM pg_namespace n
    WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' AND has_schema_privilege(n.oid, 'USAGE')
      AND EXISTS (SELECT 1 FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p'))
    ORDER BY 1"""
MOST_NAMED = 8


def other_schemas(connection: sa.Connection, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the schemas with tables in them that we may enter, besides the known ones. Elsewhere there are none."""
    if connection.dialect.name != "postgresql":
        return ()
    names = connection.exec_driver_sql(_OTHERS.replace("%", "%%")).scalars()
    return tuple(str(one) for one in names if one not in known)


def in_words(names: tuple[str, ...]) -> str:
    """Return the names as a list that stays readable where every tenant has a schema."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED])}{more}"
