"""What the name of a table says about how its rows are treated: books of account, logs, places."""

from services.database.relations import base
from services.database.schema import Schema
from services.database.signs import singular, word_set, words
from services.database.survey import TableView

_BOOKS = word_set(
    "invoice payment order transaction receipt purchase billing charge refund ledger bill sale payout"
)
_CERTAIN = word_set("invoice payment order purchase")
_NOT_BOOKS = word_set("method card token draft preference setting option status")
_MONEY = word_set("amount total price currency cost fee sum net gross tax cents paid")
_LOGS = word_set("audit log history activity changelog trail")
_PLACES = word_set("address location contact detail identity party")


class Kinds:
    """Reads the names of one schema's tables, whose common prefix says nothing."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def are_books(self, view: TableView) -> bool:
        """Invoices and the like; a "transaction" only where money is in it."""
        if not self._is(view.name, _BOOKS) or self._is(view.name, _NOT_BOOKS):
            return False
        return self._is(view.name, _CERTAIN) or any(_MONEY & set(words(one)) for one in view.columns)

    def is_log(self, name: str) -> bool:
        """Whether the table records what happened: such rows stay, without the person."""
        return self._is(name, _LOGS) or base(name, self._schema).endswith(("log", "history"))

    def is_place(self, name: str) -> bool:
        """Whether the table holds addresses and the like, to which people's rows refer."""
        return self._is(name, _PLACES)

    def _is(self, name: str, kinds: frozenset[str]) -> bool:
        return bool(
            kinds & {singular(word) for word in (*words(name.rpartition(".")[2]), base(name, self._schema))}
        )
