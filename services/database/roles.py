"""What the name of a reference to a person says about the row: it is theirs, or they only did something to it."""

from enum import StrEnum

import sqlalchemy as sa

from services.database.signs import singular, word_set, words

ACTED = word_set(
    "acting actor performed created creator creatorid updated updater modified modifier deleted deleter approved approver assigned assignee "
    "reviewed reviewer moderated moderator closed closer edited editor resolved resolver invited inviter invitor banned "
    "locked verified managed manager support rep lastupdated lastedited lasteditor handled handler granted grantor "
    "referred referrer supervisor reports"
)
_CREATED = ("creat", "author", "submit", "poster")
_HANDLED = ("owner", "assign", "handler", "agent")
_LAST = ("lastupdat", "lastedit", "lastmodif", "updat", "modif")
# What many use together belongs to nobody alone, whoever is called its owner.
_SHARED = word_set(
    "org organization organisation team workspace project channel company group room tenant store board space club site "
    "repository server guild calendar list"
)
# Where the row is what somebody wrote or gave, whoever created it is whose it is.
_CONTENT = word_set(
    "ticket case issue message post comment attachment question answer review submission feedback request conversation "
    "note article file fileinfo upload image photo document media draft reaction vote poll survey response story thread "
    "topic reply bookmark favorite transaction correspondence"
)


class Role(StrEnum):
    """What a reference to a person says about the row: it is theirs, or they only did something to it."""

    OWNS = "owns"
    ACTED = "acted"


def role_of(column: str, table: sa.Table, *, about: str) -> Role:
    """Return what the column's name says: `created_by` acted, `customer_id` owns; whoever created a message wrote it."""
    parts = words(column)
    joined = "".join(parts)
    is_content = bool(_CONTENT & {singular(word) for word in words(table.name)}) or any(
        joined_name in {"message", "body", "content"} for joined_name in (one.name.lower() for one in table.c)
    )
    others = {"".join(words(one.name)) for one in table.c if one.name != column}
    created = any(joined.startswith(word) for word in _CREATED)
    if created:
        return Role.OWNS if is_content else Role.ACTED
    handled = any(joined.startswith(word) for word in _HANDLED)
    if handled and _SHARED & {singular(word) for word in words(table.name)}:
        return Role.ACTED
    if handled and is_content and any(other.startswith(_CREATED) for other in others):
        return Role.ACTED
    if about and about in joined and not joined.endswith("by"):
        return Role.OWNS
    acted = (
        bool(ACTED & set(parts)) or joined.endswith("by") or any(joined.startswith(word) for word in _LAST)
    )
    return Role.ACTED if acted else Role.OWNS
