"""The desk's own store: cases, their sealed files, the ledger, the inbox, the posts, and the keys to them."""

from services.storage.cases import SqlCases
from services.storage.dispatches import Queued, SqlDispatches, Status
from services.storage.engine import create_store_engine
from services.storage.inbox import Arrival, Inbox
from services.storage.lock import ProcessGuard, StoreInUseError, hold_store
from services.storage.places import SqlPlaces
from services.storage.posts import Post, SqlPosts
from services.storage.rechecks import SqlRechecks
from services.storage.records import RecordUnreadableError
from services.storage.schema import migrate
from services.storage.store import Store, WrongMasterKeyError, open_store
from services.storage.switch import SqlSwitch, SwitchState
from services.storage.tables import METADATA
from services.storage.vault import SealBrokenError, Vault

__all__ = [
    "METADATA",
    "Arrival",
    "Inbox",
    "Post",
    "ProcessGuard",
    "Queued",
    "RecordUnreadableError",
    "SealBrokenError",
    "SqlCases",
    "SqlDispatches",
    "SqlPlaces",
    "SqlPosts",
    "SqlRechecks",
    "SqlSwitch",
    "Status",
    "Store",
    "StoreInUseError",
    "SwitchState",
    "Vault",
    "WrongMasterKeyError",
    "create_store_engine",
    "hold_store",
    "migrate",
    "open_store",
]
