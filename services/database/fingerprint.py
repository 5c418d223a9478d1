"""A cheap look at the catalogue that tells whether the schema is still the one that was read."""

import hashlib

import sqlalchemy as sa

_CATALOGUE = """
    WITH own AS (
      SELECT c.oid, c.relname, c.relnamespace, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname IN :known AND c.relkind IN ('r', 'p'))
    SELECT md5(string_agg(part, E'\\n' ORDER BY part)) FROM (
      SELECT concat_ws(' ', 't', oid, relname, relnamespace, relkind) AS part FROM own
      UNION ALL SELECT concat_ws(' ', 'c', attrelid, attnum, attname, atttypid, atttypmod, attnotnull, attgenerated,
        attisdropped) FROM pg_attribute WHERE attrelid IN (SELECT oid FROM own) AND attnum > 0
      UNION ALL SELECT concat_ws(' ', 'k', conname, contype, conrelid, confrelid, conkey, confkey, confdeltype,
        condeferrable) FROM pg_constraint
        WHERE conrelid IN (SELECT oid FROM own) OR confrelid IN (SELECT oid FROM own)
      UNION ALL SELECT concat_ws(' ', 'i', indexrelid, indrelid, indkey, indisunique) FROM pg_index
        WHERE indrelid IN (SELECT oid FROM own)
      UNION ALL SELECT concat_ws(' ', 'g', tgrelid, tgname, tgtype, tgenabled) FROM pg_trigger
        WHERE tgrelid IN (SELECT oid FROM own) AND NOT tgisinternal
      UNION ALL SELECT concat_ws(' ', 'p', inhrelid, inhparent) FROM pg_inherits
        WHERE inhparent IN (SELECT oid FROM own)) AS parts"""


def fingerprint(connection: sa.Connection, schemas: tuple[str, ...]) -> str:
    """Return a text that changes with the schema; "" where looking would cost as much as reading it all (MariaDB)."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").all()
        return hashlib.sha256(repr(rows).encode()).hexdigest()
    if connection.dialect.name == "postgresql":
        query = sa.text(_CATALOGUE).bindparams(sa.bindparam("known", list(schemas), expanding=True))
        return str(connection.execute(query).scalar_one())
    return ""
