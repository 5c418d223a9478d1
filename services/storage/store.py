"""Opens the store: schema, master key, and the adapters that share one engine."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, select

from services.storage.cases import SqlCases
from services.storage.dispatches import SqlDispatches
from services.storage.engine import create_store_engine, forget_deleted
from services.storage.inbox import Inbox
from services.storage.places import SqlPlaces
from services.storage.posts import SqlPosts
from services.storage.rechecks import SqlRechecks
from services.storage.schema import migrate
from services.storage.switch import SqlSwitch
from services.storage.tables import VAULT_CHECK, upsert
from services.storage.vault import Vault


class WrongMasterKeyError(Exception):
    """The store was made with another master key: put the old key back, or start with an empty database."""

    def __init__(self) -> None:
        super().__init__(str(self.__doc__))


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Everything the desk keeps, behind one engine."""

    engine: Engine
    vault: Vault
    cases: SqlCases
    inbox: Inbox
    posts: SqlPosts
    dispatches: SqlDispatches
    switch: SqlSwitch
    places: SqlPlaces
    rechecks: SqlRechecks

    def close(self) -> None:
        """Close every connection. Idempotent."""
        self.engine.dispose()


def open_store(url: str, master_key: str | bytes, *, ids: Callable[[], str], case_channel: str = "") -> Store:
    """Bring the database up to date and return the store; `ids` makes the ids of new cases.

    `case_channel` is the private channel that gets every case's full card ("" without one).

    Does not claim the store for this process: whoever runs the desk calls `hold_store` first, so that commands that
    only look can open a store that is in use. Raises `ValueError` for a malformed key or address (before anything is
    touched) and `WrongMasterKeyError`.
    """
    vault = Vault(master_key)
    engine = create_store_engine(url)
    try:
        migrate(engine)
        _check_key(engine, vault)
        # A process killed between a shredding and its wiping left traces in the write-ahead log.
        forget_deleted(engine)
    except BaseException:
        engine.dispose()
        raise
    return Store(
        engine=engine,
        vault=vault,
        cases=SqlCases(engine, vault, ids=ids, case_channel=case_channel),
        inbox=Inbox(engine, vault),
        posts=SqlPosts(engine),
        dispatches=SqlDispatches(engine),
        switch=SqlSwitch(engine),
        places=SqlPlaces(engine),
        rechecks=SqlRechecks(engine, vault),
    )


def _check_key(engine: Engine, vault: Vault) -> None:
    mine = vault.check_value()
    with engine.begin() as connection:
        first = upsert(connection.dialect, VAULT_CHECK).values(id=1, value=mine).on_conflict_do_nothing()
        connection.execute(first)
        stored = connection.execute(select(VAULT_CHECK.c.value).where(VAULT_CHECK.c.id == 1)).scalar_one()
    if not hmac.compare_digest(stored, mine):
        raise WrongMasterKeyError
