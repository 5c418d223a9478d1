"""Posts by help-desk integrations (Help Scout, Zendesk, Intercom, e-mail to Slack): who wrote, taken out of their labels."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from services.domain.identity import emails_in

# How the integrations label what they know of the customer, and of the ticket. Compared folded, without the colon.
_OF_CUSTOMER = frozenset(
    {"customer", "requester", "from", "contact", "sender", "submitter", "reporter", "user", "lead", "visitor"}
    | {
        "client",
        "name",
        "customer name",
        "email",
        "e-mail",
        "email address",
        "customer email",
        "reply to",
        "reply-to",
    }
)
_OF_TICKET = frozenset(
    {
        "status",
        "priority",
        "assignee",
        "assigned to",
        "assigned",
        "tags",
        "tag",
        "mailbox",
        "inbox",
        "group",
        "team",
    }
    | {
        "brand",
        "channel",
        "type",
        "ticket",
        "ticket id",
        "ticket number",
        "id",
        "number",
        "created",
        "created at",
    }
    | {
        "updated",
        "updated at",
        "organization",
        "company",
        "via",
        "source",
        "folder",
        "to",
        "cc",
        "date",
        "due",
    }
)
_LABELLED = re.compile(r"[*_]{0,2}([A-Za-z][A-Za-z -]{1,20}?)[*_]{0,2}:[*_]{0,2}[ \t]*\n?[ \t]*(\S[^\n]*)")
# "New conversation from Maya Okafor", "*Maya Okafor* started a conversation".
_INTRODUCED = re.compile(
    r"^(?:new |a )?(?:conversation|ticket|message|e-?mail|reply|request|chat)(?: (?:was )?(?:created|received))? (?:from|by) (.{1,80})$"
    r"|^[*_]{0,2}(.{1,80}?)[*_]{0,2} (?:has )?(?:started|opened|created|sent|wrote|replied)\b",
    re.IGNORECASE | re.MULTILINE,
)
_LONGEST_NAME = 80
# What is looked at for labels and introductions: an integration says them at the top.
_TOP = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Whom an integration's post names as the customer; "" where it does not say. A claim, never a proof."""

    name: str = ""
    address: str = ""


def sender_of(
    labels: Iterable[tuple[str, str]], texts: Iterable[str], files: Iterable[dict[str, Any]]
) -> Sender:
    """Return the customer by labelled values first, then by an e-mail's own sender, then by how the post introduces them."""
    name, address = "", ""
    for label, value in labels:
        if not is_of_customer(label):
            continue
        found = emails_in(value[:_TOP])
        address = address or (found[0] if len(found) == 1 else "")
        name = name or _name(value)
    for file in files:
        senders = file.get("from")
        for one in senders if isinstance(senders, list) else []:
            if isinstance(one, dict):
                found = emails_in(str(one.get("address") or "")[:_TOP])
                address = address or (found[0] if found else "")
                name = name or _name(str(one.get("name") or ""))
    for introduced in filter(None, (_INTRODUCED.search(text[:_TOP]) for text in texts)):
        # "New ticket from maya@example.com: please delete …": what follows the colon are the customer's words.
        who = (introduced[1] or introduced[2]).partition(":")[0]
        found = emails_in(who)
        address = address or (found[0] if found else "")
        name = name or _name(who)
    return Sender(name=name, address=address)


def labelled(text: str) -> Iterator[tuple[str, str]]:
    """Yield (label, value) of the lines that say "Label: value", as far as the labels are known."""
    for found in _LABELLED.finditer(text[:_TOP]):
        label, value = " ".join(found[1].split()).casefold(), found[2].strip()
        if label in _OF_CUSTOMER or label in _OF_TICKET:
            yield label, value


def without_labels(text: str) -> str:
    """Return the customer's own words: without the lines that label the ticket and who wrote it."""

    def emptied(found: re.Match[str]) -> str:
        known = " ".join(found[1].split()).casefold()
        return "" if known in _OF_CUSTOMER or known in _OF_TICKET else found[0]

    kept = _LABELLED.sub(emptied, text[:_TOP]) + text[_TOP:]
    return "\n".join(line for line in kept.splitlines() if line.strip(" *_\t")).strip()


def is_of_customer(label: str) -> bool:
    """Whether a label says who the customer is."""
    return label.strip(" :*_").casefold() in _OF_CUSTOMER


def is_about(label: str) -> bool:
    """Whether a label is about the ticket or its sender, and its value so none of the customer's words."""
    bare = label.strip(" :*_").casefold()
    return bare in _OF_CUSTOMER or bare in _OF_TICKET


def _name(value: str) -> str:
    """Return the name in "Maya Okafor <maya@example.com>", "" where there is none."""
    bare = value
    for address in emails_in(value[:_TOP]):
        bare = re.sub(re.escape(address), "", bare, flags=re.IGNORECASE)
    bare = re.sub(r"\s+", " ", bare.replace("mailto:", "")).strip(" <>()[]|*_,;:.-")
    return bare if bare and len(bare) <= _LONGEST_NAME and "@" not in bare else ""
