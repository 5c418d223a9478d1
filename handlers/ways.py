"""The ways in which a customer can be reached just now, as options of a form; read again when it is submitted."""

from handlers.language import later, t
from handlers.views.asking import BY_EMAIL, BY_HAND, BY_HELP_DESK, IN_THREAD, Ways
from handlers.views.identifying import addresses_written
from services.asking import COPIED, addresses_of
from services.domain.identity import mask
from services.domain.record import CaseFile
from services.ports import Desk

_MYSELF = (BY_HAND, later("I send it myself"), later("copy the text; submitting attests that I have sent it"))


def ways_to_ask(desk: Desk, file: CaseFile) -> Ways:
    """Return the ways to put the question; an address is given in a field of its own."""
    ways = [
        *_thread(desk, file),
        *(
            [(BY_EMAIL, t("By e-mail"), t("with a personal link, to an address on file"))]
            if desk.channel(BY_EMAIL)
            else []
        ),
        *(
            [
                (
                    BY_HELP_DESK,
                    t("As a reply in the help desk"),
                    t("in the conversation that the message came from"),
                )
            ]
            if desk.channel(BY_HELP_DESK)
            else []
        ),
        *_by_hand(desk),
    ]
    return ways or [_MYSELF]


def ways_to_tell(desk: Desk, file: CaseFile) -> Ways:
    """Return the ways to tell the customer something: by a channel only where on file or proven (see `address_at`)."""
    known = []
    for channel, said in ((BY_EMAIL, t("By e-mail to")), (BY_HELP_DESK, t("As a reply in the help desk:"))):
        if desk.channel(channel):
            known += [
                (f"{channel}:{place}", f"{said} {mask(one) if channel == BY_EMAIL else one}", "")
                for place, one in enumerate(addresses_of(file, channel)[:5])
            ]
    return [*_thread(desk, file), *known, *_by_hand(desk)] or [_MYSELF]


def address_at(file: CaseFile, way: str) -> tuple[str, str]:
    """Return the channel and address of an option that `ways_to_tell` made; the address is "" when it is gone."""
    channel, _, place = way.partition(":")
    known = addresses_of(file, channel)
    index = int(place) if place.isdigit() else len(known)
    return channel, known[index] if index < len(known) else ""


def likely_address(file: CaseFile) -> str:
    """Return the address that e-mail would most likely go to: the one used before, else one the customer wrote."""
    if file.contact and file.contact.kind == BY_EMAIL:
        return file.contact.value
    return next(iter(addresses_written(file)), "")


def channel_of(way: str) -> str:
    """Return the verb's word for a way that was chosen."""
    return COPIED if way == BY_HAND else way


def _thread(desk: Desk, file: CaseFile) -> Ways:
    if not file.customer_user or not _is_allowed(desk, IN_THREAD):
        return []
    return [(IN_THREAD, t("Post it in this thread"), t("the customer wrote here and reads it here"))]


def _by_hand(desk: Desk) -> Ways:
    return [_MYSELF] if _is_allowed(desk, COPIED) else []


def _is_allowed(desk: Desk, way: str) -> bool:
    return not desk.policy.ways or way in desk.policy.ways
