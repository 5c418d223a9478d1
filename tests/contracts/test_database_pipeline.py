"""PostgreSQL's pipeline as the engine uses it: answers in order, one refusal stops the rest, no transaction by accident."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from services.database.pipeline import FailedError, Prepared, run

pytestmark = pytest.mark.postgres
NUMBERS = "SELECT count(*), sum(number) FROM numbers WHERE number > $1"


@pytest.fixture(params=[False, True], ids=["in a transaction", "in autocommit"])
def raw(postgres_url: str, request: pytest.FixtureRequest) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(postgres_url, autocommit=request.param) as connection:
        connection.execute("CREATE TABLE numbers (number int UNIQUE)")
        connection.commit()
        yield connection
        connection.rollback()


def test_answers_come_in_the_order_of_the_statements(raw: psycopg.Connection[Any]) -> None:
    """One row for each query, () for a change; the same after a statement was sent often enough to be prepared."""
    prepared = Prepared()
    for turn in range(1, 9):
        insert = ("INSERT INTO numbers VALUES ($1)", (turn,))
        answers = run(raw, [insert, (NUMBERS, (0,)), (NUMBERS, (turn - 1,))], prepared)
        assert answers == [
            (),
            (str(turn).encode(), str(sum(range(turn + 1))).encode()),
            (b"1", str(turn).encode()),
        ]
    assert prepared.names, "what is sent often is prepared"


def test_a_transaction_is_begun_only_where_the_connection_wants_one(raw: psycopg.Connection[Any]) -> None:
    """In autocommit a read leaves nothing open that would hold a snapshot; otherwise the caller ends what was begun."""
    run(raw, [(NUMBERS, (0,))], Prepared())
    left = raw.info.transaction_status
    assert left == (TransactionStatus.IDLE if raw.autocommit else TransactionStatus.INTRANS)


def test_a_refusal_names_its_statement_and_nothing_after_it_happens(raw: psycopg.Connection[Any]) -> None:
    """The second of three inserts repeats a key: it is named, the third is not executed, and nothing of them stays."""
    one = "INSERT INTO numbers VALUES ($1)"
    with pytest.raises(FailedError) as refused:
        run(raw, [(one, (1,)), (one, (1,)), (one, (2,))], Prepared())
    assert refused.value.place == 1
    raw.rollback()
    assert run(raw, [(NUMBERS, (0,))], Prepared()) == [(b"0", None)]
