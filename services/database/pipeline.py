"""PostgreSQL's pipeline at the level of libpq: all statements leave at once, one wait brings all the answers.

psycopg's own pipeline makes a cursor, talks to the socket and looks for answers at every statement, which costs more
than most of these statements take. What is used here are its documented parts: `psycopg.pq`, `Transformer` (Python's
values in PostgreSQL's form), `Connection.wait`.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from psycopg import Connection, generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import Error, error_from_result
from psycopg.pq import ExecStatus, TransactionStatus

_Key = tuple[str, tuple[int, ...]]
_GOOD = {ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK}


class FailedError(Exception):
    """Statement number `place` was refused, and nothing after it was executed; `error` is the driver's."""

    def __init__(self, place: int, error: Error) -> None:
        super().__init__(place)
        self.place, self.error = place, error


class Prepared:
    """What one connection has prepared: by text and types, once it was sent as often as psycopg waits for, too.

    A rollback of psycopg's lets PostgreSQL forget every prepared statement: begin with a new one then.
    """

    _numbers = count(1)

    def __init__(self) -> None:
        self.names: dict[_Key, bytes] = {}
        self.sent: Counter[_Key] = Counter()

    def name(self, key: _Key, threshold: int | None) -> tuple[bytes, bool]:
        """Return the statement's name (empty for none) and whether it has to be prepared under it."""
        self.sent[key] += 1
        if (known := self.names.get(key)) or threshold is None or self.sent[key] <= threshold:
            return known or b"", False
        return b"deletion_desk_%d" % next(self._numbers), True


def run(
    raw: Connection[Any], statements: Iterable[tuple[str, tuple[Any, ...]]], prepared: Prepared
) -> list[tuple[bytes | None, ...]]:
    """Send (SQL with $1 …, values) in order; return the first row of each as text, () for a change.

    Begins a transaction where none is open (but on a connection in autocommit) and ends none. `prepared` belongs to the connection.
    Raises `FailedError` for a statement that is refused, the driver's own error when the connection is lost.
    """
    pgconn, transformer = raw.pgconn, Transformer(raw)
    commands: deque[Callable[[], None]] = deque()
    owners: list[int | None] = []  # which statement a command's answer belongs to
    new: dict[_Key, bytes] = {}

    def queue(owner: int | None, send: Callable[..., None], *given: Any) -> None:
        owners.append(owner)
        commands.append(lambda: send(*given))

    if raw.info.transaction_status == TransactionStatus.IDLE and not raw.autocommit:
        queue(None, pgconn.send_query_params, b"BEGIN", None)
    place = -1
    for place, (sql, values) in enumerate(statements):
        params = transformer.dump_sequence(values, [PyFormat.AUTO] * len(values))
        types, formats = transformer.types, transformer.formats
        key = (sql, tuple(types or ()))
        name, is_new = prepared.name(key, raw.prepare_threshold)
        if is_new:
            new[key] = name
            queue(None, pgconn.send_prepare, name, sql.encode(), types)
        if name:
            queue(place, pgconn.send_query_prepared, name, params, formats)
        else:
            queue(place, pgconn.send_query_params, sql.encode(), params, types, formats)
    commands.append(pgconn.pipeline_sync)
    answers: list[tuple[bytes | None, ...]] = []
    for owner, result in zip(owners, _talk(raw, commands), strict=True):
        if result.status not in _GOOD:
            following = owner if owner is not None else len(answers)
            raise FailedError(following, error_from_result(result, encoding=raw.info.encoding))
        if owner is not None:
            columns = range(result.nfields) if result.ntuples else ()
            answers.append(tuple(result.get_value(0, column) for column in columns))
    prepared.names |= new
    return answers


def _talk(raw: Connection[Any], commands: deque[Callable[[], None]]) -> list[Any]:
    """Return a result for each command but the last, which is the sync."""
    pgconn, results = raw.pgconn, list[Any]()
    pgconn.enter_pipeline_mode()
    try:
        while True:
            for answer in raw.wait(generators.pipeline_communicate(pgconn, commands)):
                results += answer
            if results and results[-1].status == ExecStatus.PIPELINE_SYNC:
                pgconn.exit_pipeline_mode()
                return results[:-1]
    except BaseException:
        # In the middle of a conversation nobody can tell which answer is whose: PostgreSQL rolls back by itself.
        raw.close()
        raise
